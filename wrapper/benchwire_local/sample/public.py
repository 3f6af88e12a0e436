"""The sample data of the public API: models, benchmarks, evaluations, results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchwire_local.data import public_tables
from benchwire_local.sample.answers import answers
from benchwire_local.sample.public_benchmarks import BENCHMARKS, SampleBenchmark
from benchwire_local.sample.public_models import MODELS, SampleModel
from benchwire_local.sample.rng import Rng
from benchwire_local.sample.summaries import summary
from benchwire_local.sample.tasks import Task, make_tasks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_FIRST_SUBMITTED = 1_756_000_000
_DAY = 86_400
_MODEL = {sample.row.name.removesuffix(" (sample data)"): sample for sample in MODELS}
_PUZZLES, _CHOICES, _DATES, *_ = BENCHMARKS

# Ids from the examples of the API's reference and of its vendor's other pages.
_IDS = {
    ("Sample Aurora 70B", _PUZZLES.row.id): "eval_abc123",
    ("GPT-style Sample S", _PUZZLES.row.id): "eval-abc",
    ("Claude-style Sample", _PUZZLES.row.id): "eval-def",
    ("GPT-style Sample L", _PUZZLES.row.id): "eval_12345",
    ("Sample Borealis MoE", _PUZZLES.row.id): "eval_abc123xyz",
    ("Sample Lotus 32B", _PUZZLES.row.id): "699f9938a03d70bf6607081f",
    ("Sample Cirrus Reasoner", _PUZZLES.row.id): "699f991ca782d00ebd666ba1",
    ("Sample Lotus 32B", _CHOICES.row.id): "699f1426c1212b2d9c78e947",
}


class _Extra(NamedTuple):
    """A further evaluation of a model and benchmark: an earlier or an unsuccessful one."""

    model: str
    benchmark: SampleBenchmark
    status: str
    description: str
    days_later: int


class _EvaluationRun(NamedTuple):
    """The id, time of submission and description of an evaluation."""

    id: str
    submitted_at: int
    description: str


# fmt: off
_EXTRAS = (
    _Extra("Sample Aurora 70B", _PUZZLES, "success", "Finished; an earlier run.", -40),
    _Extra("Sample Aurora 70B", _CHOICES, "success", "Finished; an earlier run.", -35),
    _Extra("Sample Borealis Mini", _DATES, "success", "Finished; an earlier run.", -30),
    # Newer than the successful evaluation: "latest" and "latest successful" differ.
    _Extra("Sample Aurora 8B", _PUZZLES, "failure", "The model's endpoint gave up.", 3),
    _Extra("GPT-style Sample L", _PUZZLES, "in-progress", "Answering prompts.", 4),
    _Extra("GPT-style Sample L", _CHOICES, "pending", "Waiting for its turn.", 4),
    _Extra("Sample Lotus 32B", _DATES, "paused", "Paused by a person.", 2),
    _Extra("Sample Lotus 1.5", _CHOICES, "timeout", "Took too long.", -12),
    _Extra("Sample Cirrus Reasoner", _DATES, "cancelled", "Cancelled by a person.", -5),
)
# fmt: on
_ENDED = frozenset({"failure", "timeout", "cancelled"})


def load(connection: sqlite3.Connection) -> None:
    """Insert the sample; the connection is in a transaction."""
    public_tables.add_models(connection, [sample.row for sample in MODELS])
    public_tables.add_benchmarks(connection, [sample.row for sample in BENCHMARKS])
    tasks_of = {}
    submitted: dict[tuple[str, str], int] = {}
    for benchmark in BENCHMARKS:
        tasks = make_tasks(benchmark.row.key, benchmark.makers, benchmark.prompts)
        tasks_of[benchmark.row.id] = tasks
        prompts = (
            public_tables.PromptRow(id=_prompt_id(position), input=task.input, truth=task.truth)
            for position, (_, task) in enumerate(tasks)
        )
        public_tables.add_prompts(connection, benchmark.row.id, prompts)
        for name, model in _MODEL.items():
            number = len(submitted) + 1
            pair = (name, benchmark.row.id)
            submitted[pair] = _FIRST_SUBMITTED + number * (_DAY // 3)
            run = _EvaluationRun(
                _IDS.get(pair, _evaluation_id(number)), submitted[pair], "Finished."
            )
            _add_success(connection, model, benchmark, tasks, run)
    for number, extra in enumerate(_EXTRAS, len(submitted) + 1):
        time = submitted[extra.model, extra.benchmark.row.id] + extra.days_later * _DAY
        run = _EvaluationRun(_evaluation_id(number), time, extra.description)
        if extra.status == "success":
            tasks = tasks_of[extra.benchmark.row.id]
            _add_success(connection, _MODEL[extra.model], extra.benchmark, tasks, run)
        else:
            _add_other(connection, extra, run)


def _prompt_id(position: int) -> str:
    return f"prompt-{position + 1:04d}"


def _evaluation_id(number: int) -> str:
    return f"eval-sample-{number:03d}"


def _add_success(
    connection: sqlite3.Connection,
    model: SampleModel,
    benchmark: SampleBenchmark,
    tasks: Sequence[tuple[str, Task]],
    run: _EvaluationRun,
) -> None:
    given = answers(model, benchmark, tasks, run.id)
    rng = Rng("scores", run.id)
    public_tables.add_evaluation(
        connection,
        model.row.id,
        benchmark.row.id,
        id=run.id,
        submitted_at=run.submitted_at,
        status_description=run.description,
        readability_score=round(0.7 + 0.3 * rng.fraction(), 3),
        toxicity_score=round(0.02 * rng.fraction(), 3),
        ethics_score=round(0.9 + 0.1 * rng.fraction(), 3),
        queue_id=rng.between(1, 9),
        summary=summary(model, benchmark, tasks, given),
    )
    results = (
        public_tables.ResultRow(
            _prompt_id(position), answer.text, float(answer.right), answer.duration_ms
        )
        for position, answer in enumerate(given)
    )
    public_tables.add_results(connection, run.id, results)
    seconds = int(sum(answer.duration_ms for answer in given) / 1000) + 1
    public_tables.finish_evaluation(connection, run.id, run.submitted_at + seconds)


def _add_other(connection: sqlite3.Connection, extra: _Extra, run: _EvaluationRun) -> None:
    public_tables.add_evaluation(
        connection,
        _MODEL[extra.model].row.id,
        extra.benchmark.row.id,
        id=run.id,
        submitted_at=run.submitted_at,
        status=extra.status,
        status_description=run.description,
        finished_at=run.submitted_at + 600 if extra.status in _ENDED else None,
        queue_id=1,
    )
