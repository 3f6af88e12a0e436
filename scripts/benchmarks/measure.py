"""Times and weighs functions side by side."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WARM_UP = 10
ROUNDS = 200


def medians(functions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median time of each function, in milliseconds.

    A round calls each once, so that whatever else the machine does meets all alike. The garbage
    collector stays on, as it is for a user, and a result is freed within its time.
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
    """The memory a result holds."""
    function()
    tracemalloc.start()
    try:
        result = function()
        held, _ = tracemalloc.get_traced_memory()
        del result
        return held / 1e3
    finally:
        tracemalloc.stop()


def import_time(module: str, tries: int = 7) -> float:
    """The median time a fresh interpreter takes to import a module, in milliseconds."""
    code = (
        "import time; start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    taken = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(tries)
    ]
    return statistics.median(taken) * 1e3
