"""Importing results: what arrives, and which line is named when nothing does."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from benchwire.local import ImportSummary, import_file
from benchwire.local import Server as LocalServer
from benchwire_local import SCHEMAS, Database, ImportFailedError, Settings
from benchwire_local.data import public_catalogue, public_evaluations
from benchwire_local.results import importer, into_file
from benchwire_local.results.formats import source as sources
from support.shared import require_shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = {"page": 1, "page_size": 500}


def line(**changes: Any) -> dict[str, Any]:
    base = {"benchmark": "sums", "model": "one", "input": "1+1", "truth": "2", "result": "2"}
    return base | {"score": 1.0} | changes


def write(path: Path, *lines: dict[str, Any] | str | bytes) -> Path:
    encoded = [
        item
        if isinstance(item, bytes)
        else (item if isinstance(item, str) else json.dumps(item)).encode()
        for item in lines
    ]
    path.write_bytes(b"\n".join(encoded))
    return path


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "d.db"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def import_results(db: Path, source: Path, now: int | None = None) -> ImportSummary:
    with pytest.MonkeyPatch.context() as patch:
        if now is not None:
            patch.setattr(into_file.time, "time", lambda: now)
        return import_file(source, db)


@contextlib.contextmanager
def read(db: Path) -> Iterator[Any]:
    database = Database(db, SCHEMAS)
    with database.read() as connection:
        yield connection
    database.close()


def stored(db: Path) -> Counter[str]:
    if not db.exists():
        return Counter()
    tables = ("models", "benchmarks", "prompts", "evaluations", "results")
    with read(db) as connection:
        return Counter(
            {
                t: connection.execute(f"SELECT count(*) FROM public_{t}").fetchone()[0]
                for t in tables
            }
        )


def prompts(db: Path, benchmark_id: str) -> list[dict[str, Any]]:
    with read(db) as connection:
        data = public_catalogue.list_prompts(connection, benchmark_id, ALL)
    assert data is not None
    found: list[dict[str, Any]] = data["prompts"]
    return found


def test_an_import_makes_benchmarks_models_and_evaluations(db: Path, source: Path) -> None:
    messages = [{"role": "user", "content": "3+3"}]
    write(
        source,
        line(id="p2", score=0.51, duration_ms=100),
        line(id="p1", input=messages, truth="6", result="5", score=0.5, duration_ms=300),
        "",
        line(model="two", id="p1", input=messages, truth="6", result=None, score=0),
        "  \t\r",
        line(benchmark="other", model="two", input={"q": 1.0}),
    )
    summary = import_results(db, source, now=1000)
    assert [(b.key, b.created, b.prompt_count) for b in summary.benchmarks] == [
        ("sums", True, 2),
        ("other", True, 1),
    ]
    assert [(m.key, m.created) for m in summary.models] == [("one", True), ("two", True)]
    assert [(e.benchmark_key, e.model_key, e.correct, e.total) for e in summary.evaluations] == [
        ("sums", "one", 1, 2),
        ("sums", "two", 0, 1),
        ("other", "two", 1, 1),
    ]
    assert summary.answers == 4
    assert prompts(db, summary.benchmarks[0].id) == [
        {"id": "p2", "input": "1+1", "truth": "2"},
        {"id": "p1", "input": messages, "truth": "6"},
    ]
    assert prompts(db, summary.benchmarks[1].id)[0]["input"] == {"q": 1.0}
    with read(db) as connection:
        first, second = (
            public_evaluations.get_evaluation(connection, e.id) for e in summary.evaluations[:2]
        )
    assert (first["status"], first["submitted_at"], first["finished_at"]) == ("success", 1000, 1000)
    assert (first["accuracy"], first["average_duration"]) == (50, 200_000_000)
    assert first["failed_prompt_count"] == 0
    assert (second["accuracy"], second["average_duration"]) == (0, 0)
    assert second["failed_prompt_count"] == 1


def test_no_average_of_durations_is_too_large(tmp_path: Path, source: Path) -> None:
    every = {"a": (1e308, 1.7976931348623157e308, 9e15, None), "b": (1e308,), "c": (5, 1e-320)}
    write(
        source,
        *(
            line(model=model, id=f"p{position}", duration_ms=duration)
            for model, durations in every.items()
            for position, duration in enumerate(durations)
        ),
    )
    import_file(source, tmp_path / "d.db")
    connection = sqlite3.connect(tmp_path / "d.db")
    (longest,) = connection.execute(
        "SELECT max(average_duration) FROM public_evaluations"
    ).fetchone()
    assert longest == pytest.approx(2**63 / 1e6)
    with (
        contextlib.closing(connection),
        LocalServer(Settings(db=tmp_path / "d.db")) as server,
        server.public_client() as client,
    ):
        for sort in ("average_duration", "averageDuration"):
            # As computed, and as an earlier version stored it.
            for stored in (longest, float("inf")):
                with connection:
                    connection.execute(
                        "UPDATE public_evaluations SET average_duration = ? WHERE average_duration > 9",
                        (stored,),
                    )
                found = list(client.evaluations.iter_evaluations(sort_by=sort, order="asc"))
                assert [each.average_duration for each in found] == [2_500_000, *[2**63 - 1] * 2]


def test_prompts_keep_the_order_in_which_they_are_first_seen(db: Path, source: Path) -> None:
    order = [(7 * n) % 100 for n in range(100)]
    lines = [line(input=f"q{n}", model="one") for n in order[:60]]
    lines += [line(input=f"q{n}", model="two") for n in reversed(order)]
    summary = import_results(db, write(source, *lines))
    expected = order[:60] + order[:59:-1]
    found = prompts(db, summary.benchmarks[0].id)
    assert [prompt["input"] for prompt in found] == [f"q{n}" for n in expected]
    assert len({prompt["id"] for prompt in found}) == 100


def test_without_ids_input_and_truth_make_a_prompt(db: Path, source: Path) -> None:
    write(
        source,
        line(),
        line(truth="two"),
        line(model="two"),
        line(model="two", truth="two"),
        line(input={"a": 1, "b": 2}),
        line(model="two", input={"b": 2, "a": 1}),
        line(model="two", input='{"a":1,"b":2}'),
    )
    summary = import_results(db, source)
    assert summary.benchmarks[0].prompt_count == 4
    assert stored(db)["results"] == 7
    elsewhere = db.with_name("elsewhere.db")
    same = import_results(elsewhere, source).benchmarks[0]
    # Ids are made of what they name: the same in every database.
    assert same.id == summary.benchmarks[0].id
    assert prompts(elsewhere, same.id) == prompts(db, same.id)


def test_what_the_database_has_is_reused_and_the_latest_evaluation_wins(
    db: Path, source: Path
) -> None:
    first = import_results(db, write(source, line(score=0), line(input="2+2")), now=5)
    again = write(source, line(score=1), line(input="3+3"), line(model="two"))
    second = import_results(db, again, now=5)
    assert second.benchmarks[0].id == first.benchmarks[0].id
    assert second.models[0].id == first.models[0].id
    assert not second.benchmarks[0].created
    assert [model.created for model in second.models] == [False, True]
    found = prompts(db, first.benchmarks[0].id)
    assert [prompt["input"] for prompt in found] == ["1+1", "2+2", "3+3"]
    assert second.benchmarks[0].prompt_count == 3
    query = ALL | {"unique": True, "models": [first.models[0].id]}
    with read(db) as connection:
        (latest,) = public_evaluations.list_evaluations(connection, query)["evaluations"]
        every = public_evaluations.list_evaluations(connection, ALL)
    assert latest["id"] == second.evaluations[0].id
    assert every["total_count"] == 3


def test_a_prompt_first_seen_with_an_id_is_found_without_it(db: Path, source: Path) -> None:
    import_results(db, write(source, line(id="mine"), line(model="two")))
    assert stored(db)["prompts"] == 1
    import_results(db, write(source, line(model="three")))
    assert stored(db)["prompts"] == 1


@pytest.mark.parametrize("remembered", [50_000, 0])
def test_a_prompt_first_seen_without_an_id_is_found_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    """Whatever the order, in one import or two; of two ids with one content, the first is it."""
    monkeypatch.setattr(importer, "_BATCH", 1)
    monkeypatch.setattr(importer, "_MOST_PROMPTS", remembered)
    with_ids = [line(id=f"p{n}", model="two") for n in (1, 2)]
    for place, lines in enumerate(permutations([line(), *with_ids])):
        name = str(place)
        import_results(tmp_path / name, write(tmp_path / "one", *lines))
        query = (
            "SELECT m.key, p.id FROM public_results r JOIN public_prompts p ON p.pk = r.prompt_pk"
            " JOIN public_evaluations e ON e.pk = r.evaluation_pk"
            " JOIN public_models m ON m.pk = e.model_pk"
        )
        with read(tmp_path / name) as connection:
            found = sorted(map(tuple, connection.execute(query)))
        first = next(one["id"] for one in lines if "id" in one)
        assert found == [("one", first), ("two", "p1"), ("two", "p2")]
    again = line(id="p1", model="three", input="else")
    bad = write(tmp_path / "bad", line(), with_ids[0], again)
    with pytest.raises(ImportFailedError, match=r":3: input: the prompt with the id 'p1' has"):
        import_results(tmp_path / "d", bad)
    import_results(tmp_path / "d", write(tmp_path / "none", line()))
    for number in (2, 3):
        ids = write(tmp_path / "ids", *with_ids, line(model="four", id="p1"))
        import_results(tmp_path / "d", ids)
        assert stored(tmp_path / "d")["prompts"] == 2
        assert stored(tmp_path / "d")["evaluations"] == 2 * number - 1


def test_ids_belong_to_their_benchmark(db: Path, source: Path) -> None:
    import_results(db, write(source, line(id="1"), line(id="1", benchmark="b", input="else")))
    assert stored(db)["prompts"] == 2


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble(db: Path, source: Path) -> None:
    first, second = json.dumps(line()), json.dumps(line(model="two", result="ja, zwölf — 12"))
    source.write_bytes(f"\ufeff{first}\r\n{second}\r\n\r\n".encode())
    assert import_results(db, source).answers == 2


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", ["not valid JSON"]),
        ("[]", ["JSON object", "an array"]),
        ("5", ["JSON object", "5"]),
        ('{"model": "a", "model": "b"}', ["'model' occurs twice"]),
        (b'{"model": "\xff"}', ["byte 12", "UTF-8"]),
        (json.dumps(line())[:-1] + ', "truth": "2"}', ["'truth' occurs twice"]),
        (line(duration=5), ["unknown field 'duration'", "duration_ms"]),
        *[
            ({k: v for k, v in line().items() if k != name}, [f"{name}: required"])
            for name in line()
        ],
        (line(benchmark=""), ["benchmark: ", "1 to 1000", "''"]),
        (line(benchmark="  "), ["benchmark: "]),
        (line(model=5), ["model: ", "a string", "5"]),
        (line(model="m" * 1001), ["model: ", "1000", "1003 characters"]),
        (line(model="a\0b"), ["model: ", "printable"]),
        (line(model=None), ["model: ", "null"]),
        (line(input=5), ["input: ", "5"]),
        (line(input=None), ["input: ", "null"]),
        (line(input=[2**70]), ["input: ", "64-bit"]),
        (line(truth=2), ["truth: ", "2"]),
        (line(result=2.5), ["result: ", "2.5"]),
        (line(result=["2"]), ["result: ", "an array"]),
        (line(score="1"), ["score: ", "a number", "'1'"]),
        (line(score=True), ["score: ", "a number", "true"]),
        (line(score=None, status="scored"), ["score: ", "needs a score", "null"]),
        (line(score=1, status="error"), ["score: ", "needs the score null", "1"]),
        (line(status="wrong"), ["status: ", "scored, unscored, error", "'wrong'"]),
        (line(status=["x"]), ["status: ", "an array"]),
        (line(epoch=0), ["epoch: ", "from 1 to", "0"]),
        (line(epoch=True), ["epoch: ", "true"]),
        (line(epoch=2**31), ["epoch: ", "2147483648"]),
        (line(scorer=5), ["scorer: ", "a string", "5"]),
        (line(cluster=""), ["cluster: ", "1 to 1000"]),
        (line(metadata=[1]), ["metadata: ", "an object", "an array"]),
        (line(score=-0.01), ["score: ", "from 0 to 1", "-0.01"]),
        (line(score=86.5), ["score: ", "from 0 to 1", "86.5"]),
        (line(id=""), ["id: "]),
        (line(id=7), ["id: ", "7"]),
        (line(duration_ms=-1), ["duration_ms: ", "0 or more", "-1"]),
        (line(duration_ms="5"), ["duration_ms: ", "'5'"]),
        # contradictions
        (line(), ["'one'", "line 2 already"]),
        (line(id="seen", model="two", input="other"), ["input: ", "'seen'", "line 3", "'q3'"]),
        (
            line(id="seen", model="two", input="q3", truth="x"),
            ["truth: ", "'seen'", "line 3", "'2'"],
        ),
        (line(id="seen", input="q3"), ["'one'", "line 3 already"]),
        (
            line(id="old", model="two", input="other"),
            ["input: ", "'old'", "in the database", "'q0'"],
        ),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(
    db: Path, source: Path, bad: Any, words: list[str]
) -> None:
    import_results(db, write(source, line(id="old", input="q0")))
    before = stored(db)
    good = [line(benchmark="sums"), line(id="seen", input="q3")]
    write(source, "", *good, "", line(benchmark="new", model="new"), bad, line(model="never"))
    with pytest.raises(ImportFailedError) as caught:
        import_results(db, source)
    message = str(caught.value)
    assert message.startswith(f"{source}:6: ")
    assert caught.value.line == 6
    for word in words:
        assert word in message
    assert len(message) < 300 + len(str(source))
    assert stored(db) == before
    # The database is as usable as before.
    assert import_results(db, write(source, *good)).answers == 2


def test_a_file_without_answers(db: Path, source: Path) -> None:
    for content in ([], ["", "  "]):
        with pytest.raises(ImportFailedError, match=r"answers.jsonl: there are no answers"):
            import_results(db, write(source, *content))
    assert not any(stored(db).values())


def test_a_file_that_is_not_there(db: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "nope.jsonl", tmp_path):
        with pytest.raises(ImportFailedError, match=r"can't be read|no files"):
            import_results(db, path)


def test_a_line_longer_than_the_limit(
    db: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 1000)
    write(source, line(), line(model="two", input="x" * 1000))
    with pytest.raises(ImportFailedError, match=r":2: longer than the limit of 1000 bytes"):
        import_results(db, source)
    assert not any(stored(db).values())


def test_all_the_real_answers_arrive(db: Path, source: Path) -> None:
    data = require_shared("data", "gsm8k", "example_model_solutions.jsonl")
    problems = [json.loads(text) for text in data.read_text().splitlines()]
    names = [key for key in problems[0] if key not in ("question", "ground_truth")]
    write(
        source,
        *[
            line(
                benchmark="gsm8k",
                model=name,
                input=problem["question"],
                truth=problem["ground_truth"],
                result=problem[name]["solution"],
                score=float(problem[name]["is_correct"]),
            )
            for name in names
            for problem in problems
        ],
    )
    summary = import_results(db, source)
    counted = {e.model_key: (e.correct, e.total) for e in summary.evaluations}
    assert counted == {
        "6b_finetuning": (286, 1319),
        "6b_verification": (515, 1319),
        "175b_finetuning": (458, 1319),
        "175b_verification": (742, 1319),
    }
    with read(db) as connection:
        texts = []
        for page in (1, 2, 3):
            query = {"page": page, "page_size": 500}
            data_page = public_catalogue.list_prompts(connection, summary.benchmarks[0].id, query)
            assert data_page is not None
            texts += [prompt["input"] for prompt in data_page["prompts"]]
    assert texts == [problem["question"] for problem in problems]
