"""What an answer may be at the most, what it costs to find out, and a service that does not listen."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from typing import Any

import pytest

import benchwire
from support.both import KEY, Flavour
from support.fault_calls import BEFORE, CREDITS, ENDPOINT, ENDPOINT_KEY, Caller, outcome
from support.fault_clock import SkippingClock
from support.fault_kinds import FAULTS, MIB
from support.fault_server import Exchange, Fault, FaultServer, head, message
from support.limits import with_growing_limit
from support.scripted import PATIENCE
from support.shared import REPOSITORY

CAP = 16 * MIB

MEASURE = """
import asyncio, os, sys
import benchwire
from support.memory import peak_memory as peak

url, flavour = sys.argv[1:]

async def call_async(client):
    async with client:
        await client.jobs.list()
        before = peak()
        print("sound", flush=True)
        sys.stdin.readline()
        try:
            await client.jobs.list()
        except benchwire.APIError as error:
            return before, error

def call(client):
    with client:
        client.jobs.list()
        before = peak()
        print("sound", flush=True)
        sys.stdin.readline()
        try:
            client.jobs.list()
        except benchwire.APIError as error:
            return before, error

def measure():
    if flavour == "sync":
        before, error = call(benchwire.V0Client("key", url))
    else:
        before, error = asyncio.run(call_async(benchwire.AsyncV0Client("key", url)))
    print(type(error).__name__, peak() - before, flush=True)

while sys.stdin.readline() == "measure\\n":
    if not hasattr(os, "fork"):
        measure()
    elif os.fork():
        os.wait()
    else:  # a process's peak begins at what its parent has
        measure()
        os._exit(0)
"""
LARGE = ["gzip-bomb", "gzip-bomb-twice", "huge-declared", "huge-undeclared", "huge-chunked"]


@pytest.mark.parametrize("flavour_name", ["sync", "async"])
def test_a_body_beyond_the_cap_costs_at_most_twice_the_cap(
    flavour_name: str, service: FaultServer
) -> None:
    """The peak of a whole process, so that nothing is left out, with the cap that is the default."""
    with subprocess.Popen(
        [sys.executable, "-c", MEASURE, service.url, flavour_name],
        cwd=REPOSITORY / "tests",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name in LARGE:
            service.heal()
            process.stdin.write("measure\n")
            assert process.stdout.readline() == "sound\n", name
            service.break_with(FAULTS[name])
            process.stdin.write("go on\n")
            error, grown = process.stdout.readline().split()
            assert error == "APIResponseValidationError", name
            assert int(grown) <= 2 * CAP, name
        process.stdin.close()


def listing(size: int) -> bytes:
    """A right answer of so many bytes."""
    body = json.dumps({"jobs": [], "more": ""})
    return body[:-2].encode() + b"m" * (size - len(body)) + b'"}'


@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate"])
@pytest.mark.parametrize("excess", [0, 1])
def test_the_cap_is_exact(
    excess: int, coding: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    pack: Any = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[coding]

    def act(exchange: Exchange) -> None:
        exchange.honest()
        exchange.send(message(pack(listing(100_000 + excess)), content_encoding=coding))

    service.break_with(Fault("sized", act))
    came = Caller(flavour, service, clock, max_body=100_000).read()
    if excess:
        assert isinstance(came.error, benchwire.APIResponseValidationError)
        assert "100000 bytes" in str(came.error)
    else:
        assert came.value == []


def test_an_error_with_a_body_without_end_is_the_error_it_is(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    def act(exchange: Exchange) -> None:
        exchange.honest()
        exchange.send(head(402, {"content-type": "text/html"}))
        exchange.pour(b"more! " * 10_000)

    service.break_with(Fault("402 without end", act))
    error = Caller(flavour, service, clock).read().error
    assert isinstance(error, benchwire.PaymentRequiredError)
    assert len(str(error.body)) <= 65_536
    assert len(str(error)) < 1_000
    assert service.left.wait(PATIENCE)


def test_the_body_of_an_error_that_drips_is_waited_for_no_longer_than_the_deadline(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """Its status says all that matters, so that is what the error is."""

    def act(exchange: Exchange) -> None:
        exchange.honest()
        exchange.send(head(402, {"content-length": "1000000"}))
        exchange.drip(b"x")

    service.break_with(Fault("402 in drips", act))

    def is_answered(limit: float) -> bool:
        error = Caller(flavour, service, clock, deadline=limit).read().error
        return isinstance(error, benchwire.PaymentRequiredError)

    with_growing_limit(is_answered)
    assert service.left.wait(PATIENCE)


@pytest.mark.parametrize("levels", [10_000, 1_000_000])
def test_deep_json_in_an_error_is_no_other_error(
    levels: int, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    def act(exchange: Exchange) -> None:
        exchange.honest()
        exchange.send(message(b"[" * levels + b"]" * levels, 422))

    service.break_with(Fault("deep 422", act))
    error = Caller(flavour, service, clock).read().error
    assert isinstance(error, benchwire.UnprocessableEntityError)
    repr(error)


def test_a_service_that_does_not_read_the_request(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """Eight megabytes do not fit into what the two machines hold on the way: the writing stops."""

    def act(exchange: Exchange) -> None:
        exchange.wait_unread()

    service.break_with(Fault("unread", act), method="POST")

    def is_submitted(limit: float) -> bool:
        jobs = Caller(flavour, service, clock, timeout=limit).client.jobs
        came = outcome(
            lambda: flavour.result(
                jobs.submit("b1", ENDPOINT, ENDPOINT_KEY, headers={"x-long": "l" * 8 * MIB})
            )
        )
        return isinstance(came.error, benchwire.SubmissionUnknown)

    with_growing_limit(is_submitted)
    service.go_on.set()
    assert service.left.wait(PATIENCE), "the client did not hang up"
    assert service.ledger.charged == 0


def test_a_client_of_the_users_own_is_held_to_the_same(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """Its connections are its own; what is read from them, and for how long, is not left to it."""
    http = flavour.http(timeout=None)
    caller = Caller(flavour, service, clock, http_client=http)
    for name, error in {
        "gzip-bomb": benchwire.APIResponseValidationError,
        "huge-undeclared": benchwire.APIResponseValidationError,
        "truncated": benchwire.APIConnectionError,
        "not-http": benchwire.APIConnectionError,
    }.items():
        service.break_with(FAULTS[name])
        assert type(caller.read().error) is error, name
    for name in ("silent", "drip-body"):

        def is_sent(limit: float, name: str = name) -> bool:
            service.break_with(FAULTS[name])
            brief = Caller(flavour, service, clock, http_client=http, deadline=limit)
            error = brief.read().error
            assert type(error) is benchwire.DeadlineExceededError, name
            return not error.never_sent

        with_growing_limit(is_sent)
        assert service.left.wait(PATIENCE)
    service.heal()
    assert caller.read().value == [BEFORE]
    service.break_with(FAULTS["reset-after-request"], method="POST")
    assert caller.submit("job").value == ["job-1"]
    assert service.ledger.charged == CREDITS
    assert KEY not in repr(vars(http))
