"""Importing into a database file by name: what is there afterwards, and what is not."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from benchwire.local import ImportSummary, import_file
from benchwire_local import SCHEMAS, Database, DatabaseError, ImportFailedError
from benchwire_local.results import into_file
from support.kills import on_full_disk
from support.systems import needs_posix

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = '{"benchmark":"b","model":"m%d","input":"i","truth":"t","result":"r","score":1}\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def import_into(path: Path, file: Path) -> ImportSummary:
    return import_file(file, path)


def models(path: Path) -> int:
    db = Database(path, SCHEMAS)
    with db.read() as connection:
        found: int = connection.execute("SELECT count(*) FROM public_models").fetchone()[0]
    db.close()
    return found


def test_a_file_is_made_and_added_to(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "d.db"
    for number in (1, 2):
        source.write_text(ANSWER % number, encoding="utf-8")
        assert import_into(path, source).answers == 1
        assert models(path) == number


@pytest.mark.parametrize("content", [ANSWER % 1 + "{\n", "", None])
def test_a_failed_import_leaves_no_file_behind(
    tmp_path: Path, source: Path, content: str | None
) -> None:
    if content is not None:
        source.write_text(content, encoding="utf-8")
    with pytest.raises(ImportFailedError):
        import_into(tmp_path / "d.db", source)
    assert [path for path in tmp_path.iterdir() if path != source] == []


def test_a_failed_import_leaves_a_file_that_was_there(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "d.db"
    source.write_text(ANSWER % 1, encoding="utf-8")
    import_into(path, source)
    source.write_text("{\n", encoding="utf-8")
    with pytest.raises(ImportFailedError):
        import_into(path, source)
    assert models(path) == 1


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path, source: Path) -> None:
    source.write_text(ANSWER % 1, encoding="utf-8")
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
            f"{source}:2: not valid JSON: unexpected character, expected a JSON value: column 15"
        )
        source.write_bytes((ANSWER % 1 + '{"benchmark": ' + end).encode())
        with pytest.raises(ImportFailedError) as caught:
            import_into(tmp_path / "d.db", source)
        assert " line " not in str(caught.value)


def test_a_failure_crosses_processes(tmp_path: Path, source: Path) -> None:
    source.write_text("{\n", encoding="utf-8")
    with pytest.raises(ImportFailedError) as caught:
        import_into(tmp_path / "d.db", source)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert (copy.source, copy.line, copy.reason) == (str(source), 1, caught.value.reason)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith((".lock", ".jsonl"))}


def test_a_failed_import_removes_no_database_that_another_made(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server creates the file while an import is being read that then fails."""
    path, good = tmp_path / "d.db", tmp_path / "good.jsonl"
    good.write_text(ANSWER % 1)
    source.write_text(ANSWER % 2 + "{\n", encoding="utf-8")
    stage = into_file.stage

    def and_meanwhile(*arguments: object, **options: object) -> object:
        monkeypatch.undo()
        import_into(path, good)
        return stage(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(into_file, "stage", and_meanwhile)
    with pytest.raises(ImportFailedError):
        import_into(path, source)
    assert models(path) == 1
    assert files(tmp_path) == {"d.db"}


def test_two_imports_that_create_one_file_are_both_in_it(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = tmp_path / "d.db", tmp_path / "other.jsonl"
    source.write_text(ANSWER % 1, encoding="utf-8")
    other.write_text(ANSWER % 2)
    publish = into_file.publish

    def and_before(made: Path, to: Path) -> bool:
        monkeypatch.undo()
        import_into(path, other)
        return publish(made, to)

    monkeypatch.setattr(into_file, "publish", and_before)
    assert import_into(path, source).answers == 1
    assert models(path) == 2
    assert files(tmp_path) == {"d.db"}


@needs_posix("limit of the size of files")
@pytest.mark.parametrize("limit", [0, 4096, 200_000, 500_000])
@pytest.mark.parametrize("exists", [False, True])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, source: Path, limit: int, exists: bool
) -> None:
    path = tmp_path / "d.db"
    if exists:
        source.write_text(ANSWER % 1, encoding="utf-8")
        import_into(path, source)
    line = '{"benchmark":"b%d","model":"m","input":"%s","truth":"t","result":"r","score":1}\n'
    source.write_text(
        "".join(line % (number, number * 50) for number in range(3000)), encoding="utf-8"
    )
    assert "disk" in on_full_disk(lambda: import_into(path, source), limit)
    assert files(tmp_path) == ({"d.db"} if exists else set())
    if exists:
        assert models(path) == 1
