"""A database file that is damaged, or on a disk that is full: the typed error, which names it."""

from __future__ import annotations

import logging
import random
import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from benchwire.local import import_file, import_results
from benchwire_local import (
    SCHEMAS,
    Database,
    DatabaseError,
    LocalServer,
    LocalServerError,
    Settings,
)
from local.jobs.conftest import KEY, Api
from support.kills import on_full_disk
from support.systems import needs_posix

LINE = '{"benchmark":"b%d","model":"m","input":"%s","truth":"t","result":"r","score":1}\n'
LISTS = ("/api/v1/models", "/api/v1/datasets", "/v0/benchmarks", "/api/v2/benchmarks/models")


def damaged(path: Path, number: int) -> None:
    """Overwrite a part of a file, or cut it off, as the number says."""
    chance = random.Random(number)
    content = bytearray(path.read_bytes())
    page = chance.randrange(len(content) // 4096) * 4096
    if number % 3 == 0:
        del content[page + 1 :]
    else:
        content[page : page + 2048] = chance.randbytes(2048)
    if number % 3 == 1:  # names of tables and columns
        content[3000:4096] = chance.randbytes(1096)
    path.write_bytes(content)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "d.db"
    with LocalServer(Settings(db=path)):
        pass
    return path.read_bytes()


@pytest.mark.parametrize("number", range(12))
def test_a_damaged_file_is_named_whoever_finds_it(
    tmp_path: Path, whole: bytes, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    path, source = tmp_path / "d.db", tmp_path / "a.jsonl"
    path.write_bytes(whole)
    damaged(path, number)
    source.write_text(LINE % (1, "i"))
    messages: list[str] = []
    try:
        with LocalServer(Settings(db=path, api_key=KEY)) as server:
            headers = {"x-api-key": KEY, "authorization": f"Bearer {KEY}"}
            for each in LISTS:
                response = httpx.get(server.url + each, headers=headers)
                assert response.status_code in {200, 500}
                assert "sqlite" not in response.text
                assert response.json()
    except LocalServerError as error:
        messages.append(str(error))
    for record in caplog.records:
        assert record.exc_info is None
        assert record.levelno < logging.ERROR or str(path) in record.getMessage()
    try:
        import_file(source, path)
    except DatabaseError as error:
        messages.append(str(error))
    assert all(str(path) in message for message in messages)


def test_a_submission_that_a_full_disk_refuses_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    with LocalServer(Settings(db=path, api_key=KEY)) as server:
        api = Api(server.url)
        endpoint = server.url + "/demo/v1/chat/completions"
        db = server._db
        assert db

        def limit(pages: int) -> None:
            with db.read() as connection:
                connection.execute(f"PRAGMA max_page_count = {pages}")

        limit(1)  # no less than the file has
        accepted = []
        while (response := api.submit(endpoint)).status_code == 202:
            accepted.append(response.json()["job_id"])
        assert response.status_code == 500
        assert set(response.json()) == {"error"}
        assert len(api.http.get("/v0/jobs").json()["jobs"]) == len(accepted)
        time.sleep(0.1)
        limit(1_000_000)
        states = [api.ended(job)["status"] for job in (*accepted, api.submitted(endpoint))]
        assert states[-1] == "completed"
        assert api.credits() == 1000 - states.count("completed")
        api.http.close()


@needs_posix("limit of the size of files")
@pytest.mark.parametrize("limit", [0, 4096, 50_000, 300_000])
def test_logs_on_a_full_disk_are_refused_and_leave_nothing(tmp_path: Path, limit: int) -> None:
    path, source = tmp_path / "d.db", tmp_path / "a.jsonl"
    source.write_text("".join(LINE % (number, number * 50) for number in range(3000)))
    assert str(path) in on_full_disk(lambda: import_results(source, path), limit)
    assert {one.name for one in tmp_path.iterdir()} == {"a.jsonl"}


@needs_posix("limit of the size of files")
@pytest.mark.parametrize("limit", [0, 4096, 30_000])
def test_a_new_or_old_file_on_a_full_disk(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "d.db"
    assert str(path) in on_full_disk(lambda: Database(path, SCHEMAS), limit)
    assert list(tmp_path.iterdir()) == []
    connection = sqlite3.connect(path)
    script = Path(__file__).with_name("versions") / "1.sql"
    connection.executescript(script.read_text("utf-8"))
    connection.execute("PRAGMA application_id = 0x62776972")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert str(path) in on_full_disk(lambda: Database(path, SCHEMAS), limit)
    Database(path, SCHEMAS).close()
