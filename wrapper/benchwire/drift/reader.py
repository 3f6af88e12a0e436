"""Reads a sample of each operation of an API, at a limited rate, and changes nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field

from benchwire.errors import APIConnectionError, APIError, APIStatusError
from benchwire_drift.availability import connection_reason, unavailable_reason
from benchwire_drift.collector import Collector
from benchwire_drift.findings import Finding, Grade, Kind
from benchwire_drift.pace import Pace

if TYPE_CHECKING:
    from benchwire import PublicClient, V0Client, V2Client
    from benchwire.models import BenchmarkModel, BenchmarkType, Evaluation

T = TypeVar("T")

PAGE_SIZE = 20  # items to request of a list: enough to see fields that are rarely present
MAX_OF_A_KIND = 3  # the maximum number of items that are requested one by one
MISSING_ID = "benchwire-drift-no-such-thing"  # an id that does not exist
MISSING_NUMBER = 2**31 - 1  # an id that does not exist, of an API with numeric ids

_GONE = frozenset({404, 405, 410, 501})


@define
class Reader:
    """Makes calls one after the other; one that keeps failing is noted, and the next is made."""

    api: str
    collector: Collector  # gets a finding for each thing that the service listed and does not have
    limit: Pace
    failures: dict[str, list[str]] = field(factory=dict)  # by operation: why its calls failed
    read: set[str] = field(factory=set)  # the operations of which a call did not fail

    @property
    def notes(self) -> list[str]:
        """The failed calls, a line for each operation and reason; no value of a response."""
        return self._lines(self.failures)

    def unread(self, findings: Iterable[Finding]) -> list[str]:
        """Return the notes on operations whose every call failed, and that no finding explains."""
        explained = {finding.operation for finding in findings if finding.grade.weight}
        return self._lines(one for one in self.failures if one not in self.read | explained)

    def _lines(self, operations: Iterable[str]) -> list[str]:
        lines = (f"{self.api} {one}: {why}" for one in operations for why in self.failures[one])
        return list(dict.fromkeys(lines))

    def __call__(self, operation: str, call: Callable[[], T]) -> T | None:
        """Make a call of one request of an operation; return None if it failed."""
        result = self._attempt(operation, call)
        if isinstance(result, APIError):
            if isinstance(result, APIStatusError) and result.status_code in _GONE:
                self._gone(operation, result.status_code)
            else:
                self._failed(operation, result)
            return None
        self.read.add(operation)
        if result is None:  # the SDK's result for an unknown evaluation
            self._gone(operation, 404)
        return result

    def missing(self, operation: str, call: Callable[[], object]) -> None:
        """Request what does not exist: the response is an error, which is checked like any other."""
        error = self._attempt(operation, call)
        if isinstance(error, APIError):
            expected = isinstance(error, APIStatusError) and not unavailable_reason(
                error.status_code
            )
            if not expected:
                self._failed(operation, error)

    def _attempt(self, operation: str, call: Callable[[], T]) -> T | APIError:
        """Make a call, again after a transient failure, and return its result or its error."""
        attempt = 0
        while True:
            time.sleep(self.limit.reserve() or 0)
            print(f"{self.api}: {operation}", file=sys.stderr, flush=True)
            try:
                return call()
            except APIError as error:
                failed = error
            status, requested = 0, None
            if isinstance(failed, APIStatusError):
                status, requested = failed.status_code, failed.headers.get("retry-after")
            elif not isinstance(failed, APIConnectionError):
                return failed
            if not self.limit.back_off(status, attempt, requested):
                return failed
            attempt += 1

    def _failed(self, operation: str, error: APIError) -> None:
        reason = "the SDK can't read the response"
        if isinstance(error, APIStatusError):
            reason = unavailable_reason(error.status_code) or f"status {error.status_code}"
        elif isinstance(error, APIConnectionError):
            reason = connection_reason(error)
        self.failures.setdefault(operation, []).append(reason)

    def _gone(self, operation: str, status: int) -> None:
        # Every id that is requested came from the service a moment ago.
        self.collector.add(
            Finding(
                api=self.api,
                operation=operation,
                kind=Kind.MISSING_OPERATION,
                grade=Grade.BREAKING,
                status=str(status),
                expected="what the service has just listed",
                got=(str(status),),
            )
        )


def read_public(client: PublicClient, read: Reader) -> None:
    """Read the public API: its 7 operations, with up to 15 requests."""
    read("listModels", partial(client.models.get, page_size=PAGE_SIZE, include_deprecated=True))
    catalogue = read("listBenchmarks", partial(client.benchmarks.get, page_size=PAGE_SIZE))
    for benchmark in (catalogue.datasets if catalogue else [])[:MAX_OF_A_KIND]:
        prompts = partial(client.benchmarks.get_prompts, benchmark.id, page_size=PAGE_SIZE)
        read("listBenchmarkPrompts", prompts)
    evaluations = client.evaluations
    recent = read("listEvaluations", partial(evaluations.get_many, page_size=PAGE_SIZE))
    for run in (recent.evaluations if recent else [])[:MAX_OF_A_KIND]:
        read("getEvaluation", partial(evaluations.get_by_id, run.id))
        read("listResults", partial(evaluations.get_results, run.id, page_size=PAGE_SIZE))
    successes = partial(evaluations.get_many, status="success", page_size=5 * PAGE_SIZE)
    finished = read("listEvaluations", successes)
    if pair := _pair_on_one_benchmark(finished.evaluations if finished else []):
        first, second = pair
        compare = partial(client.comparisons.compare, first.id, second.id, page_size=PAGE_SIZE)
        read("compareEvaluations", compare)
    read.missing("getEvaluation", partial(evaluations.get_by_id, MISSING_ID))


def read_v2(client: V2Client, read: Reader) -> None:
    """Read the v2 API: its 5 operations, with up to 13 requests."""
    benchmarks = client.benchmarks
    kinds: Sequence[BenchmarkType] = read("listBenchmarkTypes", benchmarks.list_types) or ()
    models: Sequence[BenchmarkModel] = read("listBenchmarkModels", benchmarks.list_models) or ()
    for model in models[:MAX_OF_A_KIND]:
        read("getBenchmarkModel", partial(benchmarks.get_model, model.id))
    for kind in kinds[:1]:
        read("listBenchmarkModels", partial(benchmarks.list_models, benchmark_type_id=kind.id))
        for model in models[:MAX_OF_A_KIND]:
            runs = read("listProbeRuns", partial(benchmarks.list_runs, model.id, kind.id))
            for run in (runs or [])[:1]:
                read("getProbeRun", partial(benchmarks.get_run, model.id, run.id))
    read.missing("getBenchmarkModel", partial(benchmarks.get_model, MISSING_NUMBER))


def read_v0(client: V0Client, read: Reader) -> None:
    """Read the v0 API: the 5 operations that only read, up to 8 requests."""
    read("getHealth", client.health)
    read("getAccount", client.me)
    read("listBenchmarks", client.benchmarks.list)
    jobs = read("listJobs", partial(client.jobs.list, limit=PAGE_SIZE))
    for job_id in [job.id for job in jobs or () if job.id is not None][:MAX_OF_A_KIND]:
        read("getJob", partial(client.jobs.get, job_id))
    read.missing("getJob", partial(client.jobs.get, MISSING_ID))


def _pair_on_one_benchmark(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Return two evaluations on one benchmark; an empty list if there are none."""
    by_benchmark: dict[str, list[Evaluation]] = {}
    for evaluation in evaluations:
        pair = by_benchmark.setdefault(evaluation.benchmark_id, [])
        pair.append(evaluation)
        if len(pair) == 2:
            return pair
    return []
