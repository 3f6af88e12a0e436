"""Submits a million jobs to a simulated service, and kills real clients (`make soak`).

On a virtual clock, a share of the submissions meets a fault. On real sockets, a client is killed again
and again in the middle of a run against the embedded server. Exits with 1 if a guarantee was violated.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from time import perf_counter

from scripts.simulation.kills import kill_repeatedly
from scripts.simulation.scenarios import PAYLOADS, Scenario, Submit
from scripts.simulation.service import EXECUTED, Fault, FaultKind, ServiceBehaviour

_CHUNK = 5_000
_BEHAVIOURS = [
    ServiceBehaviour(), ServiceBehaviour(ahead=3600.0), ServiceBehaviour(refuses_limit=True),
    ServiceBehaviour(page=20), *(ServiceBehaviour(page=5, order=one) for one in ("oldest", "any")),
]  # fmt: skip
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
    dies_at = random.randrange(2 * _MAX_STEPS) if killed else None
    return Submit(name, fault, dies_at=dies_at, resend=random.random() < 0.3)


def _random_fault(random: Random, share: float) -> Fault:
    """Return a random fault, or none."""
    lag = random.choice([0.0, 0.0, 0.5, 5.0, 30.0, 90.0])
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
        counts["sent once more"] += len(sent) > 1
        counts["unknown though charged"] += is_unknown and charged > 0
        counts["killed"] += owner.end.killed
        was_unknown = any(kind not in _NO_FAULTS for kind in sent)
        counts["found in the list"] += bool(owner.job_ids) and was_unknown
        counts["assigned a job of another client with the same key"] += name in mistaken


def main() -> int:
    """Run both parts and print the outcomes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=1_000_000)
    parser.add_argument("--faults", type=float, default=0.3, help="share that has a fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=200, help="jobs of the run that is killed")
    parser.add_argument("--kills", type=int, default=20, help="how often; 0 skips that part")
    options = parser.parse_args()
    is_right = _simulate(options.submissions, options.faults, options.seed)
    is_right &= not options.kills or _kill(options.jobs, options.kills, options.seed)
    print("\nEvery guarantee held." if is_right else "\nA GUARANTEE DID NOT HOLD.")
    return 0 if is_right else 1


def _simulate(submissions: int, share: float, seed: int) -> bool:
    print(f"{submissions:,} simulated submissions, {share:.0%} of them with a fault\n")
    start = perf_counter()
    counts = Counter[str]()
    sizes = [min(_CHUNK, submissions - done) for done in range(0, submissions, _CHUNK)]
    seeds = range(seed * 1_000_000, seed * 1_000_000 + len(sizes))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for some in pool.map(by_protocol, seeds, sizes, [share] * len(sizes)):
            counts.update(some)
    print(f"Their outcomes ({perf_counter() - start:.0f} s):")
    for name, number in counts.items():
        print(f"  {number:>12,}  {name}")
    is_violated = any(name.startswith(VIOLATION) for name in counts)
    return not (is_violated or counts["charged twice"] or counts["failed though charged"])


def _kill(jobs: int, kills: int, seed: int) -> bool:
    print(f"\nA run of {jobs} jobs against the embedded server, its client killed {kills} times")
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_repeatedly(Path(folder), jobs=jobs, kills=kills, random=Random(seed))  # noqa: S311
    print(
        f"  {outcome.kills} kills, {outcome.spent} credits spent, {len(outcome.listed)} jobs listed,"
        f" {len(outcome.results)} returned as results, {len(outcome.unknown)} unknown,"
        f" {len(outcome.others)} others"
    )
    return outcome.is_right and outcome.kills == kills


if __name__ == "__main__":
    sys.exit(main())
