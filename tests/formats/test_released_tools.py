"""Logs of runs of released tools with tasks of ours, which `released/make.py` wrote."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire.local import ImportFailedError, import_results, read_results
from support.eval_logs import read

if sys.version_info >= (3, 14):
    import zipfile
else:
    from backports.zstd import zipfile

FOLDER = Path(__file__).with_name("released")
LM_EVAL, INSPECT, PROMPTFOO = FOLDER / "lm-eval", FOLDER / "inspect", FOLDER / "promptfoo"
OPENAI_EVALS, HELM = FOLDER / "openai-evals", FOLDER / "helm"


def inspect_file(name: str, model: str = "model") -> Path:
    """Return the log of a task; the file of the other model comes later."""
    files = sorted(INSPECT.glob(f"*_{name}_*"))
    return files[-1 if model == "other" else 0]


def header(path: Path) -> dict[str, Any]:
    if path.suffix == ".json":
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    else:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read("header.json"))
    return found


def mean_of(rows: list[Any]) -> float:
    scores = [row.score for row in rows if row.status == "scored"]
    return sum(scores) / len(scores)


@pytest.mark.parametrize("model", ["dummy-1", "dummy-2"])
@pytest.mark.parametrize(
    ("task", "filter", "metric"),
    [
        ("own_choices", "none", "acc"),
        ("own_choices", "none", "acc_norm"),
        ("own_filters", "strict", "exact_match"),
        ("own_filters", "loose", "exact_match"),
    ],
)
def test_the_figures_are_those_of_the_harness(
    model: str,
    task: str,
    filter: str,  # noqa: A002  the word of the tool
    metric: str,
) -> None:
    (path,) = (LM_EVAL / model).glob(f"samples_{task}_*")
    (results,) = (LM_EVAL / model).glob("results_*")
    rows, found = read(path, filter=filter, metric=metric)
    stated = json.loads(results.read_text("utf-8"))["results"][task]
    assert mean_of(rows) == pytest.approx(stated[f"{metric},{filter}"])
    assert len(rows) == stated["sample_len"] == 6
    assert {row.benchmark for row in rows} == {task if filter == "none" else f"{task}/{filter}"}
    assert {row.model for row in rows} == {model}
    assert found.reports[0].notes == []


def test_the_metrics_and_filters_of_the_harness_have_to_be_chosen() -> None:
    for task, options, words in (
        ("own_choices", {}, "has 2 metrics: acc, acc_norm"),
        ("own_filters", {}, "has 2 filters: strict, loose"),
        ("own_perplexity", {"metric": "perplexity"}, "perplexity: lower is better"),
    ):
        (path,) = (LM_EVAL / "dummy-1").glob(f"samples_{task}_*")
        with pytest.raises(ImportFailedError, match=words):
            read(path, **options)


@pytest.mark.parametrize("model", ["model", "other"])
@pytest.mark.parametrize("metric", ["match", "graded", "parts.fluent", "parts.right"])
def test_the_figures_are_those_of_inspect(metric: str, model: str) -> None:
    path = inspect_file("epochs", model)
    rows, _ = read(path, metric=metric)
    name = metric.rpartition(".")[2]
    (stated,) = [one for one in header(path)["results"]["scores"] if one["name"] == name]
    figures = stated["metrics"]
    value = (figures.get("mean") or figures.get("accuracy"))["value"]
    assert mean_of(rows) == pytest.approx(value)
    assert len(rows) == 12
    assert (
        len({row.prompt_id for row in rows if row.status == "scored"}) == stated["scored_samples"]
    )
    assert sum(row.status == "unscored" for row in rows) == 3 * stated["unscored_samples"]
    assert {row.epoch for row in rows} == {1, 2, 3}
    assert {row.cluster for row in rows} == {"0", "1", "2", "3"}


@pytest.mark.parametrize(
    ("name", "model", "counts"),
    [
        ("failing", "model", (3, 1)),
        ("failing", "other", (3, 1)),
        ("stopped", "model", (3, 1)),
        ("choices", "model", (2, 0)),
    ],
)
def test_a_failed_sample_of_inspect_has_no_score(
    name: str, model: str, counts: tuple[int, int]
) -> None:
    path = inspect_file(name, model)
    rows, found = read(path)
    assert tuple(sum(row.status == one for row in rows) for one in ("scored", "error")) == counts
    stated = (header(path).get("results") or {}).get("scores")
    if stated:
        assert mean_of(rows) == pytest.approx(stated[0]["metrics"]["accuracy"]["value"])
    notes = ["stopped of mockllm/model: the status of the run is 'error'"]
    assert found.reports[0].notes == (notes if name == "stopped" else [])


def test_the_models_pair_in_a_database(tmp_path: Path) -> None:
    db = tmp_path / "d.db"
    done = import_results(
        [LM_EVAL, INSPECT],
        db,
        metric=["acc", "match", "choice", "exact_match"],
        filter=["strict", "none"],
    )
    assert (done.errors, done.averaged) == (3, 8)
    keys = {(one.benchmark_key, one.model_key) for one in done.evaluations}
    assert {key for key, _ in keys} == {
        "own_choices", "own_filters/strict", "own_perplexity", "epochs", "failing", "stopped", "choices",
    }  # fmt: skip
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        compare = client.comparisons.statistics
        assert compare("own_choices", "dummy-1", "dummy-2").n_paired == 6
        assert compare("failing", "mockllm/model", "mockllm/other").n_paired == 3
        epochs = compare("epochs", "mockllm/model", "mockllm/other")
        assert (epochs.n_paired, epochs.table.both) == (4, 3)
    answers = [row for row in read_results(db) if row.benchmark == "epochs"]
    assert len(answers) == 24


def promptfoo_columns(path: Path) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return each column of an export: what the tool says of it, and its results."""
    results = json.loads(path.read_text("utf-8"))["results"]
    return [
        (column, [one for one in results["results"] if one["promptIdx"] == index])
        for index, column in enumerate(results["prompts"])
    ]


@pytest.mark.parametrize("name", ["sums", "repeated"])
@pytest.mark.parametrize("metric", ["success", "score"])
def test_the_figures_are_those_of_promptfoo(name: str, metric: str) -> None:
    path = PROMPTFOO / f"{name}.json"
    rows, found = read(path, metric=metric)
    models = list(dict.fromkeys(promptfoo_models(path)))
    assert {row.model for row in rows} == set(models)
    for model, (column, results) in zip(models, promptfoo_columns(path), strict=True):
        stated = column["metrics"]
        own = [row for row in rows if row.model == model]
        without = sum(not one["testCase"]["assert"] for one in results)
        assert len(own) == len(results)
        assert sum(row.status == "error" for row in own) == stated["testErrorCount"]
        assert sum(row.status == "unscored" for row in own) == without
        # promptfoo gives a point to each test without assertions.
        total = stated["testPassCount" if metric == "success" else "score"] - without
        assert sum(row.score for row in own if row.status == "scored") == pytest.approx(total)
    assert not [note for note in found.reports[0].notes if "the file states" in note]
    assert found.reports[0].version == "export 3, 0.121.20"


def promptfoo_models(path: Path) -> list[str]:
    if path.stem == "sums":
        return [
            f"{one} [{prompt}]"
            for one in ("echo", "careful", "careless")
            for prompt in ("short", "long")
        ]
    return [f"file://promptfoo_provider.mjs{end}" for end in ("", " [#2]")]


def test_repetitions_of_promptfoo_are_answers_to_one_prompt() -> None:
    rows, found = read(PROMPTFOO / "repeated.json")
    (first, second) = promptfoo_models(PROMPTFOO / "repeated.json")
    assert any(f"{first}: is in the file with several" in one for one in found.reports[0].notes)
    for model in (first, second):
        epochs: dict[str, list[int]] = {}
        for row in sorted((row for row in rows if row.model == model), key=lambda row: row.epoch):
            epochs.setdefault(row.prompt_id, []).append(row.epoch)
            assert row.cluster == row.prompt_id
        assert epochs == {"0": [1, 2], "1": [1, 2], "4": [1, 2, 3], "7": [1, 2]}
    assert {row.input for row in rows if row.prompt_id == "1"} == {"7 + 1?"}


def test_the_truth_of_promptfoo_has_the_variables_also_of_what_failed() -> None:
    rows, _ = read(PROMPTFOO / "sums.json")
    truths = {
        (row.model, row.status): row.truth for row in rows if row.metadata == {"a": 1, "b": 4}
    }
    assert {status for _, status in truths} == {"scored", "error"}
    assert set(truths.values()) == {"1 + 4"}


def test_two_models_of_promptfoo_pair(tmp_path: Path) -> None:
    db = tmp_path / "d.db"
    done = import_results([PROMPTFOO], db)
    assert (done.errors, done.unscored) == (7, 6)
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        compare = client.comparisons.statistics
        sums = compare("Sums", "careful [short]", "careless [short]")
        # Of five prompts, one has no assertions, and of two one of the models failed.
        assert (sums.n_paired, sums.table.both, sums.table.only_1) == (2, 1, 1)
        first, second = promptfoo_models(PROMPTFOO / "repeated.json")
        assert compare("Repeated sums", first, second).n_paired == 3


@pytest.mark.parametrize("model", ["careful", "careless"])
@pytest.mark.parametrize(
    ("name", "metric", "stated"),
    [
        ("match", "match", "accuracy"),
        ("includes", "match", "accuracy"),
        ("fuzzy", "match", "accuracy"),
        ("fuzzy", "accuracy", "accuracy"),
        ("fuzzy", "f1_score", "f1_score"),
        ("json", "match", "accuracy"),
        ("graded", "score", "score"),
    ],
)
def test_the_figures_are_those_of_openai_evals(
    model: str, name: str, metric: str, stated: str
) -> None:
    path = OPENAI_EVALS / f"{model}_sums-{name}.jsonl"
    rows, found = read(path, metric=metric)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    (report,) = (line["final_report"] for line in lines if "final_report" in line)
    assert mean_of(rows) == pytest.approx(report[stated])
    assert 0 < mean_of(rows) < 1
    assert sorted(row.prompt_id for row in rows) == [f"sums-{name}.test.{n}" for n in range(5)]
    assert {row.status for row in rows} == {"scored"}
    assert (found.reports[0].version, found.reports[0].notes) == ("2026-01-02", [])
    # Of a model that is graded by another one, the first request has the prompt.
    by_id = {row.prompt_id[-1]: row for row in rows}
    assert (by_id["0"].input, by_id["0"].result) == ("What is 0 + 1?", "12"[model == "careless"])
    assert by_id["1"].input[0] == {"role": "system", "content": "Add."}


def test_logs_of_openai_evals_without_prompts_and_of_a_run_that_failed() -> None:
    for name in ("silent_sums-match", "dummy_sums-includes"):
        rows, found = read(OPENAI_EVALS / f"{name}.jsonl")
        assert [row.status for row in rows] == ["scored"] * 5
        assert {row.input for row in rows} == {row.prompt_id for row in rows}
        assert "5 prompts are not in the log" in found.reports[0].notes[0]
    rows, found = read(OPENAI_EVALS / "failing_sums-match.jsonl")
    assert [row.status for row in rows] == ["scored"] * 2
    assert "has no final report: the run did not end" in found.reports[0].notes[0]


def test_two_models_of_openai_evals_pair(tmp_path: Path) -> None:
    db = tmp_path / "d.db"
    files = [*OPENAI_EVALS.glob("care*")]
    done = import_results(files, db, metric=["match", "score"])
    assert (len(done.evaluations), done.unscored, done.errors) == (10, 0, 0)
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        compare = client.comparisons.statistics
        for name in ("match", "includes", "fuzzy", "json", "graded"):
            end = ",own/grader" * (name == "graded")
            found = compare(
                benchmark_key=f"sums-{name}.test.v1",
                model_key_1=f"own/careful{end}",
                model_key_2=f"own/careless{end}",
            )
            assert (found.n_paired, found.table.only_1, found.table.only_2) == (5, 2, 0)
    # A log without prompts can't be told to be of the same data.
    with pytest.raises(ImportFailedError, match=r"sums-match\.test.* input"):
        import_results([OPENAI_EVALS / "silent_sums-match.jsonl"], db)


@pytest.mark.parametrize("model", ["careful", "careless"])
@pytest.mark.parametrize(
    ("name", "split", "metrics"),
    [
        ("own_choices", "test", ["exact_match", "quasi_exact_match", "prefix_exact_match"]),
        ("own_generation", "valid", ["exact_match", "quasi_exact_match", "prefix_exact_match"]),
        ("own_separate", "test", ["exact_match"]),
    ],
)
def test_the_figures_are_those_of_helm(
    name: str, split: str, metrics: list[str], model: str
) -> None:
    folder = HELM / f"{name}-split={split},model=own_{model}"
    for metric in metrics:
        rows, found = read(folder, metric=metric)
        plain = [row for row in rows if row.cluster is None]
        copies = {row.cluster for row in rows if row.cluster is not None}
        assert copies == ({row.prompt_id for row in plain} if name == "own_generation" else set())
        assert {(row.benchmark, row.model) for row in rows} == {
            (f"{name}:split={split}", f"own/{model}")
        }
        failed = [row.prompt_id for row in plain if row.status == "error"]
        assert failed == ["id2"] * (model == "careful")
        # HELM counts an answer that failed as one that is empty.
        stated, of_failed = helm_figures(folder, metric, split, failed)
        scored = sum(row.score for row in plain if row.status == "scored")
        assert (scored + of_failed) / len(plain) == pytest.approx(stated)
        assert len(plain) == 4
        assert (
            set(metrics) <= set(found.reports[0].metrics) <= {*metrics, "quasi_prefix_exact_match"}
        )
        notes = found.reports[0].notes
        assert len(notes) == (model == "careful" and name != "own_generation")
        assert all("the file states a mean of" in note for note in notes)
    methods = {"own_choices": "multiple_choice_joint", "own_generation": "generation"}
    version = methods.get(name, "multiple_choice_separate_original")
    assert found.reports[0].version == version  # HELM does not write its own
    assert {row.truth for row in rows if row.prompt_id == "id1"} == {"It is 2"}
    assert {row.result for row in plain} >= {"It is 7"}
    assert {row.duration_ms for row in rows if row.status == "scored"} <= {250.0, 500.0}


def helm_figures(folder: Path, metric: str, split: str, failed: list[str]) -> tuple[float, float]:
    """Return the mean that HELM states of a metric, and the sum of those of failed instances."""
    name = {"name": metric, "split": split}
    (stated,) = (
        one["mean"]
        for one in json.loads((folder / "stats.json").read_text("utf-8"))
        if one["name"] == name
    )
    instances = json.loads((folder / "per_instance_stats.json").read_text("utf-8"))
    of_failed = sum(
        stat["mean"]
        for one in instances
        if one["instance_id"] in failed and "perturbation" not in one
        for stat in one["stats"]
        if stat["name"] == name
    )
    return stated, of_failed


def test_two_models_of_helm_pair(tmp_path: Path) -> None:
    db = tmp_path / "d.db"
    done = import_results([HELM], db, metric="exact_match")
    assert (len(done.evaluations), done.errors) == (6, 4)
    assert read(HELM, metric="exact_match")[1].notes == []
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        for name, copies in (
            ("own_choices:split=test", 1),
            ("own_generation:split=valid", 2),
            ("own_separate:split=test", 1),
        ):
            found = client.comparisons.statistics(
                benchmark_key=name, model_key_1="own/careful", model_key_2="own/careless"
            )
            # Both models answer two of the three that neither failed on, or one of them.
            assert (found.n_paired, found.table.both) == (3 * copies, copies)
            assert (found.table.only_1, found.table.neither) == (copies, copies)
