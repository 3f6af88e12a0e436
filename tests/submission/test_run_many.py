"""Runs: many submissions that are paid for at most once, however their process ends."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts.simulation.scheduler import Process, World
from scripts.simulation.service import Fault, FaultKind

import benchwire
from benchwire._jobs.payload import job_payloads
from benchwire._jobs.run_many import RunOptions, run_many
from benchwire._polling import Wait
from benchwire._transport.port import Port
from benchwire.errors import (
    InsufficientCreditsError,
    JobFailedError,
    RunStoppedError,
    SubmissionUnknown,
)
from benchwire.models import JobOutcome, JobSpec, JobStatus
from benchwire_local.demo_model import DemoModel
from support import wire
from support.both import Flavour
from support.fault_clock import SkippingClock, on_clock
from support.scripted import Received, Reply, json_reply

MODEL_KEY = "key-of-the-model"
URL = "https://models.example/v1"
FAST = {"poll_interval": 0.01, "timeout": 60}


@pytest.fixture(scope="module")
def model() -> Iterator[DemoModel]:
    with DemoModel(api_key=MODEL_KEY) as running:
        yield running


@pytest.fixture
def server(short_jobs: None) -> Iterator[benchwire.local.Server]:
    with benchwire.local.serve(credits=20) as running:
        yield running


@pytest.fixture
def client(flavour: Flavour, server: benchwire.local.Server) -> Iterator[Any]:
    client = flavour.make("V0Client", server.api_key, server.v0_base_url)
    yield client
    flavour.close(client)


@pytest.fixture
def benchmark_id(client: Any, flavour: Flavour) -> str:
    return str(flavour.result(client.benchmarks.list())[0].id)


def specs(count: int, benchmark_id: str, url: str, **fields: Any) -> list[JobSpec]:
    arguments: dict[str, Any] = {
        "benchmark_id": benchmark_id,
        "endpoint_url": url,
        "api_key": MODEL_KEY,
        **fields,
    }
    return [JobSpec(**arguments, seed=seed) for seed in range(count)]


def credits_of(client: Any, flavour: Flavour) -> float:
    return float(flavour.result(client.me()).available_credits)


def test_another_spelling_of_the_base_url_pays_for_nothing_twice(
    client: Any,
    flavour: Flavour,
    server: benchwire.local.Server,
    model: DemoModel,
    benchmark_id: str,
) -> None:
    run = specs(2, benchmark_id, model.url("openai"))
    flavour.result(client.jobs.run_many(run, run_id="r", **FAST))
    before = credits_of(client, flavour)
    url = server.v0_base_url.replace("http:", "HTTP:") + "/v0/"
    other = flavour.make("V0Client", server.api_key, url)
    first, _ = flavour.result(other.jobs.run_many(run, run_id="r", **FAST))
    assert flavour.result(other.jobs.resume(first.intent_id)).job_id == first.job.id
    assert credits_of(client, flavour) == before
    flavour.close(other)


def test_a_run(client: Any, flavour: Flavour, model: DemoModel, benchmark_id: str) -> None:
    seen: list[Any] = []
    outcomes = flavour.result(
        client.jobs.run_many(
            specs(7, benchmark_id, model.url("openai")),
            max_concurrency=3,
            budget_credits=7,
            on_progress=seen.append,
            **FAST,
        )
    )
    assert [outcome.index for outcome in outcomes] == list(range(7))
    assert all(outcome.ok for outcome in outcomes)
    assert {outcome.job.status for outcome in outcomes} == {JobStatus.COMPLETED}
    assert len({outcome.job.id for outcome in outcomes}) == 7
    assert credits_of(client, flavour) == 13
    assert {job.id for job in seen} == {outcome.job.id for outcome in outcomes}


def test_an_empty_run(client: Any, flavour: Flavour) -> None:
    assert flavour.result(client.jobs.run_many([])) == []


def test_failures_are_at_their_positions(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: str
) -> None:
    url = model.url("raw")
    wanted = [
        *specs(1, benchmark_id, url, provider="raw"),
        *specs(1, "there is none", url, provider="raw"),
        *specs(1, benchmark_id, url, provider="raw") * 0,
        JobSpec(benchmark_id=benchmark_id, endpoint_url=url, api_key="wrong", provider="raw"),
        *specs(1, benchmark_id, url, provider="raw", benchmark_count=2),
    ]
    outcomes = flavour.result(client.jobs.run_many(wanted, **FAST))
    assert [type(outcome.error).__name__ for outcome in outcomes] == [
        "NoneType",
        "NotFoundError",
        "JobFailedError",
        "NoneType",
    ]
    assert [outcome.ok for outcome in outcomes] == [True, False, False, True]
    assert outcomes[1].job is None
    assert outcomes[2].job.status == JobStatus.FAILED
    assert outcomes[2].error.job == outcomes[2].job
    assert [outcome.benchmark_id for outcome in outcomes] == [spec.benchmark_id for spec in wanted]


@pytest.mark.parametrize(("count", "budget"), [(21, None), (3, 2), (11, 100)])
def test_a_run_that_is_not_covered_is_refused_before_anything_is_spent(
    count: int,
    budget: float | None,
    client: Any,
    flavour: Flavour,
    model: DemoModel,
    benchmark_id: str,
) -> None:
    units = 2 if count == 11 else 1
    wanted = specs(count, benchmark_id, model.url("openai"), benchmark_count=units)
    with pytest.raises(InsufficientCreditsError, match="nothing was submitted") as caught:
        flavour.result(client.jobs.run_many(wanted, budget_credits=budget, **FAST))
    error = caught.value
    assert (error.needed, error.available, error.budget) == (count * units, 20, budget)
    assert not hasattr(error, "__notes__")
    assert credits_of(client, flavour) == 20
    assert flavour.result(client.jobs.list()) == []


def test_a_repeated_run_costs_nothing(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: str
) -> None:
    wanted = specs(6, benchmark_id, model.url("openai"))
    first = flavour.result(client.jobs.run_many(wanted, run_id="mine", **FAST))
    repeated = flavour.result(client.jobs.run_many(wanted, run_id="mine", **FAST))
    assert repeated == first
    assert credits_of(client, flavour) == 14
    another = specs(15, benchmark_id, model.url("openai"))
    with pytest.raises(InsufficientCreditsError):
        flavour.result(client.jobs.run_many(another, run_id="another", **FAST))


def test_a_run_keeps_its_specs(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: str
) -> None:
    wanted = specs(3, benchmark_id, model.url("openai"))
    flavour.result(client.jobs.run_many(wanted, run_id="mine", **FAST))
    for changed, message in (
        (wanted[:2], "it had 3 specs and now has 2"),
        ([*wanted, wanted[0]], "it had 3 specs and now has 4"),
        ([wanted[0], wanted[2], wanted[1]], r"specs\[1\] is another"),
    ):
        said = f"'mine' was begun with other specs: {message}"
        with pytest.raises(ValueError, match=said) as caught:
            flavour.result(client.jobs.run_many(changed, run_id="mine", **FAST))
        assert not hasattr(caught.value, "__notes__")
        assert credits_of(client, flavour) == 17


def test_another_key_of_the_endpoint_is_the_same_spec(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: str
) -> None:
    wanted = specs(1, benchmark_id, model.url("openai"))
    flavour.result(client.jobs.run_many(wanted, run_id="mine", **FAST))
    wanted = specs(1, benchmark_id, model.url("openai"), api_key="renewed", headers=None)
    flavour.result(client.jobs.run_many(wanted, run_id="mine", **FAST))
    assert credits_of(client, flavour) == 19


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no list": (5, {}, "specs must be a list of JobSpec, not one int"),
    "no spec": (["b1"], {}, r"specs\[0\] must be a JobSpec, not str"),
    "too many units": (
        specs(1, "b", URL, benchmark_count=11),
        {},
        r"specs\[0\]: benchmark_count must be from 1 to 10, not 11",
    ),
    "no concurrency": ([], {"max_concurrency": 0}, "max_concurrency must be from 1 to 1000"),
    "a budget below nothing": (
        [],
        {"budget_credits": -1},
        "budget_credits must be at least 0, not -1",
    ),
    "a budget that is no number": (
        [],
        {"budget_credits": "9"},
        "budget_credits must be a float, not str",
    ),
    "a run without a name": ([], {"run_id": ""}, "run_id must be an id"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments(name: str, flavour: Flavour) -> None:
    wanted, options, message = WRONG[name]
    client = flavour.v0("http://127.0.0.1:9")
    with pytest.raises((ValueError, TypeError), match=message):
        flavour.result(client.jobs.run_many(wanted, **options))


def test_a_spec_shows_no_key() -> None:
    spec = JobSpec(
        benchmark_id="b",
        endpoint_url="https://models.example/v1?key=canary",
        api_key="canary",
        headers={"x-key": "canary"},
    )
    assert "canary" not in repr(spec)


class Service:
    """A jobs service whose lists fail at times, and which shows a job only after a while."""

    def __init__(self) -> None:
        self.jobs: dict[str, int] = {}
        self.most = 0
        self.faults = iter([503, None, 200, 429, 200, 520, 200, None])

    def __call__(self, received: Received) -> Reply | None:
        if received.method == "POST":
            name = f"j{len(self.jobs)}"
            self.jobs[name] = 0
            going = [job for job, rounds in self.jobs.items() if rounds < 3]
            self.most = max(self.most, len(going))
            return json_reply({"job_id": name}, 202)
        if received.path == "/v0/me":
            return json_reply({"available_credits": 100})
        if received.path == "/v0/benchmarks":
            return json_reply({"benchmarks": []})
        if received.path != "/v0/jobs":
            return json_reply({"error": "no such job"}, 404)
        fault = next(self.faults, 200) if self.jobs else 200
        if fault != 200:
            return None if fault is None else json_reply({"error": "busy"}, fault)
        return json_reply({"jobs": [self.state(name) for name in self.jobs]})

    def state(self, name: str) -> dict[str, Any]:
        self.jobs[name] += 1
        return wire.completed(name) if self.jobs[name] >= 3 else wire.job(name, "running")


def test_transient_errors_do_not_end_a_run(flavour: Flavour, scripted: Any) -> None:
    jobs = Service()
    client = flavour.v0(scripted(jobs).url)
    outcomes = flavour.result(
        client.jobs.run_many(specs(6, "b", URL), max_concurrency=2, poll_interval=0.001)
    )
    assert [outcome.job.id for outcome in outcomes] == [f"j{number}" for number in range(6)]
    assert len(jobs.jobs) == 6
    assert jobs.most == 2


def test_a_run_that_takes_too_long(flavour: Flavour, scripted: Any, clock: SkippingClock) -> None:
    jobs = Service()
    jobs.state = lambda name: wire.job(name, "running")  # type: ignore[method-assign]
    client = on_clock(flavour.v0(scripted(jobs).url), clock)
    with pytest.raises(benchwire.WaitTimeoutError, match="2 jobs go on and 4 are not") as caught:
        flavour.result(
            client.jobs.run_many(
                specs(6, "b", URL), max_concurrency=2, run_id="r", poll_interval=50, timeout=300
            )
        )
    assert sorted(caught.value.pending) == ["j0", "j1"]
    assert caught.value.__notes__ == ["run_many(…, run_id='r') with the same specs continues it"]


def test_an_unknown_key_ends_a_run(flavour: Flavour, scripted: Any) -> None:
    client = flavour.v0(scripted(lambda received: json_reply({"error": "no"}, 401)).url)
    with pytest.raises(benchwire.AuthenticationError):
        flavour.result(client.jobs.run_many(specs(2, "b", URL)))


def test_an_interrupt_names_the_run(scripted: Any, caplog: pytest.LogCaptureFixture) -> None:
    def interrupt(job: Any) -> None:
        raise KeyboardInterrupt

    service = scripted(Service())
    caplog.set_level("INFO", "benchwire")
    with (
        benchwire.V0Client("k", service.url) as client,
        pytest.raises(KeyboardInterrupt) as caught,
    ):
        client.jobs.run_many(specs(2, "b", URL), on_progress=interrupt)
    (note,) = caught.value.__notes__
    (started,) = [line for line in caplog.messages if line.endswith("of 2 jobs")]
    run_id = started.split()[1]
    assert run_id in note


# ---- killed at any moment ------------------------------------------------------------------------


@settings(
    max_examples=300,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(
    deaths=st.lists(st.integers(0, 120), max_size=6),
    kinds=st.lists(st.sampled_from(FaultKind), max_size=8),
    lag=st.sampled_from([0.0, 3.0]),
)
def test_a_run_that_is_killed_again_and_again(
    deaths: list[int], kinds: list[FaultKind], lag: float
) -> None:
    """The last process is not killed. Each position is paid for at most once."""
    world = World()
    payloads = job_payloads([*specs(3, "bench-1", URL), *specs(2, "bench-2", URL)])
    # Each submission meets the next fault, in whichever process it is made.
    faults = chain((Fault(kind, delay=5.0, lag=lag) for kind in kinds), repeat(Fault(lag=lag)))
    options = RunOptions("run", 2, None, resend=False)

    async def run(port: Port) -> list[JobOutcome]:
        wait = Wait(10**7, 1.0, port.deadline, Random(1))
        return await run_many(port, world.submitter(), payloads, options, wait, on_progress=None)

    end = None
    for death in [*deaths, None]:
        (end,) = world.run(Process(run, "run", faults, death))
        if end.result is not None:
            break
        world.now += 10.0
    assert end is not None
    assert end.error is None, end.error
    charged = [job.id for job in world.service.jobs]
    returned = [outcome.job.id for outcome in end.result if outcome.job is not None]
    assert len(returned) == len(set(returned))
    assert set(returned) <= set(charged)
    unknown = [outcome for outcome in end.result if isinstance(outcome.error, SubmissionUnknown)]
    assert len(charged) - len(returned) <= len(unknown)
    assert len(charged) <= len(payloads)
    for outcome in end.result:
        refused = isinstance(outcome.error, benchwire.PaymentRequiredError)
        ended = outcome.ok or isinstance(outcome.error, JobFailedError)
        stopped = isinstance(outcome.error, RunStoppedError) and len(unknown) >= 3
        assert ended or refused or stopped or isinstance(outcome.error, SubmissionUnknown)


def test_a_run_ends_with_its_timeout_though_jobs_could_be_submitted(
    flavour: Flavour, scripted: Any
) -> None:
    """Jobs that are still to be submitted must not make it poll for ever."""
    jobs: list[str] = []
    clock = SkippingClock()

    def handler(received: Received) -> Reply:
        if received.method == "POST":
            jobs.append(f"j{len(jobs)}")
            clock.sleep(3)  # the response is slow
            return json_reply({"job_id": jobs[-1]}, 202)
        if received.path == "/v0/me":
            return json_reply({"available_credits": 100})
        if received.path == "/v0/benchmarks":
            return json_reply({"benchmarks": []})
        return json_reply({"jobs": [wire.job(name, "running") for name in jobs]})

    client = on_clock(flavour.v0(scripted(handler).url), clock)
    with pytest.raises(benchwire.WaitTimeoutError, match="are not submitted") as caught:
        flavour.result(client.jobs.run_many(specs(20, "b1", URL), timeout=5, poll_interval=0.5))
    assert caught.value.pending == jobs
    assert len(jobs) == 2
