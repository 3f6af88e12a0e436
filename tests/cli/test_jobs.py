"""``benchwire jobs``: what is paid is confirmed first."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchwire
from benchwire.cli import doctor
from benchwire.cli import jobs as commands
from benchwire_local.demo_model import DemoModel
from cli.conftest import Run
from support.fault_clock import SkippingClock, on_clock
from support.local_environment import environment_of
from support.scripted import Received, Scripted, always, json_reply

MAIN = "from benchwire.cli import main; main()"
KEY = {"BENCHWIRE_ENDPOINT_API_KEY": "key-of-the-model"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with DemoModel(api_key="key-of-the-model") as model:
        yield model.url("openai")


def jobs_of(server: benchwire.local.Server) -> int:
    with server.v0_client() as client:
        return len(client.jobs.list())


def test_nothing_is_paid_without_a_yes(
    run: Run, server: benchwire.local.Server, endpoint: str
) -> None:
    before = jobs_of(server)
    for command in (["submit"], ["run"]):
        done = run("jobs", *command, "1", "--endpoint", endpoint, **KEY)
        assert done.exit_code == 2
        assert "1 units at 1" in done.stderr
        assert "pass --yes" in done.stderr
    assert jobs_of(server) == before


def test_the_cost_is_that_of_each_benchmark(run: Run, scripted: Scripted, tmp_path: Path) -> None:
    """One that names no price costs a credit a unit, as for a run's budget; the file has a BOM."""
    rows = [{"id": 1, "price_per_benchmark_unit": 2.5, "currency": "credits"}, {"id": 2}]
    account = {"organization_id": 42, "account_id": 7, "available_credits": 125.0}
    answer = {**account, "benchmarks": [{"name": "b", "version": 1, **row} for row in rows]}
    lines = [
        {"benchmark_id": number, "endpoint_url": "http://127.0.0.1:1", "benchmark_count": count}
        for number, count in ((1, 3), (2, 2), (1, 1))
    ]
    specs = tmp_path / "jobs.jsonl"
    specs.write_text("\n".join(map(json.dumps, lines)), "utf-8-sig")
    url = scripted(always(json_reply(answer))).url
    done = run("jobs", "run-many", str(specs), BENCHWIRE_V0_BASE_URL=url, **KEY)
    assert done.exit_code == 2
    told = "b: 4 units at 2.5 credits\nb: 2 units at 1.0 credits\n12 of 125 credits\n"
    assert done.stderr.startswith(told)


def test_credits_have_all_of_their_digits(run: Run, scripted: Scripted, tmp_path: Path) -> None:
    row = {"id": 1, "name": "b", "version": 1, "price_per_benchmark_unit": 1234567.5}
    answer = {"organization_id": 42, "account_id": 7, "available_credits": 7654321.25}
    url = scripted(always(json_reply({**answer, "benchmarks": [row]}))).url
    specs = tmp_path / "jobs.jsonl"
    specs.write_text(json.dumps({"benchmark_id": 1, "endpoint_url": "http://127.0.0.1:1"}), "utf-8")
    done = run("jobs", "run-many", str(specs), BENCHWIRE_V0_BASE_URL=url, **KEY)
    assert "1234567.5 of 7654321.25 credits\n" in done.stderr
    commands = (("account", "--format", "table"), ("account",), ("doctor", "--format", "csv"))
    for balance in (7654321.25, 123.45):
        url = scripted(always(json_reply({**answer, "available_credits": balance}))).url
        for command in commands:
            shown = run(*command, BENCHWIRE_V0_BASE_URL=url).stdout
            assert re.search(rf"(?<![0-9.]){balance}(?![0-9])", shown), command


def test_a_job_runs_to_its_end(run: Run, endpoint: str) -> None:
    done = run("jobs", "run", "1", "--endpoint", endpoint, "--yes", "--format", "json", **KEY)
    assert done.exit_code == 0, done.output
    job = json.loads(done.stdout)
    assert job["status"] == "completed"
    assert json.loads(run("jobs", "get", job["id"], "--format", "json").stdout) == job
    assert job["id"] in run("jobs", "list", "--status", "completed", "--format", "quiet").stdout
    watched = run("jobs", "watch", job["id"], "--format", "quiet")
    assert (watched.exit_code, watched.stdout) == (0, f"{job['id']}\n")


@pytest.mark.parametrize("command", ["submit", "run", "run-many"])
def test_a_field_that_there_is_not_is_found_before_anything_is_paid(
    run: Run, server: benchwire.local.Server, endpoint: str, tmp_path: Path, command: str
) -> None:
    specs = tmp_path / "jobs.jsonl"
    specs.write_text(json.dumps({"benchmark_id": 1, "endpoint_url": endpoint}), "utf-8")
    what = [str(specs)] if command == "run-many" else ["1", "--endpoint", endpoint]
    before = jobs_of(server)
    done = run("jobs", command, *what, "--yes", "--fields", "status,no_such", **KEY)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no_such" in done.stderr
    assert jobs_of(server) == before


def test_the_id_of_what_is_paid_for_is_told_before_anything_can_fail(
    run: Run, endpoint: str, tmp_path: Path
) -> None:
    done = run("jobs", "submit", "1", "--endpoint", endpoint, "--yes", "--format", "quiet", **KEY)
    assert f"job {done.stdout.strip()} was submitted" in done.stderr
    plan = [{"operations": "getJob", "fault": "status_before", "status": 403}]
    with benchwire.local.serve(faults=plan) as broken, broken.v0_client() as client:
        url = {"BENCHWIRE_V0_BASE_URL": broken.v0_base_url}
        lost = run("jobs", "run", "1", "--endpoint", endpoint, "--yes", **KEY, **url)
        assert lost.exit_code == 4
        [job] = client.jobs.list()
        assert f"job {job.id} was submitted\n" in lost.stderr
    specs = tmp_path / "jobs.jsonl"
    specs.write_text(json.dumps({"benchmark_id": 1, "endpoint_url": endpoint}), "utf-8")
    many = run("jobs", "run-many", str(specs), "--yes", "--format", "json", **KEY)
    run_id = re.findall(r"--run-id (\S+) continues it", many.stderr)
    again = run(
        "jobs", "run-many", str(specs), "--yes", "--run-id", *run_id, "--format", "json", **KEY
    )
    assert again.stdout == many.stdout
    assert json.loads(many.stdout)[0]["job_id"] in many.stderr


def test_the_id_of_a_job_is_told_before_its_state_is_known(endpoint: str, tmp_path: Path) -> None:
    """The process may be killed before the first poll has a response."""
    plan = [{"fault": "delay_before", "operations": "getJob", "seconds": 60}]
    with benchwire.local.serve(faults=plan) as slow, slow.v0_client() as client:
        own = KEY | {"BENCHWIRE_JOURNAL": str(tmp_path / "j.db")}
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "jobs", "run", "1", "--endpoint", endpoint, "--yes"],
            stderr=subprocess.PIPE, encoding="utf-8", env=environment_of(slow) | own,
        )  # fmt: skip
        with process:
            assert process.stderr is not None
            told = next(line for line in process.stderr if line.startswith("job "))
            process.kill()
        [job] = client.jobs.list()
    assert told == f"job {job.id} was submitted\n"


def test_the_timeout_is_that_of_submission_and_wait(
    run: Run, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 3599.9])
    monkeypatch.setattr(commands, "monotonic", lambda: next(clock), raising=False)
    plan = [{"fault": "delay_before", "operations": "getJob", "seconds": 5}]
    with benchwire.local.serve(faults=plan) as slow:
        url = {"BENCHWIRE_V0_BASE_URL": slow.v0_base_url}
        done = run("jobs", "run", "1", "--endpoint", endpoint, "--yes", **KEY, **url)
    assert "not ended after 0.1 seconds" in done.stderr


def test_many_jobs_are_one_run(run: Run, endpoint: str, tmp_path: Path) -> None:
    specs = tmp_path / "jobs.jsonl"
    lines = [{"benchmark_id": number, "endpoint_url": endpoint, "seed": 1} for number in (1, 2)]
    specs.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8-sig")
    arguments = ["jobs", "run-many", str(specs), "--run-id", "r1", "--format", "json"]
    first = run(*arguments, "--yes", **KEY)
    assert first.exit_code == 0, first.output
    assert [one["status"] for one in json.loads(first.stdout)] == ["completed"] * 2
    again = run(*arguments, "--yes", **KEY)
    assert [one["job_id"] for one in json.loads(again.stdout)] == [
        one["job_id"] for one in json.loads(first.stdout)
    ]
    refused = run(*arguments[:3], "--budget", "1", "--yes", **KEY)
    assert refused.exit_code == 1
    assert "error: " in refused.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: no JSON"),
        ("[]", "line 2: not an object"),
        ('{"benchmark_id": 1}', "line 2: no endpoint_url"),
        (
            '{"benchmark_id": 1, "endpoint_url": "http://127.0.0.1:1", "modle": "m"}',
            "unknown modle",
        ),
        (
            '{"benchmark_id": 1, "endpoint_url": "http://127.0.0.1:1", "api_key": "k"}',
            "unknown api_key",
        ),
        ('{"benchmark_id": 1, "endpoint_url": 5}', "endpoint_url must be a str, not int"),
        (
            '{"benchmark_id": [1], "endpoint_url": "http://127.0.0.1:1"}',
            "benchmark_id must be a str or an int, not list",
        ),
        (
            '{"benchmark_id": 1, "endpoint_url": "http://127.0.0.1:1", "benchmark_count": "2"}',
            "benchmark_count must be an int, not str",
        ),
    ],
)
def test_a_bad_line_submits_nothing(
    run: Run, server: benchwire.local.Server, tmp_path: Path, line: str, told: str
) -> None:
    specs = tmp_path / "jobs.jsonl"
    good = '{"benchmark_id": 1, "endpoint_url": "http://127.0.0.1:1/v1"}\n'
    specs.write_text(good + line + "\n", "utf-8")
    before = jobs_of(server)
    done = run("jobs", "run-many", str(specs), "--yes", **KEY)
    assert (done.exit_code, done.stdout) == (2 if "must be" in told else 1, "")
    assert told in done.stderr
    assert "line 2" in done.stderr
    assert "credits" not in done.stderr  # no price of what can't be submitted
    assert jobs_of(server) == before


@pytest.mark.parametrize("command", ["submit", "run"])
def test_an_invalid_job_has_no_price(run: Run, endpoint: str, command: str) -> None:
    job = [command, "1", "--endpoint", endpoint]
    done = run("jobs", *job, "--count", "99", "--yes", **KEY)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "benchmark_count must be from 1 to 10, not 99" in done.stderr
    assert "credits" not in done.stderr


def test_a_missing_endpoint_key_is_named(run: Run, endpoint: str) -> None:
    done = run("jobs", "run", "1", "--endpoint", endpoint, "--yes", BENCHWIRE_ENDPOINT_API_KEY=None)
    assert done.exit_code == 4
    assert "BENCHWIRE_ENDPOINT_API_KEY" in done.stderr


def test_a_missing_key_of_a_line_is_named_with_the_line(run: Run, tmp_path: Path) -> None:
    job = {"benchmark_id": 1, "endpoint_url": "http://127.0.0.1:9/"}
    file = tmp_path / "jobs.jsonl"
    file.write_text("\n".join(map(json.dumps, (job, {**job, "api_key_env": "NO_SUCH_KEY"}))))
    done = run("jobs", "run-many", str(file), "--yes", **KEY)
    assert (done.exit_code, done.stdout) == (4, "")
    assert "jobs.jsonl, line 2: there is no key" in done.stderr
    assert "NO_SUCH_KEY" in done.stderr


def test_an_unknown_outcome_is_settled_by_hand(run: Run, endpoint: str) -> None:
    """The answers to two submissions are lost, and no job is listed."""
    plan = [{"operations": ["submitJob"], "fault": "close_before"}]
    intents = []
    with benchwire.local.serve(faults=plan) as broken:
        with broken.v0_client() as client:
            for seed in (1, 2):
                jobs = on_clock(client, SkippingClock()).jobs
                with pytest.raises(benchwire.SubmissionUnknown) as unknown:
                    jobs.submit(1, endpoint, "key-of-the-model", seed=seed)
                intents.append(unknown.value.intent_id)
        intent, executed = intents
        url = {"BENCHWIRE_V0_BASE_URL": broken.v0_base_url}
        listed = run("jobs", "unresolved", "--format", "quiet", **url)
        assert listed.stdout.split() == intents
        settled = run("jobs", "resolve", intent, "--not-executed", "--fields", "state", **url)
        assert (settled.exit_code, settled.stdout) == (0, "field\tvalue\nstate\tnot_sent\n")
        assert run("jobs", "resolve", executed, "--job", "j-9", **url).exit_code == 0
        assert run("jobs", "resume", executed, "--format", "quiet", **url).stdout == "j-9\n"
        assert run("jobs", "unresolved", "--format", "quiet", **url).stdout == ""
        assert run("jobs", "resume", intent, **url).exit_code == 1
        assert run("jobs", "resume", "no-such", **url).exit_code == 2


def test_the_account_and_the_installation(run: Run) -> None:
    account = json.loads(run("account", "--format", "json").stdout)
    assert {"organization_id", "account_id", "available_credits"} == set(account)
    checks = run("doctor", "--format", "tsv")
    assert checks.exit_code == 0
    assert checks.stdout.count("\tok\t") == 11
    assert "key" not in checks.stdout
    wrong = run("doctor", BENCHWIRE_V0_API_KEY="wrong", BENCHWIRE_V2_API_KEY=None)
    assert wrong.exit_code == 1
    assert "API v0\tfailed\twrong key" in wrong.stdout
    assert "API v2\tskipped" in wrong.stdout
    broken = run("doctor", LAYERLENS_STRATIX_BASE_URL="127.0.0.1", BENCHWIRE_V2_API_KEY="a b")
    assert broken.exit_code == 1
    assert "API public\tfailed\tthe base URL" in broken.stdout
    assert "API v2\tfailed\tthe key for the v2 API can't be sent" in broken.stdout


def test_a_service_that_never_responds_fails(
    run: Run, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LIMIT", 0.2)
    ended = threading.Event()

    def silent(_: Received) -> None:
        ended.wait(20)

    service = scripted(silent)
    names = ("LAYERLENS_STRATIX_BASE_URL", "BENCHWIRE_V2_BASE_URL", "BENCHWIRE_V0_BASE_URL")
    done = run("doctor", "--format", "tsv", **dict.fromkeys(names, service.url))
    ended.set()
    assert done.exit_code == 1
    assert done.stdout.count("failed\t") == 3
    assert done.stdout.count("the deadline of 0.2 s has passed") == 3


def test_the_red_team_benchmark(run: Run, server: benchwire.local.Server) -> None:
    with server.v2_client() as client:
        kinds = client.benchmarks.list_types()
        models = client.benchmarks.list_models()
        runs = client.benchmarks.list_runs(models[0].id, kinds[0].id)
    quiet = ["--format", "quiet"]
    model, kind = str(models[0].id), str(kinds[0].id)
    assert run("redteam", "types", *quiet).stdout.split() == [str(one.id) for one in kinds]
    assert run("redteam", "models", *quiet).stdout.split() == [str(one.id) for one in models]
    assert run("redteam", "model", model, *quiet).stdout.split() == [model]
    assert run("redteam", "runs", model, kind, *quiet).stdout.split() == [
        str(one.id) for one in runs
    ]
    cases = run("redteam", "cases", model, str(runs[0].id), "--format", "jsonl").stdout
    assert len(cases.splitlines()) == runs[0].total_count
