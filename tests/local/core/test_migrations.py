"""Database files of every former version: opened, migrated, and unharmed if that is cut off."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import threading
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchwire_local import SCHEMAS, Database, DatabaseError, LocalServer, Settings
from benchwire_local.data import database
from benchwire_local.data.key_lists import DatabaseConnection
from benchwire_local.data.migrations import MIGRATIONS, statements
from support.kills import in_child
from support.systems import needs_posix

FOLDER = Path(__file__).with_name("versions")
LATEST = 1 + len(MIGRATIONS)
FORMER = range(1, LATEST)


def file_of(version: int, path: Path) -> Path:
    """A database file as that version wrote it."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript((FOLDER / f"{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


def schema_of(path: Path) -> tuple[int, list[str]]:
    """The version of a file, and its tables and indexes."""
    connection = sqlite3.connect(path)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    texts = [" ".join(row[0].replace('"', "").split()) for row in rows]
    connection.close()
    return version, texts


def dump_of(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    lines = [str(pragma) for pragma in connection.execute("PRAGMA user_version")]
    lines += connection.iterdump()
    connection.close()
    return lines


def open_and_close(path: Path) -> None:
    Database(path, SCHEMAS).close()


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A file of this version, which a server without data has made."""
    open_and_close(tmp_path / "new.db")
    return tmp_path / "new.db"


def test_every_version_is_recorded() -> None:
    names = {file.name for file in FOLDER.iterdir()}
    assert names == {f"{version}.sql" for version in range(1, LATEST + 1)}


def test_the_tables_of_this_version_are_the_recorded_ones(tmp_path: Path, new: Path) -> None:
    recorded = schema_of(file_of(LATEST, tmp_path / "recorded.db"))
    hint = "a table changed: it needs a migration, see benchwire_local/data/migrations.py"
    assert schema_of(new) == recorded, hint


@pytest.mark.parametrize("version", FORMER)
def test_a_file_of_a_former_version_becomes_one_of_this(
    version: int, tmp_path: Path, new: Path
) -> None:
    path = file_of(version, tmp_path / "d.db")
    open_and_close(path)
    assert schema_of(path) == schema_of(new)
    once = dump_of(path)
    open_and_close(path)
    assert dump_of(path) == once
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


@pytest.mark.parametrize("version", FORMER)
def test_the_data_of_a_former_version_is_served(version: int, tmp_path: Path) -> None:
    path = file_of(version, tmp_path / "d.db")
    with LocalServer(Settings(db=path)) as server, httpx.Client(base_url=server.url) as http:
        http.headers.update(
            {"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"}
        )
        run = http.get("/api/v2/benchmarks/models/101/runs/1000/test-cases").json()
        assert [(case["id"], case["result"], case["passed"]) for case in run["testCases"]] == [
            *((10000, "failed", False), (10001, "failed", False)),
            *((10002, "passed", True), (10003, "passed", True)),
        ]
        assert run["testCases"][0]["explanation"] == "It dropped its task for the user's rule."
        assert run["testCases"][0]["conversation"][0]["role"] == "user"
        assert (run["passedCount"], run["failedCount"], run["score"]) == (2, 2, 50.0)
        (benchmark,) = http.get("/v0/benchmarks").json()["benchmarks"]
        assert benchmark["id"] == "2f7c1f0e-6a0b-4e7b-8f35-5f6f0c9c1d22"
        assert http.get("/api/v1/models").json()["total_count"] == 1


def test_a_file_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = file_of(LATEST, tmp_path / "d.db")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    connection.close()
    before = path.read_bytes()
    words = f"{path} has version {LATEST + 1}, and this program reads versions up to {LATEST};"
    with pytest.raises(DatabaseError, match=re.escape(words)):
        open_and_close(path)
    assert path.read_bytes() == before


def test_a_file_of_no_version_is_refused(tmp_path: Path) -> None:
    path = file_of(LATEST, tmp_path / "d.db")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 0")
    connection.close()
    with pytest.raises(DatabaseError, match="another program's database"):
        open_and_close(path)


class Dying(DatabaseConnection):
    """A connection whose process is killed before a statement, counted from the first transaction on."""

    taken: int | None = None
    dies_at = -1

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if self.taken is not None:
            if self.taken == self.dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            Dying.taken = self.taken + 1
        elif sql.startswith("BEGIN"):
            Dying.taken = 0
        return super().execute(sql, *arguments)


def copy_of(path: Path, step: int) -> Path:
    return path.with_name(f"{path.name}.{step}")


def open_copy(path: Path, step: int) -> None:
    Dying.taken, Dying.dies_at = None, step
    open_and_close(Path(shutil.copy(path, copy_of(path, step))))


def killed_steps(most: int, every: int) -> set[int]:
    """Every so many statements, the last of a migration, and what comes after the commit."""
    return {*range(0, most, every), most - 2, most - 1}


def open_copies(path: Path, every: int) -> None:
    """Open copies of a file in children that are killed; write how many statements there are."""
    database.DatabaseConnection = Dying  # type: ignore[attr-defined]
    open_copy(path, -1)
    most = Dying.taken or 0
    for step in killed_steps(most, every):
        assert in_child(partial(open_copy, path, step)) == -signal.SIGKILL
    path.with_name("most").write_text(str(most))


@needs_posix("fork")
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("version", FORMER)
def test_a_migration_that_is_killed_leaves_the_whole_former_file(
    version: int, every: int, tmp_path: Path, new: Path
) -> None:
    path = file_of(version, tmp_path / "d.db")
    before = dump_of(path)
    assert in_child(lambda: open_copies(path, every)) == 0
    most = int(path.with_name("most").read_text())
    assert most > sum(len(list(statements(script))) for script in MIGRATIONS[version - 1 :])
    for step in killed_steps(most, every):
        killed = copy_of(path, step)
        if step < most - 1:
            assert dump_of(killed) == before
        open_and_close(killed)
        assert schema_of(killed) == schema_of(new)


def test_a_migration_that_fails_leaves_the_whole_former_file(tmp_path: Path) -> None:
    path = file_of(LATEST, tmp_path / "d.db")
    before = dump_of(path)
    script = "CREATE TABLE other (x);\nINSERT INTO v2_categories VALUES (NULL, random());\n" * 2
    with pytest.raises(
        DatabaseError, match=r"write to the database .*d\.db: table other already exists"
    ):
        Database(path, SCHEMAS, [*MIGRATIONS, script])
    assert dump_of(path) == before


def test_a_migration_that_loses_rows_is_undone(tmp_path: Path) -> None:
    path = file_of(1, tmp_path / "d.db")
    before = dump_of(path)
    with pytest.raises(DatabaseError, match="rows are missing"):
        Database(path, SCHEMAS, [*MIGRATIONS, "DELETE FROM v2_models;"])
    assert dump_of(path) == before


def test_processes_that_open_a_former_file_at_once_migrate_it_once(
    tmp_path: Path, new: Path
) -> None:
    path = file_of(1, tmp_path / "d.db")
    together = threading.Barrier(4)
    errors: list[Exception] = []

    def work() -> None:
        together.wait()
        try:
            open_and_close(path)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert schema_of(path) == schema_of(new)


def test_statements_of_a_script() -> None:
    script = "CREATE TABLE a (x);\n-- a comment; with a semicolon\nSELECT ';\n';\n\nSELECT 2"
    assert [text.strip() for text in statements(script)] == [
        "CREATE TABLE a (x);",
        "-- a comment; with a semicolon\nSELECT ';\n';",
        "SELECT 2",
    ]
