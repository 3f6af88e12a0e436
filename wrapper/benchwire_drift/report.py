"""Reports findings as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import asdict, frozen

from benchwire_drift.baseline import AcceptedFinding, BaselineResult
from benchwire_drift.collector import Snapshot
from benchwire_drift.findings import Finding, Grade, Key
from benchwire_drift.suggest import Suggestion

_HEADINGS = {
    Grade.BREAKING: "Breaking: the SDK raises, or returns something wrong",
    Grade.SEMANTIC: "Semantic: nothing raises, but the meaning may differ",
    Grade.ADDITIVE: "Additive: existing code is not affected",
}


@frozen(kw_only=True)
class Report:
    """A drift report.

    Attributes:
        snapshot: What was collected.
        result: Which findings count.
        suggestions: Changes to the specs by the key of the finding.
        unseen: Reading operations that had no response, as ``api operation``.
        notes: More lines.
    """

    snapshot: Snapshot
    result: BaselineResult
    suggestions: Mapping[Key, Suggestion]
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether a finding counts that is worse than additive."""
        return any(finding.grade is not Grade.ADDITIVE for finding in self.result.counting)

    def markdown(self) -> str:
        """Return the report as Markdown."""
        return "\n".join(self._lines()).rstrip() + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        accepted, expired = dict(self.result.accepted), dict(self.result.expired)
        suggestions = {key: asdict(one) for key, one in self.suggestions.items()}
        return {
            "version": 1,
            "counts": {
                str(grade): sum(f.grade is grade for f in self.result.counting) for grade in Grade
            },
            "findings": [
                {
                    **finding.to_dict(),
                    "accepted_until": _until(accepted.get(finding)),
                    "expired_on": _until(expired.get(finding)),
                    "suggestion": suggestions.get(finding.key),
                }
                for finding in self.snapshot.findings
            ],
            "unconfirmed": [asdict(one) for one in self.snapshot.unconfirmed],
            "responses": [
                {"api": api, "operation": operation, "count": count}
                for (api, operation), count in sorted(self.snapshot.responses.items())
            ],
            "unseen_operations": list(self.unseen),
            "unmatched_baseline": [str(entry) for entry in self.result.unmatched],
            "dropped": self.snapshot.dropped,
            "notes": list(self.notes),
        }

    def _lines(self) -> Iterator[str]:
        counting = self.result.counting
        counts = ", ".join(f"{sum(f.grade is g for f in counting)} {g}" for g in reversed(Grade))
        found = f"{_number(len(counting), 'finding')} ({counts})" if counting else "No findings"
        responses = _number(sum(self.snapshot.responses.values()), "successful response")
        operations = _number(len(self.snapshot.responses), "operation")
        yield from ("# Drift", "", f"{found} in {responses} of {operations}.", "")
        for grade in reversed(Grade):
            yield from self._graded(grade)
        accepted = (f"{e} until {e.expires}: {e.reason}" for _, e in self.result.accepted)
        yield from _listed("Accepted", accepted)
        yield from _listed("Baseline entries that match nothing", map(str, self.result.unmatched))
        yield from self._suggested()
        yield from _listed(
            "Inferred names that no response had",
            (
                f"{one.api} {one.operation} `{one.path}`, in none of {one.objects} objects"
                for one in self.snapshot.unconfirmed
            ),
        )
        yield from _listed("Operations without a successful response", self.unseen)
        dropped = self.snapshot.dropped
        full = f"{dropped} more differences were not kept: there were too many."
        yield from _listed("Notes", [*self.notes, *([full] if dropped else [])])

    def _graded(self, grade: Grade) -> Iterator[str]:
        findings = [f for f in self.result.counting if f.grade is grade]
        if not findings:
            return
        expired = dict(self.result.expired)
        yield from (f"## {_HEADINGS[grade]}", "")
        yield "| operation | status | what | path | spec | response | name from | seen |"
        yield "|---|---|---|---|---|---|---|---|"
        for finding in findings:
            entry = expired.get(finding)
            what = f"{finding.kind} (accepted until {entry.expires})" if entry else finding.kind
            cells = (
                f"{finding.api} {finding.operation}",
                finding.status,
                what,
                f"`{finding.path}`" if finding.path else "",
                finding.expected,
                _got(finding),
                finding.provenance or "",
                f"{finding.count} in {_number(finding.responses, 'response')}",
            )
            yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
        yield ""

    def _suggested(self) -> Iterator[str]:
        counting = {finding.key for finding in self.result.counting}
        # A missing field and its new name have the same suggestion.
        patches: dict[str, Suggestion] = {}
        for key, suggestion in self.suggestions.items():
            if key in counting:
                patches.setdefault(suggestion.patch, suggestion)
        if patches:
            yield from ("## Suggestions for the specs", "")
            yield "Apply each separately, after checking a response or asking the provider."
            yield ""
        for patch, suggestion in patches.items():
            yield from (f"### {suggestion.summary}", "", "```diff", patch.rstrip(), "```", "")


def _got(finding: Finding) -> str:
    got = " or ".join(finding.got)
    now = f"perhaps `{finding.now}` now" if finding.now else ""
    return ", ".join(filter(None, (got, now)))


def _listed(heading: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield from (f"## {heading}", "", *lines, "")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _until(entry: AcceptedFinding | None) -> str | None:
    return None if entry is None else entry.expires.isoformat()
