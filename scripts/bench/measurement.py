"""Measurement of time and memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping

WARM_UP = 10
ROUNDS = 200


def medians(functions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median time of each function, in milliseconds.

    A round calls each function once, so that other load on the machine affects all alike. The
    garbage collector stays on, as for a user, and a result is freed within the measured time.
    """
    times: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(WARM_UP + ROUNDS):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            taken = time.perf_counter() - start
            if number >= WARM_UP:
                times[name].append(taken)
    return {name: statistics.median(taken) * 1e3 for name, taken in times.items()}


def kilobytes(function: Callable[[], object]) -> float:
    """Return the memory that the result of a function occupies."""
    function()
    tracemalloc.start()
    try:
        result = function()
        size, _ = tracemalloc.get_traced_memory()
        del result
        return size / 1e3
    finally:
        tracemalloc.stop()


def import_time(module: str, tries: int = 7) -> float:
    """Return the median time of importing a module in a new interpreter, in milliseconds."""
    code = (
        "import time; start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    taken = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(tries)
    ]
    return statistics.median(taken) * 1e3
