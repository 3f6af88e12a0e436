"""Tasks of the sample benchmarks, and their generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson

from benchwire_local.sample.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Task(NamedTuple):
    """A prompt, its computed answer, and wrong answers that result from common mistakes."""

    input: str | list[Any] | dict[str, Any]
    truth: str
    wrong: tuple[str, ...]


Maker: TypeAlias = "Callable[[Rng], Task]"


def make_tasks(name: str, makers: Mapping[str, Maker], count: int) -> list[tuple[str, Task]]:
    """Return pairs of topic and task for a benchmark: topics in turn, inputs distinct.

    Another name has other tasks.
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
    """Return a task without wrong answers that are correct; raise ValueError if none is left."""
    right = str(truth)
    mistakes = tuple(dict.fromkeys(str(each) for each in wrong if str(each) != right))
    if not mistakes:
        raise ValueError(f"every wrong answer to {given!r} is correct: {right}")
    return Task(given, right, mistakes)
