"""The drift watch: holds what a client receives to the specs, while it works.

::

    from benchwire import PublicClient, drift

    with PublicClient() as client, drift.watch(client) as watch:
        client.models.get()
    print(watch.report())

Needs the extra ``drift``: ``pip install "benchwire[drift]"``. docs/drift.md has the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import orjson

try:
    from benchwire._drift.baseline import Accepted, BaselineError, load_baseline, weigh
    from benchwire._drift.collecting import Collector, Snapshot, Unconfirmed, unseen
    from benchwire._drift.findings import Finding, Grade, Kind
    from benchwire._drift.judging import Answer, judge
    from benchwire._drift.reports import Report
    from benchwire._drift.specs import APIS, bundled_spec, spec_path
    from benchwire._drift.suggesting import Suggestion, suggest
except ImportError as problem:
    raise ImportError(
        f'the drift watch needs the extra "drift": pip install "benchwire[drift]" ({problem})'
    ) from problem

if TYPE_CHECKING:
    from types import TracebackType

    from benchwire._core.exchange import Exchange


class Tappable(Protocol):
    """A client of any kind: sync or async, of one API or of all."""

    def _tap(self, tap: Callable[[Exchange], object], /) -> Callable[[], None]: ...


class Watch:
    """What a client received and how it differs from the specs.

    A context manager; without ``with``, call `close` at the end. What was found stays readable.

    Args:
        client: The client to watch, with all its copies.
        collector: Where to put what is found, for watches that report together.
    """

    def __init__(self, client: Tappable, collector: Collector | None = None) -> None:
        self._collector = collector or Collector()
        self._remove = client._tap(self._received)  # noqa: SLF001  made for this

    @property
    def findings(self) -> list[Finding]:
        """The findings so far, the worst first."""
        return self._collector.findings()

    @property
    def unconfirmed(self) -> list[Unconfirmed]:
        """Inferred names that many answers could have had and none did."""
        return self._collector.snapshot().unconfirmed

    def report(self, baseline: str | Path | None = None) -> str:
        """Write what was found in Markdown.

        Args:
            baseline: A file of accepted findings.

        Raises:
            BaselineError: If the file can't be used.
        """
        return self._report(baseline).markdown()

    def to_json(self, baseline: str | Path | None = None) -> str:
        """Write what was found in JSON.

        Args:
            baseline: A file of accepted findings.

        Raises:
            BaselineError: If the file can't be used.
        """
        return orjson.dumps(self._report(baseline).to_dict(), option=orjson.OPT_INDENT_2).decode()

    def close(self) -> None:
        """Stop watching. A second call does nothing."""
        remove, self._remove = self._remove, _nothing
        remove()

    def __enter__(self) -> Self:
        """Give the watch itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self.close()

    def _received(self, exchange: Exchange) -> None:
        request, response = exchange.request, exchange.response
        answer = Answer(
            method=request.method,
            path=request.path,
            status=response.status_code,
            headers=response.headers,
            content=response.content,
        )
        self._collector.take(exchange.service, answer)

    def _report(self, baseline: str | Path | None) -> Report:
        snapshot = self._collector.snapshot()
        entries = [] if baseline is None else load_baseline(Path(baseline))
        return make_report(snapshot, entries)


def watch(client: Tappable, collector: Collector | None = None) -> Watch:
    """Watch a client: hold every answer it receives to the spec, read strictly.

    What the caller gets does not change. Each answer is judged in the thread or event loop that
    received it, before it is read.

    Args:
        client: A client of any kind: sync or async, of one API or of all three.
        collector: Where to put what is found, for watches that report together.

    Returns:
        The watch, which ends with its ``with`` block. No request of its own.
    """
    return Watch(client, collector)


def make_report(
    snapshot: Snapshot,
    baseline: list[Accepted],
    *,
    apis: tuple[str, ...] | None = None,
    today: date | None = None,
    notes: tuple[str, ...] = (),
) -> Report:
    """Weigh what was collected against a baseline and suggest changes to the specs.

    Args:
        snapshot: What was collected.
        baseline: What is accepted.
        apis: The APIs that were looked at; by default those of which there were answers.
        today: The day; by default that of the clock, in this machine's time zone.
        notes: More to say in the report.
    """
    seen = {api for api, _ in snapshot.answers} | {f.api for f in snapshot.findings}
    looked_at = tuple(api for api in APIS if api in (apis if apis is not None else seen))
    suggestions: dict[tuple[str, str, str, str, str], Suggestion] = {}
    for api in {finding.api for finding in snapshot.findings} & set(APIS):
        text = spec_path(api).read_text(encoding="utf-8")
        suggestions |= suggest(snapshot.findings, bundled_spec(api), text)
    return Report(
        snapshot=snapshot,
        verdict=weigh(snapshot.findings, baseline, today or date.today(), looked_at),  # noqa: DTZ011
        suggestions=suggestions,
        unseen=tuple(f"{api} {name}" for api in apis or () for name in unseen(snapshot, api)),
        notes=notes,
    )


def _nothing() -> None:
    pass


__all__ = [
    "Answer",
    "BaselineError",
    "Collector",
    "Finding",
    "Grade",
    "Kind",
    "Unconfirmed",
    "Watch",
    "judge",
    "watch",
]
