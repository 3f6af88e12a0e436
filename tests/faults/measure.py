"""Measures by how much calls outlive their deadline: every fault that holds a connection open.

A figure, not a test: on a busy machine anything may be late. ``python -m faults.measure`` in
``tests/`` prints it, and fails where the worst is more than 100 ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import benchwire
from faults.table import ROWS
from support.both import FLAVOURS, KEY
from support.fault_calls import ENDPOINT, ENDPOINT_KEY
from support.fault_kinds import FAULTS
from support.fault_server import FaultServer

DEADLINE = 0.5
MOST_OVERRUN = 0.1

CALLS: dict[str, Callable[[Any], Any]] = {
    "read": lambda client: client.jobs.list(),
    "submit": lambda client: client.jobs.submit("b1", ENDPOINT, ENDPOINT_KEY),
    "batch": lambda client: client.jobs.submit_batch(["b1", "b2"], ENDPOINT, ENDPOINT_KEY),
    "wait": lambda client: client.jobs.wait("job-before", timeout=60, poll_interval=0.01),
}


def overrun(flavour_name: str, call: str, fault: str) -> float:
    """Seconds by which a call outlived its deadline; less than 0 if it ended before."""
    flavour = FLAVOURS[flavour_name]()
    with FaultServer() as service:
        try:
            client = flavour.make("V0Client", KEY, service.url, deadline=DEADLINE, timeout=60)
            # A submission gets its first list; what it sends is held, and so is all after that.
            service.break_with(FAULTS[fault], after=0 if call in {"read", "wait"} else 1)
            start = time.monotonic()
            try:
                flavour.result(CALLS[call](client))
            except benchwire.BenchwireError:
                return time.monotonic() - start - DEADLINE
            raise AssertionError(f"{flavour_name} {call} {fault}: it gave a value")
        finally:
            flavour.finish()


def main() -> int:
    """Measure all of them and print the worst of each call."""
    held = [row.fault for row in ROWS if row.is_held]
    worst = -DEADLINE
    print(f"seconds beyond a deadline of {DEADLINE}, the worst of {len(held)} faults")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BENCHWIRE_JOURNAL"] = os.path.join(folder, "submissions.db")
        for flavour in FLAVOURS:
            for call in CALLS:
                found = {fault: overrun(flavour, call, fault) for fault in held}
                fault = max(found, key=lambda name: found[name])
                worst = max(worst, found[fault])
                print(f"  {flavour:5} {call:6} {found[fault]:+.3f}  {fault}")
    print(f"worst: {worst:+.3f} (target: at most {MOST_OVERRUN})")
    return int(worst > MOST_OVERRUN)


if __name__ == "__main__":
    sys.exit(main())
