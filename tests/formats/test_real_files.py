"""Real files of each tool: what they are recognised as, their counts, and their own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchwire.local import ImportFailedError
from support.eval_logs import read
from support.shared import require_shared

HELM = "helm/mmlu-subject=philosophy,method=multiple_choice_joint,model=openai_gpt2"
LM_EVAL_REAL = "lm-eval/samples_math_perturbed_full_2026-01-21T03-44-18.458309.jsonl"
LM_EVAL_GENERATED = "lm-eval/generated-0.4.13/samples_tiny_mc_2026-11-25T19-20-19.960023.jsonl"
POPULARITY = "inspect/2025-02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval"
FAILED = "inspect/generated-0.3.285"

# Path, options, format, version, and of each evaluation: benchmark, model, scored, unscored,
# errors, mean.
FILES: list[tuple[str, dict[str, Any], str, str, list[tuple[Any, ...]]]] = [
    (
        LM_EVAL_REAL, {}, "lm-eval", "0.4.9.2",
        [("math_perturbed_full", "RylanSchaeffer/mem_Qwen3-93M_minerva_math_rep_0_sbst_1.0000_epch_1_ot_1", 10, 0, 0, 0.0)],
    ),
    (LM_EVAL_GENERATED, {"metric": "acc"}, "lm-eval", "0.4.13", [("tiny_mc", "i82qcls7", 6, 0, 0, 1 / 6)]),
    (LM_EVAL_GENERATED, {"metric": "acc_norm"}, "lm-eval", "0.4.13", [("tiny_mc", "i82qcls7", 6, 0, 0, 1 / 6)]),
    (POPULARITY, {}, "inspect", "0.3.58.dev16+g6a87748b", [("popularity", "openai/gpt-4o-mini", 0, 10, 0, None)]),
    ("inspect/log_formats.eval", {}, "inspect", "0.3.41.dev123+g9ad2119a.d20241015", [("popularity", "ollama/llama3.1", 1, 0, 0, 0.0)]),
    ("inspect/log_formats.json", {}, "inspect", "0.3.41.dev123+g9ad2119a.d20241015", [("popularity", "ollama/llama3.1", 1, 0, 0, 0.0)]),
    (
        "inspect/2024-11-05T13-31-45-05-00_input-task_8zXjbRzCWrL9GXiXo2vus9.json", {}, "inspect",
        "0.3.43.dev33+g6c96d92d", [("input_task", "openai/gpt-4o-mini", 1, 0, 0, 1.0)],
    ),
    (f"{FAILED}/2026-11-25T19-20-13-00-00_plus-one_3qfmsa9WRYuf3ejfZ3FQJ2.eval", {}, "inspect", "0.3.285", [("plus_one", "mockllm/model", 0, 0, 8, None)]),
    (f"{FAILED}/2026-11-25T19-20-14-00-00_plus-one_iisAG5Z4ct57gkcUNJrtaT.json", {}, "inspect", "0.3.285", [("plus_one", "mockllm/model", 0, 0, 8, None)]),
    (HELM, {"metric": "exact_match"}, "helm", "multiple_choice_joint", [("mmlu:subject=philosophy,method=multiple_choice_joint", "openai/gpt2", 9, 0, 0, 1 / 9)]),
    (
        "promptfoo/sample-export.excerpt.json", {}, "promptfoo", "export 3, 0.118.10",
        [("Comparing OpenAI flagship and mini models performance on riddles", f"openai:gpt-5{end}", 1, 0, 0, 0.0) for end in ("-mini", "")],
    ),
    ("promptfoo/sample-export.excerpt.json", {"metric": "assert:contains"}, "promptfoo", "export 3, 0.118.10",
        [("Comparing OpenAI flagship and mini models performance on riddles", f"openai:gpt-5{end}", 1, 0, 0, 1.0) for end in ("-mini", "")],
    ),
    ("openai-evals/230417220821DPM75QNS_auto_gpt_completion_fn_test-match.jsonl", {}, "openai-evals", "2023-04-17", [("test-match.s1.simple-v0", "auto_gpt_completion_fn", 3, 0, 0, 1 / 3)]),
    ("every-eval-ever/f3a1c0de-4b2e-4c1a-9f6d-1b7e5a2c8d40_samples.jsonl", {}, "every-eval-ever", "0.3.0", [("demo-source.demo_bench", "demo-org/demo-model", 1, 0, 0, 1.0)]),
    ("every-eval-ever/f3a1c0de-4b2e-4c1a-9f6d-1b7e5a2c8d40.json", {}, "every-eval-ever", "0.3.0", [("demo-source.demo_bench", "demo-org/demo-model", 1, 0, 0, 1.0)]),
]  # fmt: skip


def log(name: str) -> Path:
    return require_shared("data", "eval-logs", *name.split("/"))


@pytest.mark.parametrize(("name", "options", "kind", "version", "expected"), FILES)
def test_a_real_file_is_read_whole(
    name: str, options: dict[str, Any], kind: str, version: str, expected: list[tuple[Any, ...]]
) -> None:
    rows, results = read(log(name), **options)
    (report,) = results.reports
    assert (report.format, report.version) == (kind, version)
    found = [
        (benchmark, model, tally.scored, tally.unscored, tally.errors, tally.mean)
        for (benchmark, model), tally in report.evaluations.items()
    ]
    assert found == [(*key, pytest.approx(mean)) for *key, mean in expected]
    assert len(rows) == sum(tally.rows for tally in report.evaluations.values())
    # Forced, the format is the same; forced to be another, it is refused by name.
    assert len(read(log(name), format=kind, **options)[0]) == len(rows)
    other = "helm" if kind != "helm" else "inspect"
    with pytest.raises(ImportFailedError, match=f"is no file of {other}; it looks like {kind}"):
        read(
            log(name).parent / log(name).name if kind != "helm" else log(name) / "run_spec.json",
            format=other,
        )


NOTES = [
    (LM_EVAL_REAL, "the file states 5000 answers, its rows are 10"),
    ("promptfoo/sample-export.excerpt.json", "the file states 4 results, it has 2"),
    (f"{FAILED}/2026-11-25T19-20-13-00-00_plus-one_3qfmsa9WRYuf3ejfZ3FQJ2.eval", "6 samples never ran"),
    (HELM, "left out 1 instances of other splits than test"),
    ("every-eval-ever/f3a1c0de-4b2e-4c1a-9f6d-1b7e5a2c8d40.json", "states a mean of 0.75"),
    (LM_EVAL_GENERATED, "tiny_mc has 2 metrics: acc, acc_norm; name one"),
    (POPULARITY, "no sample has a score"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "note"), NOTES)
def test_what_disagrees_or_is_missing_is_said(name: str, note: str) -> None:
    _, results = read(log(name), survey=True)
    assert note in "\n".join(results.reports[0].notes)


REFUSED = [
    (LM_EVAL_GENERATED, "tiny_mc has 2 metrics: acc, acc_norm"),
    (HELM, "has 8 metrics: exact_match, exact_match@5, quasi_exact_match"),
    ("inspect/2025-05-12T20-28-13-04-00_no-samples.json", "has no samples: it says that 3 were completed"),
    ("every-eval-ever/98ea850e-7019-4728-a558-8b1819ec47c2.json", "aggregates of every-eval-ever only"),
    ("README.md", "is not recognised as results of any format"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_what_has_no_clear_answers_is_refused(name: str, reason: str) -> None:
    with pytest.raises(ImportFailedError, match=reason):
        read(log(name))


def test_a_results_file_stands_for_its_samples() -> None:
    rows, _ = read(log("lm-eval/results_2026-01-21T03-44-18.458309.json"))
    assert [row.prompt_id for row in rows] == [str(n) for n in range(10)]


def test_the_same_run_as_archive_and_as_json_has_the_same_rows() -> None:
    def content(name: str) -> list[tuple[Any, ...]]:
        rows, _ = read(log(name))
        return [(r.prompt_id, r.digest, r.result, r.score, r.status, r.metadata) for r in rows]

    assert content("inspect/log_formats.eval") == content("inspect/log_formats.json")


def test_letters_are_mapped_to_what_they_stand_for() -> None:
    rows, _ = read(log(HELM), metric="exact_match")
    assert rows[0].truth == "internalmeaning"
    assert rows[0].result == "meaning in an afterlife"
    assert rows[0].duration_ms == pytest.approx(680.367, abs=0.001)


def test_a_choice_is_shown_by_its_text() -> None:
    rows, _ = read(log(LM_EVAL_GENERATED), metric="acc")
    assert (rows[0].input, rows[0].truth, rows[0].result) == ("Q: What is 1 + 2?\nA:", "3", "2")


def test_the_answers_of_two_models_pair() -> None:
    rows, _ = read(log("promptfoo/sample-export.excerpt.json"))
    assert len({(row.prompt_id, row.digest) for row in rows}) == 1
    assert len({row.model for row in rows}) == 2


def test_a_folder_of_all_formats_is_surveyed() -> None:
    _, results = read(log("README.md").parent, survey=True)
    assert {report.format for report in results.reports} == {
        "lm-eval", "inspect", "every-eval-ever", "helm", "promptfoo", "openai-evals",
    }  # fmt: skip
    assert len(results.reports) == 13
    assert any("README.md" in note for note in results.notes)
