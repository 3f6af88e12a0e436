"""`make drift` against servers on real sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from scripts.drift.__main__ import main

import benchwire
from benchwire import drift
from benchwire.drift import reader as reading
from benchwire.drift.reader import Reader
from benchwire_drift.collector import Collector
from benchwire_drift.findings import Kind
from benchwire_drift.pace import Pace
from benchwire_drift.specs import APIS, bundled_spec
from support.scripted import Received, Reply, Scripted, json_reply
from support.shared import REPOSITORY
from support.wire import models

KEYS = ("LAYERLENS_STRATIX_API_KEY", "BENCHWIRE_V2_API_KEY", "BENCHWIRE_V0_API_KEY")
KEY = "CANARY-key-4f9a1c"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEYS:
        monkeypatch.setenv(variable, KEY)


def test_the_embedded_server_has_no_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    assert main(["--json", str(path)]) == 0
    report = json.loads(path.read_bytes())
    assert report["findings"] == report["notes"] == report["unseen_operations"] == []
    reads = {(a, o.id) for a in APIS for o in bundled_spec(a).operations if o.method == "GET"}
    assert {(one["api"], one["operation"]) for one in report["responses"]} == reads
    assert capsys.readouterr().out.startswith("# Drift\n\nNo findings in ")


def forwarding(server: benchwire.local.Server, api: str) -> Callable[[Received], Reply]:
    """Return a handler that forwards requests to the embedded server with its key."""
    base = server.public_base_url if api == "public" else server.url
    key = {"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"}

    def response(received: Received) -> Reply:
        with httpx.Client(trust_env=False) as http:
            got = http.get(base + received.target.decode(), headers=key)
        kept = {n: v for n, v in got.headers.items() if n in ("content-type", "x-request-id")}
        return Reply(got.content, got.status_code, kept)

    return response


MAX_REQUESTS = {"public": 16, "v2": 14, "v0": 9}
JOBS = [{"id": f"j{number}", "status": "completed"} for number in range(5)]


@pytest.mark.parametrize("api", APIS)
def test_a_live_server_receives_a_few_get_requests_only(
    api: str, local: benchwire.local.Server, scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    forward = forwarding(local, api)

    def handler(received: Received) -> Reply:
        job = next((each for each in JOBS if received.path.endswith(f"/{each['id']}")), None)
        if job is None and received.path != "/v0/jobs":
            return forward(received)
        return json_reply(job or {"jobs": JOBS})  # the embedded server has none

    service = scripted(handler)
    assert main(["--api", api, "--base-url", service.url, "--rate", "1000"]) == 0
    assert {request.method for request in service.requests} == {"GET"}
    assert len(service.requests) == MAX_REQUESTS[api]
    stated = "16 requests or fewer for public, 14 for v2 and 9 for v0"
    assert stated in (REPOSITORY / "docs" / "drift.md").read_text("utf-8")
    assert {request.body for request in service.requests} == {b""}
    printed = capsys.readouterr()
    assert "No findings" in printed.out
    assert KEY not in printed.out + printed.err


def test_differences_are_reported_with_exit_status_1(
    scripted: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = "CANARY-value"
    bad = models([{"id": canary, "name": canary}], 1)

    def handler(received: Received) -> Reply:
        return json_reply(bad) if received.path == "/models" else json_reply({}, 404)

    service = scripted(handler)
    arguments = ["--api", "public", "--base-url", service.url, "--rate", "1000"]
    assert main(arguments) == 1
    printed = capsys.readouterr().out
    assert "missing field | `$.models[*].key`" in printed
    assert "| public listBenchmarks | 404 | missing operation |" in printed
    assert "- public listModels: the SDK can't read the response" in printed
    assert "- public getEvaluation" in printed
    assert canary not in printed

    baseline = tmp_path / "baseline.toml"
    entry = (
        '[[accepted]]\napi = "public"\noperation = "{}"\nkind = "{}"\npath = "{}"\n'
        'expires = 2999-01-01\nreason = "known"\n'
    )
    known = [("listModels", "missing field", "$.models[*].key")]
    known += [(name, "missing operation", "") for name in ("listBenchmarks", "listEvaluations")]
    known += [(name, "undocumented status", "") for name in ("listBenchmarks", "listEvaluations")]
    baseline.write_text("".join(entry.format(*one) for one in known))
    assert main([*arguments, "--baseline", str(baseline)]) == 0
    assert "listModels missing field $.models[*].key until 2999-01-01" in capsys.readouterr().out

    baseline.write_text(baseline.read_text().replace("2999", "2001"))
    assert main([*arguments, "--baseline", str(baseline)]) == 1
    assert "missing field (accepted until 2001-01-01)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--har", "x.har"], "name the API: --api public, v2, v0"),
        (["--base-url", "https://x"], "name the API"),
        (["--api", "v0", "--har", "none.har"], "none.har can't be read"),
        (["--baseline", "none.toml"], "none.toml can't be read"),
        (["--api", "v0", "--base-url", "ftp://x"], "must be an http or https URL"),
    ],
)
def test_invalid_arguments_are_an_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_missing_key_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BENCHWIRE_V0_API_KEY")
    assert main(["--api", "v0"]) == 2
    assert "BENCHWIRE_V0_API_KEY" in capsys.readouterr().err


def test_a_service_without_a_response_is_no_drift(
    scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    service = scripted(lambda received: None)
    assert main(["--api", "v0", "--base-url", service.url, "--rate", "1000"]) == 2
    assert "can't be checked: the connection was lost or refused" in capsys.readouterr().err
    assert len(service.requests) == 1


def test_requests_are_rate_limited() -> None:
    now, slept = [100.0], []
    limit = Pace(2.0, clock=lambda: now[0])
    for passed in (0, 0, 0.2, 9, 0):  # 0.2: the request took that long
        now[0] += passed
        slept.append(limit.reserve())
        now[0] += slept[-1] or 0
    assert slept == pytest.approx([0, 0.5, 0.3, 0, 0.5])


def test_every_get_operation_is_called(local: benchwire.local.Server) -> None:
    """A new operation of a spec needs a call in `wrapper/benchwire/drift/reader.py`."""
    for api in ("public", "v2"):
        collector = Collector()
        make, read = getattr(local, f"{api}_client"), getattr(reading, f"read_{api}")
        with make() as client, drift.watch(client, collector):
            reader = Reader(api, collector, Pace(1000))
            read(client, reader)
        assert reader.notes == []
        called = {operation for _, operation in collector.snapshot().responses}
        assert called == {o.id for o in bundled_spec(api).operations if o.method == "GET"}


def test_a_listed_item_that_does_not_exist_is_found(scripted: Scripted) -> None:
    job = {"id": "j", "status": "completed"}

    def handler(received: Received) -> Reply:
        if received.path == "/v0/jobs":
            return json_reply({"jobs": [job]})
        return json_reply({"error": "nothing"}, 404)

    service = scripted(handler)
    collector = Collector()
    with (
        benchwire.V0Client(KEY, service.url, max_retries=0) as client,
        drift.watch(client, collector),
    ):
        reading.read_v0(client, Reader("v0", collector, Pace(1000)))
    missing = [f for f in collector.findings() if f.kind is Kind.MISSING_OPERATION]
    assert {f.operation for f in missing} == {
        "getHealth",
        "getJob",
        "getAccount",
        "listBenchmarks",
    }


def test_the_body_of_an_error_is_checked(scripted: Scripted, local: benchwire.local.Server) -> None:
    forward = forwarding(local, "public")

    def handler(received: Received) -> Reply:
        if received.path.endswith(reading.MISSING_ID):
            return json_reply({"errors": ["nothing"]}, 404)
        return forward(received)

    collector = Collector()
    service = scripted(handler)
    with (
        benchwire.PublicClient(KEY, service.url, max_retries=0) as client,
        drift.watch(client, collector),
    ):
        reading.read_public(client, Reader("public", collector, Pace(1000)))
    (finding,) = collector.findings()
    assert (finding.kind, finding.status, finding.path) == (Kind.UNKNOWN_FIELD, "404", "$.errors")
