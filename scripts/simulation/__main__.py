"""Submits a million jobs to a simulated service, and kills real clients (`make soak`).

Two parts. On a virtual clock: submissions of which a share meets a fault, half of those after the
execution. On real sockets: a client that is killed with ``kill -9`` in the middle of a run, again and
again, against the embedded server with faults of its own. Ends with 1 if a guarantee did not hold.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # this file is run by its path

from scripts.simulation.kills import kill_repeatedly  # noqa: E402
from scripts.simulation.soak import (  # noqa: E402
    Counts,
    no_retry,
    protocol,
    three_tries,
)

_CHUNK = 5_000


def main() -> int:
    """Run both parts and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=1_000_000)
    parser.add_argument("--faults", type=float, default=0.3, help="share that meets a fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=200, help="jobs of the run that is killed")
    parser.add_argument("--kills", type=int, default=20, help="how often; 0 leaves that part out")
    given = parser.parse_args()
    held = _simulate(given.submissions, given.faults, given.seed)
    if given.kills:
        held = _kill(given.jobs, given.kills, given.seed) and held
    print("\nEvery guarantee held." if held else "\nA GUARANTEE DID NOT HOLD.")
    return 0 if held else 1


def _simulate(submissions: int, share: float, seed: int) -> bool:
    print(f"{submissions:,} simulated submissions, {share:.0%} of them with a fault\n")
    start = perf_counter()
    ours = _in_parallel(protocol, submissions, share, seed)
    rows = {
        "the protocol": ours,
        "up to three tries": _in_parallel(three_tries, submissions, share, seed),
        "one try": _in_parallel(no_retry, submissions, share, seed),
    }
    columns = ("charged twice", "called failed though charged", "unknown")
    print(f"{'':20}{''.join(f'{name:>30}' for name in columns)}")
    for name, counts in rows.items():
        print(f"{name:20}{''.join(f'{counts.counts[column]:>30,}' for column in columns)}")
    print(f"\nOf the submissions by the protocol ({perf_counter() - start:.0f} s):")
    for name, count in ours.counts.items():
        print(f"  {count:>12,}  {name}")
    for violation in ours.violations[:20]:
        print(f"  VIOLATION: {violation}")
    return not (
        ours.violations
        or ours.counts["charged twice"]
        or ours.counts["called failed though charged"]
    )


def _in_parallel(
    count: Callable[[int, int, float], Counts], submissions: int, share: float, seed: int
) -> Counts:
    total = Counts()
    sizes = [min(_CHUNK, submissions - done) for done in range(0, submissions, _CHUNK)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        seeds = range(seed * 1_000_000, seed * 1_000_000 + len(sizes))
        for part in pool.map(count, seeds, sizes, [share] * len(sizes)):
            total.add(part)
    return total


def _kill(jobs: int, kills: int, seed: int) -> bool:
    print(f"\nA run of {jobs} jobs against the embedded server, its client killed {kills} times")
    with tempfile.TemporaryDirectory() as folder:
        random = Random(seed)  # noqa: S311
        came = kill_repeatedly(Path(folder), jobs=jobs, kills=kills, random=random)
    print(
        f"  {came.kills} kills, {came.spent} credits spent, {len(came.listed)} jobs listed,"
        f" {len(came.given)} given as results, {len(came.unknown)} unknown, {len(came.others)} others"
    )
    return came.is_right and came.kills == kills


if __name__ == "__main__":
    sys.exit(main())
