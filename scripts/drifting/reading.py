"""Reads a little of everything an API has, once, at a pace, and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field

from benchwire._drift.collecting import Collector
from benchwire._drift.findings import Finding, Grade, Kind
from benchwire.errors import APIError, APIStatusError

if TYPE_CHECKING:
    from benchwire import PublicClient, V0Client, V2Client
    from benchwire.models import BenchmarkModel, BenchmarkType, Evaluation

T = TypeVar("T")

PAGE_SIZE = 20
"""Items a list is asked for: enough to see what comes now and then."""

MOST_OF_A_KIND = 3
"""How many things are asked for one by one."""

NOTHING = "benchwire-drift-no-such-thing"
"""An id that nothing has."""
NO_NUMBER = 2**31 - 1
"""An id of an API whose ids are numbers, that nothing has."""

_GONE = frozenset({404, 405, 410, 501})


@define
class Pace:
    """Lets a request go when the one before it is long enough ago.

    Attributes:
        rate: Requests a second.
        clock: A monotonic clock.
        sleep: Sleeps.
    """

    rate: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = field(default=0.0, init=False)

    def wait(self) -> None:
        """Wait for this request's turn."""
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.rate


@define
class Reader:
    """Makes one call after the other; one that fails is noted and the next is made.

    Attributes:
        api: The API that is read.
        collector: Is told what is not there though the service itself named it.
        pace: Says when a request may go.
        notes: The calls that failed, a line each; no value of an answer.
    """

    api: str
    collector: Collector
    pace: Pace
    notes: list[str] = field(factory=list)

    def __call__(self, operation: str, call: Callable[[], T]) -> T | None:
        """Make a call that is one request of an operation; None where it failed."""
        self.pace.wait()
        try:
            result = call()
        except APIStatusError as problem:
            self._failed(operation, problem)
            if problem.status_code in _GONE:
                self._gone(operation, problem.status_code)
            return None
        except APIError as problem:
            self._failed(operation, problem)
            return None
        if result is None:  # how the SDK says that there is no such evaluation
            self._gone(operation, 404)
        return result

    def nothing(self, operation: str, call: Callable[[], object]) -> None:
        """Ask for what there is not: the answer is an error, and its form is judged like any."""
        self.pace.wait()
        try:
            call()
        except APIStatusError:
            pass  # as it should be
        except APIError as problem:
            self._failed(operation, problem)

    def _failed(self, operation: str, problem: APIError) -> None:
        self.notes.append(f"{self.api} {operation}: {type(problem).__name__}")

    def _gone(self, operation: str, status: int) -> None:
        # Every id that is asked for came from the service a moment ago.
        self.collector.add(
            Finding(
                api=self.api,
                operation=operation,
                kind=Kind.MISSING_OPERATION,
                grade=Grade.BREAKING,
                status=str(status),
                expected="what the service has just named",
                got=(str(status),),
            )
        )


def read_public(client: PublicClient, read: Reader) -> None:
    """Read the public API: its 6 operations, with up to 12 requests."""
    read("listModels", partial(client.models.get, page_size=PAGE_SIZE, include_deprecated=True))
    catalogue = read("listBenchmarks", partial(client.benchmarks.get, page_size=PAGE_SIZE))
    for benchmark in (catalogue.datasets if catalogue else [])[:MOST_OF_A_KIND]:
        prompts = partial(client.benchmarks.get_prompts, benchmark.id, page_size=PAGE_SIZE)
        read("listBenchmarkPrompts", prompts)
    evaluations = client.evaluations
    recent = read("listEvaluations", partial(evaluations.get_many, page_size=PAGE_SIZE))
    for run in (recent.evaluations if recent else [])[:MOST_OF_A_KIND]:
        read("getEvaluation", partial(evaluations.get_by_id, run.id))
    finished = read(
        "listEvaluations",
        partial(evaluations.get_many, status="success", page_size=5 * PAGE_SIZE),
    )
    pair = _of_one_benchmark(finished.evaluations if finished else [])
    if pair:
        first, second = pair
        compare = partial(client.comparisons.compare, first.id, second.id, page_size=PAGE_SIZE)
        read("compareEvaluations", compare)
    read.nothing("getEvaluation", partial(evaluations.get_by_id, NOTHING))


def read_v2(client: V2Client, read: Reader) -> None:
    """Read the v2 API: its 5 operations, with up to 13 requests."""
    benchmarks = client.benchmarks
    kinds: Sequence[BenchmarkType] = read("listBenchmarkTypes", benchmarks.list_types) or ()
    models: Sequence[BenchmarkModel] = read("listBenchmarkModels", benchmarks.list_models) or ()
    for model in models[:MOST_OF_A_KIND]:
        read("getBenchmarkModel", partial(benchmarks.get_model, model.id))
    for kind in kinds[:1]:
        read("listBenchmarkModels", partial(benchmarks.list_models, benchmark_type_id=kind.id))
        for model in models[:MOST_OF_A_KIND]:
            runs = read("listProbeRuns", partial(benchmarks.list_runs, model.id, kind.id))
            for run in (runs or [])[:1]:
                read("getProbeRun", partial(benchmarks.get_run, model.id, run.id))
    read.nothing("getBenchmarkModel", partial(benchmarks.get_model, NO_NUMBER))


def read_v0(client: V0Client, read: Reader) -> None:
    """Read the v0 API: the 4 operations that only read, up to 7 requests."""
    read("getAccount", client.me)
    read("listBenchmarks", client.benchmarks.list)
    jobs = read("listJobs", partial(client.jobs.list, limit=PAGE_SIZE))
    for job in (jobs or [])[:MOST_OF_A_KIND]:
        read("getJob", partial(client.jobs.get, job.id))
    read.nothing("getJob", partial(client.jobs.get, NOTHING))


def _of_one_benchmark(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Give two evaluations of one benchmark, if there are."""
    by_benchmark: dict[str, list[Evaluation]] = {}
    for evaluation in evaluations:
        pair = by_benchmark.setdefault(evaluation.benchmark_id, [])
        pair.append(evaluation)
        if len(pair) == 2:
            return pair
    return []
