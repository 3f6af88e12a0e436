"""The page shows the table that the tests hold the SDK to."""

from __future__ import annotations

from faults.table import page_tables
from support.shared import REPOSITORY


def test_the_page_shows_the_table() -> None:
    page = (REPOSITORY / "docs" / "what-happens-when.md").read_text(encoding="utf-8")
    start = page.index("### ")
    assert page[start:] == page_tables(), (
        "python -m faults.table (in tests/) prints what belongs there"
    )
