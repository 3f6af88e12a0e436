"""Validates the responses that relations read against the strict schemas (see docs/drift.md)."""

from __future__ import annotations

from collections.abc import Iterable

from benchwire_drift.collector import Collector
from benchwire_drift.findings import Finding
from benchwire_drift.judge import ObservedResponse

from .http_client import Exchange


def validate_strictly(api: str, exchanges: Iterable[Exchange]) -> list[Finding]:
    """Return the contradictions between the responses of one API and its schemas, worst first.

    Paths that the specification does not have are left to a relation.
    """
    collector = Collector()
    for exchange in exchanges:
        if exchange.request.operation:
            response = ObservedResponse(
                method=exchange.request.method,
                path=exchange.request.path,
                status=exchange.status,
                headers=exchange.headers,
                content=exchange.content,
            )
            collector.add_response(api, response)
    return collector.findings()
