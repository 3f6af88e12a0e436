"""After the send nothing but the response or `SubmissionUnknown` may come, whatever fails."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

import benchwire
from benchwire._jobs import database, lookup, submit
from benchwire._jobs import submit as submitting
from benchwire._jobs.lookup import Lookup
from benchwire._jobs.sqlite_journal import SqliteJournal
from benchwire.errors import JournalError, SubmissionUnknown
from support.both import Flavour
from support.fault_clock import FEW_POLLS, SkippingClock, on_clock
from support.jobs_service import JobsService, submit_batch
from support.jobs_service import submit as submit_job
from support.scripted import Reply, ScriptedService, json_reply

FAULTS: dict[str, Exception] = {
    "locked": JournalError("database is locked", path="p", is_busy=True),
    "disk full": OSError(errno.ENOSPC, "No space left on device"),
    "no descriptors": OSError(errno.EMFILE, "Too many open files"),
    "damaged": sqlite3.DatabaseError("database disk image is malformed"),
    "no memory": MemoryError(),
    "no threads": RuntimeError("can't start new thread"),
    "a defect": TypeError("unexpected"),
}
OTHERS = [name for name in FAULTS if name != "locked"]
ANSWERS: dict[str, tuple[bool, Reply | None]] = {
    "lost": (True, None),
    "lost before": (False, None),
    "garbled": (True, Reply(body=b'{"job_id', status=202)),
    "an error": (True, json_reply({"error": "no"}, 500)),
    "refused": (False, json_reply({"error": "no"}, 402)),
}
AMPLE = 20
"""Seconds for an operation: pauses take none of the real ones, of which a busy machine needs many."""

BEFORE = ["salt", "try_lock", "begin"]
AFTER = [
    "mark_send_failed", "snapshot", "settle_accepted", "mark_unknown", "settle_not_executed",
    "mark_resent",
]  # fmt: skip


def check(
    flavour: Flavour, jobs: JobsService, call: Callable[[], Any], *, is_refused: bool = False
) -> None:
    """Submit; require the right outcome of a submission that was sent."""
    jobs.posted.clear()
    try:
        submitted = flavour.result(call())
    except SubmissionUnknown as error:
        assert error.intent_id  # noqa: PT017  any other error fails the test
    except benchwire.PaymentRequiredError:
        assert is_refused
    else:
        assert submitted.job_id in {row["id"] for row in jobs.jobs}
    assert len(jobs.posted) == 1


@pytest.mark.parametrize(
    ("method", "answer", "faults"),
    [
        pytest.param(method, answer, faults, id=f"{method}-{answer}-{name}", marks=marks)
        for place, (method, answer) in enumerate(product(AFTER, [*ANSWERS, "accepted"]))
        # A busy journal is tried again; of the other faults, each method and answer has one in turn.
        for name, faults, marks in [
            ("two", ["locked", OTHERS[(place + place // 6) % 6]], ()),
            ("all", list(FAULTS), pytest.mark.long),
        ]
    ],
)
def test_a_journal_that_fails_after_the_send(
    method: str,
    answer: str,
    faults: list[str],
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    clock: SkippingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.stretch = FEW_POLLS
    for fault in map(FAULTS.get, faults):
        monkeypatch.setattr(SqliteJournal, method, Mock(side_effect=fault))
        executes, response = ANSWERS.get(answer, (True, None))
        jobs.executes = [executes]
        jobs.responses = [response] if answer in ANSWERS else []
        call = lambda: submit_job(client, deadline=AMPLE, resend=True)  # noqa: E731
        check(flavour, jobs, call, is_refused=answer == "refused")


@pytest.mark.parametrize("method", BEFORE)
def test_a_journal_that_fails_before_the_send(
    method: str,
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for fault in FAULTS.values():
        monkeypatch.setattr(SqliteJournal, method, Mock(side_effect=fault))
        for call in (submit_job, submit_batch):
            with pytest.raises(JournalError):
                flavour.result(call(client, deadline=AMPLE))
    assert jobs.posted == []


Break = Callable[[Path], object]


def overwrite(path: Path) -> None:
    path.write_bytes(b"overwritten by something else" * 200)


def remove(path: Path) -> None:
    path.unlink()


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def drop_tables(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TABLE intents")
        db.execute("DELETE FROM salt")


@pytest.mark.parametrize("breaks", [overwrite, remove, cut_off, replace_by_folder, drop_tables])
@pytest.mark.parametrize("answer", ["lost", "lost before", "accepted"])
def test_a_file_that_is_damaged_after_the_send(
    breaks: Break,
    answer: str,
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    journal: Path,
) -> None:
    jobs.executes = [answer != "lost before"]
    jobs.responses = [] if answer == "accepted" else [None]
    jobs.on_submission = lambda: breaks(journal)
    check(flavour, jobs, lambda: submit_job(client, deadline=AMPLE))


@pytest.mark.parametrize("is_before", [True, False])
@pytest.mark.parametrize("answer", ["lost", "accepted"])
def test_a_deadline_covers_a_locked_journal(
    is_before: bool,
    answer: str,
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    journal: Path,
    kept: SqliteJournal,
    clock: SkippingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 0.001)  # SQLite's own pauses are real ones
    kept.salt()
    jobs.responses = [] if answer == "accepted" else [None]
    with closing(sqlite3.connect(journal, isolation_level=None, check_same_thread=False)) as other:
        if is_before:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(JournalError, match="locked") as caught:
                flavour.result(submit_job(client, deadline=AMPLE))
            assert caught.value.is_busy
            assert jobs.posted == []
        else:
            jobs.on_submission = lambda: other.execute("BEGIN EXCLUSIVE")
            check(flavour, jobs, lambda: submit_job(client, deadline=AMPLE))
        with pytest.raises(JournalError, match="locked"):
            flavour.result(client.with_options(deadline=AMPLE).jobs.unresolved())
    assert sum(clock.slept) <= 2 * AMPLE + 0.1


def test_a_lock_that_ends_in_time_is_waited_for(
    client: Any, flavour: Flavour, journal: Path, kept: SqliteJournal, clock: SkippingClock
) -> None:
    kept.salt()
    with closing(sqlite3.connect(journal, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        clock.on_sleep = lambda: other.in_transaction and len(clock.slept) > 3 and other.rollback()
        assert flavour.result(submit_job(client)).job_id == "j1"


PLACES = [
    (submitting, "classify"), (lookup, "reconcile"), (lookup, "submitted_response"),
    (Lookup, "call"), (database, "_connect"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name"), PLACES, ids=[name for _, name in PLACES])
@pytest.mark.parametrize("answer", ["lost", "accepted"])
def test_anything_else_that_fails_after_the_send(
    module: Any,
    name: str,
    answer: str,
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for fault in [MemoryError(), RecursionError("too deep"), OSError(errno.EMFILE, "files")]:

        def fail(*_: Any, fault: Exception = fault, **__: Any) -> Any:
            raise fault

        with monkeypatch.context() as patched:
            jobs.responses = [] if answer == "accepted" else [None]
            jobs.on_submission = lambda: patched.setattr(module, name, fail)
            check(flavour, jobs, lambda: submit_job(client, deadline=AMPLE))


def test_hooks_and_log_handlers_that_fail_after_the_send(
    flavour: Flavour, jobs: JobsService, service: ScriptedService, clock: SkippingClock
) -> None:
    def fail(event: Any) -> None:
        if jobs.posted:
            raise MemoryError

    handler = logging.Handler()
    handler.emit = fail  # type: ignore[method-assign]
    hooks = benchwire.Hooks(on_request=fail, on_response=fail)
    client = on_clock(flavour.v0(service.url, hooks=hooks), clock)
    log = logging.getLogger("benchwire")
    log.addHandler(handler)
    try:
        for response in ([], [None]):
            jobs.posted.clear()
            jobs.responses = list(response)
            check(flavour, jobs, lambda: submit_job(client, deadline=AMPLE))
    finally:
        log.removeHandler(handler)


def test_the_error_holds_no_key(
    client: Any, flavour: Flavour, jobs: JobsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise ValueError("canary-of-the-endpoint is odd")

    monkeypatch.setattr(submit, "classify", fail)
    with pytest.raises(SubmissionUnknown, match="ValueError: ") as caught:
        flavour.result(submit_job(client))
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
