"""One server to a database file: a second one is refused, and harms nothing."""

from __future__ import annotations

import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from benchwire.local import import_file
from benchwire_local import SCHEMAS, Database, DatabaseError, LocalServer, Settings
from support import forks
from support.systems import needs_posix

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = '{"benchmark":"b","model":"m","input":"i","truth":"t","result":"r","score":1}\n'

SERVE = """
import sys
from pathlib import Path
from benchwire_local import Settings
from benchwire_local import run_forever
settings = Settings(db=Path(sys.argv[1]), sample=False)
run_forever(settings, lambda server: print(server.url, flush=True))
"""


def models(server: LocalServer) -> int:
    headers = {"x-api-key": server.api_key}
    found = httpx.get(server.public_base_url + "/models", headers=headers)
    return len(found.json()["models"])


def test_a_second_server_of_this_process_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "d.db", sample=False)
    second = LocalServer(settings)
    with LocalServer(settings) as first:
        for _ in range(2):  # being refused does not break the first one's hold
            with pytest.raises(DatabaseError, match=r"d\.db is served by another server"):
                second.start()
        assert models(first) == 0
    with second:
        assert models(second) == 0


@needs_posix("links that every user may make")
def test_another_name_of_a_served_file_is_no_way_around(tmp_path: Path) -> None:
    path, link = tmp_path / "d.db", tmp_path / "link.db"
    link.symlink_to(path)
    with (
        LocalServer(Settings(db=path, sample=False)),
        pytest.raises(DatabaseError, match="another server"),
    ):
        LocalServer(Settings(db=link, sample=False)).start()


def test_a_server_of_another_process_keeps_the_file_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    command = [sys.executable, "-c", SERVE, str(path)]
    with forks.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http://")
            with pytest.raises(DatabaseError, match=r"d\.db is served by another server"):
                LocalServer(Settings(db=path, sample=False)).start()
        finally:
            process.kill()
        process.wait()
    with LocalServer(Settings(db=path, sample=False)) as server:
        assert models(server) == 0


def test_the_lock_is_private_and_let_go_by_a_start_that_fails(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "d.db", sample=False)
    with LocalServer(Settings(sample=False)) as other:
        port = int(other.url.rpartition(":")[2])
        taken = Settings(db=settings.db, port=port, sample=False)
        with pytest.raises(Exception, match="can't listen"):
            LocalServer(taken).start()
    with LocalServer(settings):
        lock = tmp_path / "d.db.lock"
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_a_lock_that_cannot_be_taken(tmp_path: Path) -> None:
    (tmp_path / "d.db.lock").mkdir()
    with pytest.raises(DatabaseError, match=r"d\.db\.lock can't be locked: unable to open"):
        LocalServer(Settings(db=tmp_path / "d.db", sample=False)).start()


def test_servers_in_memory_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    with LocalServer(Settings(sample=False)) as first, LocalServer(Settings(sample=False)) as other:
        assert models(first) == models(other) == 0


def test_an_import_into_a_served_file_goes_on_working(tmp_path: Path) -> None:
    path, source = tmp_path / "d.db", tmp_path / "a.jsonl"
    source.write_text(ANSWER)
    with LocalServer(Settings(db=path, sample=False)) as server:
        import_file(source, path)
        assert models(server) == 1
        with pytest.raises(DatabaseError, match="another server"):
            LocalServer(Settings(db=path, sample=False)).start()


def test_opening_a_file_again_leaves_the_locks_of_this_process_on_it(tmp_path: Path) -> None:
    """Closing any descriptor of a file drops a process's POSIX locks on it, SQLite's too."""
    path = tmp_path / "d.db"
    first = Database(path, SCHEMAS)
    with first.write():
        Database(path).close()
        ask = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0);"
            "c.execute('PRAGMA journal_mode = DELETE')"
        )
        command = [sys.executable, "-c", ask, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    first.close()
    assert "database is locked" in done.stderr
