"""The database under the server: transactions, threads, and text without regard to case."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest

from benchwire_local import SCHEMAS, Database, DatabaseError
from benchwire_local.data import (
    database,
    public_catalogue,
    public_evaluations,
    public_tables,
    v2_queries,
)
from benchwire_local.errors import DatabaseBusyError
from support import local_data

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNTER = "CREATE TABLE IF NOT EXISTS counter (n INTEGER)"


@pytest.fixture(params=["memory", "file"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "d.db" if request.param == "file" else None
    made = Database(path, [COUNTER])
    yield made
    made.close()


def counted(db: Database) -> int:
    with db.read() as connection:
        found: int = connection.execute("SELECT count(*) FROM counter").fetchone()[0]
    return found


def test_a_write_is_all_or_nothing(db: Database) -> None:
    with db.write() as connection:
        connection.execute("INSERT INTO counter VALUES (1)")

    def fail_halfway() -> None:
        with db.write() as connection:
            connection.execute("INSERT INTO counter VALUES (2)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert counted(db) == 1
    with db.write() as connection:
        connection.execute("INSERT INTO counter VALUES (3)")
    assert counted(db) == 2


def test_a_file_that_another_process_is_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0)
    first, second = (Database(tmp_path / "d.db", [COUNTER]) for _ in range(2))
    with first.write() as connection:
        connection.execute("INSERT INTO counter VALUES (1)")
        with pytest.raises(DatabaseBusyError, match=r"d\.db: database is locked"), second.write():
            pass
        assert counted(second) == 0  # reading is not held up
    with second.write() as connection:
        connection.execute("INSERT INTO counter VALUES (2)")
    assert counted(first) == 2
    first.close()
    second.close()


def test_a_write_that_waits_for_another_process_holds_up_no_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (Database(tmp_path / "d.db", [COUNTER]) for _ in range(2))
    waiting = threading.Event()
    sleep = time.sleep

    def seen(seconds: float) -> None:
        waiting.set()
        sleep(seconds)

    def write() -> None:
        with second.write() as connection:
            connection.execute("INSERT INTO counter VALUES (2)")

    monkeypatch.setattr("benchwire_local.data.database.time.sleep", seen)
    writer = threading.Thread(target=write)
    with first.write() as connection:
        connection.execute("INSERT INTO counter VALUES (1)")
        writer.start()
        assert waiting.wait(30)
        assert counted(second) == 0
    writer.join()
    assert counted(first) == 2
    first.close()
    second.close()


def test_a_write_within_a_write_is_a_mistake_and_not_waited_for(db: Database) -> None:
    with db.write(), pytest.raises(DatabaseError, match="within a transaction"), db.write():
        pass
    with db.write() as connection:  # the lock is free again, and so is the connection
        connection.execute("INSERT INTO counter VALUES (1)")


def test_threads_take_turns(db: Database) -> None:
    def work() -> None:
        for _ in range(50):
            with db.write() as connection:
                (n,) = connection.execute("SELECT count(*) FROM counter").fetchone()
                connection.execute("INSERT INTO counter VALUES (?)", (n,))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with db.read() as connection:
        numbers = [row[0] for row in connection.execute("SELECT n FROM counter ORDER BY n")]
    assert numbers == list(range(200))


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        *[
            ("Straße", "STRASSE", True),
            ("ÉTÉ", "été", True),
            ("a%b", "%", True),
            ("ab", "%", False),
        ],
        *[("a_b", "_", True), ("ab", "_", False), ("a\\b", "\\", True), ("", "", True)],
        *[("x", "", True), (None, "", False), ("İstanbul", "i̇stanbul", True)],
    ],
)
def test_contains(db: Database, text: str | None, part: str, found: bool) -> None:
    with db.read() as connection:
        (got,) = connection.execute("SELECT contains(?, ?)", (text, part.casefold())).fetchone()
    assert bool(got) is found


def test_rows_refer_only_to_what_exists() -> None:
    db = Database(None, SCHEMAS)
    with pytest.raises(LookupError, match="'m'"), db.write() as connection:
        public_tables.add_evaluation(connection, "m", "b", id="e", submitted_at=1)
    with db.write() as connection:
        public_tables.add_models(connection, [public_tables.ModelRow(id="m", key="m", name="m")])
        public_tables.add_benchmarks(
            connection, [public_tables.BenchmarkRow(id="b", key="b", name="b")]
        )
        public_tables.add_evaluation(connection, "m", "b", id="e", submitted_at=1)
    result = public_tables.ResultRow(prompt_id="nope", result="r", score=1)
    with pytest.raises(sqlite3.IntegrityError), db.write() as connection:
        public_tables.add_results(connection, "e", [result])
    with pytest.raises(sqlite3.IntegrityError), db.write() as connection:
        public_tables.add_models(
            connection, [public_tables.ModelRow(id="other", key="m", name="m")]
        )
    db.close()


def test_no_query_reads_the_whole_of_a_large_table() -> None:
    """Prompts, results and test cases are always reached by way of an index."""
    db = Database(None, SCHEMAS)
    page = {"page": 2, "page_size": 5}
    asked: list[str] = []
    with db.write() as connection:
        local_data.fill(connection)
        connection.set_trace_callback(asked.append)
        public_catalogue.list_benchmarks(connection, page)
        for query in ({}, {"sort_by": "truth"}, {"search": "input", "search_value": "a"}):
            public_catalogue.list_prompts(connection, "b1", page | query)
        for query in ({}, {"search": "a", "outcome_filter": "both_fail"}):
            first, second = local_data.EVALUATIONS[0].id, local_data.EVALUATIONS[2].id
            ids = {"evaluation_id_1": first, "evaluation_id_2": second, "outcome_filter": "all"}
            public_evaluations.compare(connection, page | ids | query)
        v2_queries.list_runs(connection, 101, 1)
        v2_queries.get_run(connection, 101, 501)
        connection.set_trace_callback(None)
        asked = [sql for sql in asked if sql.lstrip().startswith(("SELECT", "WITH"))]
        plans = [
            row["detail"]
            for sql in asked
            for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]
    db.close()
    assert len(asked) >= 12
    # Aliases: p is a prompt or a probe, r1 and r2 are results, t is a test case.
    large = re.compile(r"SCAN (public_prompts|public_results|v2_test_cases|p|r1|r2|t)\b")
    assert not [detail for detail in plans if large.match(detail)]
    assert [detail for detail in plans if detail.startswith("SEARCH r2 ")]
