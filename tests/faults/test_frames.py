"""Tools that print the variables of each frame find no key and no environment in ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire import errors
from benchwire.models import JobSpec
from support import wire
from support.both import Flavour
from support.fault_canaries import check
from support.fault_clock import SkippingClock, on_clock
from support.fault_frames import variables_of, variables_of_stack
from support.jobs_service import JobsService
from support.scripted import PATIENCE, Received, Reply, Scripted, json_reply

OWN = "canAryOwnZk4wax"
MODEL = "canAryModelHt9lime"
HEADER = "canAryHeaderDs4herring"
QUERY = "canAryQueryXa8heron"
AROUND = "canAryAroundYb3hedge"
CANARIES = (OWN, MODEL, HEADER, QUERY, AROUND)

ENDPOINT = f"https://user:{QUERY}@models.example.com/v1?key={QUERY}"
BENCHMARK = {"id": "bench", "name": "b", "version": 1, "price_per_benchmark_unit": 5.0}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of others, which are none of our business."""
    monkeypatch.setenv("SOME_OTHER_KEY", AROUND)


class Case:
    """A client of a scripted service, with keys as plain texts wherever it takes some."""

    def __init__(
        self, flavour: Flavour, scripted: Scripted, clock: SkippingClock, journal: Path
    ) -> None:
        self.flavour = flavour
        self.clock = clock
        self.journal = journal
        self.jobs = JobsService()
        self.reply: Callable[[Received], Reply | None] = self.jobs
        self.release = threading.Event()
        self.service = scripted(self.answer)
        self.hooks: benchwire.Hooks | None = None

    def make(self, **options: Any) -> Any:
        options = {"max_retries": 0, "hooks": self.hooks, **options}
        client = self.flavour.make("V0Client", OWN, self.service.url, **options)
        return on_clock(client, self.clock)

    def answer(self, received: Received) -> Reply | None:
        return self.reply(received)

    def answers(self, status: int, body: Any = None) -> None:
        self.reply = lambda _: json_reply({"error": "no"} if body is None else body, status)

    def listed(self, **options: Any) -> Any:
        return self.flavour.result(self.make(**options).jobs.list())

    def submitted(self, client: Any = None, **changes: Any) -> Any:
        arguments = {
            "benchmark_id": "bench",
            "endpoint_url": ENDPOINT,
            "api_key": MODEL,
            "headers": {"x-key": HEADER},
            **changes,
        }
        return self.flavour.result((client or self.make()).jobs.submit(**arguments))

    def ran(self, **options: Any) -> Any:
        spec = JobSpec(
            benchmark_id="bench", endpoint_url=ENDPOINT, api_key=MODEL, headers={"x-key": HEADER}
        )
        client = self.make()
        return self.flavour.result(client.jobs.run_many([spec] * 4, run_id="r", **options))


@pytest.fixture
def case(
    flavour: Flavour, scripted: Scripted, clock: SkippingClock, journal: Path
) -> Iterator[Case]:
    case = Case(flavour, scripted, clock, journal)
    yield case
    case.release.set()


def closed(case: Case) -> None:
    client = case.make()
    case.flavour.close(client)
    case.flavour.result(client.jobs.list())


def unreachable(case: Case) -> None:
    client = case.flavour.make("V0Client", OWN, "http://127.0.0.1:9", max_retries=0)
    case.flavour.result(client.jobs.list())


def late(case: Case) -> None:
    def wait(_: Received) -> None:
        case.release.wait(PATIENCE)

    case.reply = wait
    case.listed(timeout=0.05)


def past_deadline(case: Case) -> None:
    case.listed(deadline=1e-9)


def of_status(status: int) -> Callable[[Case], None]:
    def submit(case: Case) -> None:
        def reply(received: Received) -> Reply:
            return json_reply(
                {"error": "no", "jobs": []}, 200 if received.method == "GET" else status
            )

        case.reply = reply
        case.submitted()

    return submit


def listed(status: int) -> Callable[[Case], None]:
    def list_jobs(case: Case) -> None:
        case.answers(status)
        case.listed(max_retries=2)

    return list_jobs


def of_another_shape(case: Case) -> None:
    case.answers(200, {"jobs": {OWN: OWN}})
    case.listed()


def incomplete(case: Case) -> None:
    case.reply = lambda _: json_reply(wire.models([wire.model(1)], 3))
    client = case.flavour.make("PublicClient", OWN, case.service.url, max_retries=0)
    case.flavour.items(client.models.iter_models())


def failed_job(case: Case) -> None:
    def reply(received: Received) -> Reply | None:
        if received.path.startswith("/v0/jobs/"):
            return json_reply(wire.failed(received.path.rsplit("/", 1)[1], "no"))
        return case.jobs(received)

    case.reply = reply
    client = case.make()
    arguments = {"api_key": MODEL, "headers": {"x-key": HEADER}}
    case.flavour.result(client.jobs.run("bench", ENDPOINT, **arguments))


def endless_job(case: Case) -> None:
    case.reply = lambda _: json_reply(wire.job("j1", "running"))
    case.flavour.result(case.make().jobs.wait("j1", timeout=3))


def unknown(case: Case) -> None:
    case.jobs.responses, case.jobs.executes = [json_reply({}, 500)], [False]
    case.submitted()


def duplicate(case: Case) -> None:
    case.jobs.responses = [json_reply({"job_id": "same"}, 202)] * 2
    client = case.make()
    case.submitted(client)
    case.submitted(client, model="other")


def with_credits(case: Case) -> None:
    def reply(received: Received) -> Reply | None:
        if received.path in {"/v0/me", "/v0/benchmarks"}:
            account = {"available_credits": 100, "benchmarks": [BENCHMARK]}
            return json_reply(account)
        return case.jobs(received)

    case.reply = reply


def poor(case: Case) -> None:
    with_credits(case)
    case.ran(budget_credits=4)


def stopped(case: Case) -> None:
    with_credits(case)
    case.jobs.responses, case.jobs.executes = [json_reply({}, 500)] * 9, [False] * 9
    outcomes = case.ran(max_concurrency=1)
    raise next(each.error for each in outcomes if isinstance(each.error, errors.RunStoppedError))


def without_journal(case: Case) -> None:
    case.journal.parent.mkdir(exist_ok=True)
    case.journal.write_bytes(b"no database" * 100)
    case.submitted()


def unsendable(case: Case) -> None:
    case.flavour.make("V0Client", f"{OWN}\n{OWN}", case.service.url)


CASES: dict[type[errors.BenchwireError], Callable[[Case], object]] = {
    errors.BenchwireError: closed,
    errors.ConfigurationError: unsendable,
    errors.APIConnectionError: unreachable,
    errors.APITimeoutError: late,
    errors.DeadlineExceededError: past_deadline,
    errors.APIStatusError: listed(418),
    **{kind: of_status(status) for status, kind in errors.STATUS_ERRORS.items()},
    errors.ConflictError: listed(409),
    errors.ServerError: listed(503),
    errors.APIResponseValidationError: of_another_shape,
    errors.PaginationError: incomplete,
    errors.JobFailedError: failed_job,
    errors.WaitTimeoutError: endless_job,
    errors.SubmissionUnknown: unknown,
    errors.DuplicateJobError: duplicate,
    errors.RunStoppedError: stopped,
    errors.InsufficientCreditsError: poor,
    errors.JournalError: without_journal,
}
NEVER_ITSELF = {errors.APIError}
"""Only its subclasses are raised."""


def classes(kind: type[errors.BenchwireError]) -> Iterator[type[errors.BenchwireError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from classes(each)


def test_every_class_of_the_tree_has_a_case() -> None:
    ours = {each for each in classes(errors.BenchwireError) if each.__module__ == errors.__name__}
    assert set(CASES) | NEVER_ITSELF == ours


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_an_error(kind: type[errors.BenchwireError], case: Case) -> None:
    with pytest.raises(kind) as caught:
        CASES[kind](case)
    assert type(caught.value) is kind
    check(variables_of(caught.value), *CANARIES)


KEYS: list[Any] = [
    f"{OWN}\n{OWN}",
    f"é{OWN}",
    OWN.encode(),
    benchwire.Secret(f"{OWN}\r{OWN}"),
]
URLS = [
    f"https://user:{OWN}@example.com",
    f"https://example.com?key={OWN}",
    f"ftp://{OWN}@example.com",
    f"https://[{OWN}@",
    f"https://example.com/ {OWN}",
    f"http://example.com:{OWN}/@",
]


SETTINGS: list[dict[str, Any]] = [
    *({"api_key": key} for key in KEYS),
    *({"api_key": OWN, "base_url": url} for url in URLS),
    {"api_key": OWN, "timeout": -1},
    {"api_key": OWN, "on_error": "never"},
]


@pytest.mark.parametrize("arguments", SETTINGS, ids=range(len(SETTINGS)))
def test_a_setting_that_is_refused(arguments: dict[str, Any], flavour: Flavour) -> None:
    """By the constructor, by a copy, and of a client of all APIs at the first use of each."""
    names = ("PublicClient", "V0Client", "Stratix")
    made: list[Any] = [lambda name=name: flavour.make(name, **arguments) for name in names]
    for api in ("public", "v2", "v0"):
        given = dict(arguments)
        for own in ("api_key", "base_url"):
            if own in given:
                given[f"{api}_{own}"] = given.pop(own)
        made.append(lambda given=given, api=api: getattr(flavour.make("Benchwire", **given), api))
    sound = flavour.make("V0Client", OWN, "http://127.0.0.1:9")
    made += [lambda: sound.copy(**arguments), lambda: sound.with_options(**arguments)]
    for make in made:
        with pytest.raises((ValueError, TypeError)) as caught:
            make()
        check(variables_of(caught.value), *CANARIES)


@pytest.mark.parametrize("variable", ["BENCHWIRE_V0_API_KEY", "BENCHWIRE_V0_BASE_URL"])
def test_a_setting_of_the_environment_that_is_refused(
    variable: str, flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCHWIRE_V0_API_KEY", OWN)
    monkeypatch.setenv(variable, f"https://{OWN}\t@x")
    for name in ("V0Client", "Benchwire"):
        with pytest.raises(errors.ConfigurationError) as caught:
            _ = flavour.make(name).v0
        check(variables_of(caught.value), *CANARIES)
    monkeypatch.delenv("BENCHWIRE_V0_API_KEY")
    for name in ("PublicClient", "V2Client", "V0Client", "Benchwire", "Stratix"):
        with pytest.raises(errors.ConfigurationError, match="there is no key") as caught:
            flavour.make(name)
        check(variables_of(caught.value), *CANARIES)


REFUSED: list[dict[str, Any]] = [
    {"api_key": OWN + "\ud800"},
    {"api_key": OWN.encode()},
    {"headers": {"x-key": OWN + "\ud800"}},
    {"headers": {"x-key": OWN.encode()}},
    {"endpoint_url": f"https://{OWN}\ud800@x"},
    {"endpoint_url": f"ftp://{OWN}@x"},
    {"endpoint_url": OWN.encode()},
    {"endpoint_url": f"https://[?{OWN}"},
    {"provider": "nobody"},
]


@pytest.mark.parametrize("wrong", REFUSED, ids=range(len(REFUSED)))
def test_an_argument_of_a_submission_that_is_refused(wrong: dict[str, Any], case: Case) -> None:
    client = case.make()
    given = {"endpoint_url": ENDPOINT, "api_key": MODEL, "headers": {"x-key": HEADER}, **wrong}
    for call in (
        lambda: client.jobs.submit("bench", **given),
        lambda: client.jobs.run("bench", **given),
        lambda: client.jobs.run_many([JobSpec(benchmark_id="bench", **given)]),
        lambda: client.jobs.submit_batch(["bench"], **given),
    ):
        with pytest.raises((ValueError, TypeError)) as caught:
            case.flavour.result(call())
        check(variables_of(caught.value), *CANARIES)


def test_the_embedded_server() -> None:
    with pytest.raises(ValueError, match="port must be from 0") as caught:
        benchwire.local.serve(api_key=OWN, port=-1)
    check(variables_of(caught.value), *CANARIES)


def test_from_inside_every_hook(case: Case) -> None:
    """Of every kind of call: reads, retries, submissions, batches, runs, pages and waits."""
    seen: dict[str, list[str]] = {}

    def look(name: str) -> Callable[[object], None]:
        def hook(event: object) -> None:
            seen.setdefault(name, []).append(variables_of_stack() + repr(event))

        return hook

    names = [name for name in benchwire.Hooks.__slots__ if name.startswith("on_")]
    case.hooks = benchwire.Hooks(**{name: look(name) for name in names})
    case.listed()
    case.submitted()
    client = case.make()
    arguments = {"api_key": MODEL, "headers": {"x-key": HEADER}}
    case.flavour.result(client.jobs.submit_batch(["bench"], ENDPOINT, **arguments))
    with suppress(benchwire.JobFailedError):
        failed_job(case)
    with_credits(case)
    case.jobs.responses = [json_reply({}, 429)]
    with suppress(benchwire.WaitTimeoutError):
        case.ran(timeout=3)
    case.answers(503)
    with suppress(benchwire.ServerError):
        case.listed(max_retries=1)
    case.reply = lambda _: json_reply(wire.models([wire.model(1)], 1))
    public = case.flavour.make("PublicClient", OWN, case.service.url, hooks=case.hooks)
    assert len(case.flavour.items(public.models.iter_models())) == 1
    combined = case.flavour.make(
        "Benchwire", public_api_key=OWN, public_base_url=case.service.url, hooks=case.hooks
    )
    case.flavour.result(combined.public.models.get())
    refused = case.flavour.make("PublicClient", OWN, "http://127.0.0.1:9", hooks=case.hooks)
    with suppress(benchwire.APIConnectionError):
        case.flavour.result(refused.with_options(max_retries=0).models.get())
    assert set(seen) == set(names)
    for texts in seen.values():
        for text in texts:
            check(text, *CANARIES)
