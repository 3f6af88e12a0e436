"""The results of a run for one API, as text and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .relation_run import Finding, RelationResults

if TYPE_CHECKING:
    from benchwire_drift.findings import Finding as StrictFinding

    from .guard import Guard
    from .schemathesis_run import SchemathesisReport


@dataclass
class ContractReport:
    """The results for one API.

    Attributes:
        api: The API.
        relations: The results of the relations.
        strict: The contradictions between the same responses and the strict schemas.
        schemathesis: The reports of its runs.
        guard: For a live server: what the guard forwarded, rejected and spent.
    """

    api: str
    relations: RelationResults
    strict: list[StrictFinding]
    schemathesis: list[SchemathesisReport] = field(default_factory=list)
    guard: dict[str, Any] = field(default_factory=dict)

    @property
    def notes(self) -> list[Finding]:
        """Findings on a live server where the reference is silent: no failures."""
        return [item for item in self.relations.findings if item.assumed and self.guard]

    @property
    def failures(self) -> int:
        """The number of failures."""
        count = len(self.relations.findings) - len(self.notes) + len(self.strict)
        for report in self.schemathesis:
            count += sum(map(len, report.failures.values())) + len(report.errors)
        return count

    def lines(self) -> Iterator[str]:
        """Yield the lines of the text."""
        yield f"== {self.api}"
        if self.schemathesis:
            short = "" if all(report.complete for report in self.schemathesis) else ", cut short"
            yield f"schemathesis: {sum(report.cases for report in self.schemathesis)} cases{short}"
        for report in self.schemathesis:
            for title, operations in report.failures.items():
                yield f"  FAILED {title}: {', '.join(sorted(operations))}"
            for error in report.errors:
                yield f"  ERROR {json.dumps(error)[:300]}"
        skipped = self.relations.not_judged
        yield f"relations: {len(self.relations.held)} hold, {len(skipped)} not judged"
        for relation, reason in skipped.items():
            yield f"  not judged: {relation}: {reason}"
        for finding in self.relations.findings:
            yield f"  {'NOTE' if finding in self.notes else 'FAILED'} {finding}"
        yield f"strict schemas: {len(self.strict)} findings"
        for item in self.strict:
            difference = f"expected {item.expected}, got {', '.join(item.got) or 'nothing'}"
            yield f"  FAILED {item.kind} ({item.grade}): {item.operation} {item.path}: {difference}"
        for name, value in self.guard.items():
            yield f"{name}: {value}"

    def write(self, folder: Path) -> None:
        """Write ``findings.json`` beside the reports of schemathesis."""
        strict_fields = ("kind", "grade", "path", "operation", "expected", "got", "count")
        content = {
            "api": self.api,
            "failures": self.failures,
            "relations": asdict(self.relations),
            "strict": [{name: getattr(i, name) for name in strict_fields} for i in self.strict],
            "guard": self.guard,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "findings.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def summarize_guard(guard: Guard) -> dict[str, Any]:
    """Return what a guard did in a run."""
    rejected = [f"{item.method} {item.path}: {item.reason}" for item in guard.rejections]
    return {
        "requests forwarded": guard.rate_limit.started,
        "requests rejected": rejected,
        "redirects not followed": guard.redirects,
        "credits spent at most": guard.budget.spent,
    }
