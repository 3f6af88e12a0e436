"""Importing into a database file by name: what is there afterwards, and what is not."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from benchwire_local import SCHEMAS, Database, DatabaseError, ImportFailedError
from benchwire_local.results.importer import import_into

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = '{"benchmark":"b","model":"m%d","input":"i","truth":"t","result":"r","score":1}\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def models(path: Path) -> int:
    db = Database(path, SCHEMAS)
    with db.read() as connection:
        found: int = connection.execute("SELECT count(*) FROM public_models").fetchone()[0]
    db.close()
    return found


def test_a_file_is_made_and_added_to(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "d.db"
    for number in (1, 2):
        source.write_text(ANSWER % number)
        assert import_into(path, source).answers == 1
        assert models(path) == number


@pytest.mark.parametrize("content", [ANSWER % 1 + "{\n", "", None])
def test_a_failed_import_leaves_no_file_behind(
    tmp_path: Path, source: Path, content: str | None
) -> None:
    if content is not None:
        source.write_text(content)
    with pytest.raises(ImportFailedError):
        import_into(tmp_path / "d.db", source)
    assert [path for path in tmp_path.iterdir() if path != source] == []


def test_a_failed_import_leaves_a_file_that_was_there(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "d.db"
    source.write_text(ANSWER % 1)
    import_into(path, source)
    source.write_text("{\n")
    with pytest.raises(ImportFailedError):
        import_into(path, source)
    assert models(path) == 1


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path, source: Path) -> None:
    source.write_text(ANSWER % 1)
    folder = tmp_path / "typo" / "dir"
    with pytest.raises(DatabaseError) as caught:
        import_into(folder / "x.db", source)
    assert str(caught.value) == (
        f"the database {folder / 'x.db'} can't be created: there is no folder {folder}"
    )
    assert not (tmp_path / "typo").exists()


def test_the_place_in_a_line_does_not_contradict_its_number(tmp_path: Path, source: Path) -> None:
    for end in ("", "\n", "\r\n"):
        source.write_bytes((ANSWER % 1 + '{"benchmark": x}' + end).encode())
        with pytest.raises(ImportFailedError) as caught:
            import_into(tmp_path / "d.db", source)
        assert str(caught.value) == (
            "answers.jsonl:2: not valid JSON: unexpected character, expected a JSON value: column 15"
        )
        source.write_bytes((ANSWER % 1 + '{"benchmark": ' + end).encode())
        with pytest.raises(ImportFailedError) as caught:
            import_into(tmp_path / "d.db", source)
        assert " line " not in str(caught.value)


def test_a_failure_crosses_processes(tmp_path: Path, source: Path) -> None:
    source.write_text("{\n")
    with pytest.raises(ImportFailedError) as caught:
        import_into(tmp_path / "d.db", source)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert (copy.source, copy.line, copy.reason) == ("answers.jsonl", 1, caught.value.reason)
