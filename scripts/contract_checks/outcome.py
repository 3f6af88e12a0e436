"""What a run of the contract checks found on one API, in words and as a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchwire_drift.findings import Finding as StrictFinding

    from .guard import Guard
    from .relations import Finding, Verdict
    from .schemathesis_run import Report


@dataclass
class Outcome:
    """All that was found on one API.

    Attributes:
        api: The API.
        reports: What schemathesis found, in each of its runs.
        verdict: What the relations found.
        strict: What the strict reading of the same answers found.
        passed_on: Of a live server: what the guard passed on and refused.
    """

    api: str
    reports: list[Report]
    verdict: Verdict
    strict: list[StrictFinding]
    passed_on: dict[str, Any] = field(default_factory=dict)

    @property
    def notes(self) -> list[Finding]:
        """Where a live server differs from our reading of a silent reference: no fault of its."""
        return [item for item in self.verdict.findings if item.assumed and self.passed_on]

    @property
    def failures(self) -> int:
        """How many things are wrong."""
        found = len(self.verdict.findings) - len(self.notes) + len(self.strict)
        for report in self.reports:
            found += sum(len(operations) for operations in report.failures.values())
            found += len(report.errors)
        return found

    def lines(self) -> Iterator[str]:
        """What a person reads."""
        yield f"== {self.api}"
        short = "" if all(report.complete for report in self.reports) else ", cut short"
        yield f"schemathesis: {sum(report.cases for report in self.reports)} cases{short}"
        for report in self.reports:
            for title, operations in report.failures.items():
                yield f"  FAILED {title}: {', '.join(sorted(operations))}"
            for error in report.errors:
                yield f"  ERROR {json.dumps(error)[:300]}"
        verdict = self.verdict
        yield f"relations: {len(verdict.held)} hold, {len(verdict.not_judged)} not judged"
        for relation, why in verdict.not_judged:
            yield f"  not judged: {relation.operation or 'any'}: {relation.sentence}: {why}"
        for finding in verdict.findings:
            yield f"  {'NOTE' if finding in self.notes else 'FAILED'} {finding}"
        yield f"strict reading: {len(self.strict)} findings"
        for strict in self.strict:
            words = f"expected {strict.expected}, got {', '.join(strict.got) or 'nothing'}"
            yield f"  FAILED {strict.kind} ({strict.grade}): {strict.operation} {strict.path}: {words}"
        for name, value in self.passed_on.items():
            yield f"{name}: {value}"

    def write(self, folder: Path) -> None:
        """Write ``findings.json`` beside the reports of schemathesis."""
        content = {
            "api": self.api,
            "failures": self.failures,
            "relations": {
                "held": len(self.verdict.held),
                "findings": [asdict(finding) for finding in self.verdict.findings],
                "not_judged": [
                    {"operation": relation.operation, "relation": relation.sentence, "why": why}
                    for relation, why in self.verdict.not_judged
                ],
            },
            "strict": [
                {
                    "kind": str(finding.kind), "grade": str(finding.grade), "path": finding.path,
                    "operation": finding.operation, "expected": finding.expected,
                    "got": list(finding.got), "count": finding.count,
                }
                for finding in self.strict
            ],
            "guard": self.passed_on,
        }  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "findings.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def passed_on(guard: Guard) -> dict[str, Any]:
    """What a guard did in a run."""
    return {
        "requests passed on": guard.pace.started,
        "requests refused": [f"{item.method} {item.path}: {item.why}" for item in guard.refusals],
        "redirects not followed": guard.redirects,
        "credits spent at most": guard.purse.spent,
    }
