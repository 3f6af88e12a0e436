"""Looks once whether a service can be checked at all, before anything is judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import httpx

from benchwire_drift.availability import connection_reason, foreign_reason
from benchwire_drift.judge import ObservedResponse, stranger_reason
from benchwire_drift.specs import bundled_spec

_LOOK_SECONDS = 60.0  # the most that one look may take
READS: Mapping[str, tuple[str, ...]] = {
    "public": ("listModels", "listBenchmarks", "listEvaluations"),
    "v2": ("listBenchmarkTypes", "listBenchmarkModels"),
    "v0": ("getAccount", "listBenchmarks", "listJobs"),
}
"""For each API, the operations that show whether it can be checked."""


class CannotCheckError(Exception):
    """A check could not be made, or not all of it; the message says why."""


def look(
    api: str, base_url: str, headers: Mapping[str, str], reserve: Callable[[], float | None]
) -> None:
    """Send one read, and raise `CannotCheckError` if its response is not the API's.

    Where the API may lack just this operation, look at the others of `READS`, too.

    Args:
        api: ``public``, ``v2`` or ``v0``.
        base_url: Its base URL.
        headers: What carries the key.
        reserve: Returns the seconds to wait before each request.
    """
    operations = {operation.id: operation for operation in bundled_spec(api).operations}
    reasons = []
    for name in READS[api]:
        time.sleep(reserve() or 0)
        reason, is_final = _reason(api, base_url, headers, operations[name].template)
        reasons.append(reason)
        if reason is None or is_final:
            break
    if reasons[-1] is not None:
        raise CannotCheckError(f"the {api} API at {base_url} can't be checked: {reasons[0]}")


def _reason(
    api: str, base_url: str, headers: Mapping[str, str], path: str
) -> tuple[str | None, bool]:
    """Return why a read shows nothing of the API, and whether another one would not, either."""
    content, end = bytearray(), time.monotonic() + _LOOK_SECONDS
    url, verify = base_url.rstrip("/") + path, httpx.create_ssl_context()  # of SSL_CERT_FILE
    try:
        with (
            httpx.Client(trust_env=False, timeout=_LOOK_SECONDS, verify=verify) as http,
            http.stream("GET", url, headers=dict(headers)) as response,
        ):
            for part in response.iter_bytes():
                content += part
                if time.monotonic() > end:
                    raise TimeoutError
    except (httpx.HTTPError, TimeoutError) as error:
        return connection_reason(error), True
    status, got = response.status_code, bytes(content)
    if reason := foreign_reason(status, response.headers, got):
        return reason, True
    observed = ObservedResponse(
        method="GET", path=path, status=status, headers=response.headers, content=got
    )
    return stranger_reason(bundled_spec(api), observed), False
