"""What a task of the sample benchmarks is, and how a benchmark's worth of them is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from benchwire_local.sample.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Task:
    """A prompt with its answer.

    Attributes:
        input: What a model is given.
        truth: The right answer, computed, never typed in.
        wrong: What one gets by the mistakes usual for this task.
    """

    input: str | list[Any] | dict[str, Any]
    truth: str
    wrong: tuple[str, ...]


Maker: TypeAlias = "Callable[[Rng], Task]"


def make_tasks(name: str, makers: Mapping[str, Maker], count: int) -> list[tuple[str, Task]]:
    """Make a benchmark's tasks, its topics in turn and no input twice.

    Args:
        name: The benchmark's; other names give other tasks.
        makers: A maker of tasks for each topic.
        count: How many to make.

    Returns:
        Pairs of topic and task.
    """
    rng = Rng("tasks", name)
    seen: set[bytes] = set()
    tasks: list[tuple[str, Task]] = []
    topics = list(makers)
    while len(tasks) < count:
        topic = topics[len(tasks) % len(topics)]
        task = makers[topic](rng)
        key = orjson.dumps(task.input)
        if key not in seen:
            seen.add(key)
            tasks.append((topic, task))
    return tasks


def task(given: str | list[Any] | dict[str, Any], truth: object, *wrong: object) -> Task:
    """Build a task; wrong answers that happen to be right are left out.

    Raises:
        ValueError: No wrong answer is left.
    """
    right = str(truth)
    mistakes = tuple(dict.fromkeys(str(each) for each in wrong if str(each) != right))
    if not mistakes:
        raise ValueError(f"every wrong answer to {given!r} is right: {right}")
    return Task(given, right, mistakes)
