"""`make contract API=…` against a live server, which here is the embedded one behind a recorder."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchwire_local import LocalServer, Settings
from contract.recording import Received, RecordingServer, Reply
from support.shared import REPOSITORY

CANARY = "canary-9b1c-live-key"
ENDPOINT_CANARY = "canary-77aa-endpoint-key"
VARIABLES = {
    "public": "LAYERLENS_STRATIX_API_KEY",
    "v2": "BENCHWIRE_V2_API_KEY",
    "v0": "BENCHWIRE_V0_API_KEY",
}
QUICK = ("--rate", "100000", "--max-requests", "450")


class Recorder:
    """Passes everything on to the embedded server, and looks at the process list now and then."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server
        self._client = httpx.Client(trust_env=False, timeout=60)
        self.command_lines: set[str] = set()

    def __call__(self, received: Received) -> Reply:
        if len(self.command_lines) < 2:
            self.command_lines |= {line for line in _command_lines() if "schemathesis" in line}
        headers = {name: value for name, value in received.headers.items() if name != "host"}
        answer = self._client.request(
            received.method, self._server.url + received.target, headers=headers,
            content=received.body,
        )  # fmt: skip
        passed = {"x-request-id": answer.headers["x-request-id"]}
        return Reply(answer.status_code, answer.content, passed)


def _command_lines() -> Iterator[str]:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it may have ended meanwhile
            yield (entry / "cmdline").read_text()


@contextlib.contextmanager
def recorded(**settings: Any) -> Iterator[tuple[LocalServer, RecordingServer, Recorder]]:
    with LocalServer(Settings(api_key=CANARY, **settings)) as server:
        recorder = Recorder(server)
        with recorder._client, RecordingServer(recorder) as recording:
            yield server, recording, recorder


def contract(
    api: str, url: str, folder: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    prefix = "/api/v1" if api == "public" else ""
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "contract.py"), "--api", api,
         "--base-url", url + prefix, "--report-dir", str(folder), *QUICK, *options],
        env=os.environ | {VARIABLES[api]: CANARY} | environment,
        text=True, capture_output=True, check=False,
    )  # fmt: skip


def findings(folder: Path, api: str) -> Any:
    return json.loads((folder / api / "findings.json").read_bytes())


@pytest.mark.parametrize(
    "api", [pytest.param(api, marks=[pytest.mark.long] * (api != "v0")) for api in VARIABLES]
)
def test_a_live_run_only_reads_and_shows_no_key(api: str, tmp_path: Path) -> None:
    with recorded() as (server, recording, recorder):
        done = contract(api, recording.url, tmp_path)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert server.api_key == CANARY
    assert set(recording.methods) <= {"GET", "HEAD"}
    found = findings(tmp_path, api)
    assert found["relations"]["held"] > 8
    assert len(recording.received) == found["guard"]["requests passed on"] <= 450
    assert found["guard"]["requests refused"] == []
    # It was let in, and no key of ours lies about.
    assert any(CANARY in value for item in recording.received for value in item.headers.values())
    assert CANARY not in said
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"findings.json", "report.json", "junit.xml", "exchanges.har"} <= {
        path.name for path in written
    }
    for path in written:
        assert CANARY.encode() not in path.read_bytes(), path
    if Path("/proc/self/cmdline").exists():
        assert recorder.command_lines
    assert not any(CANARY in line for line in recorder.command_lines)


@pytest.mark.parametrize(
    ("allowed", "judged"), [(3, False), pytest.param(4, True, marks=pytest.mark.long)]
)
def test_no_more_is_spent_than_allowed(allowed: int, judged: bool, tmp_path: Path) -> None:
    with recorded() as (server, recording, _recorder):
        done = contract(
            "v0", recording.url, tmp_path, "--allow-spend", str(allowed),
            BENCHWIRE_CONTRACT_ENDPOINT=f"{server.url}/demo/raw",
            BENCHWIRE_CONTRACT_ENDPOINT_KEY=ENDPOINT_CANARY,
            BENCHWIRE_CONTRACT_ENDPOINT_PROVIDER="raw",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        left = httpx.get(f"{server.url}/v0/me", headers={"authorization": f"Bearer {CANARY}"})
    found = findings(tmp_path, "v0")
    assert recording.credits == 1000 - left.json()["available_credits"] <= allowed
    assert recording.credits == found["guard"]["credits spent at most"] == (4 if judged else 1)
    # A batch of three units does not fit into what a job of one leaves of three.
    refused = "it costs 3 credits, and 2 of 3 are left"
    assert any(refused in why for why in found["guard"]["requests refused"]) is not judged
    unjudged = {item["operation"] for item in found["relations"]["not_judged"]}
    assert ("submitJobBatch" in unjudged) is not judged
    assert "submitJob" not in unjudged
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or ENDPOINT_CANARY.encode() not in path.read_bytes()


@pytest.mark.long
def test_a_drift_is_found_through_the_guard(tmp_path: Path) -> None:
    from benchwire_local.drift import load_drift_plan

    plan = load_drift_plan(["public.models.filter-ignored", "public.evaluation.wrong-resource"])
    with recorded(drift=plan) as (_server, recording, _recorder):
        done = contract("public", recording.url, tmp_path)
    assert done.returncode == 1, done.stdout
    said = {
        finding["relation"] for finding in findings(tmp_path, "public")["relations"]["findings"]
    }
    assert "companies keeps the rows with this company, and all of them" in said
    assert "get(id).id is id, and all else is as in the list" in said


def test_a_run_ends_with_its_requests_and_says_what_it_did_not_judge(tmp_path: Path) -> None:
    with recorded() as (_server, recording, _recorder):
        done = contract("v2", recording.url, tmp_path, "--max-requests", "30")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(recording.received) == 30
    whys = {item["why"] for item in findings(tmp_path, "v2")["relations"]["not_judged"]}
    assert whys == {"contract guard: all requests of this run are used up"}


def test_schemathesis_is_stopped_when_the_requests_are_used_up(tmp_path: Path) -> None:
    with recorded() as (_server, recording, _recorder):
        done = contract("v2", recording.url, tmp_path, "--max-requests", "160")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(recording.received) == 160
    assert "cut short" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--api", "v0"], {}, "BENCHWIRE_V0_API_KEY"),
        (["--api", "v0", "--base-url", "http://h.example"], {"BENCHWIRE_V0_API_KEY": CANARY}, "https"),
        (["--api", "v0", "--base-url", f"https://{CANARY}@h"], {"BENCHWIRE_V0_API_KEY": "k"}, "user"),
        (["--api", "v2", "--allow-spend", "1"], {"BENCHWIRE_V2_API_KEY": CANARY}, "v0 alone"),
        (["--base-url", "https://h.example"], {}, "--api"),
        (["--api", "v2", "--rate", "0"], {"BENCHWIRE_V2_API_KEY": CANARY}, "positive"),
        (["--api", "v2", "--allow-spend", "-1"], {"BENCHWIRE_V2_API_KEY": CANARY}, "negative"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused(
    arguments: list[str], environment: dict[str, str], said: str
) -> None:
    clean = {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "contract.py"), *arguments],
        env=clean | environment, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert CANARY not in done.stderr
