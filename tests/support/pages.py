"""The code blocks of README.md and of the pages of docs/."""

from __future__ import annotations

import re

from support.shared import REPOSITORY

PAGES = {
    path.name: path.read_text(encoding="utf-8")
    for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
}


def blocks(language: str) -> list[tuple[str, str]]:
    """Every code block of a language, with the page it stands on."""
    fence = re.compile(rf"^```{language}\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    return [(page, code) for page, text in PAGES.items() for code in fence.findall(text)]
