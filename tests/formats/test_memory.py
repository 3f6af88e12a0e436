"""How much memory each further sample of a log takes, however long the samples are."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from benchwire.local import read_results
from support.eval_logs import (
    helm_run,
    helm_stat,
    helm_state,
    inspect_archive,
    inspect_log,
    inspect_sample,
    json_file,
)


def written(folder: Path, kind: str, count: int) -> Path:
    if kind == "helm":
        states = [helm_state(f"id{n}") for n in range(count)]
        return helm_run(folder / "run", states, [helm_stat(f"id{n}", 1.0) for n in range(count)])
    log = inspect_log([inspect_sample(n) for n in range(count)])
    if kind == "inspect":
        return json_file(folder / "log.json", log)
    return inspect_archive(folder / "log.eval", log)


def peak(path: Path) -> int:
    tracemalloc.start()
    for _ in read_results([path]):
        pass
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.long
@pytest.mark.parametrize(("kind", "limit"), [("inspect", 150), ("archive", 800), ("helm", 190)])
def test_a_further_sample_takes_little_more_than_its_id(
    tmp_path: Path, kind: str, limit: int
) -> None:
    few, many = (peak(written(tmp_path / str(count), kind, count)) for count in (1000, 3000))
    assert (many - few) / 2000 < limit
