"""Real data: GSM8K problems with the graded answers of four models, in the import format."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from benchwire.models import OutcomeFilter
from support.shared import require_shared

BENCHMARK = "gsm8k"
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
PUBLISHED_CORRECT = dict(zip(MODELS, (286, 515, 458, 742), strict=True))
PROBLEMS = 1319
PAIRS = tuple(combinations(MODELS, 2))


def load() -> list[dict[str, object]]:
    """Read the problems as they were published; skips the calling test where they are absent."""
    path = require_shared("data", "gsm8k", "example_model_solutions.jsonl")
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write_answers(problems: list[dict[str, object]], path: Path) -> None:
    """Write one line per answer: 1,319 problems times four models."""
    with path.open("w", encoding="utf-8") as file:
        for number, problem in enumerate(problems, start=1):
            for model in MODELS:
                solution = problem[model]
                assert isinstance(solution, dict)
                answer = {
                    "benchmark": BENCHMARK,
                    "model": model,
                    "id": f"gsm8k-{number:04}",
                    "input": problem["question"],
                    "truth": problem["ground_truth"],
                    "result": solution["solution"],
                    "score": 1.0 if solution["is_correct"] else 0.0,
                }
                file.write(json.dumps(answer) + "\n")


def outcomes(
    problems: list[dict[str, object]], first: str, second: str
) -> dict[OutcomeFilter, list[str]]:
    """Count the file: the questions of each outcome of a pair of models, in the file's order."""
    wanted: dict[OutcomeFilter, Callable[[bool, bool], bool]] = {
        OutcomeFilter.ALL: lambda one, two: True,
        OutcomeFilter.BOTH_SUCCEED: lambda one, two: one and two,
        OutcomeFilter.BOTH_FAIL: lambda one, two: not one and not two,
        OutcomeFilter.REFERENCE_FAILS: lambda one, two: not one and two,
        OutcomeFilter.COMPARISON_FAILS: lambda one, two: one and not two,
    }
    found: dict[OutcomeFilter, list[str]] = {outcome: [] for outcome in wanted}
    for problem in problems:
        one, two = (problem[model]["is_correct"] for model in (first, second))  # type: ignore[index]
        for outcome, fits in wanted.items():
            if fits(one, two):
                found[outcome].append(str(problem["question"]))
    return found
