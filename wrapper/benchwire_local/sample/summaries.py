"""The summary of a sample evaluation, computed from its answers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from benchwire_local.data.public_tables import encode_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchwire_local.sample.answers import SampleAnswer
    from benchwire_local.sample.public_benchmarks import SampleBenchmark
    from benchwire_local.sample.public_models import SampleModel
    from benchwire_local.sample.tasks import Task


def summary(
    model: SampleModel,
    benchmark: SampleBenchmark,
    tasks: Sequence[tuple[str, Task]],
    answers: Sequence[SampleAnswer],
) -> dict[str, Any]:
    """Return the summary of an evaluation: best and worst topics, a wrong answer, takeaways."""
    counts = Counter(topic for topic, _ in tasks)
    right = Counter(
        topic for (topic, _), answer in zip(tasks, answers, strict=True) if answer.right
    )
    share = {topic: 100 * right[topic] / counts[topic] for topic in counts}
    best, *_, worst = sorted(share, key=lambda topic: -share[topic])
    overall = 100 * right.total() / len(tasks)
    return {
        "name": f"{model.row.name} on {benchmark.row.name}",
        "goal": f"See how well {model.row.name} does on: {', '.join(counts)}.",
        "metrics": [
            {"name": "accuracy", "description": "The share of answers that match the truth."},
            {"name": "average_duration", "description": "The mean time of an answer."},
        ],
        "task_types": [
            {"name": topic, "description": f"{counts[topic]} generated prompts on {topic}."}
            for topic in counts
        ],
        "dataset": {
            "total_size": len(tasks),
            "training_size": 0,
            "test_size": len(tasks),
            "characteristics": list(benchmark.row.characteristics or ()),
        },
        "model": {"model_name": model.row.name, "performance": f"{overall:.1f}% right"},
        "performance_details": {
            "strengths": [f"{best}: {share[best]:.1f}% right"],
            "challenges": [f"{worst}: {share[worst]:.1f}% right"],
        },
        "error_analysis": {
            "common_failure_modes": [
                f"{topic}: {counts[topic] - right[topic]} of {counts[topic]} wrong"
                for topic in sorted(counts, key=lambda topic: right[topic] - counts[topic])[:2]
            ],
            "example": _mistake(tasks, answers),
        },
        "analysis_summary": {
            "key_takeaways": [
                f"{right.total()} of {len(tasks)} answers are right.",
                f"It is best at {best} and worst at {worst}.",
                "This is sample data: the model does not exist.",
            ]
        },
    }


def _mistake(tasks: Sequence[tuple[str, Task]], answers: Sequence[SampleAnswer]) -> str | None:
    for (_, task), answer in zip(tasks, answers, strict=True):
        if not answer.right and answer.text is not None:
            prompt, _ = encode_input(task.input)
            return f"Asked {prompt} it said {answer.text!r} where {task.truth!r} is right."
    return None
