"""A damaged record makes itself unusable, and nothing else; no raw error leaves the journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchwire._jobs.rows import COLUMNS
from benchwire._jobs.sqlite_journal import SqliteJournal, memory_journal
from benchwire.errors import JournalError, SubmissionUnknown
from submission.test_journal import RECORD
from support.both import Flavour
from support.fault_clock import SkippingClock
from support.jobs_service import JobsService, submit
from support.scripted import ScriptedService

TEXTS = [
    "", "x", "{", "[", "[]", "{}", "null", "5", "[1]", "[[1]]", '[["b"]]', '[["b", -1]]',
    '[["b", "c"]]', "[" * 2000, '{"a": 1}', '"b"', "nan", "inf", "-1", "\ufffd",
]  # fmt: skip
values = st.one_of(
    st.sampled_from(TEXTS),
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=20),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
columns = st.sampled_from(COLUMNS.split(", "))


def damage(db: sqlite3.Connection, column: str, value: object, row_id: str = "i1") -> None:
    """Write a value that the column may refuse; invalid UTF-8 is written as text."""
    with suppress(sqlite3.IntegrityError):
        db.execute("UPDATE intents SET settled_at = 1 WHERE id = ?", (row_id,))
        expression = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
        db.execute(f"UPDATE intents SET {column} = {expression} WHERE id = ?", (value, row_id))


def use(journal: SqliteJournal) -> None:
    """Call every method; any error but `JournalError` fails the test."""
    url = RECORD.base_url
    for record in journal.unresolved(url):
        record.intent()
    found = journal.find("i1")
    if found is not None:
        found.intent()
    assert [record.id for record in journal.unresolved(url) if record.id == "whole"] == ["whole"]
    with suppress(JournalError):
        journal.run_records("account", "r")
    with suppress(JournalError):
        journal.open_run("account", "r", ["f"], 1.0)
    with suppress(JournalError):
        journal.salt()
    new = evolve(RECORD, id="new", run_id="r", position=0)
    begun = journal.begin(new)
    begun.intent()
    journal.snapshot(url, ["j1", "j2"])
    for change in (
        lambda: journal.mark_send_failed("i1", "no", 1.0),
        lambda: journal.mark_unknown("i1"),
        lambda: journal.mark_resent("i1"),
        lambda: journal.settle_accepted("i1", ["j1"], None, 1.0),
        lambda: journal.settle_not_executed("i1", "refused", "no", 1.0),
    ):
        with suppress(JournalError):
            change()


@settings(max_examples=400, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(st.tuples(columns, values), min_size=1, max_size=3),
    salt=st.none() | values,
    run=st.none() | values,
    is_accepted=st.booleans(),
    is_of_run=st.booleans(),
)
def test_records_with_any_content(
    changes: list[tuple[str, object]],
    salt: object,
    run: object,
    is_accepted: bool,
    is_of_run: bool,
) -> None:
    journal = memory_journal()
    journal.begin(evolve(RECORD, **({"run_id": "r", "position": 0} if is_of_run else {})))
    journal.begin(evolve(RECORD, id="whole"))
    journal.open_run("account", "r", ["f"], 1.0)
    if is_accepted:
        journal.settle_accepted("i1", ["j1", "j2"], None, 1.0)
    with journal._database.connection() as db:
        for column, value in changes:
            damage(db, column, value)
        for table, column, value in [("salt", "value", salt), ("runs", "fingerprints", run)]:
            with suppress(sqlite3.IntegrityError):  # NaN, which SQLite stores as NULL
                if value is not None:
                    db.execute(f"UPDATE {table} SET {column} = ?", (value,))
    use(journal)


DAMAGES: dict[str, Any] = {
    "items": "{", "baseline": "[1]", "job_ids": "x", "created_at": "x", "state": "x", "kind": 7,
    "sent_at": 1e308, "attempts": "x", "endpoint": b"\xff", "account": b"\xff", "message": 5.5,
}  # fmt: skip


@pytest.mark.parametrize("column", DAMAGES)
def test_a_damaged_record_is_named_and_settled_by_hand(
    column: str,
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    service: ScriptedService,
    journal: Path,
    clock: SkippingClock,
) -> None:
    jobs.responses, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit(client))
    intent_id = caught.value.intent_id
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        damage(db, column, DAMAGES[column], intent_id)
    (intent,) = flavour.result(client.jobs.unresolved())
    if column != "message":  # SQLite stores its number as text
        what = "endpoint|account" if column in {"endpoint", "account"} else column
        is_replaced = isinstance(DAMAGES[column], bytes)  # another text, which is no damage
        assert is_replaced or f"is damaged ({what}" in intent.message
    other = flavour.result(submit(client, model="other"))
    assert flavour.result(client.jobs.unresolved())[0].id == intent_id
    jobs.responses = [None]
    with suppress(SubmissionUnknown):  # where the damaged one may have created the job
        assert flavour.result(submit(client)).job_id == "j2"
    if column != "account":
        with pytest.raises(SubmissionUnknown):
            flavour.result(client.jobs.resume(intent_id))
        settled = flavour.result(client.jobs.resolve(intent_id, executed=False))
        assert settled.state == "not_sent"
        assert intent_id not in {one.id for one in flavour.result(client.jobs.unresolved())}
    assert other.job_id == "j1"


@pytest.mark.parametrize("column", ["position", "job_ids", "items"])
def test_a_damaged_record_keeps_its_position_of_a_run(column: str) -> None:
    journal = memory_journal()
    record = evolve(RECORD, run_id="r", position=3)
    journal.begin(record)
    journal.settle_accepted("i1", ["j1", "j2"], None, 1.0)
    with journal._database.connection() as db:
        damage(db, column, "x")
    if column == "position":
        with pytest.raises(JournalError, match=r"run 'r' has .* damaged position: \['i1'\]"):
            journal.run_records("account", "r")
        journal.settle_not_executed("i1", "not_sent", "by hand", 1.0)
        assert journal.run_records("account", "r") == {}
    elif column == "items":  # of a settled intent, its jobs are enough
        assert journal.run_records("account", "r")[3].job_ids == ("j1", "j2")
    else:
        (found,) = journal.run_records("account", "r").values()
        assert (found.position, found.state) == (3, "unknown")
        assert journal.begin(evolve(record, id="i2")).id == "i1"
        assert journal.settle_accepted("i1", ["j1", "j2"], None, 1.0) is None
        repaired = journal.run_records("account", "r")[3]
        assert (repaired.state, repaired.damage) == ("accepted", None)
