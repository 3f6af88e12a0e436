"""The row model in a database: answers without a score, several answers, and all of their fields."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire.local import ImportFailedError, import_results, read_results
from benchwire_local import SCHEMAS, Database
from benchwire_local.results.formats import every_eval_ever
from support.eval_logs import json_lines

ANSWER = {"benchmark": "b", "model": "m", "input": "1+1", "truth": "2", "result": "2", "score": 1.0}
FIELDS = {
    "scorer": "judge/strict", "cluster": "sums", "metadata": {"tag": "ü", "n": [1, None]},
    "duration_ms": 12.5,
}  # fmt: skip


def line(number: int, **fields: Any) -> dict[str, Any]:
    return ANSWER | {"id": f"p{number}", "input": f"{number}+1", "truth": str(number + 1)} | fields


LINES = [
    line(1, **FIELDS),
    line(2, score=None),
    line(3, score=None, status="error", result=None),
    line(4, score=0.0),
    *(line(5, epoch=n, score=score, **FIELDS) for n, score in ((3, 1.0), (1, 0.0), (2, None))),
    line(6, epoch=2, score=None, status="error"),
    line(6, epoch=7, score=None),
]
COLUMNS = (
    "benchmark", "model", "prompt_id", "input", "truth", "result", "score", "status", "scorer",
    "epoch", "cluster", "metadata", "duration_ms",
)  # fmt: skip


def columns(path: Path) -> list[tuple[Any, ...]]:
    rows = [tuple(getattr(row, name) for name in COLUMNS) for row in read_results(path)]
    return sorted(rows, key=lambda row: (row[0], row[1], row[2], row[9]))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return json_lines(tmp_path / "answers.jsonl", *LINES)


@pytest.fixture(params=["new", "merged"])
def db(request: pytest.FixtureRequest, tmp_path: Path, source: Path) -> Path:
    """A database of the answers, new or one that had others."""
    path = tmp_path / "d.db"
    if request.param == "merged":
        import_results(json_lines(tmp_path / "o.jsonl", line(5, model="other", score=1)), path)
    import_results(source, path)
    if request.param == "merged":
        import_results(json_lines(tmp_path / "o.jsonl", line(1, model="other2", score=0)), path)
    return path


def test_what_is_imported_is_kept_whole(db: Path, source: Path) -> None:
    assert [row for row in columns(db) if row[1] == "m"] == columns(source)


def test_what_is_kept_is_imported_elsewhere(db: Path, tmp_path: Path) -> None:
    import_results(db, tmp_path / "copy.db")
    assert columns(tmp_path / "copy.db") == columns(db)


def test_what_is_kept_is_written_for_others(db: Path, tmp_path: Path) -> None:
    every_eval_ever.write(read_results(db), tmp_path / "eee")
    assert columns(tmp_path / "eee") == columns(db)


def test_the_summary_counts_what_has_no_score(tmp_path: Path, source: Path) -> None:
    done = import_results(source, tmp_path / "d.db")
    (evaluation,) = done.evaluations
    assert (evaluation.correct, evaluation.total) == (1, 3)
    assert (evaluation.unscored, evaluation.errors, evaluation.averaged) == (3, 2, 2)
    assert (done.answers, done.unscored, done.errors, done.averaged) == (3, 3, 2, 2)


def test_the_api_shows_each_prompt_and_counts_scores_alone(db: Path) -> None:
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        (found,) = [e for e in client.evaluations.iter_evaluations() if e.model_key == "m"]
        assert found.is_success
        assert found.accuracy == pytest.approx(100 / 3)
        assert found.failed_prompt_count == 1
        assert found.status_description == (
            "Imported from a file of results. 3 answers without a score. 2 samples that failed or"
            " never ran. 2 prompts with the mean score of several answers."
        )
        shown = {row.prompt: row for row in client.evaluations.iter_results(found.id)}
        assert {prompt: row.score for prompt, row in shown.items()} == {
            "1+1": 1.0, "2+1": None, "3+1": None, "4+1": 0.0, "5+1": 0.5, "6+1": None,
        }  # fmt: skip
        assert shown["4+1"].to_dict()["metrics"] == {"accuracy": 0.0}
        assert shown["1+1"].to_dict()["metrics"] == {
            "judge/strict": {
                "score": 1.0, "status": "scored", "answers": 1, "cluster": "sums",
                "metadata": {"tag": "ü", "n": [1, None]},
            }
        }  # fmt: skip
        assert shown["3+1"].to_dict()["metrics"] == {
            "accuracy": {"score": None, "status": "error", "answers": 1}
        }
        assert shown["5+1"].result == "[mean score of 2 of 3 answers]\n1. 2\n2. 2\n3. 2"
        assert shown["6+1"].result == "[no score]\n2. 2\n7. 2"
        assert shown["6+1"].to_dict()["metrics"]["accuracy"]["status"] == "unscored"


def test_a_comparison_pairs_scores_alone(tmp_path: Path, source: Path) -> None:
    db = tmp_path / "d.db"
    other = (line(n, model="n", score=1) for n in range(1, 7))
    import_results([source, json_lines(tmp_path / "n.jsonl", *other)], db)
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        found = client.comparisons.compare_models("b", "m", "n")
        rows = {row.prompt: (row.score1, row.score2) for row in found.results}
        assert rows == {"1+1": (1.0, 1.0), "4+1": (0.0, 1.0), "5+1": (0.5, 1.0)}
        assert found.correct_count_1 == 1
        assert found.total_results_1 == 3
        assert client.comparisons.statistics("b", "m", "n").n_paired == 3


def test_an_evaluation_counts_its_own_prompts(tmp_path: Path) -> None:
    lines = [line(n, model="m") for n in range(5)] + [line(n, model="part") for n in range(2)]
    failed = line(9, model="part", score=None, status="error")
    import_results(json_lines(tmp_path / "a.jsonl", *lines, failed), tmp_path / "d.db")
    with (
        benchwire.local.serve(db=tmp_path / "d.db", sample=False) as server,
        server.public_client() as client,
    ):
        found = client.evaluations.get_many().evaluations
        assert {e.model_key: e.total_prompt_count for e in found} == {"m": 5, "part": 3}
        for one in found:
            alone = client.evaluations.get_by_id(one.id)
            assert alone is not None
            rows = client.evaluations.iter_results(one.id).to_list()
            assert alone.total_prompt_count == one.total_prompt_count == len(rows)


def test_a_file_of_before_the_count_counts_its_results(tmp_path: Path) -> None:
    lines = [line(n, model="m") for n in range(5)] + [line(n, model="part") for n in range(2)]
    import_results(json_lines(tmp_path / "a.jsonl", *lines), tmp_path / "d.db")
    with closing(sqlite3.connect(tmp_path / "d.db")) as connection:
        connection.execute("ALTER TABLE public_evaluations DROP COLUMN prompt_count")
        connection.execute("PRAGMA user_version = 4")
    with (
        benchwire.local.serve(db=tmp_path / "d.db", sample=False) as server,
        server.public_client() as client,
    ):
        found = client.evaluations.get_many().evaluations
        assert {e.model_key: e.total_prompt_count for e in found} == {"m": 5, "part": 2}


def test_the_order_of_answers_makes_no_mean_right(tmp_path: Path) -> None:
    """The mean is 0.5, which is not right; added one by one, it is 0.5000000000000001 in some orders."""
    orders = enumerate(permutations((0.4, 0.8, 0.3)))
    lines = [
        line(number, epoch=epoch, score=score)
        for number, scores in orders
        for epoch, score in enumerate(scores, 1)
    ]
    done = import_results(json_lines(tmp_path / "a.jsonl", *lines), tmp_path / "d.db")
    assert [(one.correct, one.total) for one in done.evaluations] == [(0, 6)]


def test_an_evaluation_in_which_nothing_has_a_score_is_no_success(tmp_path: Path) -> None:
    failed = [line(n, model="broken", score=None, status="error") for n in range(3)]
    path = json_lines(tmp_path / "a.jsonl", line(1), *failed)
    import_results(path, tmp_path / "d.db")
    with (
        benchwire.local.serve(db=tmp_path / "d.db", sample=False) as server,
        server.public_client() as client,
    ):
        found = {one.model_key: one for one in client.evaluations.iter_evaluations()}
        assert found["m"].is_success
        assert (found["broken"].status, found["broken"].failed_prompt_count) == ("failure", 3)
    assert len(columns(tmp_path / "d.db")) == 4


@pytest.mark.parametrize("epochs", [(1, 1), (2, 2), (1, 2, 1), (1, 2, 2)])
def test_one_epoch_twice_is_an_error(tmp_path: Path, epochs: tuple[int, ...]) -> None:
    path = json_lines(tmp_path / "a.jsonl", *(line(1, epoch=epoch) for epoch in epochs))
    first = epochs.index(epochs[-1]) + 1
    with pytest.raises(ImportFailedError) as caught:
        import_results(path, tmp_path / "d.db")
    assert str(caught.value) == (
        f"{path}:{len(epochs)}: the model 'm' has an answer to this prompt on line {first} already"
    )
    assert not (tmp_path / "d.db").exists()


def test_a_prompt_of_the_database_gets_no_two_answers(tmp_path: Path) -> None:
    """One by its id and one by its content alone, which only the database shows to be the same."""
    db = tmp_path / "d.db"
    import_results(json_lines(tmp_path / "a.jsonl", line(1)), db)
    content = {name: value for name, value in line(1, model="n").items() if name != "id"}
    path = json_lines(tmp_path / "b.jsonl", line(2, model="n"), content, line(1, model="n"))
    with pytest.raises(ImportFailedError, match=r":3: the model 'n' has an answer .* on line 2"):
        import_results(path, db)


def test_a_folder_is_read_without_the_database_in_it(tmp_path: Path, source: Path) -> None:
    db = tmp_path / "d.db"
    for model in ("m", "n"):
        json_lines(source, line(1, model=model))
        results = read_results(tmp_path)
        assert import_results(results, db).answers == 1
    assert results.notes == [f"left out: {db}: is a database; name it to read its answers"]


def test_the_latest_evaluation_is_read(tmp_path: Path) -> None:
    db = tmp_path / "d.db"
    for score in (0.0, 1.0):
        import_results(json_lines(tmp_path / "a.jsonl", line(1, score=score)), db)
    results = read_results(db)
    assert [row.score for row in results] == [1.0]
    assert results.reports[0].notes == ["b of m: 1 earlier evaluations are left out"]


def test_a_file_of_another_program_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(ImportFailedError, match="another program's database"):
        list(read_results(path))


def test_the_results_of_version_3_are_scored(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    with sqlite3.connect(path) as connection:
        connection.executescript((Path(__file__).parent / "versions" / "3.sql").read_text("utf-8"))
        connection.executescript(
            "INSERT INTO public_benchmarks (pk, id, key, name, categories, prompt_count)"
            " VALUES (7, 'b', 'b', 'b', '[]', 2);"
            "INSERT INTO public_prompts VALUES (3, 7, 0, 'p', 'in', 0, 't', 'd');"
            "INSERT INTO public_prompts VALUES (4, 7, 1, 'q', 'in2', 0, 't', 'e');"
            "INSERT INTO public_evaluations (pk, id, model_pk, benchmark_pk, status, submitted_at)"
            " VALUES (5, 'e', 1, 7, 'success', 1);"
            "INSERT INTO public_results (pk, evaluation_pk, prompt_pk, result, score, duration_ms)"
            " VALUES (9, 5, 3, 'r', 1, 2.5), (8, 5, 4, NULL, 0.25, NULL);"
        )
    connection.close()
    Database(path, SCHEMAS).close()
    found = [(row.prompt_id, *row[5:8], row.epoch, row.duration_ms) for row in read_results(path)]
    assert found == [("p", "r", 1.0, "scored", 1, 2.5), ("q", None, 0.25, "scored", 1, None)]
    with sqlite3.connect(path) as connection:
        query = "SELECT pk, correct FROM public_results ORDER BY pk"
        assert connection.execute(query).fetchall() == [(8, 0), (9, 1)]
    connection.close()


@pytest.mark.parametrize("field", ["input", "truth", "result", "scorer", "cluster", "prompt_id"])
def test_half_of_a_surrogate_pair_is_named(tmp_path: Path, field: str) -> None:
    class Rows(list[Any]):
        reports: list[Any] = []  # noqa: RUF012  as those of results

    source = read_results(json_lines(tmp_path / "a.jsonl", line(1), line(2)))
    first, second = source
    rows = Rows([first, second._replace(**{field: "a\ud800"})])
    with pytest.raises(ImportFailedError, match=r"a\.jsonl:2: .*surrogate"):
        benchwire.local.import_into(tmp_path / "d.db", rows)  # type: ignore[arg-type]
    assert not (tmp_path / "d.db").exists()


def test_data_frames_take_the_rows(db: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(read_results(db))
    assert list(frame.columns)[:3] == ["benchmark", "model", "prompt_id"]
    mean = (
        frame[(frame.model == "m") & (frame.status == "scored")].groupby("prompt_id").score.mean()
    )
    assert mean["p5"] == 0.5
