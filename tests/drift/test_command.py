"""`make drift` against servers on real sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from scripts.drift import reader as reading
from scripts.drift.__main__ import main
from scripts.drift.reader import RateLimiter, Reader

import benchwire
from benchwire import drift
from benchwire_drift.collector import Collector
from benchwire_drift.findings import Kind
from benchwire_drift.specs import APIS, bundled_spec
from support.scripted import Received, Reply, Scripted, json_reply
from support.wire import models

KEYS = ("LAYERLENS_STRATIX_API_KEY", "BENCHWIRE_V2_API_KEY", "BENCHWIRE_V0_API_KEY")
KEY = "CANARY-key-4f9a1c"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEYS:
        monkeypatch.setenv(variable, KEY)


def test_the_embedded_server_does_what_the_specs_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    assert main(["--json", str(path)]) == 0
    report = json.loads(path.read_bytes())
    assert report["findings"] == report["notes"] == report["unseen_operations"] == []
    reads = {(a, o.id) for a in APIS for o in bundled_spec(a).operations if o.method == "GET"}
    assert {(one["api"], one["operation"]) for one in report["responses"]} == reads
    assert capsys.readouterr().out.startswith("# Drift\n\nNo findings in ")


def relay(server: benchwire.local.Server, api: str) -> Callable[[Received], Reply]:
    """A service that passes everything on to the embedded server with its key."""
    base = server.public_base_url if api == "public" else server.url
    key = {"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"}

    def response(received: Received) -> Reply:
        with httpx.Client(trust_env=False) as http:
            got = http.get(base + received.target.decode(), headers=key)
        kept = {n: v for n, v in got.headers.items() if n in ("content-type", "x-request-id")}
        return Reply(got.content, got.status_code, kept)

    return response


MOST = {"public": 12, "v2": 13, "v0": 7}


@pytest.mark.parametrize("api", APIS)
def test_a_live_server_is_only_read_and_only_so_often(
    api: str, local: benchwire.local.Server, scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    service = scripted(relay(local, api))
    assert main(["--api", api, "--base-url", service.url, "--rate", "1000"]) == 0
    assert {request.method for request in service.requests} == {"GET"}
    assert 0 < len(service.requests) <= MOST[api]
    assert {request.body for request in service.requests} == {b""}
    printed = capsys.readouterr()
    assert "No findings" in printed.out
    assert KEY not in printed.out + printed.err


def test_what_differs_is_reported_and_fails(
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
    assert "- public listModels: APIResponseValidationError" in printed
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
    ("arguments", "said"),
    [
        (["--har", "x.har"], "name the API: --api public, v2, v0"),
        (["--base-url", "https://x"], "name the API"),
        (["--api", "v0", "--har", "none.har"], "none.har can't be read"),
        (["--baseline", "none.toml"], "none.toml can't be read"),
        (["--api", "v0", "--base-url", "ftp://x"], "must be an http or https URL"),
    ],
)
def test_bad_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_missing_key_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BENCHWIRE_V0_API_KEY")
    assert main(["--api", "v0"]) == 2
    assert "BENCHWIRE_V0_API_KEY" in capsys.readouterr().err


def test_a_service_that_does_not_answer_is_no_drift(
    scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    service = scripted(lambda received: None)
    assert main(["--api", "v0", "--base-url", service.url, "--rate", "1000"]) == 2
    assert "there was no response of the v0 API to check" in capsys.readouterr().err


def test_requests_keep_their_pace() -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    limiter = RateLimiter(2.0, clock=lambda: now[0], sleep=sleep)
    limiter.wait()
    limiter.wait()
    now[0] += 0.2  # the request took that long
    limiter.wait()
    now[0] += 9
    limiter.wait()
    limiter.wait()
    assert slept == pytest.approx([0.5, 0.3, 0.5])


def test_every_reading_operation_is_read(local: benchwire.local.Server) -> None:
    """An operation that comes new to a spec needs a call in `scripts/drift/reader.py`."""
    for api in ("public", "v2"):
        collector = Collector()
        make, read = getattr(local, f"{api}_client"), getattr(reading, f"read_{api}")
        with make() as client, drift.watch(client, collector):
            reader = Reader(api, collector, RateLimiter(1000))
            read(client, reader)
        assert reader.notes == []
        answered = {operation for _, operation in collector.snapshot().responses}
        assert answered == {o.id for o in bundled_spec(api).operations if o.method == "GET"}


def test_a_thing_that_is_listed_and_not_there_is_found(scripted: Scripted) -> None:
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
        reading.read_v0(client, Reader("v0", collector, RateLimiter(1000)))
    gone = [f for f in collector.findings() if f.kind is Kind.MISSING_OPERATION]
    assert {f.operation for f in gone} == {"getJob", "getAccount", "listBenchmarks"}


def test_the_form_of_an_error_is_looked_at(
    scripted: Scripted, local: benchwire.local.Server
) -> None:
    passed_on = relay(local, "public")

    def handler(received: Received) -> Reply:
        if received.path.endswith(reading.MISSING_ID):
            return json_reply({"errors": ["nothing"]}, 404)
        return passed_on(received)

    collector = Collector()
    service = scripted(handler)
    with (
        benchwire.PublicClient(KEY, service.url, max_retries=0) as client,
        drift.watch(client, collector),
    ):
        reading.read_public(client, Reader("public", collector, RateLimiter(1000)))
    (finding,) = collector.findings()
    assert (finding.kind, finding.status, finding.path) == (Kind.UNKNOWN_FIELD, "404", "$.errors")
