"""Each fault on the wire: what a client sees of it, and whether the request was executed."""

from __future__ import annotations

import json
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from benchwire_local import LocalServer, LocalServerError, Settings, load_fault_plan
from benchwire_local.faults.actions import ACTIONS, GARBAGE
from benchwire_local.faults.kinds import FAULTS, LIST_LAG
from local.faults.conftest import KEYS, Faulty, received_on
from support.scripted import PATIENCE

SUBMIT = "submitJob"


def test_every_fault_has_an_action() -> None:
    assert set(FAULTS) == {*ACTIONS, LIST_LAG}


@pytest.mark.parametrize(
    ("fault", "executed"),
    [("status_before", False), ("status_after", True)],
)
def test_a_status(faulty: Faulty, fault: str, executed: bool) -> None:
    faulty.plan({"fault": fault, "operations": SUBMIT, "status": 503, "retry_after": 1.5})
    balance, jobs = faulty.credits(), faulty.jobs()
    wire = faulty.submit()
    assert (wire.status, wire.header("retry-after")) == (503, "1.5")
    assert "rule 1" in json.loads(wire.body)["error"]
    assert wire.header("x-request-id")
    assert wire.header("content-length") == str(len(wire.body))
    assert (balance - faulty.credits(), len(faulty.jobs()) - len(jobs)) == (executed, executed)


def test_a_status_that_is_no_standard_one_and_has_no_retry_after(faulty: Faulty) -> None:
    faulty.plan({"fault": "status_before", "operations": "*", "status": 520})
    wire = faulty.get("/api/v2/benchmarks/types")
    assert (wire.status, wire.header("retry-after")) == (520, None)
    error = json.loads(wire.body)["error"]  # the shape of that API
    assert ("rule 1" in error["message"], error["code"]) == (True, "Error")


@pytest.mark.parametrize("retry_after", ["Wed, 21 Oct 2099 07:28:00 GMT", "soon", 120])
def test_a_retry_after_is_sent_as_it_stands(faulty: Faulty, retry_after: Any) -> None:
    faulty.plan(
        {"fault": "status_before", "operations": "*", "status": 429, "retry_after": retry_after}
    )
    assert faulty.get().header("retry-after") == str(retry_after)


@pytest.mark.parametrize("executed", [False, True])
@pytest.mark.parametrize(
    ("end", "received", "reset"),
    [("reset", b"", True), ("close", b"", False), ("garbage", GARBAGE, False)],
)
def test_the_end_of_a_connection(
    faulty: Faulty, end: str, received: bytes, reset: bool, executed: bool
) -> None:
    faulty.plan({"fault": f"{end}_{'after' if executed else 'before'}", "operations": SUBMIT})
    balance, jobs = faulty.credits(), faulty.jobs()
    wire = faulty.submit()
    assert (wire.received, wire.reset) == (received, reset)
    assert (balance - faulty.credits(), len(faulty.jobs()) - len(jobs)) == (executed, executed)


@pytest.mark.parametrize("size", [None, 0, 1, 10, 1_000_000])
def test_a_body_that_ends_too_early(faulty: Faulty, size: int | None) -> None:
    whole = faulty.get("/v0/benchmarks")
    given = {} if size is None else {"bytes": size}
    faulty.plan({"fault": "truncate", "operations": "v0.listBenchmarks", **given})
    wire = faulty.get("/v0/benchmarks")
    assert (wire.status, wire.reset) == (200, False)
    assert wire.header("content-length") == str(len(whole.body))
    expected = len(whole.body) // 2 if size is None else min(size, len(whole.body) - 1)
    assert wire.body == whole.body[:expected]


def test_a_submission_whose_answer_is_cut_off_is_executed(faulty: Faulty) -> None:
    faulty.plan({"fault": "truncate", "operations": SUBMIT})
    balance = faulty.credits()
    faulty.submit()
    assert faulty.credits() == balance - 1


@pytest.mark.parametrize("fault", ["delay_before", "delay_after"])
def test_a_delay_ends_in_the_real_answer(faulty: Faulty, fault: str) -> None:
    faulty.plan({"fault": fault, "operations": SUBMIT, "seconds": 0.05})
    wire = faulty.submit()
    assert wire.status == 202
    assert faulty.jobs()[0] == json.loads(wire.body)["job_id"]


def test_what_is_delayed_is_executed_even_if_its_client_has_gone(faulty: Faulty) -> None:
    faulty.plan({"fault": "delay_before", "operations": SUBMIT, "seconds": 0.2})
    before = len(faulty.jobs())
    with faulty.connect() as connection:
        connection.sendall(faulty.submission())
        until(lambda: faulty.server.faults_fired == (1,))
    until(lambda: len(faulty.jobs()) == before + 1)


def test_a_body_that_drips(faulty: Faulty) -> None:
    whole = faulty.get()
    faulty.plan({"fault": "drip", "operations": "getAccount", "interval": 0.001, "bytes": 7})
    with faulty.connect() as connection:
        # Small pieces arrive one by one where the reader asks for them as they come.
        connection.sendall(f"GET /v0/me HTTP/1.1\r\n{KEYS}connection: close\r\n\r\n".encode())
        pieces: list[bytes] = []
        while piece := connection.recv(65536):
            pieces.append(piece)
    received = b"".join(pieces)
    assert received.endswith(b"\r\n\r\n" + whole.body)
    assert len(pieces) > 2


def test_a_drip_ends_with_its_client(faulty: Faulty) -> None:
    faulty.plan({"fault": "drip", "operations": "getAccount", "interval": 0})
    with faulty.connect() as connection:
        connection.sendall(f"GET /v0/me HTTP/1.1\r\n{KEYS}\r\n".encode())
        connection.recv(1)
    faulty.plan()
    assert faulty.get().status == 200


def test_a_connection_that_is_closed_without_a_word(faulty: Faulty) -> None:
    faulty.plan({"fault": "close_after_answer", "operations": "getAccount"})
    wire = faulty.get(headers="")  # the client would keep it alive
    assert (wire.status, wire.header("connection"), wire.reset) == (200, None, False)
    assert wire.header("content-length") == str(len(wire.body))


def test_a_stale_connection(faulty: Faulty) -> None:
    faulty.plan({"fault": "stale", "operations": "getAccount", "nth": 1})
    jobs = faulty.jobs()
    with faulty.connect() as connection:
        connection.sendall(f"GET /v0/me HTTP/1.1\r\n{KEYS}\r\n".encode())
        answer = answer_on(connection)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" not in answer
        assert not readable(connection)  # it is open still
        connection.sendall(faulty.submission())
        wire = received_on(connection)
        assert (wire.received, wire.reset) == (b"", True)
    assert faulty.jobs() == jobs


def test_jobs_are_unknown_while_the_lists_lag(faulty: Faulty) -> None:
    job_id = json.loads(faulty.submit().body)["job_id"]
    faulty.plan({"fault": "list_lag", "seconds": 3600})
    assert job_id not in listed(faulty)
    assert faulty.get(f"/v0/jobs/{job_id}").status == 404
    assert faulty.jobs()[0] == job_id
    faulty.plan({"fault": "list_lag", "seconds": 0})
    assert listed(faulty)[0] == job_id
    assert faulty.get(f"/v0/jobs/{job_id}").status == 200


def test_a_job_appears_when_the_lag_is_over(faulty: Faulty) -> None:
    faulty.plan({"fault": "list_lag", "seconds": 0.3})
    job_id = json.loads(faulty.submit().body)["job_id"]
    until(lambda: job_id in listed(faulty))
    assert faulty.get(f"/v0/jobs/{job_id}").status == 200


def test_a_lagging_list_is_full_up_to_its_limit() -> None:
    """Older jobs move up: the limit is of what can be seen."""
    with LocalServer(Settings(faults=load_fault_plan([]))) as server:
        faulty = Faulty(server)
        old = [json.loads(faulty.submit().body)["job_id"] for _ in range(3)]
        faulty.plan({"fault": "list_lag", "seconds": 0.3})
        until(lambda: old[-1] in listed(faulty))
        new = json.loads(faulty.submit().body)["job_id"]
        seen = listed(faulty, "?limit=2")
        assert seen in (old[:0:-1], [new, old[-1]])  # the latter if 0.3 s have passed meanwhile
        faulty.http.close()


def test_lists_lag_and_fail_at_once(faulty: Faulty) -> None:
    faulty.submit()
    faulty.plan(
        {"fault": "list_lag", "seconds": 3600},
        {"fault": "truncate", "operations": "listJobs", "bytes": 9, "count": 1},
    )
    assert faulty.get("/v0/jobs").body == b'{"jobs":['
    assert listed(faulty) == []
    assert faulty.server.faults_fired == (2, 1)


def test_a_delay_does_not_hold_up_the_end_of_the_server() -> None:
    rules = [{"fault": "delay_before", "operations": SUBMIT, "seconds": 3600}]
    with LocalServer(Settings(faults=load_fault_plan(rules))) as server:
        faulty = Faulty(server)
        connection = faulty.connect()
        connection.sendall(faulty.submission())
        until(lambda: faulty.server.faults_fired == (1,))
        faulty.http.close()
    with connection:
        wire = received_on(connection)
    assert wire.received == b""


def test_a_server_without_a_plan_has_no_part_of_it() -> None:
    with LocalServer(Settings(sample=False)) as server:
        with pytest.raises(LocalServerError, match="not started with a fault plan"):
            server.set_faults([])
        with pytest.raises(LocalServerError, match="not started with a fault plan"):
            _ = server.faults_fired


def test_a_request_that_is_cut_off_is_not_executed(faulty: Faulty) -> None:
    faulty.plan({"fault": "reset_after", "operations": SUBMIT})
    jobs = faulty.jobs()
    with faulty.connect() as connection:
        connection.sendall(faulty.submission()[:-5])
        until(lambda: faulty.server.faults_fired == (1,))
        connection.shutdown(socket.SHUT_WR)
        received_on(connection)
    assert faulty.jobs() == jobs


def test_a_body_that_is_too_large_is_refused_as_without_a_plan(faulty: Faulty) -> None:
    faulty.plan({"fault": "delay_before", "operations": SUBMIT, "seconds": 0})
    response = faulty.http.post(
        "/v0/jobs",
        content=b" " * (1024 * 1024 + 1),
        headers={"content-type": "application/json"},
    )
    assert response.status_code == 400
    assert "larger than the limit" in response.text


def until(reached: Callable[[], bool]) -> None:
    """Wait for what must come; what never does fails the test."""
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, "not reached"
        time.sleep(0.005)


def listed(faulty: Faulty, query: str = "") -> list[str]:
    wire = faulty.get(f"/v0/jobs{query}")
    assert wire.status == 200, wire.body
    return [job["id"] for job in json.loads(wire.body)["jobs"]]


def answer_on(connection: socket.socket) -> bytes:
    """One whole answer of a connection that stays open."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    (length,) = (
        int(line.split(b":")[1])
        for line in head.splitlines()
        if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head


def readable(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])


def test_a_signal_handler_may_read_the_counts_while_they_are_read(faulty: Faulty) -> None:
    read: list[tuple[int, ...]] = []

    def handle(_frame: object, event: str, _: object) -> Any:
        if event == "line":
            sys.settrace(None)
            read.append(faulty.server.faults_fired)
            sys.settrace(handle)
        return handle

    def count() -> None:
        sys.settrace(handle)  # as a handler does, it runs between two lines of what it interrupts
        read.append(faulty.server.faults_fired)
        sys.settrace(None)

    faulty.plan({"fault": "stale", "operations": "v0.listBenchmarks"})
    reader = threading.Thread(target=count, daemon=True)
    reader.start()
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert set(read) == {(0,)}
    assert faulty.get().status == 200
