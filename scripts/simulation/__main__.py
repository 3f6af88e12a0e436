"""Submits a million jobs to a simulated service, and kills real clients (`make soak`).

On a virtual clock, a share of the submissions meets a fault, half of those after the execution. On
real sockets, a client is killed again and again in the middle of a run against the embedded server,
which has faults of its own. Exits with 1 if a guarantee was violated.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from time import perf_counter

from scripts.simulation.kills import kill_repeatedly
from scripts.simulation.soak import VIOLATION, by_protocol, without_protocol

_CHUNK = 5_000


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
    if options.kills:
        is_right = _kill(options.jobs, options.kills, options.seed) and is_right
    print("\nEvery guarantee held." if is_right else "\nA GUARANTEE DID NOT HOLD.")
    return 0 if is_right else 1


def _simulate(submissions: int, share: float, seed: int) -> bool:
    print(f"{submissions:,} simulated submissions, {share:.0%} of them with a fault\n")
    start = perf_counter()
    counters: dict[str, Callable[[int, int, float], Counter[str]]] = {
        "the protocol": by_protocol,
        "up to three tries": partial(without_protocol, 3),
        "one try": partial(without_protocol, 1),
    }
    rows = {name: _in_parallel(count, submissions, share, seed) for name, count in counters.items()}
    columns = ("charged twice", "failed though charged", "unknown")
    print(f"{'':20}{''.join(f'{name:>30}' for name in columns)}")
    for name, counts in rows.items():
        print(f"{name:20}{''.join(f'{counts[column]:>30,}' for column in columns)}")
    print(f"\nOf the submissions by the protocol ({perf_counter() - start:.0f} s):")
    counts = rows["the protocol"]
    for name, number in counts.items():
        print(f"  {number:>12,}  {name}")
    is_violated = any(name.startswith(VIOLATION) for name in counts)
    return not (is_violated or counts["charged twice"] or counts["failed though charged"])


def _in_parallel(
    count: Callable[[int, int, float], Counter[str]], submissions: int, share: float, seed: int
) -> Counter[str]:
    total = Counter[str]()
    sizes = [min(_CHUNK, submissions - done) for done in range(0, submissions, _CHUNK)]
    seeds = range(seed * 1_000_000, seed * 1_000_000 + len(sizes))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for counts in pool.map(count, seeds, sizes, [share] * len(sizes)):
            total.update(counts)
    return total


def _kill(jobs: int, kills: int, seed: int) -> bool:
    print(f"\nA run of {jobs} jobs against the embedded server, its client killed {kills} times")
    with tempfile.TemporaryDirectory() as folder:
        random = Random(seed)  # noqa: S311
        outcome = kill_repeatedly(Path(folder), jobs=jobs, kills=kills, random=random)
    print(
        f"  {outcome.kills} kills, {outcome.spent} credits spent, {len(outcome.listed)} jobs listed,"
        f" {len(outcome.results)} returned as results, {len(outcome.unknown)} unknown,"
        f" {len(outcome.others)} others"
    )
    return outcome.is_right and outcome.kills == kills


if __name__ == "__main__":
    sys.exit(main())
