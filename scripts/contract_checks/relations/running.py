"""What a relation is, and how all of an API are judged.

A relation is a sentence that must hold between requests and answers, such as "no page has more
rows than page_size". It is a generator: it asks, and yields what contradicts it. One that finds
nothing to judge raises `NoDataError`; it never passes in silence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from scripts.contract_checks.asking import Api, NotAskedError, UnexpectedError

Contradictions = Iterator[tuple[object, str]]
"""What was asked, and what came."""

_MOST_SHOWN = 5  # contradictions of one relation; more of the same say no more


class NoDataError(Exception):
    """There is nothing to judge a relation by; the message says what is not there."""


@dataclass(frozen=True)
class Relation:
    """A sentence about an operation, and how to judge it.

    Attributes:
        operation: The operation it is about.
        sentence: What must hold.
        assumed: Whether the reference is silent and this is our reading of it.
        judge: Asks, and yields what contradicts the sentence.
    """

    operation: str
    sentence: str
    assumed: bool
    judge: Callable[[Api], Contradictions]


@dataclass(frozen=True)
class Finding:
    """One contradiction. Of values it shows ids, counts and what was asked."""

    operation: str
    relation: str
    assumed: bool
    asked: str
    came: str

    def __str__(self) -> str:
        reading = " (our reading; the reference is silent)" if self.assumed else ""
        return f"{self.operation}: {self.relation}{reading}\n    {self.asked}\n    {self.came}"


@dataclass
class Verdict:
    """What came of all relations of an API."""

    held: list[Relation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    not_judged: list[tuple[Relation, str]] = field(default_factory=list)


class Relations:
    """The relations of one API; modules add to it with `relation`."""

    def __init__(self) -> None:
        self.all: list[Relation] = []

    def add(
        self,
        operation: str,
        sentence: str,
        judge: Callable[[Api], Contradictions],
        *,
        assumed: bool = False,
    ) -> None:
        """Register a judge under its sentence."""
        self.all.append(Relation(operation, sentence, assumed, judge))

    def relation(
        self, operation: str, sentence: str, *, assumed: bool = False
    ) -> Callable[[Callable[[Api], Contradictions]], Callable[[Api], Contradictions]]:
        """Register the judge that follows under its sentence."""

        def register(judge: Callable[[Api], Contradictions]) -> Callable[[Api], Contradictions]:
            self.add(operation, sentence, judge, assumed=assumed)
            return judge

        return register


def judge_all(api: Api, relations: Iterable[Relation]) -> Verdict:
    """Judge relations one after the other.

    What is found is asked a second time before it is reported: a live server's data may change
    between two requests.
    """
    verdict = Verdict()
    for relation in relations:
        try:
            found = _found(api, relation)
            if found:
                api.forget()
                # Where it can't be repeated, the first time counts.
                with contextlib.suppress(NoDataError, NotAskedError):
                    found = _found(api, relation)
        except (NoDataError, NotAskedError) as error:
            verdict.not_judged.append((relation, str(error)))
            continue
        verdict.findings += found
        if not found:
            verdict.held.append(relation)
    return verdict


def _found(api: Api, relation: Relation) -> list[Finding]:
    found: list[Finding] = []

    def add(asked: object, came: str) -> None:
        found.append(
            Finding(relation.operation, relation.sentence, relation.assumed, str(asked), came)
        )

    try:
        for asked, came in relation.judge(api):
            add(asked, came)
            if len(found) == _MOST_SHOWN:
                break
    except UnexpectedError as error:
        add(error.asked, error.came)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        # An answer of another shape: what a relation reads was not there.
        if not found:
            add(
                f"{api.last}", f"an answer that can't be read: {type(error).__name__} {error}"[:200]
            )
    return found
