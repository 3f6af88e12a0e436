"""Import into a database file that others may be using.

The answers are read into a database of their own beside the file. A file that does not exist is then made
of it in one step; one that exists gets the rows in one short transaction, so that a server that uses it
waits for that alone. Only files that the import itself made are ever removed.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchwire_local.data import SCHEMAS
from benchwire_local.data.database import Database
from benchwire_local.errors import DatabaseError, ImportFailedError
from benchwire_local.http.parameters import shorten
from benchwire_local.results.catalogue import Catalogue, ImportSummary
from benchwire_local.results.importer import forget_lines, read_into

if TYPE_CHECKING:
    from benchwire_local.data.key_lists import DatabaseConnection

# The staged prompt of each row here is a prompt of the target, or a new one.
_MAP = "CREATE TEMP TABLE mapped (staged_pk INTEGER PRIMARY KEY, pk INTEGER)"
# A prompt is found by its id; one without an id, whose id is its digest, by its content.
_FIND = """
INSERT INTO mapped
SELECT s.pk, coalesce(t.pk, CASE WHEN s.id = s.digest THEN (
    SELECT d.pk FROM main.public_prompts d WHERE d.benchmark_pk = :target AND d.digest = s.digest
    ORDER BY d.position LIMIT 1) END)
FROM staged.public_prompts s
LEFT JOIN main.public_prompts t ON t.benchmark_pk = :target AND t.id = s.id
WHERE s.benchmark_pk = :staged
"""
_CONFLICT = """
SELECT l.line, s.id, t.input, t.truth, t.truth <> s.truth AS other_truth
FROM staged.public_prompts s
JOIN main.public_prompts t ON t.benchmark_pk = :target AND t.id = s.id AND t.digest <> s.digest
JOIN staged.import_prompts l ON l.prompt_pk = s.pk
WHERE s.benchmark_pk = :staged ORDER BY l.line LIMIT 1
"""
_ADD_PROMPTS = """
INSERT INTO main.public_prompts
    (benchmark_pk, position, id, input, input_is_json, truth, digest)
SELECT :target, :count + row_number() OVER (ORDER BY s.position) - 1, s.id, s.input, s.input_is_json,
    s.truth, s.digest
FROM staged.public_prompts s JOIN mapped m ON m.staged_pk = s.pk
WHERE s.benchmark_pk = :staged AND m.pk IS NULL ORDER BY s.position
"""
_MAP_NEW = """
UPDATE mapped SET pk = (
    SELECT t.pk FROM staged.public_prompts s
    JOIN main.public_prompts t ON t.benchmark_pk = :target AND t.id = s.id
    WHERE s.pk = staged_pk)
WHERE pk IS NULL
"""
_TWICE = """
SELECT max(l.line) AS line, min(l.line) AS first, k.key AS model
FROM staged.import_results l
JOIN mapped m ON m.staged_pk = l.prompt_pk
JOIN staged.public_evaluations e ON e.pk = l.evaluation_pk
JOIN staged.public_models k ON k.pk = e.model_pk
GROUP BY l.evaluation_pk, m.pk HAVING count(*) > 1 ORDER BY 1 LIMIT 1
"""
_ADD_RESULTS = """
INSERT INTO main.public_results (evaluation_pk, prompt_pk, result, score, duration_ms)
SELECT :target, m.pk, r.result, r.score, r.duration_ms
FROM staged.public_results r JOIN mapped m ON m.staged_pk = r.prompt_pk
WHERE r.evaluation_pk = :staged ORDER BY m.pk
"""


def import_into(db_path: Path, file: Path) -> ImportSummary:
    """Import a JSONL file of answers into a database file, created if it does not exist.

    Args:
        db_path: The database file; after an error it is unchanged, or not created.
        file: As for :func:`~benchwire_local.results.importer.import_results`.

    Raises:
        DatabaseError: The database can't be opened or written to.
        ImportFailedError: As for :func:`~benchwire_local.results.importer.import_results`.
    """
    if not db_path.parent.is_dir():
        folder = db_path.parent
        raise DatabaseError(f"the database {db_path} can't be created: there is no folder {folder}")
    beside = db_path.with_name(f".{db_path.name}.{secrets.token_hex(6)}.import")
    now = int(time.time())
    try:
        staged = Database(beside, SCHEMAS)
        try:
            summary = read_into(staged, file, now, keeps_lines=True)
            is_new = not db_path.exists()
            if is_new:
                with staged.write() as connection:
                    forget_lines(connection)
        finally:
            staged.close()  # SQLite removes the other files of a database
        if not is_new:
            return _merge_into(db_path, beside, file.name, now)
        if _publish(beside, db_path):
            return summary
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{beside}{suffix}").unlink(missing_ok=True)
    # Another process has made the file meanwhile.
    return import_into(db_path, file)


def _publish(made: Path, path: Path) -> bool:
    """Return whether a file got a name; false if another file has it since."""
    try:
        os.link(made, path)
    except FileExistsError:
        return False
    except OSError:
        # There are no hard links on this file system. A file that appears just now is not replaced on
        # Windows; elsewhere the window is a moment between two calls.
        if path.exists():
            return False
        made.rename(path)
    return True


def _merge_into(db_path: Path, beside: Path, source: str, now: int) -> ImportSummary:
    db = Database(db_path, SCHEMAS)
    try:
        with db.read() as connection:
            connection.execute("ATTACH ? AS staged", (str(beside),))
            connection.execute(_MAP)
        with db.write() as connection:
            return _Merge(connection, source, now).run()
    finally:
        db.close()


class _Merge:
    def __init__(self, connection: DatabaseConnection, source: str, now: int) -> None:
        self._connection = connection
        self._source = source
        self._catalogue = Catalogue(connection, now)

    def run(self) -> ImportSummary:
        """Copy all rows; the benchmarks and evaluations in the order of their first occurrence."""
        for staged in self._all("SELECT pk, key FROM staged.public_benchmarks ORDER BY pk"):
            self._add_prompts(staged)
        if twice := self._connection.execute(_TWICE).fetchone():
            raise ImportFailedError(
                self._source,
                twice["line"],
                f"the model {twice['model']!r} has an answer to this prompt on line"
                f" {twice['first']} already",
            )
        for staged in self._all(
            "SELECT e.pk, b.key AS benchmark, m.key AS model FROM staged.public_evaluations e"
            " JOIN staged.public_benchmarks b ON b.pk = e.benchmark_pk"
            " JOIN staged.public_models m ON m.pk = e.model_pk ORDER BY e.pk"
        ):
            target = self._catalogue.evaluation(
                self._catalogue.benchmark(staged["benchmark"]),
                self._catalogue.model(staged["model"]),
            )
            self._connection.execute(_ADD_RESULTS, {"target": target, "staged": staged["pk"]})
        return self._catalogue.finish()

    def _add_prompts(self, staged: sqlite3.Row) -> None:
        benchmark = self._catalogue.benchmark(staged["key"])
        values = {"target": benchmark.pk, "staged": staged["pk"], "count": benchmark.prompt_count}
        conflict = self._connection.execute(_CONFLICT, values).fetchone()
        if conflict is not None:
            field = "truth" if conflict["other_truth"] else "input"
            raise ImportFailedError(
                self._source,
                conflict["line"],
                f"{field}: the prompt with the id {conflict['id']!r} has another {field} in the"
                f" database: {shorten(conflict[field])}",
            )
        self._connection.execute(_FIND, values)
        benchmark.prompt_count += self._connection.execute(_ADD_PROMPTS, values).rowcount
        self._connection.execute(_MAP_NEW, values)

    def _all(self, query: str) -> list[sqlite3.Row]:
        return self._connection.execute(query).fetchall()
