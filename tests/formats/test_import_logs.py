"""Importing logs into a database: what arrives, what pairs, and what fails the whole import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire.local import ImportFailedError, import_results, read_results
from support.eval_logs import (
    inspect_log,
    inspect_sample,
    json_file,
    json_lines,
    lm_eval_results,
    lm_eval_row,
    lm_eval_run,
)

FIGURES = {"exact_match,none": 1.0}


def run_of(folder: Path, model: str, *rows: dict[str, Any]) -> Path:
    results = lm_eval_results("sums[cot]", FIGURES, len(rows), model_name=model)
    return lm_eval_run(folder / model, "sums[cot]", list(rows), results)


def inspect_file(path: Path, *samples: dict[str, Any]) -> Path:
    return json_file(path, inspect_log(list(samples)))


def compared(db: Path, *models: str) -> list[tuple[Any, ...]]:
    """Return what the public API has of the comparison of two models."""
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        (benchmark,) = client.benchmarks.iter_benchmarks()
        rows = client.comparisons.iter_model_results(
            benchmark_key=benchmark.key, model_key_1=models[0], model_key_2=models[1]
        )
        return [(row.prompt, row.score1, row.score2) for row in rows]


def test_two_models_of_two_files_pair(tmp_path: Path) -> None:
    one = run_of(tmp_path, "one", *(lm_eval_row(n) for n in range(3)))
    two = run_of(tmp_path, "two", *(lm_eval_row(n, exact_match=0.0) for n in (2, 0, 1)))
    done = import_results([one, two], tmp_path / "a.db")
    assert [(e.model_key, e.correct, e.total) for e in done.evaluations] == [
        ("one", 3, 3), ("two", 0, 3),
    ]  # fmt: skip
    assert sorted(compared(tmp_path / "a.db", "one", "two")) == [
        ("Q: 0 + 1?", 1.0, 0.0), ("Q: 1 + 1?", 1.0, 0.0), ("Q: 2 + 1?", 1.0, 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize("together", [True, False], ids=["one import", "two imports"])
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"target": "another"}, "truth"),
        ({"arguments": {"gen_args_0": {"arg_0": "another", "arg_1": {}}}}, "input"),
    ],
)
def test_one_id_with_other_content_is_an_error_that_names_both(
    tmp_path: Path, change: dict[str, Any], field: str, together: bool
) -> None:
    one = run_of(tmp_path, "one", lm_eval_row(0), lm_eval_row(1))
    two = run_of(tmp_path, "two", lm_eval_row(0), lm_eval_row(1, **change))
    db = tmp_path / "a.db"
    first = f"{one}:2" if together else "in the database"
    if not together:
        import_results(one, db)
    before = db.read_bytes() if db.exists() else None
    with pytest.raises(ImportFailedError) as caught:
        import_results([one, two] if together else two, db)
    text = str(caught.value)
    assert text.startswith(f"{two}:2: {field}: the prompt with the id '1'")
    assert first in text
    assert (db.read_bytes() if db.exists() else None) == before


def test_an_answer_twice_is_an_error_that_names_both(tmp_path: Path) -> None:
    one = run_of(tmp_path, "one", lm_eval_row(0))
    (tmp_path / "copy").mkdir()
    for file in one.parent.iterdir():
        (tmp_path / "copy" / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ImportFailedError, match="already") as caught:
        import_results([one, tmp_path / "copy" / one.name], tmp_path / "a.db")
    assert str(caught.value).count(one.name) == 2
    assert not (tmp_path / "a.db").exists()


def test_what_has_no_score_is_counted_and_enters_no_accuracy(tmp_path: Path) -> None:
    failed = inspect_sample("c", scores={}, error={"message": "boom"})
    path = inspect_file(
        tmp_path / "log.json", inspect_sample("a"), inspect_sample("b", float("nan")), failed
    )
    done = import_results(path, tmp_path / "a.db")
    (evaluation,) = done.evaluations
    assert (evaluation.correct, evaluation.total) == (1, 1)
    assert (done.unscored, done.errors, done.averaged) == (1, 1, 0)
    none = inspect_file(tmp_path / "none.json", inspect_sample("b", None), failed)
    with pytest.raises(ImportFailedError, match="no answer has a score: 1 have no score, 1 failed"):
        import_results(none, tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()


def test_several_answers_to_a_prompt_are_their_mean_and_say_so(tmp_path: Path) -> None:
    samples = [
        inspect_sample("a", value, epoch, scores={"match": {"value": value, "answer": f"try {epoch}"}})
        for epoch, value in enumerate(["C", "C", "I", float("nan")], 1)
    ]  # fmt: skip
    done = import_results(inspect_file(tmp_path / "log.json", *samples), tmp_path / "a.db")
    assert (done.averaged, done.unscored) == (1, 1)
    second = inspect_log([inspect_sample("a", "I")])
    second["eval"]["model"] = "org/two"
    import_results(json_file(tmp_path / "two.json", second), tmp_path / "a.db")
    ((_, score, other),) = compared(tmp_path / "a.db", "org/one", "org/two")
    assert (score, other) == (pytest.approx(2 / 3), 0.0)
    with (
        benchwire.local.serve(db=tmp_path / "a.db", sample=False) as server,
        server.public_client() as client,
    ):
        rows = list(
            client.comparisons.iter_model_results(
                benchmark_key="sums", model_key_1="org/one", model_key_2="org/two"
            )
        )
    assert str(rows[0].result1).startswith(
        "[mean score of 3 of 4 answers]\n1. try 1\n2. try 2\n3. try 3\n4. try 4"
    )


def test_an_invalid_row_at_the_end_fails_the_whole_import(tmp_path: Path) -> None:
    one = run_of(tmp_path, "one", lm_eval_row(0), lm_eval_row(1))
    two = run_of(tmp_path, "two", lm_eval_row(0), lm_eval_row(1, exact_match=7))
    with pytest.raises(ImportFailedError, match=r":2: exact_match: must be from 0 to 1"):
        import_results([one, two], tmp_path / "a.db")
    assert not (tmp_path / "a.db").exists()


def test_own_lines_without_ids_find_the_prompts_of_the_database(tmp_path: Path) -> None:
    line = {"benchmark": "b", "model": "m", "input": "1+1", "truth": "2", "result": "2", "score": 1}
    db = tmp_path / "a.db"
    import_results(json_lines(tmp_path / "a.jsonl", line | {"id": "x"}), db)
    import_results(json_lines(tmp_path / "b.jsonl", line | {"model": "n", "score": 0}), db)
    assert compared(db, "m", "n") == [("1+1", 1.0, 0.0)]


def test_results_that_were_read_take_no_options(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("", "utf-8")
    results = read_results(tmp_path / "a.jsonl")
    with pytest.raises(TypeError, match="pass metric, model to read_results, which has returned"):
        import_results(results, tmp_path / "x.db", metric="acc", model="m")
