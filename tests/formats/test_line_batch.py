"""Lines that are read together give the rows and the error of the same lines read one by one."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchwire.local import ImportFailedError, import_file
from benchwire_local.http import strict_json
from benchwire_local.results import importer
from benchwire_local.results.formats import source
from benchwire_local.results.line import LineError, parse_line
from support.eval_logs import json_lines, read

LINE = {"benchmark": "b", "model": "m", "input": "1", "truth": "2", "result": "2", "score": 1.0}
ODD: list[Any] = [
    None, True, 0, 1, -1, 1.5, 2**53 + 1, 2**63, 2**64, 1e300, "", " ", "x", 'a"b\\"', "\\", "x\n", "y" * 2000,
    [], {}, ["a"], {"k": ["v", {"w": '"'}]}, [2**64], "scored", "error", "é😀",
]  # fmt: skip
OPTIONAL = ("id", "duration_ms", "status", "scorer", "epoch", "cluster", "metadata")
VALUES = st.one_of(st.sampled_from(ODD), st.floats(0, 1), st.text(max_size=3))
CHANGES = st.dictionaries(st.sampled_from([*LINE, *OPTIONAL, "other"]), VALUES, max_size=2)
TEXTS = st.one_of(
    CHANGES.map(lambda changes: json.dumps(LINE | changes)),
    CHANGES.map(lambda changes: json.dumps(LINE | changes, ensure_ascii=False)),
    CHANGES.map(lambda changes: json.dumps(LINE)[:-1] + ", " + json.dumps(changes)[1:]),
    st.sampled_from(["{}", "[]", "1", '"x"', "{", " ", json.dumps(LINE) + " ", "[" * 200, "null"]),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4), model=st.sampled_from([None, "other"]))
def test_lines_read_together(tmp_path_factory: Any, texts: list[str], model: str | None) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    path.write_text("\n".join(texts), "utf-8", "surrogatepass")
    expected: Any = []
    try:
        for number, line in source.lines(path):
            expected.append(parse_line(line, str(path), number, model))
    except LineError as problem:
        expected = ImportFailedError(str(path), number, str(problem))
    try:
        found, _ = read(path, format="benchwire", model=model)
    except ImportFailedError as problem:
        assert str(problem) == str(expected) or not expected  # noqa: PT017
    else:
        assert repr(found) == repr(expected)


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1500])
def test_valid_lines_are_not_parsed_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    lines = [LINE | {"id": f'"{number}"', "metadata": {"n": [number]}} for number in range(count)]
    path = json_lines(tmp_path / "lines.jsonl", *lines)
    monkeypatch.setattr(strict_json, "loads", None)
    found, _ = read(path)
    assert [row.prompt_id for row in found] == [line["id"] for line in lines]
    assert [row.line for row in found] == list(range(1, count + 1))


@pytest.mark.parametrize("last", [json.dumps(LINE)[:-1], json.dumps(LINE | {"input": [2**70]})])
def test_the_first_wrong_line_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """A line before one that is too long, or invalid, contradicts another."""
    monkeypatch.setattr(source, "MAX_LINE_BYTES", 1000)
    path = tmp_path / "lines.jsonl"
    long = json.dumps(LINE | {"input": "x" * 1000})
    path.write_text("\n".join([json.dumps(LINE), json.dumps(LINE), last, long]))
    with pytest.raises(ImportFailedError, match=r"lines.jsonl:2: .* on line 1 already"):
        import_file(path, tmp_path / "d.db")


def stored(db: Path) -> list[Any]:
    query = (
        "SELECT b.key, p.id, p.position, p.input, p.truth, e.pk, r.result, r.answers, r.score"
        " FROM public_results r JOIN public_prompts p ON p.pk = r.prompt_pk"
        " JOIN public_benchmarks b ON b.pk = p.benchmark_pk"
        " JOIN public_evaluations e ON e.pk = r.evaluation_pk ORDER BY r.pk"
    )
    connection = sqlite3.connect(db)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_prompts_that_are_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More prompts than are kept in memory: with ids, without, twice under one id, in two benchmarks."""
    lines = [
        LINE | {"benchmark": f"b{number % 2}", "model": model, "input": f"q{number % 7}", "result": f"{number}"}
        | ({"id": f"p{number}"} if model == "one" and number % 3 else {}) | {"epoch": 1 + number // 14}
        for model in ("one", "two", "three") for number in (*range(28), *range(28, 42))
    ]  # fmt: skip
    path = json_lines(tmp_path / "lines.jsonl", *lines)
    import_file(path, tmp_path / "all.db")
    monkeypatch.setattr(importer, "_BATCH", 3)
    monkeypatch.setattr(importer, "_MOST_PROMPTS", 2)
    import_file(path, tmp_path / "few.db")
    expected = stored(tmp_path / "all.db")
    assert len({row[1] for row in expected}) > 10
    assert any(row[7] > 1 for row in expected)
    assert stored(tmp_path / "few.db") == expected
    lines.append(LINE | {"benchmark": "b1", "model": "four", "id": "p1", "input": "other"})
    with pytest.raises(ImportFailedError, match=rf"{len(lines)}: input: .* on line 2: 'q1'"):
        import_file(json_lines(path, *lines), tmp_path / "bad.db")
