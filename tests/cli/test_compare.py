"""``benchwire compare``, ``matrix`` and ``plan``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchwire
from benchwire.analysis import ComparisonStatistics, Difference, report, statistics
from benchwire.cli.gate import Gate
from cli.conftest import Run
from support.answers import AnswersService, Scores

BENCHMARK = "682bddc1e014f9fa440f8a91"
MODELS = ["sample/gpt-style-sample-l", "sample/claude-style-sample"]
PAIR = ["compare", *MODELS, "--benchmark", BENCHMARK]
KEYS = [
    "benchmark", "model_1", "model_2", "n_paired", "only_1_answered", "only_2_answered", "unscored",
    "table", "accuracy_1", "accuracy_2", "difference", "test", "detectable_difference",
    "standard_error", "sampled", "warnings", "summary",
]  # fmt: skip


@pytest.fixture
def result(client: benchwire.PublicClient) -> ComparisonStatistics:
    return client.comparisons.statistics(
        benchmark_key=str(client.benchmarks.get(ids=[BENCHMARK]).datasets[0].key),
        model_key_1=MODELS[0],
        model_key_2=MODELS[1],
    )


def test_json_is_the_result(run: Run, result: ComparisonStatistics) -> None:
    found = json.loads(run(*PAIR, "--format", "json").stdout)
    assert list(found) == KEYS
    assert found["table"] == result.to_dict()["table"]
    assert found["difference"] == pytest.approx(result.to_dict()["difference"])


def test_models_by_name_and_evaluations_by_id_are_the_same(
    run: Run, result: ComparisonStatistics
) -> None:
    by_ids = run(
        "compare", result.evaluation_id_1, result.evaluation_id_2, "--fields", "table.both"
    )
    assert by_ids.stdout == f"field\tvalue\ntable.both\t{result.table.both}\n"
    assert run(*PAIR, "--fields", "table.both").stdout == by_ids.stdout


@pytest.mark.parametrize("items", ["differ", "only-1", "only-2", "both-fail", "all"])
def test_items_are_those_of_the_table(run: Run, result: ComparisonStatistics, items: str) -> None:
    done = run(*PAIR, "--items", items, "--limit", "0", "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    right = [(row["score1"] > 0.5, row["score2"] > 0.5) for row in rows]
    counts = {
        "only-1": right.count((True, False)),
        "only-2": right.count((False, True)),
        "both-fail": right.count((False, False)),
    }
    table = result.table
    wanted = {"only-1": table.only_1, "only-2": table.only_2, "both-fail": table.neither}
    kinds = {"differ": ["only-1", "only-2"], "all": list(wanted)}.get(items, [items])
    assert counts == {kind: wanted[kind] if kind in kinds else 0 for kind in wanted}
    total = sum(wanted[kind] for kind in kinds) + (table.both if items == "all" else 0)
    assert len(rows) == total
    if total > 1:
        cut = run(*PAIR, "--items", items, "--limit", "1")
        assert f"1 of {total} shown" in cut.stderr


def test_items_without_a_score_are_among_all(run: Run, scripted: Any) -> None:
    scores: list[Scores] = [{1: 1.0, 2: 0.0, 3: None}, {1: 1.0, 2: 1.0, 3: 1.0}]
    url = scripted(AnswersService(scores)).url + "/api/v1"
    arguments = ("compare", "e1", "e2", "--items", "all", "--limit")
    whole = run(*arguments, "3", "--format", "jsonl", LAYERLENS_STRATIX_BASE_URL=url)
    assert (len(whole.stdout.splitlines()), "shown" in whole.stderr) == (3, False)
    assert "2 of 3 shown" in run(*arguments, "2", LAYERLENS_STRATIX_BASE_URL=url).stderr


def test_the_rendering_of_a_person_begins_with_the_sentence(run: Run) -> None:
    shown = run(*PAIR, "--format", "table").stdout
    assert "is not decided by these items" in shown.splitlines()[0]
    assert "difference" in shown


@pytest.mark.parametrize(
    ("condition", "status"), [("worse", 0), ("worse-by=5", 0), ("not-better", 3)]
)
def test_a_gate_sets_the_status(run: Run, condition: str, status: int) -> None:
    done = run(*PAIR, "--fail-if", condition)
    assert done.exit_code == status
    assert f"gate {condition}: {'failed' if status else 'passed'}: " in done.stderr


bounds = st.floats(-1, 1, allow_nan=False)


@given(bounds, bounds, st.sampled_from(["worse", "not-better", "worse-by=2", "worse-by=0.5"]))
def test_sentence_and_status_come_from_one_number(a: float, b: float, condition: str) -> None:
    low, high = min(a, b), max(a, b)
    result: Any = _Result(Difference((low + high) / 2, low, high, 0.95, "x"))
    passed, sentence = Gate.parse(condition).judge(result)
    margin = {"worse-by=2": -0.02, "worse-by=0.5": -0.005}.get(condition, 0.0)
    if abs((low if condition == "not-better" else high) - margin) > 1e-12:
        assert passed == (low > 0 if condition == "not-better" else high >= margin)
    found = re.fullmatch(
        r"gate (.+): (\w+): the \w+ limit of the difference, (.+), is .+", sentence
    )
    assert found is not None
    assert found[2] == ("passed" if passed else "failed")


class _Result:
    unit = "points"

    def __init__(self, difference: Difference) -> None:
        self.difference = difference


def test_a_plan_is_the_sample_size(run: Run, result: ComparisonStatistics) -> None:
    items = statistics.sample_size(0.03, discordance=0.27)
    shown = run("plan", "--difference", "3", "--discordance", "0.27", "--format", "quiet")
    assert items <= int(shown.stdout) < items + 1
    like = ["--from", result.evaluation_id_1, result.evaluation_id_2]
    planned = json.loads(run("plan", "--difference", "5", *like, "--format", "json").stdout)
    share = (result.table.only_1 + result.table.only_2) / result.n_paired
    assert planned["discordance"] == pytest.approx(share)


def test_a_matrix_is_the_result(run: Run, client: benchwire.PublicClient) -> None:
    done = run("matrix", "--benchmark", BENCHMARK, "--top", "3", "--format", "json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    names = [one["model"] for one in found["models"]]
    assert len(names) == 3
    wanted = client.comparisons.matrix([BENCHMARK], names)
    assert found["tiers"] == [list(tier) for tier in wanted.tiers]
    named = [part for name in names for part in ("--model", name)]
    listed = run("matrix", "--benchmark", BENCHMARK, *named, "--format", "quiet")
    assert listed.stdout.split() == names
    assert "seed 0" in listed.stderr
    tiers = run("matrix", "--benchmark", BENCHMARK, *named, "--tiers").stdout.splitlines()
    assert tiers[1:] == [
        f"{number}\t{', '.join(tier)}" for number, tier in enumerate(wanted.tiers, start=1)
    ]
    based = run("matrix", "--benchmark", BENCHMARK, "--top", "2", "--baseline", names[2])
    assert f"against {names[2]}: " in based.stderr


def test_a_matrix_needs_models(run: Run) -> None:
    assert run("matrix", "--benchmark", BENCHMARK).exit_code == 2
    assert run("matrix", "--benchmark", BENCHMARK, "--model", "m", "--top", "3").exit_code == 2
    assert run("matrix", "--benchmark", BENCHMARK, "--model", MODELS[0]).exit_code == 2


def test_reports_are_those_of_the_analysis(
    run: Run, client: benchwire.PublicClient, result: ComparisonStatistics, tmp_path: Path
) -> None:
    rows = client.comparisons.iter_results(result.evaluation_id_1, result.evaluation_id_2)
    done = run(*PAIR, "--items", "only-1", "--report", "pair.html", "--fail-if", "worse")
    assert "report: pair.html" in done.stderr
    page = (tmp_path / "pair.html").read_text("utf-8")
    assert page.count("<details") == report(result, items=rows).count("<details") == result.n_paired
    named = [part for name in MODELS for part in ("--model", name)]
    matrix = ["matrix", "--benchmark", BENCHMARK, *named, "--report"]
    assert run(*matrix, "matrix.html").exit_code == 0
    assert "Every pair" in (tmp_path / "matrix.html").read_text("utf-8")
    failed = run(*matrix, "absent/matrix.html")
    assert failed.exit_code == 1
    assert "the report was not written" in failed.stderr
