"""`benchwire drift check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import benchwire
from benchwire_drift import pace
from cli.conftest import Run
from support.scripted import ScriptedService, always, json_reply

FAST = ["--rate", "1000"]


def test_services_without_drift(run: Run) -> None:
    done = run("drift", "check", "public", "v2", *FAST)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("# Drift\n\nNo findings in ")
    report = json.loads(run("drift", "check", "public", *FAST, "--format", "json").stdout)
    assert report["findings"] == report["unseen_operations"] == []


def test_an_embedded_server_is_checked(run: Run) -> None:
    done = run("--local", "drift", "check", "v2", "public", *FAST)
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl", "md", "auto"])
def test_drift_is_listed_and_fails(run: Run, form: str) -> None:
    with ScriptedService(always(json_reply([{"id": 1, "name": 5, "odd": True}]))) as service:
        done = run(
            "drift", "check", "v2", *FAST, "--format", form, BENCHWIRE_V2_BASE_URL=service.url
        )
    assert done.exit_code == 3
    assert "$[*].name" in done.stdout.replace("\\", "")


@pytest.mark.parametrize(
    ("variables", "status", "told"),
    [
        ({"BENCHWIRE_V2_BASE_URL": "http://127.0.0.1:9"}, 1, "nobody listens there"),
        ({"BENCHWIRE_V2_API_KEY": "wrong"}, 1, "the key was rejected"),
        ({"BENCHWIRE_V2_API_KEY": None}, 4, "BENCHWIRE_V2_API_KEY"),
    ],
)
def test_what_can_not_be_judged_is_told_first(
    run: Run, variables: dict[str, str | None], status: int, told: str
) -> None:
    done = run("drift", "check", "v2", *FAST, **variables)
    assert done.exit_code == status
    assert told in done.stderr.splitlines()[0]
    assert not done.stdout


def test_an_operation_that_fails_is_incomplete(
    run: Run, server: benchwire.local.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MAX_PAUSE", 0.01)
    with server.v2_client() as client:
        types = [each.to_dict() for each in client.benchmarks.list_types()]

    def handler(received: object) -> object:
        return json_reply(types) if received.path.endswith("/types") else json_reply({}, 503)  # type: ignore[attr-defined]

    with ScriptedService(handler) as service:  # type: ignore[arg-type]
        done = run("drift", "check", "v2", *FAST, BENCHWIRE_V2_BASE_URL=service.url)
    assert done.exit_code == 5
    assert (
        "error: not read: v2 listBenchmarkModels: it is not available (status 503)" in done.stderr
    )


def test_a_recording_is_checked(run: Run, tmp_path: Path) -> None:
    entry = {
        "request": {"method": "GET", "url": "https://api.probe.splx.ai/api/v2/benchmarks/types"},
        "response": {
            "status": 200,
            "headers": [{"name": "content-type", "value": "application/json"}],
            "content": {"text": "[]", "mimeType": "application/json"},
        },
    }
    (tmp_path / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    done = run("drift", "check", "v2", "--har", str(tmp_path / "a.har"))
    assert (done.exit_code, "No findings in 1" in done.stdout) == (0, True), done.stderr
    done = run("drift", "check", "v2", "--har", str(tmp_path / "none.har"))
    assert (done.exit_code, "none.har can't be read" in done.stderr) == (1, True)
    assert run("drift", "check", "v2", "v0", "--har", "a.har").exit_code == 2
    assert run("drift", "check", "v3").exit_code == 2
