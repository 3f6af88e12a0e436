"""Applies every mutation to the embedded server and reports which checks detect it.

Schemathesis, which takes longer, runs only where relations and strict schemas detect nothing. Then
the unmutated server, on which nothing may be found, with any seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchwire_local import LocalServer, Settings

from .mutations.middleware import MutatingMiddleware, Mutation
from .mutations.table import MUTATIONS
from .runs import PLENTY, ContractReport, check_relations, run_schemathesis
from .services import SERVICES

SEEDS = range(1, 21)
_EXAMPLES = 10
TABLE_HEAD = (
    "| mutation | what is different | relation | strict schemas | schemathesis |",
    "|---|---|---|---|---|",
)


@dataclass
class Detection:
    """The checks that detect a mutation."""

    mutation: Mutation
    relations: list[str]  # the relations that do not hold
    strict: list[str]  # the kinds of finding of the strict schemas
    schemathesis: list[str] = field(default_factory=list)  # the titles of its failures

    @property
    def checks(self) -> list[str]:
        """All of them."""
        return [*self.relations, *self.strict, *self.schemathesis]

    def row(self) -> str:
        """Return its row in the table of docs/contract-testing.md."""
        more = " and others" if len(self.relations) > 1 else ""
        cells = (
            f"`{self.mutation.id}`", self.mutation.description,
            f"`{self.relations[0]}`{more}" if self.relations else "",
            ", ".join(self.strict), ", ".join(self.schemathesis),
        )  # fmt: skip
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def detect(mutations: Iterable[Mutation], folder: Path) -> Iterator[Detection]:
    """Yield the checks that detect each mutation, alone on a server of its own."""
    for mutation in mutations:
        settings = Settings()
        middleware = MutatingMiddleware(settings.api_key, mutation)
        with LocalServer(settings, middleware) as server:
            detection = Detection(mutation, *_findings(check_relations(server, mutation.api)))
            if not detection.checks:
                report = run_schemathesis(server, mutation.api, folder / mutation.id, _EXAMPLES)
                detection.schemathesis = sorted(report.failures)
        yield detection


def false_findings(api: str, seeds: Iterable[int], folder: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield what is found on the unmutated server, by seed; all of it is false."""
    for seed in seeds:
        with LocalServer(Settings(initial_credits=PLENTY)) as server:
            relations, strict = _findings(check_relations(server, api))
            report = run_schemathesis(server, api, folder / f"{api}-{seed}", _EXAMPLES, seed=seed)
        yield seed, [*relations, *strict, *report.failures, *map(str, report.errors)]


def _findings(report: ContractReport) -> tuple[list[str], list[str]]:
    relations = dict.fromkeys(finding.relation for finding in report.relations.findings)
    return list(relations), sorted({str(finding.kind) for finding in report.strict})


def main(folder: Path) -> int:
    """Run all mutations and all seeds, print the table, and return the exit status."""
    missed = 0
    print(*TABLE_HEAD, sep="\n")
    for detection in detect(MUTATIONS.values(), folder / "seeded"):
        print(detection.row(), flush=True)
        missed += not detection.checks
    kinds = len({mutation.kind for mutation in MUTATIONS.values()})
    detected, every = len(MUTATIONS) - missed, len(MUTATIONS)
    print(f"\n{detected} of {every} mutations of {kinds} kinds are detected")
    total = 0
    for api in SERVICES:
        for seed, findings in false_findings(api, SEEDS, folder / "unmutated"):
            total += len(findings)
            if findings:
                print(f"{api}, seed {seed}: {findings}")
    print(f"{total} findings on the unmutated server, over {len(SEEDS)} seeds of each API")
    return 1 if missed or total else 0
