"""Every Eval Ever, HELM, promptfoo, OpenAI evals and benchwire's own lines, with their traps."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchwire.local import ImportFailedError
from benchwire_local.results.formats import Row, every_eval_ever
from support.eval_logs import (
    helm_run,
    helm_stat,
    helm_state,
    json_file,
    json_lines,
    openai_log,
    openai_sample,
    promptfoo_export,
    promptfoo_result,
    read,
)
from support.shared import require_shared

# Every Eval Ever


def eee_line(sample: str, score: float, **changes: Any) -> dict[str, Any]:
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "e/1",
        "model_id": "org/one",
        "evaluation_name": "sums",
        "sample_id": sample,
        "interaction_type": "single_turn",
        "input": {"raw": f"{sample}?", "reference": ["4"]},
        "output": {"raw": ["it is 4"]},
        "answer_attribution": [],
        "evaluation": {"score": score, "is_correct": score > 0.5},
    } | changes  # fmt: skip


def test_two_aggregates_of_a_task_are_an_error_until_one_is_named(tmp_path: Path) -> None:
    lines = [
        eee_line(sample, float(result == "em"), evaluation_result_id=result)
        for sample in "ab"
        for result in ("em", "f1")
    ]
    path = json_lines(tmp_path / "x_samples.jsonl", *lines)
    with pytest.raises(ImportFailedError, match="sums has 2 metrics: em, f1; name one"):
        read(path)
    rows, _ = read(path, metric="f1")
    assert [(row.benchmark, row.prompt_id, row.score) for row in rows] == [
        ("sums:f1", "a", 0.0), ("sums:f1", "b", 0.0),
    ]  # fmt: skip


def test_what_failed_has_no_score_whatever_the_line_says(tmp_path: Path) -> None:
    attributed = [{"is_terminal": True, "extracted_value": "4"}]
    messages = [{"role": "assistant", "content": "four"}, {"role": "tool", "content": "x"}]
    path = json_lines(
        tmp_path / "x_samples.jsonl",
        eee_line("a", 0.0, error="timeout"),
        eee_line("b", 1.0, answer_attribution=attributed),
        eee_line("c", 1.0, output=None, messages=messages, interaction_type="multi_turn"),
        eee_line("d", -1),
        eee_line("e", float("nan"), performance={"latency_ms": 3}),
    )
    rows, _ = read(path)
    assert [row.status for row in rows] == ["error", "scored", "scored", "unscored", "unscored"]
    assert [row.result for row in rows] == ["it is 4", "4", "four", "it is 4", "it is 4"]
    assert rows[4].duration_ms == 3


def test_a_version_that_is_unknown_and_a_lower_is_better_metric(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "x_samples.jsonl", eee_line("a", 0.0, schema_version="1.0"))
    with pytest.raises(ImportFailedError, match=r":1: schema_version: is '1.0'; 0.2 and 0.3"):
        read(path)
    json_lines(path, eee_line("a", 0.0))
    result = {"evaluation_name": "sums", "metric_config": {"lower_is_better": True}}
    json_file(tmp_path / "x.json", {"schema_version": "0.3.0", "evaluation_results": [result]})
    with pytest.raises(ImportFailedError, match="sums: lower is better in it"):
        read(path)
    # Lines need not name the aggregate that has an id; of several by one name, one may be meant.
    for others in ([], [{"evaluation_name": "sums", "evaluation_result_id": "sums/em"}]):
        results = [{**result, "evaluation_result_id": "sums/wer"}, *others]
        json_file(tmp_path / "x.json", {"schema_version": "0.3.0", "evaluation_results": results})
        with pytest.raises(ImportFailedError, match="sums: lower is better in it"):
            read(path)
    json_lines(path, eee_line("a", 0.0, evaluation_result_id="sums/em"))
    assert len(read(path)[0]) == 1


def rows_of_all_kinds() -> list[Row]:
    common: dict[str, Any] = {"benchmark": "sums[/x]", "truth": "4", "result": "4"}
    return [
        Row(**common, model="org/one", prompt_id="1", input="2+2", score=1.0, duration_ms=5.0),
        Row(**common, model="org/one", prompt_id="2", input=[{"role": "user"}], score=0.25, epoch=2),
        Row(**common, model="two", prompt_id="3", input={"q": "x"}, score=None, status="unscored"),
        Row(
            benchmark="other", model="../../two", prompt_id="4", input=None, truth="", result=None,
            score=None, status="error", scorer="em", cluster="4", metadata={"a": 1, "b": "x"},
        ),
    ]  # fmt: skip


def test_what_is_written_is_valid_and_read_as_it_was(tmp_path: Path) -> None:
    folder = require_shared("data", "eval-logs", "every-eval-ever")
    aggregate, instance = (
        jsonschema.Draft7Validator(json.loads((folder / name).read_text("utf-8")))
        for name in ("eval.schema.json", "instance_level_eval.schema.json")
    )
    written = every_eval_ever.write(rows_of_all_kinds(), tmp_path)
    assert len(written) == 3
    for path in written:
        assert tmp_path in path.resolve().parents
        aggregate.validate(json.loads(path.read_text("utf-8")))
        for line in path.with_name(f"{path.stem}_samples.jsonl").read_text("utf-8").splitlines():
            instance.validate(json.loads(line))
    found, results = read(tmp_path)
    fields = [name for name in Row._fields if name not in ("source", "line")]
    assert sorted(
        (tuple(getattr(row, name) for name in fields) for row in found), key=lambda row: str(row[2])
    ) == [tuple(getattr(row, name) for name in fields) for row in rows_of_all_kinds()]
    assert [report.notes for report in results.reports] == [[], [], []]


# HELM


def test_copies_and_trials_have_their_own_scores(tmp_path: Path) -> None:
    """An evaluation with perturbations has several rows with one instance id."""
    changed = {"name": "misspelling", "robustness": True, "prob": 0.1}
    states = [
        helm_state("id1"), helm_state("id1", perturbation=changed), helm_state("id1", trial=1),
        helm_state("id2"), helm_state("id3", split="train"),
    ]  # fmt: skip
    stats = [
        helm_stat("id1", 1.0),
        helm_stat("id1", 0.0, perturbation=dict(reversed(changed.items()))),
        helm_stat("id1", 0.5, trial=1), helm_stat("id2", None),
    ]  # fmt: skip
    rows, results = read(helm_run(tmp_path / "run", states, stats))
    assert [(row.prompt_id, row.epoch, row.score, row.status, row.cluster) for row in rows] == [
        ("id1", 1, 1.0, "scored", None), ("id1+misspelling", 1, 0.0, "scored", "id1"),
        ("id1", 2, 0.5, "scored", None), ("id2", 1, None, "unscored", None),
    ]  # fmt: skip
    assert rows[0].benchmark == "sums:method=generation"
    assert "left out 1 instances" in results.reports[0].notes[0]
    assert results.reports[0].metrics == ["exact_match"]


def test_the_valid_split_stands_in_for_the_test_split(tmp_path: Path) -> None:
    states = [helm_state("id1", split="valid"), helm_state("id2", split="valid")]
    stats = [helm_stat("id1", 1.0, split="valid"), helm_stat("id2", 0.0, split="valid")]
    rows, results = read(helm_run(tmp_path / "valid", states, stats))
    assert [(row.prompt_id, row.score) for row in rows] == [("id1", 1.0), ("id2", 0.0)]
    assert results.reports[0].notes == []
    both = helm_run(
        tmp_path / "both", [*states, helm_state("id3")], [*stats, helm_stat("id3", 1.0)]
    )
    rows, results = read(both)
    assert [row.prompt_id for row in rows] == ["id3"]
    assert "left out 2 instances of other splits than test" in results.reports[0].notes[0]


def test_the_stated_mean_is_that_of_instances_as_they_are(tmp_path: Path) -> None:
    changed = {"name": "misspelling"}
    states = [helm_state("id1"), helm_state("id1", perturbation=changed)]
    stats = [helm_stat("id1", 1.0), helm_stat("id1", 0.0, perturbation=changed)]
    run = helm_run(tmp_path / "run", states, stats)
    own = {"name": {"name": "exact_match", "split": "test"}, "count": 1, "mean": 1.0}
    json_file(run / "stats.json", [own])
    assert read(run)[1].reports[0].notes == []
    json_file(run / "scenario.json", {"name": "sums"})
    _, results = read(run)
    assert results.notes == []


def test_a_state_for_each_reference_and_a_failed_request(tmp_path: Path) -> None:
    references = [{"output": {"text": text}, "tags": ["correct"] * (text == "b")} for text in "ab"]
    states = [
        helm_state("id1", references=references, reference_index=n)
        | {"result": {"success": True, "completions": [{"text": "", "logprob": -n - 1}]}}
        for n in range(2)
    ]
    states.append(helm_state("id2") | {"result": {"success": False, "completions": []}})
    run = helm_run(tmp_path / "run", states, [helm_stat("id1", 0.0), helm_stat("id2", 0.0)])
    rows, _ = read(run)
    assert [(row.truth, row.result, row.score, row.status) for row in rows] == [
        ("b", "a", 0.0, "scored"), ("4", None, None, "error"),
    ]  # fmt: skip


def test_a_run_of_helm_is_one_and_whole(tmp_path: Path) -> None:
    run = helm_run(tmp_path / "run", [helm_state("id1")], [helm_stat("id1", 1.0)])
    assert len(read(run, run / "scenario_state.json", run / "run_spec.json")[0]) == 1
    (run / "per_instance_stats.json").unlink()
    with pytest.raises(ImportFailedError, match=r"without per_instance_stats\.json"):
        read(run)


def test_the_longest_name_of_a_run(tmp_path: Path) -> None:
    run = helm_run(tmp_path / "run", [helm_state("id1")], [helm_stat("id1", 1.0)])
    head = json.loads((run / "run_spec.json").read_text("utf-8"))
    head["name"] = "x:" + ",".join(f"argument{n}=value{n}" for n in range(30)) + ",model=org_one"
    json_file(run / "run_spec.json", head)
    (row,), _ = read(run)
    assert len(row.benchmark) > 500
    assert "org_one" not in row.benchmark


# promptfoo


def export(folder: Path, *results: dict[str, Any], **changes: Any) -> Path:
    return json_file(folder / "out.json", promptfoo_export(list(results), **changes))


def test_a_metric_is_taken_by_name(tmp_path: Path) -> None:
    components = [
        {"pass": True, "score": 1, "assertion": {"type": "equals", "value": "1"}},
        {"pass": False, "score": 0, "assertion": {"type": "latency", "threshold": 1}},
    ]
    slow = promptfoo_result(1, success=False, score=0.5)
    slow["gradingResult"] = {"componentResults": components}
    path = export(tmp_path, slow, promptfoo_result(0))
    rows, results = read(path)
    assert [(row.prompt_id, row.score) for row in rows] == [("1", 0.0), ("0", 1.0)]
    assert "also those on latency" in results.reports[0].notes[0]
    assert [row.score for row in read(path, metric="score")[0]] == [0.5, 1.0]
    assert [row.score for row in read(path, metric="assert:equals")[0]] == [1.0, 1.0]
    rows, _ = read(path, metric="assert:latency")
    assert [(row.score, row.status) for row in rows] == [(0.0, "scored"), (None, "unscored")]
    with pytest.raises(ImportFailedError, match="has no metric bleu; it has: success, score"):
        read(path, metric="bleu")


def test_the_mean_of_equal_assertions_is_theirs_in_any_order(tmp_path: Path) -> None:
    answers = []
    for number, scores in enumerate(permutations((0.4, 0.8, 0.3))):
        answers.append(promptfoo_result(number))
        assertion = {"type": "similar", "value": "1"}
        components = [{"score": score, "assertion": assertion} for score in scores]
        answers[-1]["gradingResult"] = {"componentResults": components}
    rows, _ = read(export(tmp_path, *answers), metric="assert:similar")
    assert {row.score for row in rows} == {0.5}


def test_an_error_of_a_provider_is_no_zero(tmp_path: Path) -> None:
    failed = promptfoo_result(0, success=False, failureReason=2, error="503", response=None)
    old = promptfoo_result(1, success=False, failureReason=None, error="503", response={})
    (one, two), _ = read(export(tmp_path, failed, old))
    assert (one.status, one.score, one.result) == (two.status, two.score, two.result)
    assert (one.status, one.score, one.result) == ("error", None, None)


def test_two_templates_are_told_apart(tmp_path: Path) -> None:
    prompts = [{"raw": raw, "label": raw, "provider": "p"} for raw in ("Say {{n}}", "Shout\n{{n}}")]
    provider = {"id": "p", "label": "Peter"}
    results = [promptfoo_result(0, n, provider=provider) for n in range(2)]
    rows, _ = read(export(tmp_path, *results, prompts=prompts))
    assert [row.model for row in rows] == ["Peter [Say {{n}}]", "Peter [Shout {{n}}]"]
    assert rows[0].input == rows[1].input == {"n": 0}


def test_the_table_of_version_2(tmp_path: Path) -> None:
    cell = {"pass": True, "score": 1, "text": "4", "prompt": "2+2", "latencyMs": 5}
    test = {"vars": {"n": 2}, "assert": [{"type": "equals", "value": "4"}]}
    table: dict[str, Any] = {
        "head": {"prompts": [{"provider": "a"}, {"provider": "b"}], "vars": ["n"]},
        "body": [{"outputs": [cell, cell | {"pass": False}], "vars": ["2"], "test": test}],
    }
    path = json_file(tmp_path / "out.json", {"results": {"version": 2, "table": table}})
    rows, results = read(path)
    assert [(r.model, r.prompt_id, r.truth, r.result, r.score) for r in rows] == [
        ("a", "0", "4", "4", 1.0), ("b", "0", "4", "4", 0.0),
    ]  # fmt: skip
    assert results.reports[0].version == "export 2"
    raws = [{"provider": "a", "raw": raw} for raw in ("Say {{n}}", "Shout {{n}}")]
    table["head"]["prompts"] = raws
    path = json_file(tmp_path / "out.json", {"results": {"version": 2, "table": table}})
    rows, _ = read(path)
    assert [(r.model, r.input) for r in rows] == [
        ("a [Say {{n}}]", {"n": 2}), ("a [Shout {{n}}]", {"n": 2}),
    ]  # fmt: skip


# OpenAI evals


def test_mixed_events_a_report_before_them_and_no_score(tmp_path: Path) -> None:
    one, two = openai_sample("1", True), openai_sample("2", False)
    lost = [*openai_sample("3", None), {"sample_id": "3", "type": "error", "data": {"type": "E"}}]
    events = [one[0], two[0], lost[0], two[1], one[1], *openai_sample("4", None), lost[1]]
    rows, results = read(openai_log(tmp_path / "log.jsonl", *events, accuracy=0.5))
    assert [(row.prompt_id, row.status, row.score) for row in rows] == [
        ("2", "scored", 0.0), ("1", "scored", 1.0), ("3", "error", None), ("4", "unscored", None),
    ]  # fmt: skip
    assert [(row.input, row.result) for row in rows[:2]] == [("Q2", "A2"), ("Q1", "A1")]
    assert results.reports[0].notes == []


def test_the_metrics_of_graded_samples(tmp_path: Path) -> None:
    def graded(ident: str, score: float | None) -> list[dict[str, Any]]:
        data = {"choice": "A", "score": score, "pass": True}
        return [
            openai_sample(ident, None)[0],
            {"sample_id": ident, "type": "metrics", "data": data},
        ]

    path = openai_log(tmp_path / "log.jsonl", *graded("1", 0.5), *graded("2", None), score=0.5)
    with pytest.raises(ImportFailedError, match="2 metrics: score, pass"):
        read(path)
    rows, _ = read(path, metric="score")
    assert [(row.score, row.status) for row in rows] == [(0.5, "scored"), (None, "unscored")]


def test_a_log_without_specification_or_prompt(tmp_path: Path) -> None:
    events = [
        {"run_id": "r", "event_id": n} | one for n, one in enumerate(openai_sample("1", True))
    ]
    with pytest.raises(ImportFailedError, match="spec: is missing"):
        read(json_lines(tmp_path / "log.jsonl", *events))
    (row,), _ = read(openai_log(tmp_path / "log.jsonl", openai_sample("1", True)[1]))
    assert (row.prompt_id, row.input, row.score) == ("1", "1", 1.0)


def test_events_after_a_score_and_several_scores_of_a_sample(tmp_path: Path) -> None:
    after = {"sample_id": "1", "type": "extra", "data": {"a": 1}}
    events = [
        *openai_sample("1", True),
        after,
        *openai_sample("1", False),
        *openai_sample("2", None),
    ]
    rows, _ = read(openai_log(tmp_path / "log.jsonl", *events))
    assert [(row.prompt_id, row.epoch, row.score) for row in rows] == [
        ("1", 1, 1.0), ("1", 2, 0.0), ("2", 1, None),
    ]  # fmt: skip


# benchwire's own


def test_own_lines(tmp_path: Path) -> None:
    line = {
        "benchmark": "b[/x]",
        "model": "m",
        "input": "1+1",
        "truth": "2",
        "result": "2",
        "score": 1,
    }
    path = json_lines(tmp_path / "a.jsonl", line, line | {"input": {"q": 1}, "id": "x"})
    rows, results = read(path)
    assert [(row.benchmark, row.prompt_id, row.input) for row in rows] == [
        ("b[/x]", None, "1+1"), ("b[/x]", "x", {"q": 1}),
    ]  # fmt: skip
    assert rows[0].digest != rows[1].digest
    assert results.reports[0].format == "benchwire"
    json_lines(path, line, line | {"score": 2})
    with pytest.raises(ImportFailedError, match=r"jsonl:2: score: must be from 0 to 1"):
        read(path)
    json_lines(path, {"benchmark": "b"})
    with pytest.raises(ImportFailedError, match=r"jsonl:1: model: required, and missing"):
        read(path, format="benchwire")
