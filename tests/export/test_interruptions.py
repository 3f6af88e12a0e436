"""Whatever fails or interrupts an export, going on completes it and requests no complete file again."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import benchwire
from benchwire import export
from benchwire.export import parts
from export.test_dataset import KEY, files, rows, wanted
from support.results_service import ResultsService
from support.scripted import ScriptedService, json_reply

SIZES = {"none": 0, "one": 1, "few": 3, "parts": 13}
PART = 10  # pages, here of one row; by default 100
PAGES = [(name, page) for name, size in SIZES.items() for page in range(1, max(size, 1) + 1)]

faults = st.frozensets(st.sampled_from(PAGES), max_size=3)
interrupts = st.none() | st.integers(0, sum(SIZES.values()))


def complete_pages(folder: Path) -> set[tuple[str, int]]:
    """The pages whose file is there."""
    found = set()
    for name in files(folder):
        match = re.search(r"evaluation=(\w+)/part-(\d+)", name)
        if match:
            first = int(match[2]) * PART
            found |= {(match[1], page) for page in range(first + 1, first + PART + 1)}
    return found


@given(st.lists(st.tuples(faults, interrupts, st.integers(1, 3)), max_size=4))
@settings(max_examples=40)
def test_going_on_completes_it(
    runs: list[tuple[frozenset[tuple[str, int]], int | None, int]],
) -> None:
    service = ResultsService(SIZES, cap=1)
    with (
        pytest.MonkeyPatch.context() as patch,
        TemporaryDirectory() as name,
        ScriptedService(service) as scripted,
        benchwire.PublicClient(KEY, scripted.url + "/api/v1", max_retries=0) as client,
    ):
        patch.setattr(parts, "PAGES", PART)
        folder = Path(name)
        for failing, limit, workers in [*runs, (frozenset(), None, 2)]:

            def report(done: int, _total: int, limit: int | None = limit) -> None:
                if limit is not None and done >= limit:
                    raise KeyboardInterrupt

            service.intercept = lambda evaluation, page, failing=failing: (  # type: ignore[misc]
                json_reply({}, 500) if (evaluation, page) in failing else None
            )
            kept, before = complete_pages(folder), service.pages.copy()
            with suppress(KeyboardInterrupt):
                done = export.export_results(client, folder, workers=workers, on_progress=report)
            assert not kept & set(service.pages - before)
        assert done.failed == {}
        assert done.rows == sum(SIZES.values())
        assert rows(folder) == wanted(SIZES)
