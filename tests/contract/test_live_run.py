"""`make contract API=…` against a live server: here the embedded one behind a recording server."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripts.contract.__main__ import main
from scripts.contract.mutations.middleware import MutatingMiddleware
from scripts.contract.mutations.table import MUTATIONS

from benchwire_local import LocalServer, Settings
from contract.recording import CannedResponse, ReceivedRequest, RecordingServer
from support.shared import REPOSITORY

CANARY = "canary-9b1c-live-key"
ENDPOINT_CANARY = "canary-77aa-endpoint-key"
VARIABLES = {
    "public": "LAYERLENS_STRATIX_API_KEY",
    "v2": "BENCHWIRE_V2_API_KEY",
    "v0": "BENCHWIRE_V0_API_KEY",
}
CONTRACT = (sys.executable, "-m", "scripts.contract")
QUICK = ("--rate", "100000", "--max-requests", "300")


class Recorder:
    """Forwards everything to the embedded server, and reads the process list now and then."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server
        self._client = httpx.Client(trust_env=False, timeout=60)
        self.command_lines: set[str] = set()

    def __call__(self, received: ReceivedRequest) -> CannedResponse:
        if len(self.command_lines) < 2:
            # Not of the process that other tests fork.
            run = "\0schemathesis.cli\0"
            self.command_lines |= {line for line in _command_lines() if run in line}
        headers = {name: value for name, value in received.headers.items() if name != "host"}
        response = self._client.request(
            received.method, self._server.url + received.target, headers=headers,
            content=received.body,
        )  # fmt: skip
        headers = {"x-request-id": response.headers["x-request-id"]}
        return CannedResponse(response.status_code, response.content, headers)


def _command_lines() -> Iterator[str]:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it may have ended meanwhile
            yield (entry / "cmdline").read_text()


@contextlib.contextmanager
def recorded(*mutations: str) -> Iterator[tuple[LocalServer, RecordingServer, Recorder]]:
    middleware = MutatingMiddleware(CANARY, *(MUTATIONS[name] for name in mutations))
    with LocalServer(Settings(api_key=CANARY), middleware) as server:
        recorder = Recorder(server)
        with recorder._client, RecordingServer(recorder) as recording:
            yield server, recording, recorder


def contract(
    api: str, url: str, folder: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    prefix = "/api/v1" if api == "public" else ""
    return subprocess.run(
        [*CONTRACT, "--api", api, "--base-url", url + prefix,
         "--report-dir", str(folder), *QUICK, *options],
        cwd=REPOSITORY,
        env=os.environ | {VARIABLES[api]: CANARY} | environment,
        text=True, capture_output=True, check=False,
    )  # fmt: skip


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run within the process of the test looks at a job again after 0.05 s, not 2 s."""
    sleep = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: sleep(min(seconds, 0.05)))


def read_report(folder: Path, api: str) -> Any:
    return json.loads((folder / api / "findings.json").read_bytes())


@pytest.mark.parametrize(
    ("api", "most"),
    [
        ("v2", 100),
        *(pytest.param(api, 300, marks=pytest.mark.long) for api in VARIABLES),
    ],
)
def test_a_live_run_only_reads_and_shows_no_key(api: str, most: int, tmp_path: Path) -> None:
    with recorded() as (server, recording, recorder):
        done = contract(api, recording.url, tmp_path, "--max-requests", str(most))
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        assert server.api_key == CANARY
    assert set(recording.methods) <= {"GET", "HEAD"}
    report = read_report(tmp_path, api)
    assert len(report["relations"]["held"]) >= 8
    # Schemathesis was stopped when the requests were used up.
    assert len(recording.received) == report["guard"]["requests forwarded"] == most
    assert "cut short" in done.stdout
    assert report["guard"]["requests rejected"] == []
    # The key was sent to the server, and is written nowhere.
    assert any(CANARY in value for item in recording.received for value in item.headers.values())
    assert CANARY not in output
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
@pytest.mark.usefixtures("impatient")
def test_no_more_is_spent_than_allowed(
    allowed: int, judged: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLES["v0"], CANARY)
    with recorded() as (server, recording, _recorder):
        monkeypatch.setenv("BENCHWIRE_CONTRACT_ENDPOINT", f"{server.url}/demo/raw")
        monkeypatch.setenv("BENCHWIRE_CONTRACT_ENDPOINT_KEY", ENDPOINT_CANARY)
        monkeypatch.setenv("BENCHWIRE_CONTRACT_ENDPOINT_PROVIDER", "raw")
        target = ["--api", "v0", "--base-url", recording.url, "--report-dir", str(tmp_path)]
        limits = ["--rate", "100000", "--max-requests", "100", "--allow-spend", str(allowed)]
        assert main([*target, *limits]) == 0
        left = httpx.get(f"{server.url}/v0/me", headers={"authorization": f"Bearer {CANARY}"})
    report = read_report(tmp_path, "v0")
    assert recording.credits == 1000 - left.json()["available_credits"] <= allowed
    assert recording.credits == report["guard"]["credits spent at most"] == (4 if judged else 1)
    # After a job of one unit, a batch of three exceeds the three credits.
    rejected = "it costs 3 credits, and 2 of 3 are left"
    assert any(rejected in reason for reason in report["guard"]["requests rejected"]) is not judged
    skipped = report["relations"]["not_judged"]
    assert ("test_a_submission_costs_one_credit_per_unit[submitJobBatch]" in skipped) is not judged
    assert "test_a_submission_costs_one_credit_per_unit[submitJob]" not in skipped
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or ENDPOINT_CANARY.encode() not in path.read_bytes()


@pytest.mark.long
def test_mutations_are_detected_through_the_guard(tmp_path: Path) -> None:
    mutations = "public.models.filter-ignored", "public.evaluation.wrong-resource"
    with recorded(*mutations) as (_server, recording, _recorder):
        done = contract("public", recording.url, tmp_path)
    assert done.returncode == 1, done.stdout
    report = read_report(tmp_path, "public")["relations"]["findings"]
    relations = {finding["relation"] for finding in report}
    assert "test_a_filter_returns_the_rows_with_its_values[listModels-companies]" in relations
    assert "test_an_evaluation_is_the_same_as_in_the_list" in relations


def test_relations_without_requests_left_are_not_judged(tmp_path: Path) -> None:
    with recorded() as (_server, recording, _recorder):
        done = contract("v2", recording.url, tmp_path, "--max-requests", "30")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(recording.received) == 30
    reasons = set(read_report(tmp_path, "v2")["relations"]["not_judged"].values())
    assert reasons == {"contract guard: all requests of this run are used up"}


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--api", "v0"], {}, "BENCHWIRE_V0_API_KEY"),
        (["--api", "v0", "--base-url", "http://h.example"], {"BENCHWIRE_V0_API_KEY": CANARY}, "https"),
        (["--api", "v0", "--base-url", f"https://{CANARY}@h"], {"BENCHWIRE_V0_API_KEY": "k"}, "user"),
        (["--api", "v2", "--allow-spend", "1"], {"BENCHWIRE_V2_API_KEY": CANARY}, "v0 alone"),
        (["--base-url", "https://h.example"], {}, "--base-url needs --api"),
        (["--rate", "5"], {}, "--rate needs --api"),
        (["--max-requests", "9"], {}, "--max-requests needs --api"),
        (["--seeded", "--api", "v2"], {}, "--api is not for --seeded"),
        (["--seeded", "-k", "paging"], {}, "-k is not for --seeded"),
        (["--seeded", "--rate", "5"], {}, "--rate is not for --seeded"),
        (["--api", "v2", "--rate", "0"], {"BENCHWIRE_V2_API_KEY": CANARY}, "positive"),
        (["--api", "v2", "--allow-spend", "-1"], {"BENCHWIRE_V2_API_KEY": CANARY}, "negative"),
    ],
)  # fmt: skip
def test_invalid_arguments_are_rejected(
    arguments: list[str], environment: dict[str, str], message: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)  # where the report would be
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    try:
        status: object = main(arguments)
    except SystemExit as error:
        status = error.code
    assert status == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert CANARY not in printed.out + printed.err
