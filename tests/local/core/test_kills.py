"""A process that is killed at any step leaves a database that opens, and nothing for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from benchwire.local import import_file
from benchwire_local import SCHEMAS, Database
from benchwire_local.data.staged_folder import staging
from support import forks
from support.kills import in_child
from support.systems import needs_posix

ANSWER = '{"benchmark":"b","model":"m%d","input":"i","truth":"t","result":"r","score":1}\n'


def models(path: Path) -> int:
    db = Database(path, SCHEMAS)
    with db.read() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        found: int = connection.execute("SELECT count(*) FROM public_models").fetchone()[0]
    db.close()
    return found


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def _open(path: Path) -> None:
    Database(path, SCHEMAS).close()


def _import(path: Path) -> None:
    source = path.with_name("answers.jsonl")
    source.write_text(ANSWER % 2)
    import_file(source, path)


def _filled(path: Path) -> None:
    source = path.with_name("answers.jsonl")
    source.write_text(ANSWER % 1)
    import_file(source, path)


@needs_posix("fork")
@pytest.mark.parametrize(
    ("before", "action", "counts", "every"),
    [
        (None, _open, {0}, 4),
        (None, _import, {0, 1}, 16),
        (_filled, _import, {1, 2}, 16),
        pytest.param(None, _open, {0}, 1, marks=pytest.mark.long),
        pytest.param(None, _import, {0, 1}, 1, marks=pytest.mark.long),
        pytest.param(_filled, _import, {1, 2}, 1, marks=pytest.mark.long),
    ],
)
def test_a_process_killed_at_any_step(
    tmp_path: Path,
    before: Callable[[Path], None] | None,
    action: Callable[[Path], None],
    counts: set[int],
    every: int,
) -> None:
    for step in count(1, every):
        folder = tmp_path / str(step)
        folder.mkdir()
        path = folder / "d.db"
        if before:
            assert in_child(lambda path=path: before(path)) == 0
        status = in_child(lambda path=path: action(path), killed_at=step)

        def check(path: Path = path) -> None:
            if path.exists():
                assert models(path) in counts
            else:
                assert not before
            action(path)
            assert models(path) == max(counts)

        assert in_child(check) == 0, step
        if action is _import or step == 1:
            assert not hidden(folder), step
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert step > 15


STAGE = """
import sys, time
from pathlib import Path
from benchwire_local.data.staged_folder import staging
with staging(Path(sys.argv[1])) as folder:
    (folder / "rows").write_text("rows")
    print(folder.name, flush=True)
    time.sleep(600)
"""


def test_what_a_process_still_uses_is_left_to_it_and_removed_after_its_death(
    tmp_path: Path,
) -> None:
    path = tmp_path / "d.db"
    command = [sys.executable, "-c", STAGE, str(path)]
    with forks.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        name = process.stdout.readline().strip()
        try:
            with staging(path) as own, staging(path):  # nor is what this process uses
                assert set(hidden(tmp_path)) > {name, own.name}
            _import(path)
            assert hidden(tmp_path) == [name]
            assert (tmp_path / name / "rows").exists()
        finally:
            process.kill()
    _import(path)
    assert hidden(tmp_path) == []


OPEN = """
import sys
from pathlib import Path
from benchwire_local import SCHEMAS, Database
print(flush=True)
for path in sys.stdin:
    db = Database(Path(path.strip()), SCHEMAS)
    with db.write() as connection:
        connection.execute(
            "INSERT INTO public_models (id, key, name) VALUES (?1, ?1, ?1)", (sys.argv[1],)
        )
    db.close()
    print(flush=True)
"""


def test_processes_that_create_one_file_at_once_lose_nothing(tmp_path: Path) -> None:
    children = [
        forks.Popen(
            [sys.executable, "-c", OPEN, str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        for number in range(5)
    ]  # fmt: skip
    for turn in range(4):
        path = tmp_path / f"{turn}.db"
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "\n"  # it waits for a path
        for child in children:
            assert child.stdin
            child.stdin.write(f"{path}\n")
    for child in children:
        child.communicate()
    assert [child.returncode for child in children] == [0] * 5
    assert [models(tmp_path / f"{turn}.db") for turn in range(4)] == [5] * 4
    assert hidden(tmp_path) == []
