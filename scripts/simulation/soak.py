"""Counts the outcomes of random submissions on a virtual clock, a share of which meet a fault."""

from __future__ import annotations

import logging
from collections import Counter
from random import Random

from scripts.simulation.scenarios import PAYLOADS, Scenario, Submit
from scripts.simulation.service import EXECUTED, HARMLESS, Fault, FaultKind, ServiceBehaviour

_BEHAVIOURS = [
    ServiceBehaviour(),
    ServiceBehaviour(ahead=3600.0),
    ServiceBehaviour(page=20),
    ServiceBehaviour(refuses_limit=True),
]
_PER_SCENARIO = 10
# About the number of steps of a submission that is looked for until the end of its window
_MAX_STEPS = 40

VIOLATION = "VIOLATED"  # begins the names of the counts of violated guarantees

_NO_FAULTS = {FaultKind.NONE, FaultKind.CALLED_200}
_EXECUTED_FAULTS = sorted(EXECUTED - _NO_FAULTS, key=lambda one: one.name)
_OTHER_FAULTS = sorted(set(FaultKind) - EXECUTED, key=lambda one: one.name)


def by_protocol(seed: int, submissions: int, share: float) -> Counter[str]:
    """Count the outcomes of submissions by the protocol, and the violated guarantees.

    Half of the faults occur after the execution and half before it; some processes are killed.
    """
    logging.disable(logging.WARNING)
    random, counts = Random(seed), Counter[str]()  # noqa: S311
    done = 0
    while done < submissions:
        size = min(_PER_SCENARIO, submissions - done)
        scenario = Scenario(random.choice(_BEHAVIOURS))
        try:
            _play(scenario, random, size, share)
            scenario.check()
        except AssertionError as error:
            counts[f"{VIOLATION}: seed {seed}, submission {done}: {error}"] += 1
        _count(scenario, counts)
        done += size
    return counts


def _play(scenario: Scenario, random: Random, size: int, share: float) -> None:
    left = size
    while left:
        if random.random() < 0.02:
            scenario.submit_elsewhere(random.choice(sorted(PAYLOADS)), random.choice([0.0, 5.0]))
        side_by_side = min(left, random.choice([1, 1, 2]))
        scenario.submit(*(_submit(random, share) for _ in range(side_by_side)))
        left -= side_by_side
    scenario.pass_time(120.0)
    scenario.resume()


def _submit(random: Random, share: float) -> Submit:
    name = random.choice(sorted(PAYLOADS))
    fault = _random_fault(random, share)
    killed = fault.kind is not FaultKind.NONE and random.random() < 0.1
    return Submit(name, fault, dies_at=random.randrange(2 * _MAX_STEPS) if killed else None)


def _random_fault(random: Random, share: float) -> Fault:
    """Return a random fault, or none."""
    lag = random.choice([0.0, 0.0, 0.5, 5.0, 30.0])
    if random.random() >= share:
        return Fault(lag=lag)
    kind = random.choice(_EXECUTED_FAULTS if random.random() < 0.5 else _OTHER_FAULTS)
    return Fault(kind, delay=random.uniform(0.0, 45.0), lag=lag)


def _count(scenario: Scenario, counts: Counter[str]) -> None:
    service = scenario.world.service
    mistaken, unresolved = set(scenario.mistaken()), scenario.unresolved()
    for name, owner in scenario.owners.items():
        counts["submissions"] += 1
        sent = [kind for other, kind in service.submissions if other == name]
        counts["faults"] += any(kind is not FaultKind.NONE for kind in sent)
        charged = len(service.charged_to(name)) // len(owner.payload.items)
        counts["charged"] += charged
        counts["charged twice"] += charged > 1
        counts["failed though charged"] += owner.is_called_failed and charged > 0
        is_unknown = any(record.id in unresolved for record in owner.journal.begun)
        counts["unknown"] += is_unknown
        counts["unknown though charged"] += is_unknown and charged > 0
        counts["killed"] += owner.end.killed
        was_unknown = any(kind not in _NO_FAULTS for kind in sent)
        counts["found in the list"] += bool(owner.job_ids) and was_unknown
        counts["assigned a job of another client with the same key"] += name in mistaken


def without_protocol(tries: int, seed: int, submissions: int, share: float) -> Counter[str]:
    """Count the outcomes of submissions that are retried, whatever failed, up to some tries."""
    random, counts = Random(seed), Counter[str]()  # noqa: S311
    for _ in range(submissions):
        charged, failed = _try(random, share, tries)
        counts["submissions"] += 1
        counts["charged twice"] += charged > 1
        counts["failed though charged"] += failed and charged > 0
    return counts


def _try(random: Random, share: float, tries: int) -> tuple[int, bool]:
    """Return how often the submission was charged, and whether it failed for the caller."""
    charged = 0
    for _ in range(tries):
        kind = _random_fault(random, share).kind
        charged += kind in EXECUTED
        if kind in _NO_FAULTS:
            return charged, False
        if kind in HARMLESS:
            break
    return charged, True
