"""Goes through every seeded drift of the embedded server, and says which check finds it.

The relations are judged with the change made, and the answers they read are held to the strict
reading of the specs; schemathesis, which takes longer, looks at what these two do not find. Then
the unchanged server, which nothing may find fault with, whatever the seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchwire_local import LocalServer, Settings
from benchwire_local.drift import CHANGES, DriftPlan

from . import schemathesis_run
from .runs import ENOUGH, base_url_of, related
from .services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchwire_local.drift import Change

    from .outcome import Outcome

SEEDS = range(1, 21)
_EXAMPLES = 10
TABLE_HEAD = (
    "| change | what is different | relation | strict reading | schemathesis |",
    "|---|---|---|---|---|",
)


@dataclass
class Found:
    """Which checks find a change.

    Attributes:
        change: The change.
        relations: The relations that do not hold, as operation and sentence.
        strict: The kinds of finding of the strict reading.
        schemathesis: The titles of its failures; only looked for where there is nothing else.
    """

    change: Change
    relations: list[str] = field(default_factory=list)
    strict: list[str] = field(default_factory=list)
    schemathesis: list[str] = field(default_factory=list)

    @property
    def checks(self) -> list[str]:
        """What finds it."""
        return [*self.relations, *self.strict, *self.schemathesis]

    def row(self) -> str:
        """Its row in the table of docs/contract-testing.md."""
        first = self.relations[0] if self.relations else ""
        if len(self.relations) > 1:
            first += f" (and {len(self.relations) - 1} more)"
        cells = (
            f"`{self.change.id}`", self.change.description, first,
            ", ".join(self.strict), ", ".join(self.schemathesis),
        )  # fmt: skip
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def find(changes: Iterable[Change], folder: Path) -> Iterator[Found]:
    """Say of each change which checks find it.

    Args:
        changes: The changes; each is made by itself.
        folder: Where schemathesis may write, for those that nothing else finds.
    """
    with LocalServer(Settings(drift=DriftPlan())) as server:
        for change in changes:
            if change.api == "v0":
                # A server of its own: the jobs of one change must not be judged under the next.
                with LocalServer(Settings(drift=DriftPlan((change,)))) as fresh:
                    yield _found(fresh, change, folder)
            else:
                server.set_drift(DriftPlan((change,)))
                yield _found(server, change, folder)


def _found(server: LocalServer, change: Change, folder: Path) -> Found:
    found = Found(change, *_names(related(server, change.api)))
    if not found.checks:
        report = _small_run(server, change.api, folder / change.id)
        found.schemathesis = sorted(report.failures)
    return found


def unchanged(api: str, seeds: Iterable[int], folder: Path) -> Iterator[tuple[int, list[str]]]:
    """Give what is found on the unchanged server, by seed; nothing may be."""
    for seed in seeds:
        with LocalServer(Settings(initial_credits=ENOUGH)) as server:
            relations, strict = _names(related(server, api))
            report = _small_run(server, api, folder / f"{api}-{seed}", seed)
        yield seed, [*relations, *strict, *report.failures, *map(str, report.errors)]


def _names(outcome: Outcome) -> tuple[list[str], list[str]]:
    relations = dict.fromkeys(
        f"{finding.operation or 'any path'}: {finding.relation}"
        for finding in outcome.verdict.findings
    )
    return list(relations), sorted({str(finding.kind) for finding in outcome.strict})


def _small_run(
    server: LocalServer, api: str, folder: Path, seed: int = 1
) -> schemathesis_run.Report:
    return schemathesis_run.check(
        api, base_url_of(server, api), server.api_key, folder,
        *("--max-examples", str(_EXAMPLES)),
        endpoint=f"{server.url}/demo/v1/chat/completions", seed=seed,
    )  # fmt: skip


def main(folder: Path) -> int:
    """Go through all changes and all seeds; print the table."""
    missed = 0
    print(*TABLE_HEAD, sep="\n")
    for found in find(CHANGES.values(), folder / "seeded"):
        print(found.row(), flush=True)
        missed += not found.checks
    print(f"\n{len(CHANGES) - missed} of {len(CHANGES)} changes are found")
    alarms = 0
    for api in SERVICES:
        for seed, found_there in unchanged(api, SEEDS, folder / "unchanged"):
            alarms += len(found_there)
            if found_there:
                print(f"{api}, seed {seed}: {found_there}")
    print(f"{alarms} findings on the unchanged server, over {len(SEEDS)} seeds of each API")
    return 1 if missed or alarms else 0
