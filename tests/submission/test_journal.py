"""The journal: a private file that stores every intent and no key."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

import benchwire
from benchwire._jobs.client_journal import ClientJournal
from benchwire._jobs.locks import FileLocks
from benchwire._jobs.records import Item, Record
from benchwire._jobs.sqlite_journal import SqliteJournal, file_journal, memory_journal
from benchwire.errors import JournalError

DAY = 24 * 3600.0
RECORD = Record(
    id="i1",
    kind="batch",
    state="sent",
    base_url="https://jobs.example",
    account="account",
    fingerprint="fingerprint",
    endpoint="endpoint",
    items=(Item("b1", 1), Item("b2", 3)),
    created_at=1000.0,
    sent_at=1000.5,
    clock_offset=-3.25,
    baseline=frozenset({"old-1", "old-2"}),
)


@pytest.fixture(params=["file", "memory"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> SqliteJournal:
    if request.param == "memory":
        return memory_journal()
    return file_journal(tmp_path / "submissions.db")


def reopened(journal: SqliteJournal, path: Path) -> SqliteJournal:
    """Return the journal as a later process opens it."""
    return file_journal(path) if path.exists() else journal


def test_an_intent_is_stored_unchanged(kept: SqliteJournal, tmp_path: Path) -> None:
    assert kept.begin(RECORD) == RECORD
    later = reopened(kept, tmp_path / "submissions.db")
    assert later.find("i1") == RECORD
    assert later.find("i2") is None
    assert later.unresolved(RECORD.base_url) == [RECORD]
    assert later.unresolved("https://elsewhere.example") == []
    assert later.salt() == kept.salt()
    assert len(later.salt()) == 32


def test_the_states_of_an_intent(kept: SqliteJournal) -> None:
    kept.begin(RECORD)
    kept.mark_send_failed("i1", "it broke", 1001.0)
    failed = evolve(RECORD, failed_at=1001.0, message="it broke")
    assert kept.find("i1") == failed
    kept.mark_unknown("i1")
    assert kept.unresolved(RECORD.base_url) == [evolve(failed, state="unknown")]
    kept.mark_resent("i1")
    assert kept.find("i1") == evolve(failed, state="unknown", attempts=2, failed_at=None)
    assert kept.settle_accepted("i1", ["j1", "j2"], "x", 1002.0) is None
    assert kept.unresolved(RECORD.base_url) == []
    accepted = kept.find("i1")
    assert accepted is not None
    assert (accepted.state, accepted.job_ids, accepted.batch_id) == ("accepted", ("j1", "j2"), "x")
    kept.mark_unknown("i1")  # a settled intent does not change
    assert kept.find("i1") == accepted


@pytest.mark.parametrize("state", ["refused", "not_sent"])
def test_an_intent_that_was_not_executed_is_settled(state: str, kept: SqliteJournal) -> None:
    kept.begin(RECORD)
    kept.settle_not_executed("i1", state, "no", 1001.0)
    assert kept.unresolved(RECORD.base_url) == []
    found = kept.find("i1")
    assert found is not None
    assert (found.state, found.message) == (state, "no")


def test_a_job_is_claimed_once(kept: SqliteJournal) -> None:
    for number in (1, 2):
        kept.begin(evolve(RECORD, id=f"i{number}"))
    assert kept.settle_accepted("i1", ["j1", "j2"], None, 1001.0) is None
    assert kept.settle_accepted("i2", ["j3", "j2"], None, 1001.0) == "i1"
    view = kept.snapshot(RECORD.base_url, ["j1", "j2", "j3", "j4"])
    assert view.claimed == {"j1", "j2"}  # the failed claim left nothing behind
    assert [record.id for record in view.unresolved] == ["i2"]
    assert kept.snapshot("https://elsewhere.example", ["j1"]).claimed == frozenset()
    assert kept.settle_accepted("i2", ["j3"], None, 1001.0) is None
    assert kept.settle_accepted("i1", ["j1", "j2"], None, 1002.0) is None  # its own


def test_a_position_of_a_run_is_taken_once(kept: SqliteJournal) -> None:
    first = evolve(RECORD, run_id="r", position=0)
    assert kept.begin(first) == first
    assert kept.begin(evolve(first, id="i2")) == first
    assert kept.find("i2") is None
    assert kept.run_records("account", "r") == {0: first}
    assert kept.run_records("another", "r") == {}
    kept.settle_not_executed("i1", "refused", "no", 1001.0)
    assert kept.run_records("account", "r") == {}
    assert kept.begin(evolve(first, id="i3")).id == "i3"


def test_a_run_keeps_its_first_fingerprints(kept: SqliteJournal) -> None:
    assert list(kept.open_run("account", "r", ["f1", "f2"], 1.0)) == ["f1", "f2"]
    assert list(kept.open_run("account", "r", ["f3"], 2.0)) == ["f1", "f2"]
    assert list(kept.open_run("another", "r", ["f3"], 2.0)) == ["f3"]


def test_only_intents_settled_long_ago_are_deleted(kept: SqliteJournal) -> None:
    names = ["settled", "open", "of a run", "recent"]
    for position, name in enumerate(names):
        run = {"run_id": "r", "position": position} if name == "of a run" else {}
        kept.begin(evolve(RECORD, id=name, **run))
        if name != "open":
            at = 1000.0 + (89 * DAY if name == "recent" else 0.0)
            kept.settle_accepted(name, [f"job {name}"], None, at)
    kept.begin(evolve(RECORD, id="new", created_at=1000.0 + 91 * DAY))
    assert [name for name in names if kept.find(name) is None] == ["settled"]
    jobs = [f"job {name}" for name in names]
    claimed = kept.snapshot(RECORD.base_url, jobs).claimed
    assert claimed == {"job of a run", "job recent"}


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_the_file_is_the_users_own(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        path = tmp_path / "state" / "deep" / "submissions.db"
        journal = file_journal(path)
        journal.begin(RECORD)
        assert journal.try_lock([1]) is not None
    finally:
        os.umask(before)
    modes = {
        str(found.relative_to(tmp_path)): oct(stat.S_IMODE(found.stat().st_mode))
        for found in tmp_path.rglob("*")
        if found.is_file() or found == path.parent or found.suffix == ".locks"
    }
    assert modes == {
        "state/deep": "0o700",
        "state/deep/submissions.db": "0o600",
        "state/deep/submissions.db.locks": "0o700",
        "state/deep/submissions.db.locks/01": "0o600",
    }
    path.chmod(0o644)
    file_journal(path).find("i1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writes_are_synchronous(tmp_path: Path) -> None:
    with file_journal(tmp_path / "j.db")._database.connection() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (3,)  # EXTRA
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_the_error_of_a_journal_names_the_file_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "text.db").write_text("no database, and long enough to be read as one" * 9)
    newer = tmp_path / "newer.db"
    db = sqlite3.connect(newer)
    db.execute("PRAGMA user_version = 99")
    db.close()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE theirs (value)")
    other.chmod(0o644)
    content = other.read_bytes(), other.stat().st_mode
    for path, reason in [
        (other, "it is another program's database"),
        (tmp_path / "file" / "j.db", "directory|exists"),
        (tmp_path / "text.db", "not a database"),
        (newer, "it has the format 99, and this version of benchwire knows 1"),
    ]:
        with pytest.raises(JournalError, match=reason) as caught:
            file_journal(path).begin(RECORD)
        assert str(path) in str(caught.value)
        assert caught.value.path == str(path)
    assert (other.read_bytes(), other.stat().st_mode) == content


def test_a_journal_that_was_removed_is_created_again(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = file_journal(path)
    journal.begin(RECORD)
    path.unlink()
    assert journal.unresolved(RECORD.base_url) == []


def test_the_setting_and_the_environment_choose_the_journal(tmp_path: Path) -> None:
    environment = {"BENCHWIRE_JOURNAL": str(tmp_path / "of the environment.db")}
    assert "of the environment.db" in repr(ClientJournal(None, environment.get).open())
    assert "given.db" in repr(ClientJournal(tmp_path / "given.db", environment.get).open())
    own = ClientJournal(False, {}.get)
    assert own.open() is own.open() is not ClientJournal(False, {}.get).open()
    default = repr(ClientJournal(None, {}.get).open())
    assert "benchwire" in default
    assert "submissions.db" in default
    for wrong in (True, 7):
        with pytest.raises(TypeError, match="journal must be a path or False"):
            ClientJournal(wrong, {}.get)  # type: ignore[arg-type]


def test_a_journal_without_a_folder_is_an_error_of_submissions_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process in a container may have neither a home nor an account."""

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    for setting in (None, "~nobody-at-all/j.db"):
        unset = ClientJournal(setting, {"BENCHWIRE_JOURNAL": " "}.get)
        with pytest.raises(JournalError, match=r"home directory\.; set BENCHWIRE_JOURNAL"):
            unset.open()
    with pytest.raises(JournalError, match="embedded null"):
        ClientJournal("a\0b", {}.get).open()
    padded = ClientJournal(None, {"BENCHWIRE_JOURNAL": f" {tmp_path / 'j.db'}\n"}.get)
    padded.open().begin(RECORD)
    assert (tmp_path / "j.db").exists()


def test_building_a_client_touches_no_file(tmp_path: Path) -> None:
    with benchwire.V0Client("key", journal=tmp_path / "j.db"):
        pass
    assert not (tmp_path / "j.db").exists()


def test_locks_exclude_each_other(kept: SqliteJournal) -> None:
    held = kept.try_lock([3, 5])
    assert held is not None
    assert kept.try_lock([5, 6]) is None
    free = kept.try_lock([6])  # the failed attempt acquired none of them
    assert free is not None
    free.release()
    held.release()
    held.release()
    both = kept.try_lock([3, 5, 6])
    assert both is not None
    del both  # dropped, as when a task is cancelled
    last = kept.try_lock([3])
    assert last is not None
    last.release()


HOLDER = """
import sys
from pathlib import Path
from benchwire._jobs.locks import FileLocks
held = FileLocks(Path(sys.argv[1])).try_lock([7])
print("held" if held else "busy", flush=True)
sys.stdin.read()
"""


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path / "locks")
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "locks")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert locks.try_lock([7]) is None
        holder.kill()
        holder.wait()
    held = locks.try_lock([7])
    assert held is not None
    held.release()
