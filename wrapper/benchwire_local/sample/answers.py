"""What the sample models answer: right as often as their skill lets them, wrong plausibly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchwire_local.sample.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchwire_local.sample.public_benchmarks import SampleBenchmark
    from benchwire_local.sample.public_models import SampleModel
    from benchwire_local.sample.tasks import Task

_NO_ANSWER = 0.004
_PHRASES = ("{}", "{}", "{}.", "The answer is {}.", "Answer: {}")


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """An answer; no text means that the model gave none."""

    text: str | None
    right: bool
    duration_ms: float


def answers(
    model: SampleModel, benchmark: SampleBenchmark, tasks: Sequence[tuple[str, Task]], attempt: str
) -> list[SampleAnswer]:
    """Generate a model's answers to the tasks of a benchmark.

    Args:
        model: The better, the more often right; each is better at some topics than at others.
        benchmark: The harder, the less often right.
        tasks: The tasks with their topics.
        attempt: Another attempt gives other answers.
    """
    rng = Rng("answers", model.row.id, benchmark.row.id, attempt)
    phrase = Rng("phrase", model.row.id).pick(_PHRASES)
    chance = {
        topic: _chance(model, benchmark, topic)
        for topic in dict.fromkeys(each for each, _ in tasks)
    }
    given = []
    for topic, task in tasks:
        duration = round(model.speed_ms * (0.5 + rng.fraction()), 1)
        roll = rng.fraction()
        if roll < _NO_ANSWER:
            given.append(SampleAnswer(None, right=False, duration_ms=duration))
            continue
        right = roll < chance[topic]
        said = task.truth if right else rng.pick(task.wrong)
        given.append(SampleAnswer(phrase.format(said), right, duration))
    return given


def _chance(model: SampleModel, benchmark: SampleBenchmark, topic: str) -> float:
    liking = 0.3 * (Rng("liking", model.row.id, topic).fraction() - 0.5)
    reached = 1 - benchmark.hardness * (1 - model.skill) * 1.4
    return min(0.985, max(0.05, reached * (0.75 + 0.25 * model.skill) + liking * (1 - model.skill)))
