"""Submitting over HTTP: what is refused and why, credits, batches, lists."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from benchwire_local.jobs.endpoint_config import InvalidEndpointError, check_endpoint
from benchwire_local.server import LocalServer
from benchwire_local.settings import Settings
from benchwire_specs import load_document
from local.jobs.conftest import KEY, PRIVATE_DETAILS, REFUNDS, Api
from local.jobs.endpoints import Endpoint, always, endpoint

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def safe() -> Iterator[Endpoint]:
    with endpoint(always("SAFE")) as running:
        yield running


@pytest.fixture
def poor() -> Iterator[Api]:
    """A server whose account has five credits."""
    with LocalServer(Settings(api_key=KEY, initial_credits=5)) as running:
        client = Api(running.url)
        with client.http:
            yield client


def _jobs(api: Api, **query: Any) -> list[dict[str, Any]]:
    response = api.http.get("/v0/jobs", params=query)
    assert response.status_code == 200, response.text
    jobs: list[dict[str, Any]] = response.json()["jobs"]
    return jobs


def _batch(api: Api, url: str, *jobs: dict[str, Any], **fields: Any) -> Any:
    body = {"endpoint_url": url, "api_key": "k", "jobs": list(jobs), **fields}
    return api.http.post("/v0/jobs/batch", json=body)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/v1", "'example.com'"),
        ("http://10.0.0.1/v1", "'10.0.0.1'"),
        ("http://0.0.0.0/v1", "'0.0.0.0'"),
        ("http://[::2]/v1", "'::2'"),
        ("http://127.0.0.1.nip.io/v1", "'127.0.0.1.nip.io'"),
        ("http://localhost.example.com/v1", "'localhost.example.com'"),
        ("http://2130706433/v1", "'2130706433'"),
        ("http://127.1/v1", "'127.1'"),
        ("http://user:pass@localhost/v1", "user name or password"),
        ("http://localhost@example.com/v1", "user name or password"),
        ("ftp://localhost/v1", "http:// or https://"),
        ("file:///etc/hostname", "http:// or https://"),
        ("http:///v1", "http:// or https://"),
        ("http://localhost:123456/v1", "port must be from 1 to 65535, not 123456"),
        ("http://localhost:0/v1", "port must be from 1 to 65535, not 0"),
        ("http://localhost/v1?key=key-of-the-endpoint", "contains the api_key"),
    ],
)
def test_endpoints_that_are_refused(api: Api, url: str, said: str) -> None:
    before = api.credits()
    response = api.submit(url)
    assert response.status_code == 400
    assert "endpoint_url" in response.json()["error"]
    assert said in response.json()["error"]
    assert api.credits() == before


def test_names_of_this_machine_are_accepted(api: Api, safe: Endpoint) -> None:
    for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.0.0.53"):
        api.submitted(safe.url().replace("127.0.0.1", host))


def _checked(url: str, **fields: Any) -> Any:
    given = {"provider": "openai", "model": None, "api_key": "k", "headers": {}, **fields}
    return check_endpoint(url, **given, allow_remote=True)


def test_remote_endpoints_can_be_allowed() -> None:
    assert _checked("https://models.example.com/v1").url == "https://models.example.com/v1"
    for url in ("ftp://models.example.com/v1", "https://me:pass@models.example.com/v1"):
        with pytest.raises(InvalidEndpointError):
            _checked(url)


def test_a_target_does_not_show_its_secrets() -> None:
    target = _checked("http://localhost/", api_key="secret-1", headers={"x-a": "secret-2"})
    assert "secret" not in repr(target)


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Connection", "Transfer-Encoding", "TE", "Upgrade", "Expect"]
)
def test_headers_of_the_connection_are_refused(api: Api, safe: Endpoint, name: str) -> None:
    response = api.submit(safe.url(), headers={name: "secret-value"})
    assert response.status_code == 400
    assert name in response.json()["error"]
    assert "secret-value" not in response.text


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": {"x team": "v"}},
        {"headers": {"": "v"}},
        {"headers": {"x-team": "v-secret\r\nx-other: 1"}},
        {"headers": {"x-team": "v-secret\x00"}},
        {"headers": {"x-team": "vé-secret"}},
        {"headers": {"x-team": " v-secret"}},
        {"api_key": "v-secret\n"},
        {"api_key": "v-secreté"},
        {"api_key": ""},
    ],
)
def test_what_no_header_can_carry_is_refused(
    api: Api, safe: Endpoint, fields: dict[str, Any]
) -> None:
    response = api.submit(safe.url(), **fields)
    assert response.status_code == 400
    assert next(iter(fields)) in response.json()["error"]
    assert "secret" not in response.text


def test_an_unknown_benchmark_is_named(api: Api, safe: Endpoint) -> None:
    response = api.submit(safe.url(), benchmark_id=UNKNOWN)
    assert response.status_code == 404
    assert UNKNOWN in response.json()["error"]


def test_an_unknown_job_is_named(api: Api) -> None:
    response = api.http.get(f"/v0/jobs/{UNKNOWN}")
    assert response.status_code == 404
    assert UNKNOWN in response.json()["error"]


def test_credits_are_deducted_at_submission_and_never_overdrawn(poor: Api, safe: Endpoint) -> None:
    poor.submitted(safe.url(), benchmark_count=3)
    assert poor.credits() == 2
    response = poor.submit(safe.url(), benchmark_count=3)
    assert response.status_code == 402
    assert response.json()["error"] == "Not enough credits: this needs 3, and 2 are available."
    assert poor.credits() == 2
    assert len(_jobs(poor)) == 1


def test_a_batch_is_all_or_nothing(poor: Api, safe: Endpoint) -> None:
    two = {"benchmark_id": PRIVATE_DETAILS, "benchmark_count": 2}
    four = {"benchmark_id": REFUNDS, "benchmark_count": 4}
    assert _batch(poor, safe.url(), two, four).status_code == 402
    assert _batch(poor, safe.url(), two, {"benchmark_id": UNKNOWN}).status_code == 404
    assert _batch(poor, "http://example.com/", two).status_code == 400
    assert poor.credits() == 5
    assert _jobs(poor) == []
    assert safe.received == []


def test_a_batch_runs_every_job(api: Api) -> None:
    before = api.credits()
    one, two = {"benchmark_id": PRIVATE_DETAILS}, {"benchmark_id": REFUNDS, "benchmark_count": 2}
    with endpoint(always("SAFE")) as running:
        response = _batch(api, running.url(), one, two)
        assert response.status_code == 202, response.text
        reply = response.json()
        uuid.UUID(reply["batch_id"])
        assert reply["status"] == "pending"
        first, second = [api.ended(job_id) for job_id in reply["job_ids"]]
    assert api.credits() == before - 3
    assert (first["status"], first["total_count"]) == ("completed", 10)
    assert first["batch_id"] == second["batch_id"] == reply["batch_id"]
    # SAFE is no label of the second benchmark.
    assert second["status"] == "failed"
    assert second["credits_used"] == 2


def test_a_completed_job_has_the_documented_fields(api: Api, safe: Endpoint) -> None:
    job_id = api.submitted(safe.url(), benchmark_count=1)
    job = api.ended(job_id)
    assert list(job)[:12] == [
        *("id", "status", "module", "benchmark_id", "benchmark_name", "endpoint_url"),
        *("needle_count", "hay_count", "total_prompts", "credits_used"),
        *("created_at", "completed_at"),
    ]
    assert job["id"] == str(uuid.UUID(job_id))
    assert job["benchmark_id"] == PRIVATE_DETAILS
    assert job["benchmark_name"] == "Private details (sample data)"
    assert job["endpoint_url"] == safe.url()
    assert job["credits_used"] == 1
    assert job["created_at"] <= job["completed_at"]
    assert "batch_id" not in job
    assert "processed_prompts" not in job


@pytest.mark.usefixtures("short_jobs")
def test_lists_are_newest_first_filtered_and_limited(api: Api, safe: Endpoint) -> None:
    ids = [api.submitted(safe.url()) for _ in range(3)]
    failed = api.submitted(safe.url(), benchmark_id=REFUNDS)
    for job in _jobs(api, limit=100):  # those of earlier tests too: they share the server
        api.ended(job["id"])
    assert [job["id"] for job in _jobs(api)][:4] == [failed, *reversed(ids)]
    assert [job["id"] for job in _jobs(api, limit=2)] == [failed, ids[2]]
    assert [job["id"] for job in _jobs(api, status="completed", limit=3)] == ids[::-1]
    assert _jobs(api, status="failed")[0]["id"] == failed
    assert _jobs(api, status="running") == _jobs(api, status="pending") == []
    assert _jobs(api, limit=1)[0] == api.job(failed)


@pytest.mark.usefixtures("short_jobs")
def test_one_seed_samples_the_same_units_and_another_does_not(api: Api) -> None:
    sent = []
    for seed in (42, 42, 43):
        with endpoint(always("SAFE")) as running:
            api.ended(api.submitted(running.url(), seed=seed, benchmark_count=2))
        sent.append(running.conversations())
    assert sent[0] == sent[1] != sent[2]


@pytest.mark.usefixtures("short_jobs")
def test_without_a_seed_one_is_drawn(api: Api) -> None:
    sent = []
    for _ in range(2):
        with endpoint(always("SAFE")) as running:
            api.ended(api.submitted(running.url()))
        sent.append(running.conversations())
    assert sent[0] != sent[1]


@pytest.mark.usefixtures("short_jobs")
def test_every_job_of_a_batch_uses_its_seed(api: Api) -> None:
    with endpoint(always("SAFE")) as alone:
        api.ended(api.submitted(alone.url(), seed=42))
    with endpoint(always("SAFE")) as together:
        one = {"benchmark_id": PRIVATE_DETAILS}
        for job_id in _batch(api, together.url(), one, one, seed=42).json()["job_ids"]:
            api.ended(job_id)
    assert together.conversations() == sorted(alone.conversations() * 2)


def test_benchmarks_and_account(api: Api) -> None:
    benchmarks = api.http.get("/v0/benchmarks").json()["benchmarks"]
    assert len(benchmarks) == 3
    # As the vendor prints them, with a decimal point.
    assert {repr(each["price_per_benchmark_unit"]) for each in benchmarks} == {"1.0"}
    assert all("sample data" in each["display_name"] for each in benchmarks)
    account = api.http.get("/v0/me").json()
    assert set(account) == {"organization_id", "account_id", "available_credits"}
    assert isinstance(account["available_credits"], float)


@pytest.mark.parametrize("path", ["/v0/jobs", "/v0/jobs/batch"])
def test_the_examples_of_the_spec(api: Api, path: str) -> None:
    """The first works with this server; the one for the service is refused with the reason."""
    operation = load_document("v0").node(f"#/paths/{path.replace('/', '~1')}/post")
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    assert list(examples) == ["local", "remote"]
    accepted = api.http.post(path, json=examples["local"]["value"])
    assert accepted.status_code == 202, accepted.text
    refused = api.http.post(path, json=examples["remote"]["value"])
    assert refused.status_code == 400
    assert "only endpoints on this machine are called" in refused.json()["error"]
