"""The bundled sample: enough of it, right where it claims to be, the same everywhere, and marked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchwire_local.data import SCHEMAS, public_tables
from benchwire_local.data.database import Database
from benchwire_local.errors import DatabaseError
from benchwire_local.sample import load_sample
from benchwire_local.server import LocalServer
from benchwire_local.settings import Settings
from local.sample.solvers import solve

DIGEST = """
import hashlib
from benchwire_local.data.database import Database
from benchwire_local.sample import load_sample
from benchwire_local.data import SCHEMAS
db = Database(None, SCHEMAS)
load_sample(db)
with db.read() as connection:
    print(hashlib.sha256("\\n".join(connection.iterdump()).encode()).hexdigest())
"""
BENCHMARK = "682bddc1e014f9fa440f8a91"
MODELS = "699f9761e014f9c3072b0513", "699f9761e014f9c3072b0512"


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    database = Database(None, SCHEMAS)
    load_sample(database)
    yield database
    database.close()


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with (
        LocalServer(Settings(api_key="k")) as server,
        httpx.Client(base_url=server.url, headers={"x-api-key": "k"}, trust_env=False) as client,
    ):
        yield client


def _rows(db: Database, sql: str, *values: object) -> list[Any]:
    with db.read() as connection:
        return [tuple(row) for row in connection.execute(sql, values)]


def _get(http: httpx.Client, path: str, **query: Any) -> Any:
    response = http.get(path, params=query or None)
    assert response.status_code == 200, response.text
    return response.json()


def test_every_truth_is_what_the_prompt_asks_for(db: Database) -> None:
    prompts = _rows(db, "SELECT input, input_is_json, truth FROM public_prompts")
    assert len(prompts) == 1470
    for text, is_json, truth in prompts:
        assert solve(public_tables.decode_input(text, is_json)) == truth, text


def test_prompts_come_in_all_three_forms_and_never_twice(db: Database) -> None:
    per_benchmark = _rows(
        db, "SELECT benchmark_pk, count(*), count(DISTINCT input) FROM public_prompts GROUP BY 1"
    )
    assert len(per_benchmark) == 6
    for _, count, distinct in per_benchmark:
        assert 200 <= count == distinct <= 400
    inputs = _rows(db, "SELECT input, input_is_json FROM public_prompts")
    forms = {type(public_tables.decode_input(*row)) for row in inputs}
    assert forms == {str, list, dict}


def test_every_pair_has_a_successful_evaluation_with_a_result_for_each_prompt(
    db: Database,
) -> None:
    successful = _rows(
        db,
        "SELECT model_pk, benchmark_pk, summary IS NOT NULL, (SELECT count(*) FROM public_results "
        "WHERE evaluation_pk = e.pk) - (SELECT count(*) FROM public_prompts p WHERE "
        "p.benchmark_pk = e.benchmark_pk) FROM public_evaluations e WHERE status = 'success'",
    )
    assert {row[:2] for row in successful} == set(product(range(1, 11), range(1, 7)))
    assert len(successful) == 63  # three pairs have an earlier run
    assert all(has_summary and missing == 0 for _, _, has_summary, missing in successful)


def test_all_statuses_occur(db: Database) -> None:
    statuses = {row[0] for row in _rows(db, "SELECT DISTINCT status FROM public_evaluations")}
    assert statuses == {
        *("pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled"),
    }
    without = _rows(
        db, "SELECT count(*) FROM public_evaluations WHERE status <> 'success' AND accuracy >= 0"
    )
    assert without == [(0,)]


def test_right_answers_say_the_truth_and_wrong_ones_do_not(db: Database) -> None:
    results = _rows(
        db,
        "SELECT result, truth, score FROM public_results JOIN public_prompts p ON p.pk=prompt_pk",
    )
    phrases = ("{}", "{}.", "The answer is {}.", "Answer: {}")
    unanswered = 0
    for result, truth, score in results:
        said = result in {phrase.format(truth) for phrase in phrases}
        assert said == (score == 1), (result, truth, score)
        unanswered += result is None
    assert 0 < unanswered < len(results) * 0.01


def test_models_differ(db: Database) -> None:
    for column, least in (
        *(("company", 5), ("region", 3), ("license", 3), ("size", 4), ("deprecated", 2)),
        *(("architecture_type", 2), ("open_weights", 2), ("released_at", 10), ("modality", 2)),
        *(("context_length", 5), ("cost_per_input_token", 5)),
    ):
        sql = f"SELECT count(DISTINCT {column}) FROM public_models"
        assert _rows(db, sql)[0][0] >= least, column
    shares = _rows(
        db, "SELECT avg(accuracy) FROM public_evaluations WHERE accuracy >= 0 GROUP BY model_pk"
    )
    assert min(shares)[0] < 60 < 90 < max(shares)[0]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("public_models", "name"), ("public_benchmarks", "name"), ("v2_types", "name")),
        *(("v2_models", "name"), ("v2_probes", "name"), ("v0_benchmarks", "display_name")),
    ],
)
def test_names_say_that_it_is_sample_data(db: Database, table: str, column: str) -> None:
    names = [row[0] for row in _rows(db, f"SELECT {column} FROM {table}")]
    assert names
    assert all(name.endswith("(sample data)") for name in names), names


def test_v2_has_types_models_runs_and_verdicts(db: Database) -> None:
    assert _rows(db, "SELECT count(*) FROM v2_types")[0][0] >= 2
    models = _rows(db, "SELECT count(*) FROM v2_models")[0][0]
    assert models >= 6
    assert len(_rows(db, "SELECT DISTINCT model_id, type_id FROM v2_runs")) == 2 * models
    per_run = _rows(
        db, "SELECT count(*), sum(result = 'passed') FROM v2_test_cases GROUP BY run_id"
    )
    assert len(per_run) == _rows(db, "SELECT count(*) FROM v2_runs")[0][0]
    assert {count for count, _ in per_run} == {16}
    assert len({passed for _, passed in per_run}) > 4
    ends = _rows(db, "SELECT result, count(*) FROM v2_test_cases GROUP BY result")
    assert {result for result, _ in ends} == {"passed", "failed", "error"}
    assert dict(ends)["error"] == 1


def test_v2_has_messages_whose_parts_are_no_texts(db: Database) -> None:
    conversations = _rows(db, "SELECT conversation FROM v2_test_cases")
    contents = [m["content"] for (text,) in conversations for m in json.loads(text)]
    assert {type(content) for content in contents} == {str, list, type(None)}


def test_v0_has_labelled_needles_and_hay(db: Database) -> None:
    counts = _rows(
        db,
        "SELECT b.labels, count(c.label), count(*), count(DISTINCT messages), count(DISTINCT label)"
        " FROM v0_benchmarks b JOIN v0_conversations c ON c.benchmark_id = b.id GROUP BY b.id",
    )
    assert len(counts) == 3
    for labels, needles, total, distinct, used in counts:
        assert needles >= 60
        assert total - needles >= 200
        assert distinct == total
        assert used == labels.count(",") + 1


def test_it_goes_into_an_empty_database_only(db: Database) -> None:
    before = _rows(db, "SELECT count(*) FROM public_results")
    with pytest.raises(DatabaseError, match="empty"):
        load_sample(db)
    assert _rows(db, "SELECT count(*) FROM public_results") == before


def test_a_fault_leaves_the_database_empty(tmp_path: Path) -> None:
    database = Database(tmp_path / "data.db", SCHEMAS)
    with database.write() as connection:
        connection.execute("DROP TABLE v0_conversations")
    with pytest.raises(Exception, match="v0_conversations"):
        load_sample(database)
    assert _rows(database, "SELECT count(*) FROM public_models") == [(0,)]
    database.close()


def test_every_process_makes_the_same_sample() -> None:
    def digest(hash_seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", DIGEST]
        return subprocess.check_output(command, env=environment, text=True)

    assert digest("1") == digest("2")


def test_the_queries_of_the_reference_find_something(http: httpx.Client) -> None:
    query = {"companies": "OpenAI", "sort_by": "releasedAt", "order": "desc"}
    assert _get(http, "/api/v1/models", **query)["total_count"] == 2
    assert _get(http, "/api/v1/models", query="claude")["total_count"] == 1
    assert _get(http, "/api/v1/datasets", query="mmlu")["total_count"] == 1
    english = _get(http, "/api/v1/datasets", languages="English")["total_count"]
    assert english == 4  # of six, one is German and one deprecated


def test_the_ids_of_the_reference_exist(http: httpx.Client) -> None:
    for name in ("eval_abc123", "eval_12345", "eval_abc123xyz", "699f1426c1212b2d9c78e947"):
        evaluation = _get(http, f"/api/v1/evaluations/{name}")
        assert evaluation["summary"]["goal"]
        assert len(evaluation["summary"]["analysis_summary"]["key_takeaways"]) >= 2
    prompts = _get(http, f"/api/v1/datasets/{BENCHMARK}/prompts", page_size=1)
    assert prompts["data"]["count"] == 240
    pairs = [
        ("eval-abc", "eval-def"),
        ("699f9938a03d70bf6607081f", "699f991ca782d00ebd666ba1"),
    ]
    for one, other in pairs:
        comparison = _get(
            http, "/api/v1/results/comparison", evaluation_id_1=one, evaluation_id_2=other
        )
        assert comparison["total_results_1"] == comparison["total_results_2"] == 240
        assert comparison["correct_count_1"] != comparison["correct_count_2"]


def test_two_models_of_the_reference_can_be_compared(http: httpx.Client) -> None:
    path = f"/api/v1/evaluations?models={','.join(MODELS)}&datasets={BENCHMARK}&unique=true"
    latest = _get(http, path)["evaluations"]
    successful = _get(http, f"{path}&status=success")["evaluations"]
    assert {each["model_id"] for each in latest} == set(MODELS)
    assert {each["model_id"] for each in successful} == set(MODELS)
    # The latest evaluation of one of them failed: looking at the status last would miss it.
    assert {each["status"] for each in latest} == {"success", "failure"}
