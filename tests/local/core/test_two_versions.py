"""Files that servers of two versions use, and strict parsing by the fast parser."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from benchwire_local import SCHEMAS, Database, DatabaseError
from benchwire_local.data.database_lock import lock_database
from benchwire_local.http import strict_json
from local.core.test_migrations import LATEST, dump_of, file_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_later_server_has_migrated_the_file_meanwhile(tmp_path: Path) -> None:
    db = Database(tmp_path / "d.db", SCHEMAS)
    with sqlite3.connect(tmp_path / "d.db") as other:
        other.execute(f"PRAGMA user_version = {LATEST + 1}")
    other.close()
    with pytest.raises(DatabaseError, match=f"has version {LATEST + 1} now"), db.write():
        raise AssertionError
    db.close()


def test_a_file_that_a_server_uses_is_not_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchwire_local.data.database._PATIENCE_SECONDS", 0)
    path = file_of(1, tmp_path / "d.db")
    before = dump_of(path)
    lock = lock_database(path)
    with pytest.raises(DatabaseError, match="served by another server"):
        Database(path, SCHEMAS)
    lock.close()
    assert dump_of(path) == before
    Database(path, SCHEMAS).close()


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', r'{"a":"\\","a":"\""}', '{"x":{"a":[],"a":[]}}', r'[{"a":"\\\"","a":2}]'],
)
def test_a_key_that_occurs_twice_is_found(text: str) -> None:
    with pytest.raises(strict_json.StrictJsonError, match="'a' occurs twice"):
        strict_json.loads(text.encode())


@pytest.mark.parametrize("text", [r'{"a":"\\\"","b":["\\","\""]}', "[18446744073709551616, 1e300]"])
def test_values_are_those_of_the_standard_library(text: str) -> None:
    assert repr(strict_json.loads(text.encode())) == repr(json.loads(text))
