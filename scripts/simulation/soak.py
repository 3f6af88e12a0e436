"""A million submissions on a virtual clock, a share of them with a fault, and what came of each."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from random import Random

from attrs import define, field
from scripts.simulation.scenarios import PAYLOADS, History, Submit
from scripts.simulation.service import EXECUTED, HARMLESS, Fate, Fault, Habits

_HABITS = [Habits(), Habits(ahead=3600.0), Habits(page=20), Habits(refuses_limit=True)]
_PER_HISTORY = 10
_LONGEST_PLAN = 40
"""Steps, about, of a submission that is looked for until the end of its window."""

EXECUTED_FAULTS = sorted(EXECUTED - {Fault.NONE, Fault.CALLED_200}, key=lambda one: one.name)
OTHER_FAULTS = sorted(set(Fault) - EXECUTED, key=lambda one: one.name)


@define
class Counts:
    """What came of submissions.

    Attributes:
        counts: How many, by what is counted.
        violations: What contradicts a guarantee, in words.
    """

    counts: Counter[str] = field(factory=Counter)
    violations: list[str] = field(factory=list)

    def add(self, other: Counts) -> None:
        """Add what another process counted."""
        self.counts += other.counts
        self.violations += other.violations


def protocol(seed: int, submissions: int, share: float) -> Counts:
    """Count what comes of submissions that keep to the protocol.

    Half of the faults strike after the execution, and half before it; some kill the process.
    """
    logging.disable(logging.WARNING)
    random, total = Random(seed), Counts()  # noqa: S311
    done = 0
    while done < submissions:
        size = min(_PER_HISTORY, submissions - done)
        history = History(random.choice(_HABITS))
        try:
            _play(history, random, size, share)
            history.check()
        except AssertionError as problem:
            total.violations.append(f"seed {seed}, submission {done}: {problem}")
        _count(history, total.counts)
        done += size
    return total


def _play(history: History, random: Random, size: int, share: float) -> None:
    left = size
    while left:
        if random.random() < 0.02:
            history.others(random.choice(sorted(PAYLOADS)), random.choice([0.0, 5.0]))
        side_by_side = min(left, random.choice([1, 1, 2]))
        history.submit(*(_submit(random, share) for _ in range(side_by_side)))
        left -= side_by_side
    history.pass_time(120.0)
    history.resume()


def _submit(random: Random, share: float) -> Submit:
    name = random.choice(sorted(PAYLOADS))
    fate = fate_of(random, share)
    killed = fate.fault is not Fault.NONE and random.random() < 0.1
    return Submit(name, fate, dies_at=random.randrange(2 * _LONGEST_PLAN) if killed else None)


def fate_of(random: Random, share: float) -> Fate:
    """Draw what happens to a submission."""
    lag = random.choice([0.0, 0.0, 0.5, 5.0, 30.0])
    if random.random() >= share:
        return Fate(lag=lag)
    fault = random.choice(EXECUTED_FAULTS if random.random() < 0.5 else OTHER_FAULTS)
    return Fate(fault, delay=random.uniform(0.0, 45.0), lag=lag)


def _count(history: History, counts: Counter[str]) -> None:
    service = history.world.service
    mistaken, unresolved = set(history.mistaken()), history.unresolved()
    for name, owner in history.owners.items():
        counts["submissions"] += 1
        sent = [fault for who, fault in service.submissions if who == name]
        counts["faults"] += any(fault is not Fault.NONE for fault in sent)
        charged = len(service.of(name)) // len(owner.payload.items)
        counts["charged"] += charged
        counts["charged twice"] += charged > 1
        counts["called failed though charged"] += owner.is_called_failed and charged > 0
        is_unknown = any(record.id in unresolved for record in owner.journal.begun)
        counts["unknown"] += is_unknown
        counts["unknown though charged"] += is_unknown and charged > 0
        counts["killed"] += owner.end.killed
        doubtful = any(fault not in {Fault.NONE, Fault.CALLED_200} for fault in sent)
        counts["found in the list"] += bool(owner.job_ids) and doubtful
        counts["took a job of someone else with the same key"] += name in mistaken


def three_tries(seed: int, submissions: int, share: float) -> Counts:
    """Count what comes of sending again, up to three times, whatever failed."""
    return _without_protocol(seed, submissions, lambda random: _tries(random, share, 3))


def no_retry(seed: int, submissions: int, share: float) -> Counts:
    """Count what comes of calling failed whatever gave no good answer."""
    return _without_protocol(seed, submissions, lambda random: _tries(random, share, 1))


def _tries(random: Random, share: float, most: int) -> tuple[int, bool]:
    """Give how often it was charged, and whether it was called failed."""
    charged = 0
    for _ in range(most):
        fault = fate_of(random, share).fault
        charged += fault in EXECUTED
        if fault in {Fault.NONE, Fault.CALLED_200}:
            return charged, False
        if fault in HARMLESS:
            return charged, True
    return charged, True


def _without_protocol(
    seed: int, submissions: int, submit: Callable[[Random], tuple[int, bool]]
) -> Counts:
    random, total = Random(seed), Counts()  # noqa: S311
    for _ in range(submissions):
        charged, failed = submit(random)
        total.counts["submissions"] += 1
        total.counts["charged twice"] += charged > 1
        total.counts["called failed though charged"] += failed and charged > 0
    return total
