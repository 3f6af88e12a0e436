"""Imports into a file that others use: nobody waits long, and nobody sees half of an import."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchwire.local import ImportSummary, import_file
from benchwire_local import ImportFailedError
from benchwire_local.data import database_lock
from benchwire_local.data.database_lock import lock_imports
from benchwire_local.data.public_tables import prompt_digest
from benchwire_local.errors import DatabaseBusyError
from benchwire_local.results import merge
from support.kills import in_child
from support.systems import needs_posix

# What is visible, but for the times, with keys in place of those of a database.
VISIBLE = """
SELECT b.key, m.key, e.status, e.accuracy, e.average_duration, e.failed_prompt_count, p.position, p.id,
    p.input, p.truth, r.result, r.score, r.duration_ms, b.prompt_count
FROM public_evaluations e JOIN public_benchmarks b ON b.pk = e.benchmark_pk
JOIN public_models m ON m.pk = e.model_pk JOIN public_results r ON r.evaluation_pk = e.pk
JOIN public_prompts p ON p.pk = r.prompt_pk AND p.position < b.prompt_count
ORDER BY 1, 2, e.pk, p.position
"""


def write(path: Path, answers: Iterator[tuple[str, str, int]]) -> Path:
    """Write answers of models to the prompts of benchmarks; every fourth prompt has no id."""
    with path.open("w", encoding="utf-8") as file:
        for benchmark, model, prompt in answers:
            line = {
                "benchmark": benchmark, "model": model, "input": f"What is {prompt}?",
                "truth": str(prompt), "result": f"{model}: {prompt}", "score": prompt % 3 / 2,
                "duration_ms": float(prompt),
            }  # fmt: skip
            if prompt % 4:
                line["id"] = f"p{prompt}"
            file.write(json.dumps(line) + "\n")
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write(tmp_path / "1.jsonl", (("b", "m1", n) for n in range(60)))


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Answers to prompts that are there and to new ones, of benchmarks old and new."""
    rows = [("b", "m2", n) for n in range(30, 90)] + [("c", "m1", n) for n in range(70)]
    return write(tmp_path / "2.jsonl", iter([*rows, *(("b", "m1", n) for n in range(50, 100))]))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "_BATCH", 20)


def rows(path: Path, query: str = VISIBLE) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    found = [tuple(row) for row in connection.execute(query)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return found


def import_into(path: Path, file: Path) -> ImportSummary:
    return import_file(file, path)


def expected(*files: Path) -> list[tuple[Any, ...]]:
    """Return what is visible after imports of files, one after the other."""
    prompts: dict[str, list[tuple[str | None, str, str]]] = {}
    evaluations: list[tuple[str, str, dict[int, tuple[Any, ...]]]] = []
    for file in files:
        new: dict[tuple[str, str], dict[int, tuple[Any, ...]]] = {}
        for line in map(json.loads, file.read_text().splitlines()):
            known = prompts.setdefault(line["benchmark"], [])
            prompt = (line.get("id"), line["input"], line["truth"])
            if prompt not in known:
                known.append(prompt)
            answers = new.setdefault((line["benchmark"], line["model"]), {})
            answers[known.index(prompt)] = (line["result"], line["score"], line["duration_ms"])
        evaluations += [(*keys, answers) for keys, answers in new.items()]
    found = []
    for benchmark, model, answers in sorted(evaluations, key=lambda one: one[:2]):
        scores, times = ([one[n] for one in answers.values()] for n in (1, 2))
        figures = (
            100 * sum(score > 0.5 for score in scores) / len(scores), sum(times) / len(times)
        )  # fmt: skip
        for position, answer in sorted(answers.items()):
            name, text, truth = prompts[benchmark][position]
            prompt = (position, name or prompt_digest(text, truth), text, truth)
            total = len(prompts[benchmark])
            found.append((benchmark, model, "success", *figures, 0, *prompt, *answer, total))
    return found


def test_the_rows_are_those_of_the_files(tmp_path: Path, first: Path, second: Path) -> None:
    path = tmp_path / "d.db"
    for file in (first, second):
        import_into(path, file)
    summary = import_into(path, second)
    assert rows(path) == expected(first, second, second)
    assert [(one.key, one.created, one.prompt_count) for one in summary.benchmarks] == [
        ("b", False, 100), ("c", False, 70),
    ]  # fmt: skip
    assert [(one.key, one.created) for one in summary.models] == [("m2", False), ("m1", False)]
    assert [(one.benchmark_key, one.model_key, one.total) for one in summary.evaluations] == [
        ("b", "m2", 60), ("c", "m1", 70), ("b", "m1", 50),
    ]  # fmt: skip


def test_others_write_between_batches_and_see_nothing(
    tmp_path: Path, first: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.db"
    import_into(path, first)
    before = rows(path)
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    other.execute("CREATE TABLE seen (changes INTEGER)")
    everything = (
        "SELECT (SELECT count(*) FROM public_results) + (SELECT count(*) FROM public_prompts)"
    )
    sizes = [other.execute(everything).fetchone()[0]]

    def pause(_seconds: float) -> None:
        other.execute("INSERT INTO seen VALUES (1)")  # without waiting
        sizes.append(other.execute(everything).fetchone()[0])
        assert [tuple(row) for row in other.execute(VISIBLE)] == before

    monkeypatch.setattr(time, "sleep", pause)
    import_into(path, second)
    monkeypatch.undo()
    other.close()
    assert len(sizes) > 10
    assert max(after - before for before, after in pairwise(sizes)) <= 20
    assert rows(path) == expected(first, second)


@needs_posix("fork")
@pytest.mark.parametrize("pauses", [0, 3, 4, 7, 9, 12, 14])
def test_a_killed_import_is_invisible_and_removed_by_the_next(
    tmp_path: Path, first: Path, second: Path, pauses: int
) -> None:
    path = tmp_path / "d.db"
    import_into(path, first)
    before = rows(path)

    def killed() -> None:
        left = iter(range(pauses))
        time.sleep = lambda _: next(left, None) is not None or os.kill(os.getpid(), signal.SIGKILL)
        import_into(path, second)

    assert in_child(killed) == -signal.SIGKILL
    connection = sqlite3.connect(path)
    assert [tuple(row) for row in connection.execute(VISIBLE)] == before
    connection.close()
    third = write(tmp_path / "3.jsonl", iter([("d", "m3", 1)]))
    import_into(path, third)
    assert rows(path) == expected(first, third)
    for table in ("public_results", "public_prompts"):
        assert rows(path, f"SELECT count(*) FROM {table}") == [(61,)]
    import_into(path, second)
    assert rows(path) == expected(first, third, second)


def test_an_import_that_contradicts_the_file_leaves_nothing(tmp_path: Path, first: Path) -> None:
    path = tmp_path / "d.db"
    import_into(path, first)
    before = rows(path)
    bad = write(tmp_path / "bad.jsonl", (("b", "m5", n) for n in range(70)))
    bad.write_text(bad.read_text().replace('"truth": "59"', '"truth": "other"'))
    with pytest.raises(
        ImportFailedError, match=r"bad.jsonl:60: truth: the prompt with the id 'p59'"
    ):
        import_into(path, bad)
    assert rows(path) == before


def test_imports_wait_for_each_other(
    tmp_path: Path, first: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.db"
    import_into(path, first)
    lock = lock_imports(path)
    monkeypatch.setattr(database_lock, "_PATIENCE_SECONDS", 0.1)
    with pytest.raises(DatabaseBusyError, match="is being written to by another import"):
        import_into(path, second)
    lock.close()
    import_into(path, second)
