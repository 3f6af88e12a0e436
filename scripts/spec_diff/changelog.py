"""The draft in the changelog: a line per change under Unreleased, each drafted once.

A maintainer's edits are preserved: a line that was reworded, moved or deleted is not drafted again. A
line whose change was reverted is removed if it is still unedited.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

UNRELEASED = "## Unreleased"
HEADING = "### From the specs"
_WIDTH = 100


@dataclass(frozen=True)
class DraftUpdate:
    """The changelog with its draft up to date."""

    text: str
    added: list[str]
    removed: list[str]  # the lines removed, since they are no longer true
    outdated: list[str]  # lines that are no longer true, and were edited or removed by hand


def update_draft(text: str, before: Sequence[str], now: Sequence[str]) -> DraftUpdate:
    """Update the draft in a changelog, from the lines drafted so far to the present lines."""
    head, section, tail = _split(f"{text.rstrip()}\n")
    added, removed, outdated = [], [], []
    for line in before:
        if line in now:
            continue
        if _item(line) in section:
            section = section.replace(_item(line), "\n", 1)
            removed.append(line)
        else:
            outdated.append(line)
    if removed:  # and the heading, if nothing is left below it
        section = re.sub(rf"\n{HEADING}\n\s*(?=\n#|\Z)", "", section)
    for line in now:
        if line not in before and _item(line) not in section:
            section = _appended(section, line)
            added.append(line)
    if not added and not removed:
        return DraftUpdate(text, [], [], outdated)
    blank = "\n" if tail else ""
    return DraftUpdate(f"{head}{section.rstrip()}\n{blank}{tail}", added, removed, outdated)


def _split(text: str) -> tuple[str, str, str]:
    """Return the text before the Unreleased section, the section, and the text after it."""
    heading = re.search(rf"^{UNRELEASED}[ \t]*$", text, re.MULTILINE)
    following = re.compile(r"^## ", re.MULTILINE)
    if heading is None:
        # Missing after a release; it goes before the released versions.
        first = following.search(text)
        start = first.start() if first else len(text)
        return f"{text[:start].rstrip()}\n\n{UNRELEASED}\n", "\n", text[start:]
    after = following.search(text, heading.end())
    end = after.start() if after else len(text)
    return text[: heading.end()] + "\n", text[heading.end() + 1 : end], text[end:]


def _item(line: str) -> str:
    """Return a line as a list item, with the line breaks around it."""
    wrapped = textwrap.fill(
        f"- {line}", _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return f"\n{wrapped}\n"


def _appended(section: str, line: str) -> str:
    """Return the section with a line added at the end of the list under the draft's heading."""
    if f"\n{HEADING}\n" not in section:
        written = section.rstrip()
        above = f"{written}\n" if written else ""
        return f"{above}\n{HEADING}\n{_item(line)}"
    before, heading, after = section.partition(f"\n{HEADING}\n")
    # The list ends at the next heading.
    items, following, rest = after.partition("\n### ")
    return f"{before}{heading}{items.rstrip()}{_item(line)}{following}{rest}"
