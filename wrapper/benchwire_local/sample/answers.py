"""Answers of the sample models: correct with a probability by skill, else plausibly wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchwire_local.sample.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchwire_local.sample.public_benchmarks import SampleBenchmark
    from benchwire_local.sample.public_models import SampleModel
    from benchwire_local.sample.tasks import Task

_NO_ANSWER = 0.004
_PHRASES = ("{}", "{}", "{}.", "The answer is {}.", "Answer: {}")


class SampleAnswer(NamedTuple):
    """An answer; the text is ``None`` if the model gave none."""

    text: str | None
    right: bool
    duration_ms: float


def answers(
    model: SampleModel, benchmark: SampleBenchmark, tasks: Sequence[tuple[str, Task]], attempt: str
) -> list[SampleAnswer]:
    """Return a model's answers to the tasks of a benchmark, given with their topics.

    Skill, hardness and a preference by topic determine the probability of a correct answer. Another
    attempt has other answers.
    """
    rng = Rng("answers", model.row.id, benchmark.row.id, attempt)
    phrase = Rng("phrase", model.row.id).pick(_PHRASES)
    chance = {
        topic: _chance(model, benchmark, topic)
        for topic in dict.fromkeys(each for each, _ in tasks)
    }
    found = []
    for topic, task in tasks:
        duration = round(model.speed_ms * (0.5 + rng.fraction()), 1)
        roll = rng.fraction()
        if roll < _NO_ANSWER:
            found.append(SampleAnswer(None, right=False, duration_ms=duration))
            continue
        right = roll < chance[topic]
        text = task.truth if right else rng.pick(task.wrong)
        found.append(SampleAnswer(phrase.format(text), right, duration))
    return found


def _chance(model: SampleModel, benchmark: SampleBenchmark, topic: str) -> float:
    preference = 0.3 * (Rng("liking", model.row.id, topic).fraction() - 0.5)
    base = (1 - benchmark.hardness * (1 - model.skill) * 1.4) * (0.75 + 0.25 * model.skill)
    return min(0.985, max(0.05, base + preference * (1 - model.skill)))
