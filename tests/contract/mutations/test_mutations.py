"""Each mutation, on a real socket: it changes what its row in expected.yaml has, and nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts.contract.mutations.table import MUTATIONS
from scripts.contract.services import SERVICES

from contract.mutations.conftest import Mutated, job_request, mutable_server, wait_until_ended
from contract.mutations.corpus import corpus, summary

EXPECTED: dict[str, Any] = yaml.load(
    (Path(__file__).parent / "expected.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
)
# These show only in a submission, or in its job: they have tests of their own below.
SUBMITTING = {
    "v0.submit.status-code",
    "v0.submit.field-renamed",
    "v0.submit.lost-write",
    "v0.batch.ids-missing",
    "v0.batch.field-retyped",
}


def test_every_mutation_is_expected_to_make_a_difference() -> None:
    assert EXPECTED.keys() | SUBMITTING == set(MUTATIONS)
    assert not EXPECTED.keys() & SUBMITTING
    assert all(EXPECTED.values())
    assert len(MUTATIONS) >= 60


def test_every_mutation_is_described() -> None:
    names = operation_names()
    for mutation in MUTATIONS.values():
        assert re.fullmatch(r"(public|v2|v0)(\.[a-z]+)?\.[a-z-]+", mutation.id)
        assert mutation.api == mutation.id.partition(".")[0]
        assert mutation.operations
        assert {operation.partition(".")[0] for operation in mutation.operations} == {mutation.api}
        assert set(mutation.operations) <= names
        assert mutation.kind
        assert mutation.description.endswith(".")


def test_every_operation_has_a_mutation() -> None:
    assert {op for item in MUTATIONS.values() for op in item.operations} == operation_names()


def operation_names() -> set[str]:
    return {f"{api}.{name}" for api, service in SERVICES.items() for name in service.operations}


def reached_by(name: str) -> set[str | None]:
    """Return the operations of a mutation, and of the requests beside them that it changes."""
    operations: dict[str, str | None] = {one.name: one.operation for one in corpus("1", "2", "3")}
    listed = [names for names in EXPECTED.get(name, {}).values() if isinstance(names, list)]
    return {*MUTATIONS[name].operations, *(operations[one] for names in listed for one in names)}


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_changes_what_is_expected(mutated: Mutated, name: str, whole: bool) -> None:
    responses = mutated.responses(name, operations=None if whole else reached_by(name))
    sent = [request for request in mutated.corpus if request.name in responses]
    actual = summary(sent, mutated.unmutated, responses, MUTATIONS[name].operations)
    assert actual == EXPECTED.get(name, {}), yaml.safe_dump({name: actual}, sort_keys=False)


def test_mutations_change_nothing_else(mutated: Mutated) -> None:
    reached = {name: reached_by(name) for name in MUTATIONS}
    for operation in {request.operation for request in mutated.corpus}:
        others = [name for name in MUTATIONS if operation not in reached[name]]
        responses = mutated.responses(*others, operations=[operation])
        assert responses == {name: mutated.unmutated[name] for name in responses}


def test_mutations_add_up(mutated: Mutated) -> None:
    """Two of one operation and one of another; each is there until the next activation."""
    names = "v0.account.field-renamed", "v0.account.field-retyped", "v2.types.envelope"
    operations = [operation for name in names for operation in MUTATIONS[name].operations]
    responses = mutated.responses(*names, operations=operations)
    # The second receives the app's response first and makes a string of what the first renames.
    assert responses["v0 account"].body["credits"] == str(
        mutated.unmutated["v0 account"].body["available_credits"]
    )
    assert responses["v2 types"].body == {"items": mutated.unmutated["v2 types"].body}
    assert mutated.responses() == mutated.unmutated


@pytest.mark.parametrize(
    ("name", "request_name", "path", "pattern"),
    [
        ("public.models.date-milliseconds", "listModels", "models.0.created_at", r"1\d{12}"),
        ("public.models.date-text", "listModels", "models.0.released_at", r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("public.models.total-lies", "listModels", "total_count", "10"),
        ("public.models.count-lies", "listModels page_size=4", "count", "5"),
        ("public.benchmarks.field-retyped", "listBenchmarks", "datasets.0.categories", "mathematics,reasoning"),
        ("public.benchmarks.boolean-text", "listBenchmarks", "datasets.0.deprecated", "false"),
        ("public.benchmarks.total-is-page", "listBenchmarks page_size=2", "total_count", "2"),
        ("public.prompts.id-number", "listBenchmarkPrompts", "data.prompts.0.id", "1"),
        ("public.evaluations.field-retyped", "listEvaluations", "evaluations.0.accuracy", r"92\.5%"),
        ("public.evaluations.enum-value", "listEvaluations", "evaluations.0.status", "succeeded"),
        ("public.comparison.counts-lie", "compareEvaluations", "correct_count_1", "241"),
        ("v2.models.date-format", "v2 models", "0.benchmarkDate", r"03\.06\.2025 09:15"),
        ("v2.model.field-retyped", "v2 model", "ranks.Security", r"no\. \d"),
        ("v2.runs.date-number", "v2 runs", "0.createdAt", "1748946747"),
        ("v2.run.score-fraction", "v2 run", "score", r"0\.6875"),
        ("v0.benchmarks.date-format", "v0 benchmarks", "benchmarks.0.created_at", "Thu, 01 May 2025 08:00:00 GMT"),
        ("v0.jobs.enum-value", "v0 jobs", "jobs.0.status", "succeeded"),
        ("v0.jobs.date-number", "v0 jobs", "jobs.0.created_at", r"\d{10}"),
        ("v0.job.date-no-zone", "v0 job", "completed_at", r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"),
        ("v0.job.status-back", "v0 job again", "status", "pending"),
    ],
)  # fmt: skip
def test_the_mutated_value(
    mutated: Mutated, name: str, request_name: str, path: str, pattern: str
) -> None:
    responses = mutated.responses(name, operations=MUTATIONS[name].operations)
    value = responses[request_name].body
    for step in path.split("."):
        value = value[int(step) if isinstance(value, list) else step]
    assert re.fullmatch(pattern, str(value))


def test_pages_that_overlap_and_pages_with_a_gap(mutated: Mutated) -> None:
    whole = [model["key"] for model in mutated.unmutated["listModels"].body["models"]]
    paged = mutated.responses("public.models.pages-overlap", operations=["public.listModels"])
    second = [model["key"] for model in paged["listModels page=2&page_size=4"].body["models"]]
    assert second == whole[3:7]
    every = mutated.unmutated["listBenchmarkPrompts"].body["data"]["prompts"]
    paged = mutated.responses(
        "public.prompts.pages-gap", operations=["public.listBenchmarkPrompts"]
    )
    shown = paged["listBenchmarkPrompts page=2&page_size=3"]
    assert shown.body["data"]["prompts"] == every[4:7]


@pytest.mark.parametrize(
    "name",
    [
        "public.evaluation.wrong-resource",
        "v2.model.wrong-resource",
        "v2.run.wrong-resource",
        "v0.job.wrong-resource",
    ],
)
def test_a_wrong_resource_exists(mutated: Mutated, name: str) -> None:
    """The unmutated server returns the same resource under its own id."""
    operation = MUTATIONS[name].operations[0]
    responses = mutated.responses(name, operations=[operation])
    for request in mutated.corpus:
        if request.operation == operation and mutated.unmutated[request.name].status == 200:
            other = responses[request.name].body
            own = str(mutated.unmutated[request.name].body["id"])
            mutated.activate()
            right = mutated.http.get(request.path.replace(own, str(other["id"])))
            assert right.json() == other
            assert str(other["id"]) != own


# ---- submissions ---------------------------------------------------------------------------


def submit(mutated: Mutated) -> Any:
    return mutated.http.post("/v0/jobs", json=job_request(mutated.server))


def batch(mutated: Mutated) -> Any:
    body = job_request(mutated.server)
    benchmark = body.pop("benchmark_id")
    jobs = [{"benchmark_id": benchmark}] * 3
    return mutated.http.post("/v0/jobs/batch", json={**body, "jobs": jobs})


@pytest.fixture
def submitting() -> Iterator[Mutated]:
    """A server of its own, since submissions change the lists of the others."""
    with mutable_server() as mutated:
        yield mutated


def all_job_ids(mutated: Mutated) -> list[str]:
    """Deactivate every mutation and return the ids of all jobs, newest first."""
    mutated.activate()
    return [job["id"] for job in mutated.http.get("/v0/jobs").json()["jobs"]]


def test_another_status_of_a_submission(submitting: Mutated) -> None:
    submitting.activate("v0.submit.status-code")
    response = submit(submitting)
    assert response.status_code == 201
    assert all_job_ids(submitting) == [response.json()["job_id"]]


def test_a_renamed_field_of_a_submission(submitting: Mutated) -> None:
    submitting.activate("v0.submit.field-renamed")
    response = submit(submitting)
    assert response.status_code == 202
    assert response.json().keys() == {"id", "status", "message"}
    assert all_job_ids(submitting) == [response.json()["id"]]


def test_a_lost_write(submitting: Mutated) -> None:
    http = submitting.http
    before = submit(submitting).json()["job_id"]
    account = http.get("/v0/me").json()["available_credits"]
    submitting.activate("v0.submit.lost-write")
    response = submit(submitting)
    assert response.status_code == 202
    lost = response.json()["job_id"]
    assert http.get("/v0/me").json()["available_credits"] == account - 1
    for query in ("", "?limit=1", "?limit=5"):
        assert [job["id"] for job in http.get(f"/v0/jobs{query}").json()["jobs"]] == [before]
    assert http.get("/v0/jobs?limit=0").status_code == 400
    missing = http.get(f"/v0/jobs/{lost}")
    assert missing.status_code == 404
    assert missing.json().keys() == {"error"}
    assert http.get(f"/v0/jobs/{before}").status_code == 200


def test_a_batch_without_one_of_its_ids(submitting: Mutated) -> None:
    submitting.activate("v0.batch.ids-missing")
    ids = batch(submitting).json()["job_ids"]
    assert all_job_ids(submitting)[::-1][:2] == ids
    assert len(all_job_ids(submitting)) == 3


def test_a_batch_whose_ids_are_one_string(submitting: Mutated) -> None:
    submitting.activate("v0.batch.field-retyped")
    ids = batch(submitting).json()["job_ids"]
    assert ids.split(",") == all_job_ids(submitting)[::-1]


def test_a_status_goes_back_and_forth(submitting: Mutated) -> None:
    submitting.activate()
    job_id = submit(submitting).json()["job_id"]
    job = wait_until_ended(submitting.http, job_id)
    submitting.activate("v0.job.status-back")
    shown = [submitting.http.get(f"/v0/jobs/{job_id}").json() for _ in range(4)]
    assert [seen["status"] for seen in shown] == ["completed", "pending"] * 2
    assert shown[0] == shown[2] == job
    assert shown[1]["completed_at"] is None


def test_a_submission_that_is_cut_off_does_not_break_the_server(submitting: Mutated) -> None:
    """Its client goes before the body's end, while a change waits for the response."""
    submitting.activate("v0.submit.status-code")
    host, port = submitting.server.url.removeprefix("http://").split(":")

    async def cut_off() -> None:
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /v0/jobs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {submitting.server.api_key}\r\n"
        writer.write(
            f"{head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{{".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    asyncio.run(cut_off())
    assert submit(submitting).status_code == 201
    assert len(all_job_ids(submitting)) == 1
