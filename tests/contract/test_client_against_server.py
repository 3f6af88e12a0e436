"""The generated packages alone against the embedded server: every operation, sync and async."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

import attrs
import pytest

from benchwire_api import public, v0, v2
from benchwire_api.errors import StatusError
from benchwire_api.public.api import benchmarks as public_benchmarks
from benchwire_api.public.api import comparisons, evaluations, models
from benchwire_api.v0.api import account, jobs, service
from benchwire_api.v0.api import benchmarks as v0_benchmarks
from benchwire_api.v2.api import benchmarks as v2_benchmarks
from benchwire_local import LocalServer, Settings
from benchwire_specs import APIS, load_document
from support.offered import operations as of_spec
from support.offered import parameters, pointed_at, python_name, snake

pytestmark = pytest.mark.anyio
CREDITS = 20
SPECS: dict[str, Any] = {api: dict(load_document(api).content) for api in APIS}


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer(Settings(initial_credits=CREDITS)) as running:
        yield running


class Caller:
    """Calls operations through a client, sync or async, and records which."""

    def __init__(self, way: str, client: Any) -> None:
        self.client = client
        self.called: set[str] = set()
        self._way = way

    async def __call__(self, operation: ModuleType, *path: Any, **arguments: Any) -> Any:
        self.called.add(operation.__name__)
        result = getattr(operation, self._way)(*path, client=self.client, **arguments)
        result = await result if self._way == "asyncio" else result
        assert not list(unknown(result))
        return result

    async def rejected(self, operation: ModuleType, *path: Any, **arguments: Any) -> StatusError:
        with pytest.raises(StatusError) as caught:
            await self(operation, *path, **arguments)
        return caught.value


@contextlib.asynccontextmanager
async def calling(way: str, client: Any) -> AsyncIterator[Caller]:
    with client:
        async with client:
            yield Caller(way, client)


def unknown(value: Any) -> Iterator[str]:
    """Yield the fields of a response that the models do not have."""
    if isinstance(value, list):
        for item in value:
            yield from unknown(item)
    elif attrs.has(type(value)):
        yield from value.additional_properties
        for field in attrs.fields(type(value)):
            if field.name != "additional_properties":
                yield from unknown(getattr(value, field.name))


def operations(package: ModuleType) -> set[str]:
    modules = pkgutil.walk_packages(package.api.__path__, package.api.__name__ + ".")
    return {module.name for module in modules if not module.ispkg}


async def call_the_others(call: Caller, package: ModuleType) -> None:
    """Call every operation that a test has not called, with the examples of the spec."""
    api = package.__name__.rpartition(".")[2]
    for operation_id, (_, item, operation) in of_spec(SPECS[api]).items():
        name = f"{package.api.__name__}.{snake(operation['tags'][0])}.{snake(operation_id)}"
        if name not in call.called:
            await call_with_examples(call, package, importlib.import_module(name), item, operation)
    assert call.called == operations(package)


async def call_with_examples(
    call: Caller, package: ModuleType, module: ModuleType, item: Any, operation: Any
) -> None:
    """Call an operation: it returns its model, or that the example's id does not exist."""
    spec = SPECS[package.__name__.rpartition(".")[2]]
    given = {
        python_name(each["name"], each): each["example"]
        for each in parameters(spec, item, operation)
        if "example" in each
    }
    if "requestBody" in operation:
        media = pointed_at(spec, operation["requestBody"])["content"]["application/json"]
        example = media.get("example") or next(iter(media["examples"].values()))["value"]
        model = getattr(package, media["schema"]["$ref"].rpartition("/")[2])
        given["body"] = model.from_dict(example)
    try:
        await call(module, **given)
    except StatusError as error:
        if error.status_code != 404 or not isinstance(error.parsed, package.ErrorResponse):
            raise


@pytest.mark.parametrize("package", [public, v2, v0], ids=["public", "v2", "v0"])
async def test_every_operation_that_reads_works_with_the_examples_of_its_spec(
    package: ModuleType, way: str, server: LocalServer
) -> None:
    base = server.public_base_url if package is public else server.url
    api = package.__name__.rpartition(".")[2]
    async with calling(way, package.Client(base_url=base, token=server.api_key)) as call:
        writes = {
            f"{package.api.__name__}.{snake(operation['tags'][0])}.{snake(name)}"
            for name, (_, item, operation) in of_spec(SPECS[api]).items()
            if item.get("get") is not operation
        }
        call.called = set(writes)
        await call_the_others(call, package)


@pytest.fixture(params=["sync", "asyncio"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_every_operation_of_the_public_api(way: str, server: LocalServer) -> None:
    async with calling(
        way, public.Client(base_url=server.public_base_url, token=server.api_key)
    ) as call:
        page = await call(models.list_models, page_size=3, sort_by=public.ModelSortBy.NAME)
        assert isinstance(page, public.PublicModelsListResponse)
        assert [type(model) for model in page.models] == [public.PublicModelDetail] * 3
        assert page.count == 3 < page.total_count
        assert all(isinstance(model.released_at, int) for model in page.models)
        named = await call(models.list_models, ids=[model.id for model in page.models[:2]])
        assert named.models == page.models[:2]

        catalogue = await call(public_benchmarks.list_benchmarks)
        benchmark = catalogue.datasets[0]
        assert isinstance(benchmark, public.PublicBenchmarkDetail)
        prompts = await call(
            public_benchmarks.list_benchmark_prompts, benchmark.id, page=2, page_size=5
        )
        assert isinstance(prompts, public.BenchmarkPromptsResponse)
        assert len(prompts.data.prompts) == 5
        assert prompts.data.count == benchmark.prompt_count

        runs = await call(
            evaluations.list_evaluations,
            benchmark_ids=[benchmark.id],
            status=public.EvaluationStatus.SUCCESS,
            page_size=2,
        )
        first, second = runs.evaluations
        assert first.status is public.EvaluationStatus.SUCCESS
        evaluation = await call(evaluations.get_evaluation, first.id)
        assert isinstance(evaluation, public.Evaluation)
        assert isinstance(evaluation.summary, public.EvaluationSummary)
        assert evaluation.benchmark_id == benchmark.id
        assert attrs.evolve(evaluation, summary=None) == first

        both = {"evaluation_id_1": first.id, "evaluation_id_2": second.id}
        outcomes = {
            outcome: await call(comparisons.compare_evaluations, **both, outcome_filter=outcome)
            for outcome in public.OutcomeFilter
        }
        whole = outcomes.pop(public.OutcomeFilter.ALL)
        assert isinstance(whole, public.ComparisonResponse)
        assert isinstance(whole.results[0], public.ComparisonResult)
        assert sum(part.total_count for part in outcomes.values()) == whole.total_count
        nothing = await call(comparisons.compare_evaluations, **both, search="no such words")
        assert nothing.results == []

        missing = await call.rejected(evaluations.get_evaluation, "a/b c")
        assert missing.status_code == 404
        assert isinstance(missing.parsed, public.ErrorResponse)
        assert "'a/b c'" in missing.parsed.error
        assert missing.headers["x-request-id"]

        await call_the_others(call, public)


async def test_every_operation_of_the_v2_api(way: str, server: LocalServer) -> None:
    async with calling(way, v2.Client(base_url=server.v2_base_url, token=server.api_key)) as call:
        kind = (await call(v2_benchmarks.list_benchmark_types))[0]
        assert isinstance(kind, v2.BenchmarkType)
        model = (await call(v2_benchmarks.list_benchmark_models, benchmark_type_id=kind.id))[0]
        assert isinstance(model, v2.BenchmarkModel)
        assert isinstance(model.benchmark_date, datetime)
        details = await call(v2_benchmarks.get_benchmark_model, model.id, benchmark_type_id=kind.id)
        assert isinstance(details, v2.BenchmarkModelWithDetails)
        assert details.scores == model.scores
        runs = await call(v2_benchmarks.list_probe_runs, model.id, benchmark_type_id=kind.id)
        assert sum(run.total_count for run in runs) == details.total_count
        run = await call(v2_benchmarks.get_probe_run, model.id, runs[0].id)
        assert isinstance(run, v2.BenchmarkProbeRunWithTestCases)
        assert len(run.test_cases) == run.total_count
        assert isinstance(run.test_cases[0], v2.BenchmarkTestCase)
        assert isinstance(run.test_cases[0].conversation[0], v2.ConversationMessage)
        assert attrs.evolve(run, test_cases=None).to_dict() == runs[0].to_dict()

        missing = await call.rejected(v2_benchmarks.get_benchmark_model, 2**40)
        assert missing.status_code == 404
        assert isinstance(missing.parsed, v2.ErrorResponse)
        assert str(2**40) in missing.parsed.error.message

        await call_the_others(call, v2)


async def test_every_operation_of_the_v0_api(way: str, server: LocalServer) -> None:
    async with calling(way, v0.Client(base_url=server.v0_base_url, token=server.api_key)) as call:
        assert (await call(service.get_health)).status == "ok"
        before = await call(account.get_account)
        assert isinstance(before, v0.Account)
        benchmark = (await call(v0_benchmarks.list_benchmarks)).benchmarks[0]
        assert isinstance(benchmark, v0.Benchmark)
        assert isinstance(benchmark.created_at, datetime)

        target: dict[str, Any] = {
            "endpoint_url": server.url + "/demo/raw",
            "api_key": "key-of-the-endpoint",
            "provider": v0.Provider.RAW,
        }
        request = v0.SubmitJobRequest(
            benchmark_id=benchmark.id, benchmark_count=2, seed=7, **target
        )
        submitted = await call(jobs.submit_job, body=request)
        assert isinstance(submitted, v0.SubmitJobResponse)
        assert submitted.status is v0.JobStatus.PENDING
        items = [v0.BatchJobItem(benchmark_id=benchmark.id, benchmark_count=n) for n in (1, 2)]
        batch = await call(
            jobs.submit_job_batch, body=v0.SubmitJobBatchRequest(jobs=items, **target)
        )
        assert isinstance(batch, v0.SubmitJobBatchResponse)

        ids = [submitted.job_id, *batch.job_ids]
        deadline = time.monotonic() + 60
        job = await call(jobs.get_job, ids[0])
        while job.completed_at is None:
            assert time.monotonic() < deadline
            job = await call(jobs.get_job, ids[0])
        assert isinstance(job, v0.Job)
        assert job.status is v0.JobStatus.COMPLETED
        assert job.passed_count + job.failed_count == job.total_count == job.needle_count
        listed = await call(jobs.list_jobs, limit=3)
        assert [job.id for job in listed.jobs] == ids[::-1]
        assert [job.credits_used for job in listed.jobs] == [2, 1, 2]
        after = await call(account.get_account)
        assert after.available_credits == before.available_credits - 5

        items *= 10
        broke = await call.rejected(
            jobs.submit_job_batch, body=v0.SubmitJobBatchRequest(jobs=items, **target)
        )
        assert broke.status_code == 402
        assert isinstance(broke.parsed, v0.ErrorResponse)
        assert "30" in broke.parsed.error
        assert (await call(account.get_account)) == after

        await call_the_others(call, v0)


@pytest.mark.parametrize(
    ("package", "operation"),
    [
        (public, models.list_models),
        (v2, v2_benchmarks.list_benchmark_types),
        (v0, account.get_account),
    ],
    ids=["public", "v2", "v0"],
)
async def test_another_key_is_rejected(
    package: ModuleType, operation: ModuleType, way: str, server: LocalServer
) -> None:
    base = server.public_base_url if package is public else server.url
    async with calling(way, package.Client(base_url=base, token="another-key")) as call:
        error = await call.rejected(operation)
        assert error.status_code == 401
        assert isinstance(error.parsed, package.ErrorResponse)
        assert "another-key" not in str(error)
