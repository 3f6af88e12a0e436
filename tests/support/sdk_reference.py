"""The examples of the public API's SDK reference, taken out of its text.

The text lost its layout: code runs into the prose after it, and indentation is gone. Both are put
back by rules that hold for these examples, and a wrong guess would not run.
"""

from __future__ import annotations

import re

_START = re.compile(r"(?:import asyncio\n)?from layerlens import ")
_END = re.compile(r"\)(?=[A-Z|]|import )|\Z")
_OPENS = re.compile(r"(?:async def|for|if) .*:$")


def examples(text: str) -> list[str]:
    """Give each example as runnable code, still importing from ``layerlens``."""
    found: list[str] = []
    position = 0
    while start := _START.search(text, position):
        end = _END.search(text, start.end())
        assert end is not None
        position = end.end()
        found.append(_indented(text[start.start() : position].strip()))
    return found


def _indented(code: str) -> str:
    """Indent what follows a colon.

    A block of these examples either assigns or only prints, loops and asks: so an assignment or a
    comment ends the blocks that only print.
    """
    lines: list[str] = []
    assigns = [True]  # of each open block, outermost first: does it assign?
    opened = False
    brackets = 0
    for raw in code.splitlines():
        line = raw.strip()
        if brackets == 0:
            if line.startswith("asyncio.run("):
                assigns = [True]
            elif opened:
                assigns.append(_assigns(line))
            elif _assigns(line):
                while not assigns[-1]:
                    assigns.pop()
            opened = bool(_OPENS.match(line))
        continues = brackets > 0 and not line.startswith(")")
        lines.append("    " * (len(assigns) - 1 + continues) + line)
        brackets += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
    return "\n".join(lines) + "\n"


def _assigns(line: str) -> bool:
    return line.startswith("#") or re.match(r"\w+ = ", line) is not None
