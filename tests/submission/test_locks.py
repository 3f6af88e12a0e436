"""The locks between submissions: in the order of arrival, and on file systems that keep them."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from benchwire._jobs import locks
from benchwire._jobs.client_journal import ClientJournal
from benchwire._jobs.locks import FileLocks, Ticket
from benchwire._jobs.sqlite_journal import file_journal, memory_journal
from benchwire.errors import JournalError
from submission.test_journal import RECORD
from support.both import Flavour
from support.fault_clock import SkippingClock
from support.jobs_service import JobsService, submit
from support.systems import needs_posix


def test_locks_are_acquired_in_the_order_of_arrival(tmp_path: Path) -> None:
    every = FileLocks(tmp_path / "locks")
    tickets = [Ticket() for _ in range(5)]
    wanted = [[1], [1, 2], [2], [3], [1]]
    held = every.try_lock([1, 2, 3])
    assert held is not None
    for ticket, stripes in zip(tickets, wanted, strict=True):
        assert every.try_lock(stripes, ticket) is None
    held.release()
    for number in (4, 2, 1):  # each has to wait for an earlier one that wants a lock of its own
        assert every.try_lock(wanted[number], tickets[number]) is None
    assert [ticket.ahead for ticket in tickets] == [0, 1, 1, 0, 2]
    third = every.try_lock([3], tickets[3])
    assert third is not None
    for number in (0, 1, 2, 4):
        mine = every.try_lock(wanted[number], tickets[number])
        assert mine is not None
        tickets[number].leave()
        tickets[number].leave()
        mine.release()
    third.release()


@pytest.mark.parametrize("age", [60, -3600])  # the clock may have been set back since
def test_who_has_died_or_left_is_not_waited_for(age: int, tmp_path: Path) -> None:
    every = FileLocks(tmp_path / "locks")
    held = every.try_lock([1])
    assert held is not None
    dead, mine = Ticket(), Ticket()
    assert every.try_lock([1], dead) is None
    assert every.try_lock([1], mine) is None
    held.release()
    assert every.try_lock([1], mine) is None
    (first, _) = sorted((tmp_path / "locks" / "queue").iterdir())
    os.utime(first, (time.time() - age, time.time() - age))
    (tmp_path / "locks" / "queue" / "0-not a ticket").touch()
    acquired = every.try_lock([1], mine)
    assert acquired is not None
    assert not first.exists()
    acquired.release()
    # One that was suspended takes its place again.
    assert every.try_lock([1], dead) is not None
    dead.leave()
    mine.leave()
    assert [path.name for path in (tmp_path / "locks" / "queue").iterdir()] == ["0-not a ticket"]


def test_a_submission_leaves_no_ticket(
    client: Any, flavour: Flavour, journal: Path, clock: SkippingClock
) -> None:
    flavour.result(submit(client))
    with pytest.raises(ValueError, match="no submission"):
        flavour.result(client.jobs.resume("x"))
    assert list((journal.parent / f"{journal.name}.locks" / "queue").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="detected on Linux alone")
def test_a_file_system_that_does_not_keep_locks_is_detected(
    client: Any, flavour: Flavour, jobs: JobsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite can be told to lock nothing, like a file system that accepts every lock."""

    class Unlocked:
        OperationalError = sqlite3.OperationalError
        DatabaseError = sqlite3.DatabaseError
        SQLITE_BUSY = sqlite3.SQLITE_BUSY

        @staticmethod
        def connect(path: Path, **options: Any) -> sqlite3.Connection:
            return sqlite3.connect(f"file:{path}?vfs=unix-none", uri=True, **options)

    monkeypatch.setattr(locks, "sqlite3", Unlocked)
    with pytest.raises(JournalError, match="its file system does not keep locks"):
        flavour.result(submit(client))
    assert jobs.posted == []


@needs_posix("symbolic links")
def test_a_symbolic_link_has_the_locks_of_its_journal(tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "jobs" / "j.db")
    one, other = (ClientJournal(path, os.getenv).open() for path in (link.readlink(), link))
    held = one.try_lock([1])
    assert held is not None
    assert other.try_lock([1]) is None
    held.release()


def test_no_probe_is_left_behind(tmp_path: Path) -> None:
    held = FileLocks(tmp_path).try_lock([1])
    assert held is not None
    held.release()
    assert [path.name for path in tmp_path.iterdir()] == ["01"]


def lock_in_child(journal: Any, results: Any) -> None:
    results.put([journal.try_lock([1]) is not None, len(journal.unresolved(RECORD.base_url))])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")
@pytest.mark.parametrize("is_file", [True, False])
def test_a_forked_child_has_a_journal_of_its_own(is_file: bool, tmp_path: Path) -> None:
    journal = file_journal(tmp_path / "j.db") if is_file else memory_journal()
    journal.begin(RECORD)
    held = journal.try_lock([1])
    assert held is not None
    fork = multiprocessing.get_context("fork")
    results = fork.SimpleQueue()
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with journal._database.connection():
            inside.set()
            leave.wait(20)

    thread = threading.Thread(target=hold)  # a lock that no thread of the child releases
    thread.start()
    inside.wait(20)
    if is_file:
        # The parent's lock holds in the child, too, and ends with the parent's submission.
        child = fork.Process(target=lock_in_child, args=(journal, results))
        child.start()
        assert results.get() == [False, 1]
        child.join()
        reading, writing = os.pipe()
        child = fork.Process(target=lock_when_told, args=(journal, reading, results))
        child.start()
        held.release()
        os.write(writing, b"x")
        assert results.get() == [True, 1]
    else:
        child = fork.Process(target=lock_in_child, args=(journal, results))
        child.start()
        assert results.get() == [True, 0]
    child.join()
    leave.set()
    thread.join()


def lock_when_told(journal: Any, reading: int, results: Any) -> None:
    os.read(reading, 1)
    lock_in_child(journal, results)
