"""Holds the answers that relations read to the strict reading of the specs (see docs/drift.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_drift.collector import Collector
from benchwire_drift.judge import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchwire_drift.findings import Finding

    from .asking import Exchange


def strictly(api: str, exchanges: Iterable[Exchange]) -> list[Finding]:
    """Give what the answers of one API contradict, the worst first.

    Probes of paths that the specification does not have are left out: a relation judges those.
    """
    collector = Collector()
    for exchange in exchanges:
        if exchange.asked.operation:
            answer = Answer(
                method=exchange.asked.method,
                path=exchange.asked.path,
                status=exchange.status,
                headers=exchange.headers,
                content=exchange.content,
            )
            collector.take(api, answer)
    return collector.findings()
