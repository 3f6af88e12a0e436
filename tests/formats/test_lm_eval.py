"""Samples of lm-evaluation-harness, of each version and with each trap of the format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchwire.local import ImportFailedError
from support.eval_logs import (
    STAMP,
    json_file,
    json_lines,
    lm_eval_choice,
    lm_eval_results,
    lm_eval_row,
    lm_eval_run,
    read,
)

NONE = {"exact_match,none": 1.0}
TWO = {"exact_match,strict": 0.5, "exact_match,loose": 1.0, "exact_match_stderr,strict": 0.1}


def two_filters(label: bool) -> list[dict[str, Any]]:
    """Three docs, two filters: all rows of the first filter, then all of the second."""
    rows = [
        lm_eval_row(doc, filter=name, exact_match=float(name == "loose" or doc == 0))
        for name in ("strict", "loose")
        for doc in range(3)
    ]
    return rows if label else [drop(row, "filter", "metrics") for row in rows]


def drop(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in names}


def test_the_fields_of_an_answer(tmp_path: Path) -> None:
    path = lm_eval_run(tmp_path, "sums", [lm_eval_row(4)], lm_eval_results("sums", NONE, 1))
    (row,), results = read(path)
    assert (row.benchmark, row.model, row.prompt_id) == ("sums", "org/one", "4")
    assert (row.input, row.truth, row.result) == ("Q: 4 + 1?", "5", "5")
    assert (row.score, row.status, row.scorer, row.epoch) == (1.0, "scored", "exact_match", 1)
    assert row.metadata == {"question": "What is 4 + 1?", "level": "easy"}
    assert (row.source, row.line) == (str(path), 1)
    assert results.reports[0].notes == []


@pytest.mark.parametrize("label", [True, False], ids=["0.4.7", "0.4.3"])
def test_two_filters_are_an_error_until_one_is_named(tmp_path: Path, label: bool) -> None:
    path = lm_eval_run(tmp_path, "sums", two_filters(label), lm_eval_results("sums", TWO, 3))
    with pytest.raises(
        ImportFailedError, match="filter: sums has 2 filters: strict, loose; name one"
    ):
        read(path)
    with pytest.raises(ImportFailedError, match="has no filter other; it has: strict, loose"):
        read(path, filter="other")
    for name, scores in (("strict", [1.0, 0.0, 0.0]), ("loose", [1.0, 1.0, 1.0])):
        rows, _ = read(path, filter=name)
        assert [row.score for row in rows] == scores
        assert {row.benchmark for row in rows} == {f"sums/{name}"}
        assert [row.prompt_id for row in rows] == ["0", "1", "2"]


def test_two_filters_of_a_run_on_two_gpus(tmp_path: Path) -> None:
    """The rows of one follow those of the other: the first and the third doc, then the second."""
    rows = two_filters(label=False)
    order = [rows[n] for n in (0, 2, 3, 5, 1, 4)]
    path = lm_eval_run(tmp_path, "sums", order, lm_eval_results("sums", TWO, 3))
    for name, scores in (("strict", [1.0, 0.0, 0.0]), ("loose", [1.0, 1.0, 1.0])):
        found, _ = read(path, filter=name)
        assert [row.prompt_id for row in found] == ["0", "2", "1"]
        assert [row.score for row in found] == scores
    path = lm_eval_run(tmp_path, "sums", order[:-1], lm_eval_results("sums", TWO, 3))
    with pytest.raises(ImportFailedError, match="a prompt has 1 of them, for 2 filters"):
        read(path, filter="strict")


def test_two_filters_without_a_results_file(tmp_path: Path) -> None:
    path = lm_eval_run(tmp_path / "labelled", "sums", two_filters(True), None)
    with pytest.raises(ImportFailedError, match=r"model: .* name it \(--model\)"):
        read(path)
    with pytest.raises(ImportFailedError, match="2 filters: strict, loose"):
        read(path, model="one")
    assert len(read(path, model="one", filter="loose")[0]) == 3
    unlabelled = lm_eval_run(tmp_path / "unlabelled", "sums", two_filters(False), None)
    with pytest.raises(
        ImportFailedError, match=r":4: filter: a prompt has more rows than its task"
    ):
        read(unlabelled, model="one")


def test_two_metrics_are_an_error_until_one_is_named(tmp_path: Path) -> None:
    row = lm_eval_row(0, metrics=["acc", "acc_norm"], acc=1.0, acc_norm=0.0)
    path = lm_eval_run(tmp_path, "sums", [row], lm_eval_results("sums", {"acc,none": 1.0}, 1))
    with pytest.raises(ImportFailedError, match="metric: sums has 2 metrics: acc, acc_norm; name"):
        read(path)
    with pytest.raises(ImportFailedError, match="has no metric f1; it has: acc, acc_norm"):
        read(path, metric="f1")
    assert read(path, metric=["f1", "acc_norm"])[0][0].score == 0.0
    rows, results = read(path, survey=True)
    assert len(rows) == 1
    assert results.reports[0].metrics == ["acc", "acc_norm"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (999, "is 999, the mark of a metric that was bypassed"),
        ([1, 0], "its value is an array: it is aggregated over the whole task"),
        (12.5, "must be from 0 to 1 to be a score, not 12.5"),
        (float("inf"), "must be from 0 to 1 to be a score, not inf"),
        (-0.5, "must be from 0 to 1"),
        ("right", "must be a number, not 'right'"),
        ("1.5", "must be from 0 to 1 to be a score, not 1.5"),
    ],
)
def test_a_metric_that_is_no_score_is_refused_by_name(
    tmp_path: Path, value: Any, reason: str
) -> None:
    rows = [lm_eval_row(0), lm_eval_row(1, exact_match=value)]
    path = lm_eval_run(tmp_path, "sums", rows, lm_eval_results("sums", NONE, 2))
    with pytest.raises(ImportFailedError, match=rf"jsonl:2: exact_match: .*{reason}"):
        read(path)


METRICS = [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": False}]


@pytest.mark.parametrize(
    "stated",
    [
        {"higher_is_better": {"sums": {"exact_match": False}}},
        # As up to 0.4.2.
        {"higher_is_better": None, "configs": {"sums": {"task": "sums", "metric_list": METRICS}}},
    ],
)
def test_a_metric_of_which_less_is_better_is_refused(
    tmp_path: Path, stated: dict[str, Any]
) -> None:
    results = lm_eval_results("sums", NONE, 1) | stated
    path = lm_eval_run(tmp_path, "sums", [lm_eval_row(0)], results)
    with pytest.raises(ImportFailedError, match="exact_match: lower is better in it"):
        read(path)


@pytest.mark.parametrize("value", [float("nan"), None, "absent"], ids=str)
def test_an_answer_without_a_score_is_unscored_and_no_zero(tmp_path: Path, value: Any) -> None:
    bare = lm_eval_row(1, exact_match=value)
    rows = [lm_eval_row(0), drop(bare, "exact_match") if value == "absent" else bare]
    path = lm_eval_run(tmp_path, "sums", rows, lm_eval_results("sums", NONE, 2))
    found, results = read(path)
    assert [(row.score, row.status) for row in found] == [(1.0, "scored"), (None, "unscored")]
    (tally,) = results.reports[0].evaluations.values()
    assert (tally.unscored, tally.mean) == (1, 1.0)


def test_values_of_numpy_are_texts_and_scores_all_the_same(tmp_path: Path) -> None:
    """What the harness made of its truth values and of its floats of 32 bits."""
    texts = {"True": 1.0, "False": 0.0, "0.6666667": 0.6666667, "nan": None}
    rows = [lm_eval_row(n, exact_match=text) for n, text in enumerate(texts)]
    path = lm_eval_run(
        tmp_path, "sums", rows, lm_eval_results("sums", {"exact_match,none": "0.9"}, 4)
    )
    found, results = read(path)
    assert [row.score for row in found] == list(texts.values())
    (note,) = results.reports[0].notes
    assert "0.9" in note


def test_a_choice_is_the_likeliest_and_the_target_its_index(tmp_path: Path) -> None:
    rows = [lm_eval_choice(0, [-3.0, -1.0, -2.0]), lm_eval_choice(1, [-1.0, -3.0, -2.0])]
    results = lm_eval_results("sums", {"acc,none": 1.0}, 2)
    found, _ = read(lm_eval_run(tmp_path, "sums", rows, results))
    assert [(row.truth, row.result) for row in found] == [
        ("choice 1", "choice 1"), ("choice 1", "choice 0"),
    ]  # fmt: skip


def test_choices_asked_again_without_the_prompt_are_no_choices(tmp_path: Path) -> None:
    row = lm_eval_choice(0, [-3.0, -1.0, -0.5, -0.1])
    for n in (2, 3):
        row["arguments"][f"gen_args_{n}"] = {"arg_0": "", "arg_1": f" choice {n - 2}"}
    found, _ = read(
        lm_eval_run(tmp_path, "sums", [row], lm_eval_results("sums", {"acc,none": 1}, 1))
    )
    assert (found[0].truth, found[0].result) == ("choice 1", "choice 1")


def test_choices_before_one_continuation(tmp_path: Path) -> None:
    """As in winogrande, where the choice is part of the context."""
    row = lm_eval_choice(0, [-3.0, -1.0])
    for n, name in enumerate(("Ann", "Bob")):
        row["arguments"][f"gen_args_{n}"] = {"arg_0": f"It was {name}", "arg_1": " who won."}
    found, _ = read(
        lm_eval_run(tmp_path, "sums", [row], lm_eval_results("sums", {"acc,none": 1}, 1))
    )
    assert (found[0].truth, found[0].result) == ("It was Bob", "It was Bob")
    assert found[0].input == {"choices": ["It was Ann", "It was Bob"], "continuation": " who won."}


def test_messages_of_a_chat_template(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "1 + 1?"}]
    arguments = {"gen_args_0": {"arg_0": json.dumps(messages), "arg_1": {}}}
    rows = [lm_eval_row(0, arguments=arguments)]
    rows.append(lm_eval_row(1, arguments={"gen_args_0": {"arg_0": "[{ is no JSON", "arg_1": {}}}))
    path = lm_eval_run(tmp_path, "sums", rows, lm_eval_results("sums", NONE, 2))
    assert [row.input for row in read(path)[0]] == [messages, "[{ is no JSON"]


def test_repeats_are_one_answer(tmp_path: Path) -> None:
    row = lm_eval_row(0, resps=[["lol", "lol"]], filtered_resps=[["lol", "rofl"]], exact_match=0.5)
    path = lm_eval_run(
        tmp_path, "sums", [row], lm_eval_results("sums", {"exact_match,none": 0.5}, 1)
    )
    (found,), _ = read(path)
    assert (found.score, found.result) == (0.5, '["lol","rofl"]')


def old_rows() -> list[dict[str, Any]]:
    return [
        drop(
            lm_eval_row(doc, target=doc, arguments=[[f"Q{doc}", {"until": ["\n"]}]]),
            "filter", "metrics", "doc_hash",
        )
        for doc in range(2)
    ]  # fmt: skip


def test_an_array_of_0_4_0(tmp_path: Path) -> None:
    results = {
        "results": {"my_sums": {"exact_match,none": 1.0}, "sums": {"exact_match,none": 0.0}},
        "config": {"model": "hf", "model_args": "pretrained=org/one,dtype=auto"},
        "versions": {},
    }
    json_file(tmp_path / "results.json", results)
    path = tmp_path / "pretrained__org__one_my_sums.jsonl"
    path.write_text(json.dumps(old_rows(), indent=2), "utf-8")
    own = {"benchmark": "b", "model": "m", "input": "q", "truth": "", "result": "", "score": 1}
    (tmp_path / "other").mkdir()
    for name in ("results.json", path.name):
        (tmp_path / "other" / name).write_bytes((tmp_path / name).read_bytes())
    json_lines(tmp_path / "other" / "answers.jsonl", own)
    assert {row.benchmark for row in read(tmp_path / "other")[0]} == {"b", "my_sums"}
    for given in (path, tmp_path / "results.json"):
        found, read_results = read(given)
        assert [(row.benchmark, row.model, row.input) for row in found] == [
            ("my_sums", "org/one", "Q0"), ("my_sums", "org/one", "Q1"),
        ]  # fmt: skip
        assert read_results.reports[0].version == "0.4.0 to 0.4.2"
    (tmp_path / "results.json").unlink()
    with pytest.raises(ImportFailedError, match="its task is unknown"):
        read(path, model="one")


@pytest.mark.parametrize(
    ("config", "model"),
    [
        ({"model": "hf", "model_args": {"pretrained": "a/b"}}, "a/b"),
        ({"model": "openai", "model_args": "model=gpt-x,num=1"}, "gpt-x"),
        ({"model": "dummy", "model_args": ""}, "dummy"),
    ],
)
def test_the_model_before_0_4_3(tmp_path: Path, config: dict[str, Any], model: str) -> None:
    results = drop(lm_eval_results("sums", NONE, 1, config=config), "model_name")
    path = lm_eval_run(tmp_path, "sums", [lm_eval_row(0)], results)
    assert read(path)[0][0].model == model
    assert read(path, model="mine")[0][0].model == "mine"


def test_of_several_runs_in_a_folder_the_latest_is_read_and_named(tmp_path: Path) -> None:
    for stamp, text in (("2026-01-01T00-00-00.000001", "old"), (STAMP, "new")):
        json_file(tmp_path / f"results_{stamp}.json", lm_eval_results("sums", NONE, 1))
        json_lines(tmp_path / f"samples_sums_{stamp}.jsonl", lm_eval_row(0, filtered_resps=[text]))
    rows, results = read(tmp_path)
    assert [row.result for row in rows] == ["new"]
    assert any("samples_sums_2026-01-01" in note for note in results.notes)


def test_runs_of_two_models_in_a_folder_are_both_read(tmp_path: Path) -> None:
    for stamp, model in (("2026-01-01T00-00-00.000001", "org/old"), (STAMP, "org/new")):
        results = lm_eval_results("sums", NONE, 1, model_name=model)
        json_file(tmp_path / f"results_{stamp}.json", results)
        json_lines(tmp_path / f"samples_sums_{stamp}.jsonl", lm_eval_row(0))
    rows, found = read(tmp_path)
    assert ([row.model for row in rows], found.notes) == (["org/old", "org/new"], [])
    # Under one name they are runs of one model.
    rows, found = read(tmp_path, model="mine")
    assert ([row.model for row in rows], len(found.notes)) == (["mine"], 1)
    json_file(tmp_path / f"results_{STAMP}.json", lm_eval_results("sums", NONE, 1, model_name=[1]))
    with pytest.raises(ImportFailedError, match="model_name: must be 1 to 1000"):
        read(tmp_path)


def test_what_is_no_object_in_an_array_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / f"samples_sums_{STAMP}.jsonl"
    path.write_text(json.dumps([lm_eval_row(0), None, lm_eval_row(1)]), "utf-8")
    with pytest.raises(ImportFailedError, match=":2: must be a JSON object"):
        read(path, model="one")


def test_the_file_s_own_figures_are_compared(tmp_path: Path) -> None:
    figures = {"exact_match,none": 0.25}
    path = lm_eval_run(tmp_path, "sums", [lm_eval_row(0)], lm_eval_results("sums", figures, 7))
    assert "states 7 answers, its rows are 1" in read(path)[1].reports[0].notes[0]
    path = lm_eval_run(tmp_path, "sums", [lm_eval_row(0)], lm_eval_results("sums", figures, 1))
    assert "states a mean of 0.25, that of its rows is 1" in read(path)[1].reports[0].notes[0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"doc_id": None}, "doc_id"),
        ({"doc_id": True}, "doc_id"),
        ({"arguments": {}}, "arguments: has no request"),
        ({"arguments": {"gen_args_0": [1]}}, "arguments: must be an object"),
        ({"arguments": "x"}, "arguments: must be an array"),
        ({"filtered_resps": {}}, "filtered_resps: must be an array"),
        ({"filter": 7.5}, "filter: must be 1 to 1000 printable"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    rows = [lm_eval_row(0), lm_eval_row(1) | change]
    path = lm_eval_run(tmp_path, "sums", rows, lm_eval_results("sums", NONE, 2))
    with pytest.raises(ImportFailedError, match=rf"jsonl:2: .*{field}"):
        read(path)
