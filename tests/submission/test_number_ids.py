"""Ids that are numbers, as the v0 API's vendor prints them: sent as given, compared as text."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

import benchwire
from benchwire._async.jobs import AsyncJobs
from benchwire._sync.jobs import Jobs
from benchwire.models import BatchJobItem, JobSpec
from support.both import Flavour
from support.jobs_service import ENDPOINT, SECRETS, JobsService
from support.scripted import Received, Reply, always, json_reply

ACCOUNT = {"organization_id": 42, "account_id": 7, "available_credits": 125.0}
BENCHMARK = {
    "id": 1,
    "merchant_id": 3,
    "name": "content-safety",
    "display_name": "Content safety",
    "version": 1,
    "benchmark_property_id": 12,
    "price_per_benchmark_unit": 5.0,
    "currency": "credits",
    "created_at": "2025-05-01T08:00:00Z",
    "updated_at": "2025-06-01T08:00:00Z",
}


def test_the_printed_bodies_are_parsed(flavour: Flavour, scripted: Any) -> None:
    client = flavour.v0(scripted(always(json_reply(ACCOUNT))).url)
    account = flavour.result(client.me())
    assert (account.organization_id, account.account_id) == (42, 7)
    client = flavour.v0(scripted(always(json_reply({"benchmarks": [BENCHMARK]}))).url)
    (benchmark,) = flavour.result(client.benchmarks.list())
    assert benchmark.to_dict() == BENCHMARK | {
        "created_at": "2025-05-01T08:00:00+00:00",
        "updated_at": "2025-06-01T08:00:00+00:00",
    }


@pytest.mark.parametrize("benchmark_id", [1, "1", 2**63 - 1])
def test_an_id_is_sent_as_given(
    benchmark_id: int | str, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    flavour.result(client.jobs.submit(benchmark_id, ENDPOINT, **SECRETS))
    batch = [benchmark_id, {"benchmark_id": benchmark_id}, BatchJobItem(benchmark_id=benchmark_id)]
    flavour.result(client.jobs.submit_batch(batch, ENDPOINT, **SECRETS))
    one, many = (received.json() for received in jobs.posted)
    sent = [one["benchmark_id"], *(item["benchmark_id"] for item in many["jobs"])]
    assert [(type(value), value) for value in sent] == [(type(benchmark_id), benchmark_id)] * 4


@pytest.mark.parametrize("jobs_class", [Jobs, AsyncJobs])
def test_a_type_checker_takes_a_number_wherever_an_id_is_passed(jobs_class: type) -> None:
    for method, name in [
        ("submit", "benchmark_id"),
        ("run", "benchmark_id"),
        ("submit_batch", "jobs"),
    ]:
        annotation = inspect.signature(getattr(jobs_class, method)).parameters[name].annotation
        assert {"str", "int"} <= set(re.findall(r"\w+", annotation)), method
    assert {"str", "int"} <= set(re.findall(r"\w+", JobSpec.__annotations__["benchmark_id"]))


@pytest.mark.parametrize("refused", [True, 1.0, None, 2**63])
def test_what_is_no_id_is_refused(
    refused: Any, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^benchmark_id must be"):
        flavour.result(client.jobs.submit(refused, ENDPOINT, **SECRETS))
    assert jobs.posted == []


@pytest.mark.parametrize("given", [1, "1"])
@pytest.mark.parametrize("listed", [1, "1", 1.0])
def test_an_unknown_submission_is_found_whatever_the_type_of_the_listed_id(
    given: int | str, listed: Any, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses, jobs.executes = [None], [False]
    jobs.on_submission = lambda: jobs.row({"benchmark_id": listed})
    assert flavour.result(client.jobs.submit(given, ENDPOINT, **SECRETS)).job_id == "j1"
    assert len(jobs.posted) == 1


@pytest.mark.parametrize("given", [1, "1"])
def test_another_number_is_another_benchmark(
    given: int | str, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses, jobs.executes = [None], [False]
    jobs.on_submission = lambda: jobs.row({"benchmark_id": 11})
    with pytest.raises(benchwire.SubmissionUnknown):
        flavour.result(client.jobs.submit(given, ENDPOINT, **SECRETS))


@pytest.mark.parametrize("given", [1, "1"])
@pytest.mark.parametrize("listed", [1, "1"])
def test_the_price_is_found_whatever_the_type_of_the_id(
    given: int | str, listed: int | str, flavour: Flavour, scripted: Any
) -> None:
    def respond(received: Received) -> Reply:
        assert received.method == "GET"
        if received.path == "/v0/benchmarks":
            return json_reply({"benchmarks": [BENCHMARK | {"id": listed}]})
        return json_reply(ACCOUNT if received.path == "/v0/me" else {"jobs": []})

    client = flavour.v0(scripted(respond).url)
    spec = JobSpec(benchmark_id=given, endpoint_url=ENDPOINT, **SECRETS)
    with pytest.raises(benchwire.InsufficientCreditsError) as refused:
        flavour.result(client.jobs.run_many([spec], budget_credits=4))
    assert refused.value.needed == 5


@pytest.mark.parametrize(
    ("price", "available", "budget", "refused"),
    [
        (0.1, 0.2, 0.3, "0.3 credits are needed and 0.2 are available"),
        (0.3, 0.2, 3 * 0.3, "0.9 credits are needed and 0.2 are available"),
        (0.3, 3 * 0.3, None, ""),
        (1234567.5, 9e9, 1.25, "the run costs 3703702.5 credits and the budget is 1.25"),
    ],
)
def test_no_cost_is_above_a_limit_by_rounding(
    price: float, available: float, budget: float | None, refused: str,
    flavour: Flavour, scripted: Any,
) -> None:  # fmt: skip
    """Three units; 3 * 0.3 is below 0.9. Amounts in an error have all of their digits."""
    content = {
        "benchmarks": [BENCHMARK | {"price_per_benchmark_unit": price}],
        **ACCOUNT, "available_credits": available, "jobs": [],
    }  # fmt: skip

    def answer(received: Received) -> Reply:
        return json_reply(content, 400 if received.method == "POST" else 200)

    client = flavour.v0(scripted(answer).url)
    spec = JobSpec(
        benchmark_id=BENCHMARK["id"], endpoint_url=ENDPOINT, benchmark_count=3, **SECRETS
    )
    if refused:
        with pytest.raises(benchwire.InsufficientCreditsError, match=refused):
            flavour.result(client.jobs.run_many([spec], budget_credits=budget))
    else:
        [outcome] = flavour.result(client.jobs.run_many([spec], budget_credits=budget))
        assert outcome.error.status_code == 400  # it was submitted


def test_a_run_goes_on_with_the_same_id_in_the_other_type(
    flavour: Flavour, jobs: JobsService, scripted: Any
) -> None:
    def respond(received: Received) -> Reply | None:
        if received.path.startswith("/v0/jobs/"):
            row = next(row for row in jobs.jobs if received.path.endswith(row["id"]))
            return json_reply(row | {"status": "completed"})
        if received.path in {"/v0/me", "/v0/benchmarks"}:
            return json_reply({**ACCOUNT, "benchmarks": [BENCHMARK]})
        for row in jobs.jobs:
            row["status"] = "completed"
        return jobs(received)

    client = flavour.v0(scripted(respond).url)
    for given in (1, "1"):
        spec = JobSpec(benchmark_id=given, endpoint_url=ENDPOINT, **SECRETS)
        (outcome,) = flavour.result(client.jobs.run_many([spec], run_id="run"))
        assert outcome.ok
        assert outcome.benchmark_id == given
    assert len(jobs.posted) == 1


@pytest.mark.parametrize("suffix", ["", "/", "/v0", "/v0/"])
def test_the_base_url_may_end_with_the_path_of_the_api(
    suffix: str, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply(ACCOUNT)))
    flavour.result(flavour.v0(service.url + suffix).me())
    flavour.result(flavour.v0(service.url + "/gateway" + suffix).me())
    assert [request.target for request in service.requests] == [b"/v0/me", b"/gateway/v0/me"]


@pytest.mark.parametrize("is_foreign", [False, True])
def test_health_is_requested_without_the_key(
    is_foreign: bool, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply({"status": "ok", "uptime": 5})))
    client = flavour.v0(service.url, **({"http_client": flavour.http()} if is_foreign else {}))
    health = flavour.result(client.health())
    assert (health.status, health.additional_properties) == ("ok", {"uptime": 5})
    (request,) = service.requests
    assert (request.target, request.header("authorization")) == (b"/v0/health", None)


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"HARMSTACK_API_KEY": "theirs"}, "theirs"),
        ({"HARMSTACK_API_KEY": "theirs", "BENCHWIRE_V0_API_KEY": "ours"}, "ours"),
        ({"HARMSTACK_API_KEY": "theirs", "BENCHWIRE_V0_API_KEY": " "}, "theirs"),
    ],
)
def test_the_vendors_variable_is_read_beside_ours(
    variables: dict[str, str], key: str, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    service = scripted(always(json_reply(ACCOUNT)))
    with benchwire.V0Client(base_url=service.url, journal=False) as client:
        client.me()
    assert service.requests[0].header("authorization") == f"Bearer {key}"
