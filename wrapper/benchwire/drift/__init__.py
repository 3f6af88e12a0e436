"""Drift detection: compares the responses that a client receives with the specs, while it works.

::

    from benchwire import PublicClient, drift

    with PublicClient() as client, drift.watch(client) as watch:
        client.models.get()
    print(watch.report())

Needs the extra ``drift``: ``pip install "benchwire[drift]"``. docs/drift.md has the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import orjson

try:
    from benchwire_drift.baseline import (
        AcceptedFinding,
        BaselineError,
        apply_baseline,
        load_baseline,
    )
    from benchwire_drift.collector import Collector, Snapshot, Unconfirmed, unseen
    from benchwire_drift.findings import Finding, Grade, Key, Kind
    from benchwire_drift.judge import ObservedResponse, judge
    from benchwire_drift.report import Report
    from benchwire_drift.specs import bundled_spec
    from benchwire_drift.suggest import Suggestion, suggest
    from benchwire_specs import APIS, spec_path
except ImportError as error:
    raise ImportError(
        f'drift detection needs the extra "drift": pip install "benchwire[drift]" ({error})'
    ) from error

if TYPE_CHECKING:
    from benchwire.events import Exchange


class Observable(Protocol):
    """A client of any kind: sync or async, of one API or of all."""

    def _observe(self, observer: Callable[[Exchange], object], /) -> Callable[[], None]: ...


class Watch:
    """Compares the responses of a client with the specs; made by `watch`.

    A context manager; without ``with``, call `close` at the end. The findings stay readable.
    """

    def __init__(self, client: Observable, collector: Collector | None = None) -> None:
        self._collector = collector or Collector()
        self._cleanup = ExitStack()
        self._cleanup.callback(client._observe(self._received))  # noqa: SLF001  the hook for this

    @property
    def findings(self) -> list[Finding]:
        """The findings so far, the worst first."""
        return self._collector.findings()

    @property
    def unconfirmed(self) -> list[Unconfirmed]:
        """Inferred names that many responses could have had and none did."""
        return self._collector.snapshot().unconfirmed

    def report(self, baseline: str | Path | None = None) -> str:
        """Return the findings as Markdown.

        Args:
            baseline: A file of accepted findings.

        Raises:
            BaselineError: If the file is invalid.
        """
        return self._report(baseline).markdown()

    def to_json(self, baseline: str | Path | None = None) -> str:
        """Return the findings as JSON.

        Args:
            baseline: A file of accepted findings.

        Raises:
            BaselineError: If the file is invalid.
        """
        return orjson.dumps(self._report(baseline).to_dict(), option=orjson.OPT_INDENT_2).decode()

    def close(self) -> None:
        """Stop watching. A second call does nothing."""
        self._cleanup.close()

    def __enter__(self) -> Self:
        """Return the watch itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self.close()

    def _received(self, exchange: Exchange) -> None:
        request, response = exchange.request, exchange.response
        observed = ObservedResponse(
            method=request.method,
            path=request.path,
            status=response.status_code,
            headers=response.headers,
            content=response.content,
        )
        self._collector.add_response(exchange.service, observed)

    def _report(self, baseline: str | Path | None) -> Report:
        entries = [] if baseline is None else load_baseline(Path(baseline))
        return make_report(self._collector.snapshot(), entries)


def watch(client: Observable, collector: Collector | None = None) -> Watch:
    """Compare every response that a client receives with a strict reading of its spec.

    The results of calls do not change. Each response is checked in the thread or event loop that
    received it, before it is parsed.

    Args:
        client: A client of any kind: sync or async, of one API or of all three.
        collector: Collects the findings, for watches that report together.

    Returns:
        The watch, which ends with its ``with`` block. It makes no request.
    """
    return Watch(client, collector)


def make_report(
    snapshot: Snapshot,
    baseline: list[AcceptedFinding],
    *,
    apis: tuple[str, ...] | None = None,
    today: date | None = None,
    notes: tuple[str, ...] = (),
) -> Report:
    """Apply a baseline to the findings and suggest changes to the specs.

    Args:
        snapshot: The findings and counts.
        baseline: The accepted findings.
        apis: The APIs that were checked; by default those of which there were responses.
        today: The date; by default today, in this machine's time zone.
        notes: More lines for the report.
    """
    seen = {api for api, _ in snapshot.responses} | {f.api for f in snapshot.findings}
    checked = tuple(api for api in APIS if api in (apis if apis is not None else seen))
    suggestions: dict[Key, Suggestion] = {}
    for api in {finding.api for finding in snapshot.findings} & set(APIS):
        text = spec_path(api).read_text(encoding="utf-8")
        suggestions |= suggest(snapshot.findings, bundled_spec(api), text)
    return Report(
        snapshot=snapshot,
        result=apply_baseline(snapshot.findings, baseline, today or date.today(), checked),  # noqa: DTZ011
        suggestions=suggestions,
        unseen=tuple(f"{api} {name}" for api in apis or () for name in unseen(snapshot, api)),
        notes=notes,
    )


__all__ = [
    "BaselineError", "Finding", "Grade", "Kind", "Unconfirmed", "Watch", "judge", "watch",
]  # fmt: skip
