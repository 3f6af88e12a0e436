"""Realistic edits of the real specs: each is generated from, type-checked and used.

Nothing written by hand is touched. Where an edit is additive, mypy must report nothing and what is
new must work; where it is breaking, mypy must name the hand-written line that depends on it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from support import wire
from support.scripted import Handler, Received, ScriptedService, always, json_reply
from support.workers import made_once

from .drill import Copy, TypeFault, is_generated
from .edits import (
    Edit,
    Spec,
    field,
    operation,
    parameter,
    query,
    remove_operation,
    rename,
    rename_operation,
    rename_schema,
    schema,
)


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The repository after a release of its specs, all breaking edits and `make generate`."""
    edits = [(row.api, row.edit) for row in BREAKING.values()]
    return Copy(made_once(tmp_path_factory, "broken", lambda to: Copy.after_edits(to, edits, {})))


@pytest.fixture(scope="session")
def faults(broken: Copy) -> set[TypeFault]:
    """Return mypy's errors after the breaking edits."""
    return {each for each in broken.faults() if not is_twin(each)}


@dataclass(frozen=True)
class Additive:
    """An edit that leaves the wrapper as it is.

    Attributes:
        report: The line `make generate` must print.
        program: Uses what is new, on the generated packages, against the service at `url`.
        handler: The service.
        result: What the program must set `result` to.
        received: Extracts the facts to compare from the requests.
        expected: Those facts.
    """

    api: str
    edit: Edit
    report: str
    program: str
    handler: Handler
    result: Any
    received: Callable[[list[Received]], Any]
    expected: Any


def generated(api: str, package: str, module: str, call: str) -> str:
    """A program that calls an operation of a generated package."""
    return (
        f"from benchwire_api.{api} import Client\n"
        f"from benchwire_api.{api} import models\n"
        f"from benchwire_api.{api}.api.{package} import {module} as operation\n"
        f"with Client(base_url=url, token='k') as client:\n"
        f"    response = operation.sync(client=client, {call})\n"
    )


def wrapped(client: str, call: str) -> str:
    """A program that calls a method of the wrapper."""
    return (
        "import benchwire\n"
        f"with benchwire.{client}(base_url=url, api_key='k') as client:\n"
        f"    response = client.{call}\n"
    )


def new_operation(spec: Spec) -> None:
    schemas = spec["components"]["schemas"]
    schemas["JobLog"] = {
        "type": "object",
        "description": "What a job did.",
        "required": ["lines"],
        "properties": {
            "lines": {"type": "array", "description": "A line each.", "items": {"type": "string"}}
        },
    }
    read = operation(spec, "getJob")
    response = {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobLog"}}}
    }
    spec["paths"]["/v0/jobs/{id}/log"] = {
        "get": {
            **read,
            "operationId": "getJobLog",
            "x-python-method": "jobs.get_log",
            "responses": {**read["responses"], "200": {"description": "The log.", **response}},
        }
    }


def sizes_are_always_there(spec: Spec) -> None:
    schema(spec, "PublicModelsListResponse")["required"].append("sizes")


def snake_case_on_the_wire(spec: Spec) -> None:
    spec["components"]["parameters"]["BenchmarkTypeId"]["name"] = "benchmark_type_id"


MODELS = always(json_reply(wire.models([wire.model(1)], 1)))
SUBMITTED = always(json_reply({"job_id": "j1"}, 202))

ADDITIVE = {
    "a new optional parameter": Additive(
        "v0",
        lambda spec: operation(spec, "listJobs")["parameters"].append(query("created_after")),
        "additive  v0      `list_jobs` may be given `created_after: str`",
        generated("v0", "jobs", "list_jobs", "created_after='2025', limit=2")
        + "result = [job.id for job in response.jobs]",
        always(json_reply({"jobs": [wire.job("j1", "running")]})),
        ["j1"],
        lambda requests: [request.query for request in requests],
        [{"created_after": "2025", "limit": "2"}],
    ),
    "a new optional parameter beside list filters": Additive(
        "public",
        lambda spec: operation(spec, "listModels")["parameters"].append(query("speed", "integer")),
        "additive  public  `list_models` may be given `speed: int`",
        generated("public", "models", "list_models", "speed=3, companies=['a', 'b']")
        + "result = [model.id for model in response.models]",
        MODELS,
        ["m1"],
        lambda requests: [request.query for request in requests],
        [{"companies": "a,b", "page": "1", "page_size": "100", "speed": "3"}],
    ),
    "a new field of a response": Additive(
        "public",
        lambda spec: schema(spec, "PublicModelDetail")["properties"].update(
            family={"type": ["string", "null"], "description": "Its family."}
        ),
        "additive  public  `PublicModelDetail.family: str | None` is new",
        wrapped("PublicClient", "models.get()")
        + "result = [[model.family, model.additional_properties] for model in response.models]",
        always(json_reply(wire.models([wire.model(1, family="atlas"), wire.model(2)], 2))),
        [["atlas", {}], [None, {}]],
        len,
        1,
    ),
    "a new field of a body": Additive(
        "v0",
        lambda spec: schema(spec, "SubmitJobRequest")["properties"].update(
            callback_url={"type": "string", "description": "Who to tell."}
        ),
        "additive  v0      `SubmitJobRequest.callback_url: str` is new",
        generated(
            "v0",
            "jobs",
            "submit_job",
            "body=models.SubmitJobRequest(benchmark_id='b', endpoint_url='https://e.test',"
            " api_key='s', callback_url='https://c.test')",
        )
        + "result = response.job_id",
        SUBMITTED,
        "j1",
        lambda requests: [request.json()["callback_url"] for request in requests],
        ["https://c.test"],
    ),
    "a new enum value": Additive(
        "v0",
        lambda spec: schema(spec, "JobStatus")["enum"].append("cancelled"),
        "additive  v0      `JobStatus.CANCELLED` (`cancelled`) is new",
        wrapped("V0Client", "jobs.get('j1')")
        + "result = [response.status is benchwire.models.JobStatus.CANCELLED, response.status]",
        always(json_reply(wire.job("j1", "cancelled"))),
        [True, "cancelled"],
        lambda requests: [request.path for request in requests],
        ["/v0/jobs/j1"],
    ),
    "a new operation": Additive(
        "v0",
        new_operation,
        "additive  v0      operation `get_job_log` is new",
        wrapped("V0Client", "jobs.get_log('j/1')") + "result = response.lines",
        always(json_reply({"lines": ["began", "ended"]})),
        ["began", "ended"],
        lambda requests: [request.target for request in requests],
        [b"/v0/jobs/j%2F1/log"],
    ),
    "a wider limit": Additive(
        "public",
        lambda spec: spec["components"]["parameters"]["PageSize"]["schema"].update(maximum=1000),
        "additive  public  maximum of `page_size` of `list_models` is 1000, was 500",
        generated("public", "models", "list_models", "page_size=1000") + "result = response.count",
        MODELS,
        1,
        lambda requests: [request.query for request in requests],
        [{"page": "1", "page_size": "1000"}],
    ),
    # Graded semantic: code that builds the response without the field fails.
    "a nullable field of a response made required": Additive(
        "public",
        sizes_are_always_there,
        "semantic  public  `PublicModelsListResponse.sizes` is always present, and code that builds"
        " such an object must give it",
        wrapped("PublicClient", "models.get(ids=[])") + "result = [response.sizes, response.count]",
        MODELS,
        [[], 0],
        len,
        0,
    ),
    # Graded semantic: another name is sent, and no code changes.
    "a parameter's other name on the wire": Additive(
        "v2",
        snake_case_on_the_wire,
        "semantic  v2      `benchmark_type_id` of `list_benchmark_models` is `benchmark_type_id` on"
        " the wire, was `benchmarkTypeId`",
        wrapped("V2Client", "benchmarks.list_models(4)")
        + "result = [each.id for each in response]",
        always(json_reply([wire.MODEL_V2])),
        [7],
        lambda requests: [request.query for request in requests],
        [{"benchmark_type_id": "4"}],
    ),
}


@pytest.fixture(scope="module")
def outcomes(extended: Copy) -> dict[str, tuple[Any, Any]]:
    """What each program sets `result` to, and what of it arrives: all run in one process."""
    with ExitStack() as stack:
        services = [stack.enter_context(ScriptedService(row.handler)) for row in ADDITIVE.values()]
        programs = [
            (row.program, service.url)
            for row, service in zip(ADDITIVE.values(), services, strict=True)
        ]
        results = extended.use(ALL.format(programs=programs), "")
        received = [
            row.received(service.requests)
            for row, service in zip(ADDITIVE.values(), services, strict=True)
        ]
    return dict(zip(ADDITIVE, zip(results, received, strict=True), strict=True))


ALL = """
result = []
for program, url in {programs!r}:
    names = {{"url": url}}
    try:
        exec(program, names)
    except Exception as error:
        names["result"] = f"{{type(error).__name__}}: {{error}}"
    result.append(names["result"])
"""


@pytest.mark.parametrize("name", ADDITIVE)
def test_an_additive_edit_needs_no_hand_written_line(
    name: str, outcomes: dict[str, tuple[Any, Any]], report: str
) -> None:
    row = ADDITIVE[name]
    assert f"  {row.report}\n" in report
    assert outcomes[name] == (row.result, row.expected)


def test_mypy_accepts_the_additive_edits_of_all_files(type_faults: set[TypeFault]) -> None:
    assert {each for each in type_faults if not each.file.startswith("use_")} == set()


@dataclass(frozen=True)
class Breaking:
    """An edit that the wrapper doesn't survive.

    Attributes:
        report: The line `make generate` must print.
        line: A part of the hand-written line that mypy must name.
        fault: What mypy must report of the line.
    """

    api: str
    edit: Edit
    report: str
    line: str
    fault: str


def remove_status(spec: Spec, value: str) -> None:
    evaluation = schema(spec, "Evaluation")["x-python-properties"]
    for holder in (schema(spec, "EvaluationStatus")["enum"], evaluation["is_finished"]["values"]):
        holder.remove(value)


BREAKING = {
    "a renamed parameter": Breaking(
        "v0",
        lambda spec: parameter(spec, "limit", "listJobs").update(name="max_results"),
        "breaking  v0      `limit` of `list_jobs` is now called `max_results`",
        "build_request(",
        'Unexpected keyword argument "limit" for "build_request"',
    ),
    "a renamed list filter": Breaking(
        "public",
        lambda spec: parameter(spec, "datasets").update({"x-python-name": "dataset_ids"}),
        "breaking  public  `benchmark_ids` of `list_evaluations` is now called `dataset_ids`",
        "build_request(",
        'Unexpected keyword argument "benchmark_ids" for "build_request"',
    ),
    "a new required parameter": Breaking(
        "v0",
        lambda spec: operation(spec, "getJob")["parameters"].append(
            query("shard", "integer", required=True)
        ),
        "breaking  v0      `get_job` must be given `shard: int`",
        "build_request(",
        'Missing named argument "shard" for "build_request"',
    ),
    "an optional field of a body made required": Breaking(
        "v0",
        lambda spec: schema(spec, "SubmitJobBatchRequest")["required"].append("model"),
        "breaking  v0      `SubmitJobBatchRequest.model` must be given",
        "model=",
        'Argument "model" to "SubmitJobBatchRequest" has incompatible type "str | Unset"',
    ),
    "a field that may be null now": Breaking(
        "public",
        lambda spec: field(spec, "Evaluation", "id").update(type=["string", "null"]),
        "breaking  public  `Evaluation.id` is `str | None`, was `str`",
        "return first.id, second.id",
        'got "tuple[str | None, str | None]", expected "tuple[str, str]"',
    ),
    "a removed field": Breaking(
        "public",
        lambda spec: schema(spec, "Evaluation")["properties"].pop("submitted_at"),
        "breaking  public  `Evaluation.submitted_at` is gone",
        "evaluation.submitted_at",
        '"Evaluation" has no attribute "submitted_at"',
    ),
    "a renamed field": Breaking(
        "v0",
        lambda spec: rename(schema(spec, "Job")["properties"], "batch_id", "group_id"),
        "breaking  v0      `Job.batch_id` is now called `group_id`",
        "job.batch_id",
        '"Job" has no attribute "batch_id"',
    ),
    "a retyped field": Breaking(
        "v0",
        lambda spec: field(spec, "Benchmark", "price_per_benchmark_unit").update(
            type=["string", "null"]
        ),
        "breaking  v0      `Benchmark.price_per_benchmark_unit` is `str | None`, was `float | None`",
        "_cost(",
        'Argument 2 to "_cost" has incompatible type "dict[str, str | None]"',
    ),
    "a removed enum value": Breaking(
        "public",
        lambda spec: remove_status(spec, "cancelled"),
        "breaking  public  `EvaluationStatus.CANCELLED` (`cancelled`) is gone",
        "EvaluationStatus.CANCELLED",
        '"type[EvaluationStatus]" has no attribute "CANCELLED"',
    ),
    "a removed operation": Breaking(
        "v0",
        lambda spec: remove_operation(spec, "getAccount"),
        "breaking  v0      operation `get_account` is gone",
        "import get_account",
        'Cannot find implementation or library stub for module named "benchwire_api.v0.api.account"',
    ),
    "a renamed operation": Breaking(
        "v0",
        lambda spec: rename_operation(spec, "listBenchmarks", "listPrices"),
        "breaking  v0      operation `list_benchmarks` is now called `list_prices`",
        "import list_benchmarks",
        'Module "benchwire_api.v0.api.benchmarks" has no attribute "list_benchmarks"',
    ),
    "a renamed schema": Breaking(
        "public",
        lambda spec: rename_schema(spec, "SummaryMetric", "MetricOfSummary"),
        "breaking  public  class `SummaryMetric` is now called `MetricOfSummary`",
        "from benchwire_api.public.models import",
        'Module "benchwire_api.public.models" has no attribute "SummaryMetric"',
    ),
}


@pytest.mark.parametrize("name", BREAKING)
def test_mypy_names_the_hand_written_line_that_a_breaking_edit_breaks(
    name: str, broken: Copy, faults: set[TypeFault]
) -> None:
    row = BREAKING[name]
    assert f"  {row.report}\n" in broken.report()
    named = [each for each in faults if row.line in each.source and row.fault in each.message]
    assert named, faults


def test_generated_code_is_sound_by_itself(faults: set[TypeFault]) -> None:
    assert {each.file.split("/")[:2] == ["wrapper", "benchwire"] for each in faults} == {True}
    assert not any(is_generated(each.file) for each in faults)


def is_twin(fault: TypeFault) -> bool:
    """Return whether an error stands in the sync text of a hand-written async module."""
    sync, operations = "wrapper/benchwire/_sync/", "/operations/"
    return fault.file.startswith(sync) and operations not in fault.file
