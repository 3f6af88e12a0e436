"""The peak memory of a process."""

from __future__ import annotations

import re
import sys
from pathlib import Path

MIB = 2**20


def peak_memory() -> int:
    """Return the most bytes that this process has occupied.

    Not what ``getrusage`` says: on Linux that is at least what the parent occupied when it started the
    process, and a worker of pytest occupies hundreds of MiB.
    """
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text("ascii")
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
