"""Imports httpx without its command line: rich, click and pygments, where they are installed."""

import sys

if is_first := "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
try:
    import httpx as httpx  # noqa: PLC0414  exported
finally:
    if is_first:
        del sys.modules["httpx._main"]
