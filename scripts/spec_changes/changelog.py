"""Drafts the changelog: a line per change under Unreleased, each written once.

What a maintainer does to a line stays: reworded, moved or deleted, it is not written again. A line
whose change was taken back goes, if it still stands there word for word.
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
class Drafted:
    """The changelog with its draft up to date.

    Attributes:
        text: The whole changelog.
        added: The lines written.
        removed: The lines taken out, since they are no longer so.
        left: Lines that are no longer so, and were changed by hand or removed already.
    """

    text: str
    added: list[str]
    removed: list[str]
    left: list[str]


def drafted(text: str, before: Sequence[str], now: Sequence[str]) -> Drafted:
    """Bring the draft in a changelog up to date.

    Args:
        text: The changelog.
        before: The lines that were drafted so far.
        now: The lines that there should be.
    """
    head, section, tail = _split(f"{text.rstrip()}\n")
    added, removed, left = [], [], []
    for line in before:
        if line in now:
            continue
        if _item(line) in section:
            section = section.replace(_item(line), "\n", 1)
            removed.append(line)
        else:
            left.append(line)
    if removed:
        section = _without_empty_heading(section)
    for line in now:
        if line not in before and _item(line) not in section:
            section = _appended(section, line)
            added.append(line)
    if not added and not removed:
        return Drafted(text, [], [], left)
    blank = "\n" if tail else ""
    return Drafted(f"{head}{section.rstrip()}\n{blank}{tail}", added, removed, left)


def _split(text: str) -> tuple[str, str, str]:
    """What stands before the section of what is unreleased, the section, and what follows it."""
    heading = re.search(rf"^{UNRELEASED}[ \t]*$", text, re.MULTILINE)
    if heading is None:
        # After a release there is none; it comes before the versions there are.
        first = re.search(r"^## ", text, re.MULTILINE)
        at = first.start() if first else len(text)
        return f"{text[:at].rstrip()}\n\n{UNRELEASED}\n", "\n", text[at:]
    following = re.compile(r"^## ", re.MULTILINE).search(text, heading.end())
    end = following.start() if following else len(text)
    return text[: heading.end()] + "\n", text[heading.end() + 1 : end], text[end:]


def _item(line: str) -> str:
    """A line as it stands in the list, with the line breaks around it."""
    wrapped = textwrap.fill(
        f"- {line}",
        width=_WIDTH,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"\n{wrapped}\n"


def _appended(section: str, line: str) -> str:
    """The section with a line more, at the end of the list under the draft's heading."""
    if f"\n{HEADING}\n" not in section:
        written = section.rstrip()
        above = f"{written}\n" if written else ""
        return f"{above}\n{HEADING}\n{_item(line)}"
    before, heading, after = section.partition(f"\n{HEADING}\n")
    # The list ends where another heading begins.
    items, following, rest = after.partition("\n### ")
    return f"{before}{heading}{items.rstrip()}{_item(line)}{following}{rest}"


def _without_empty_heading(section: str) -> str:
    """The section without the draft's heading, if nothing stands under it any more."""
    return re.sub(rf"\n{HEADING}\n\s*(?=\n#|\Z)", "", section)
