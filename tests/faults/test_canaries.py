"""Keys that are looked for in every place where they might come to light."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import benchwire
from support.both import Flavour
from support.fault_canaries import (
    OURS,
    THEIRS,
    UNSENDABLE,
    check,
    check_error,
    check_files,
    check_shown,
    everything_logged,
    quiet_httpcore,
    with_variables,
)
from support.fault_clock import FEW_POLLS, SkippingClock, on_clock
from support.fault_kinds import FAULTS
from support.fault_server import Exchange, Fault, FaultServer, message
from support.limits import with_growing_limit
from support.scripted import PATIENCE

CLIENTS = ["PublicClient", "V2Client", "V0Client"]
RUN = "from benchwire.cli import main; main()"
SHORT = "canAry-of-a-test-42"

ours = pytest.mark.parametrize("key", OURS, ids=range(len(OURS)))
theirs = pytest.mark.parametrize("key", THEIRS, ids=range(len(THEIRS)))


def listening(told: list[Any]) -> benchwire.Hooks:
    return benchwire.Hooks(on_request=told.append, on_response=told.append, on_retry=told.append)


def failing(error: type[BaseException], call: Any, flavour: Flavour) -> BaseException:
    with pytest.raises(error) as caught:
        flavour.result(call())
    return caught.value


@pytest.mark.parametrize("name", CLIENTS)
@ours
def test_a_client(key: str, name: str, flavour: Flavour) -> None:
    for given in (key, benchwire.Secret(key)):
        client = flavour.make(name, given, "http://127.0.0.1:9")
        for shown in (
            client,
            client._transport,
            client._transport.endpoint,
            client.with_options(timeout=3),
        ):
            check_shown(shown, key)
        for group in vars(client).values():
            check_shown(group, key)
        with pytest.raises(Exception) as caught:  # noqa: PT011  whatever it is, it says nothing
            pickle.dumps(client)
        check_error(caught.value, key)


@ours
def test_a_secret(key: str) -> None:
    secret = benchwire.Secret(key)
    assert secret.reveal() == key
    check_shown(secret, key)
    check(f"{secret:>40}{secret:s}" + "%s %r" % (secret, secret), key)  # noqa: UP031
    check_shown({secret: [secret]}, key)
    assert copy.deepcopy(secret) is secret
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(secret, protocol)
        check_error(caught.value, key)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert secret != key
    assert secret != benchwire.Secret(key)
    assert len({hash(secret), hash(key)}) == 2
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("key", UNSENDABLE, ids=range(len(UNSENDABLE)))
def test_a_key_that_can_not_be_sent_is_refused_and_not_shown(
    key: str, name: str, flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    for given in (key, benchwire.Secret(key)):
        with pytest.raises(benchwire.ConfigurationError) as caught:
            flavour.make(name, given, "http://127.0.0.1:9")
        check_error(caught.value, key)
    if "\0" not in key:  # which no environment can hold
        for variable in (
            "LAYERLENS_STRATIX_API_KEY",
            "BENCHWIRE_V2_API_KEY",
            "BENCHWIRE_V0_API_KEY",
        ):
            monkeypatch.setenv(variable, key)
        with pytest.raises(benchwire.ConfigurationError) as caught:
            flavour.make(name, None, "http://127.0.0.1:9")
        check_error(caught.value, key)


@pytest.mark.parametrize(
    "fault",
    ["refused", "reset-after-request", "not-http", "truncated", "gzip-damaged", "not-json", "503"],
)
@ours
def test_errors_and_logs_of_a_call(
    key: str, fault: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    client = on_clock(flavour.make("V0Client", key, service.url), clock)
    service.break_with(FAULTS[fault])
    with everything_logged() as said:
        check_error(failing(benchwire.APIError, client.jobs.list, flavour), key)
    service.heal()
    assert "listJobs" in said.getvalue()
    check(said.getvalue(), key)


@ours
def test_the_error_of_a_deadline(key: str, flavour: Flavour, service: FaultServer) -> None:
    def is_sent(limit: float) -> bool:
        client = flavour.make("V0Client", key, service.url, deadline=limit)
        service.break_with(FAULTS["drip-head"])
        with everything_logged() as said:
            error = failing(benchwire.DeadlineExceededError, client.jobs.list, flavour)
        check_error(error, key)
        check(said.getvalue(), key)
        return not error.never_sent

    with_growing_limit(is_sent)
    assert service.left.wait(PATIENCE)


@ours
def test_the_error_of_a_client_of_the_users_own(
    key: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    http = flavour.http()
    client = on_clock(flavour.make("V0Client", key, service.url, http_client=http), clock)
    for fault in ("reset-after-request", "not-http", "503"):
        service.break_with(FAULTS[fault])
        with everything_logged() as said:
            check_error(failing(benchwire.APIError, client.jobs.list, flavour), key)
        check(said.getvalue(), key)
    check_shown(http, key)
    check(repr(http.headers), key)


def echo(status: int, body: Any, content_type: str = "application/json") -> Fault:
    """Send everything back that came, as an error page that shows too much would."""

    def act(exchange: Exchange) -> None:
        got = exchange.read()
        text = got.body.decode()
        sent = json.loads(text) if text else {}
        shown = body(got.headers["authorization"], sent)
        raw = shown.encode() if isinstance(shown, str) else json.dumps(shown).encode()
        secret = sent.get("api_key", "none")
        exchange.send(
            message(
                raw,
                status,
                content_type=content_type,
                x_request_id=got.headers["authorization"],
                x_echo=got.headers["authorization"],
                x_model_key=secret if secret.isprintable() and secret.isascii() else "none",
            )
        )

    return Fault(f"echo {status}", act, executes=False)


ECHOES: dict[str, Any] = {
    "a sentence": lambda auth, sent: {"error": f"{auth} may not do {sent}"},
    "the request": lambda auth, sent: {
        "error": {"message": "no", "authorization": auth, "got": sent}
    },
    "as names": lambda auth, sent: {"error": {auth: {str(sent): [auth]}}},
    "a list": lambda auth, sent: [auth, [sent]],
    "a text": lambda auth, sent: auth,
    "plain": lambda auth, sent: f"<p>{auth} sent {sent.get('api_key')} {sent.get('headers')}</p>",
}


@pytest.mark.parametrize("name", ECHOES)
@pytest.mark.parametrize("status", [401, 422, 503])
@ours
def test_a_service_that_sends_the_key_back(
    key: str, status: int, name: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    told: list[Any] = []
    hooks = listening(told)
    client = on_clock(flavour.make("V0Client", key, service.url, hooks=hooks), clock)
    service.break_with(echo(status, ECHOES[name]))
    with quiet_httpcore(), everything_logged() as said:
        error = failing(benchwire.APIStatusError, client.jobs.list, flavour)
    check_error(error, key)
    assert error.body is not None  # type: ignore[attr-defined]
    check(said.getvalue(), key)
    assert told
    for event in told:
        check_shown(event, key)


MISFITS: dict[str, Any] = {
    "a row": lambda auth, sent: {"benchmarks": [{"name": auth}]},
    "the rows": lambda auth, sent: {"benchmarks": auth},
    "a number": lambda auth, sent: {"benchmarks": [{"id": [auth]}]},
    "all": lambda auth, sent: auth,
    "a name": lambda auth, sent: {"benchmarks": [{auth: auth}]},
}


@pytest.mark.parametrize("name", MISFITS)
@ours
def test_a_success_of_another_shape_that_holds_the_key(
    key: str, name: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    client = on_clock(flavour.make("V0Client", key, service.url), clock)
    service.break_with(echo(200, MISFITS[name]))
    check_error(failing(benchwire.APIResponseValidationError, client.benchmarks.list, flavour), key)


@pytest.mark.parametrize("name", ECHOES)
@pytest.mark.parametrize("status", [422, 503])
@theirs
def test_a_service_that_sends_the_key_of_the_endpoint_back(
    key: str,
    status: int,
    name: str,
    flavour: Flavour,
    service: FaultServer,
    clock: SkippingClock,
    journal: Path,
) -> None:
    told: list[Any] = []
    hooks = listening(told)
    clock.stretch = FEW_POLLS
    client = on_clock(flavour.make("V0Client", SHORT, service.url, hooks=hooks, deadline=30), clock)
    service.break_with(echo(status, ECHOES[name]), method="POST")
    with quiet_httpcore(), everything_logged() as said:
        error = failing(benchwire.BenchwireError, submission(client, key), flavour)
    assert isinstance(
        error, benchwire.UnprocessableEntityError if status == 422 else benchwire.SubmissionUnknown
    )
    check_error(error, key, SHORT)
    check(said.getvalue(), key, SHORT)
    for event in told:
        check_shown(event, key, SHORT)
    check_files(journal.parent, key, SHORT)


def submission(client: Any, key: str) -> Any:
    """Submit with the key in both of its places."""
    return lambda: client.jobs.submit(
        "b1", "https://models.example.com/v1/chat", key, headers={"x-key": key}
    )


@theirs
def test_a_submission_that_is_accepted_or_in_doubt(
    key: str, flavour: Flavour, service: FaultServer, clock: SkippingClock, journal: Path
) -> None:
    told: list[Any] = []
    hooks = listening(told)
    clock.stretch = FEW_POLLS
    client = on_clock(flavour.make("V0Client", SHORT, service.url, hooks=hooks, deadline=30), clock)
    with everything_logged() as said:
        answer = flavour.result(submission(client, key)())
        batch = flavour.result(
            client.jobs.submit_batch(
                ["b1"], "https://models.example.com/v1", key, headers={"k": key}
            )
        )
        service.break_with(FAULTS["reset-after-request"], method="POST", executes=False)
        error = failing(benchwire.SubmissionUnknown, submission(client, key), flavour)
        intents = flavour.result(client.jobs.unresolved())
    for value in (answer, batch, answer.response_info, intents, *intents, *told):
        check_shown(value, key, SHORT)
    check_error(error, key, SHORT)
    check(said.getvalue(), key, SHORT)
    check_files(journal.parent, key, SHORT)
    assert json.loads(service.posts()[0].body)["api_key"] == key


def test_a_key_in_the_url_of_the_endpoint(
    flavour: Flavour, service: FaultServer, clock: SkippingClock, journal: Path
) -> None:
    key = OURS[0]
    client = on_clock(flavour.make("V0Client", SHORT, service.url, deadline=30), clock)
    service.break_with(FAULTS["reset-after-request"], method="POST", executes=False)
    with everything_logged() as said:
        error = failing(
            benchwire.SubmissionUnknown,
            lambda: client.jobs.submit("b1", f"https://models.example.com/v1?key={key}", "k"),
            flavour,
        )
    check_error(error, key)
    check(said.getvalue(), key)
    check_files(journal.parent, key)


@pytest.mark.parametrize("place", ["api_key", "headers", "endpoint_url"])
def test_an_argument_that_is_refused(place: str, flavour: Flavour) -> None:
    """What can't be sent as UTF-8, or is of another type, is refused without being shown."""
    client = flavour.make("V0Client", SHORT, "http://127.0.0.1:9")
    key = OURS[0] + "\ud800"
    given: dict[str, Any] = {"api_key": "k", "endpoint_url": "https://models.example.com/v1"}
    given[place] = {"x-key": key} if place == "headers" else key
    with pytest.raises(ValueError, match=place) as caught:
        flavour.result(client.jobs.submit("b1", **given))
    check_error(caught.value, OURS[0])


@pytest.mark.parametrize("fault", ["503", "reset-after-request", "not-json", "silent"])
def test_a_traceback_that_shows_variables(
    fault: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """As `Secret` everywhere, for a plain text is a variable of whoever passes it on."""
    key, other = OURS[0], OURS[1]
    secret = benchwire.Secret(other)

    def is_submitted(limit: float) -> bool:
        options = {"timeout": limit, "max_retries": 0, "deadline": 60}
        client = flavour.make("V0Client", benchwire.Secret(key), service.url, **options)
        client = on_clock(client, clock)
        service.break_with(FAULTS[fault])
        check(with_variables(failing(benchwire.APIError, client.jobs.list, flavour)), key)
        service.break_with(FAULTS[fault], method="POST", executes=False)
        error = failing(
            benchwire.BenchwireError,
            lambda: client.jobs.submit("b1", "https://models.example.com/v1", secret),
            flavour,
        )
        check(with_variables(error), key, other)
        return isinstance(error, benchwire.SubmissionUnknown)

    with_growing_limit(is_submitted)


def test_the_command_and_the_list_of_processes(tmp_path: Path) -> None:
    """The embedded server takes its key from the environment, and shows it nowhere."""
    key = OURS[0]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "local", "serve", "--port", "0", "--no-sample"],
        env={**os.environ, "BENCHWIRE_LOCAL_API_KEY": key, "COLUMNS": "500"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        assert process.stdout is not None
        said = process.stdout.readline()
        check(Path(f"/proc/{process.pid}/cmdline").read_bytes(), key)
        process.terminate()
        said += process.stdout.read()
    assert b"Serving at" in said
    check(said, key)


def test_no_command_takes_a_key_as_an_argument() -> None:
    import click
    import typer

    from benchwire.cli.app import app

    left: list[click.Command] = [typer.main.get_command(app)]
    names: set[str] = set()
    while left:
        command = left.pop()
        left += getattr(command, "commands", {}).values()
        names |= {option for parameter in command.params for option in parameter.opts}
    assert "--port" in names
    names.remove("--key")  # a filter: the name of a model or benchmark in the catalogue
    assert not {name for name in names if any(word in name for word in ("key", "secret", "token"))}
