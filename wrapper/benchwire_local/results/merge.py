"""Adds the rows of a staged import to a database file that others are using.

SQLite has one writer at a time, and a submission of a job must not wait for a whole import. So the rows are
added in short transactions, under keys that no benchmark and no evaluation has yet: nobody sees them. The last
transaction adds the benchmarks, models and evaluations themselves, and with them all is visible at once. Rows
that a killed import has left have no evaluation; the next import removes them.
"""

# ruff: noqa: S608 - SQL text contains names of our own only

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from benchwire_local.data import SCHEMAS
from benchwire_local.data.database import Database
from benchwire_local.data.database_lock import lock_imports
from benchwire_local.data.migrations import statements
from benchwire_local.data.public_tables import ANSWER_COLUMNS
from benchwire_local.errors import DatabaseError, ImportFailedError
from benchwire_local.results.catalogue import ImportSummary
from benchwire_local.results.importer import contradiction, refuse_second_answer
from benchwire_local.results.places import place_of

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

# The most rows of a transaction; how long one should take, which decides on the rows of the next; and the
# pause after each, in which others write.
_BATCH = 4000
_BATCH_SECONDS = 0.04
_PAUSE_SECONDS = 0.015
# For each staged row its key in the file, which is a new one if the file does not have the row.
_NEW = "row_number() OVER (PARTITION BY t.pk IS NULL ORDER BY s.pk)"
_MAP = f"""
CREATE TEMP TABLE benchmarks AS
SELECT s.pk AS staged, t.pk IS NULL AS is_new, coalesce(t.id, s.id) AS id,
    coalesce(t.pk, (SELECT coalesce(max(pk), 0) FROM main.public_benchmarks) + {_NEW}) AS pk,
    coalesce(t.prompt_count, 0) AS prompts
FROM staged.public_benchmarks s LEFT JOIN main.public_benchmarks t ON t.key = s.key;
CREATE TEMP TABLE models AS
SELECT s.pk AS staged, t.pk IS NULL AS is_new, coalesce(t.id, s.id) AS id,
    coalesce(t.pk, (SELECT coalesce(max(pk), 0) FROM main.public_models) + {_NEW}) AS pk
FROM staged.public_models s LEFT JOIN main.public_models t ON t.key = s.key;
CREATE TEMP TABLE evaluations AS
SELECT s.pk AS staged,
    (SELECT coalesce(max(pk), 0) FROM main.public_evaluations) + row_number() OVER (ORDER BY s.pk) AS pk
FROM staged.public_evaluations s;
CREATE TEMP TABLE prompts (staged INTEGER PRIMARY KEY, pk INTEGER, is_new INTEGER, benchmark_pk INTEGER,
    position INTEGER);
INSERT INTO prompts
WITH found AS (
    -- A prompt is found by its id; one without an id, whose id is its digest, by its content; and of those
    -- that have an id, the first with the content of one that has none in the file.
    SELECT s.pk AS staged, b.pk AS benchmark_pk, b.prompts, s.position, coalesce(t.pk,
        CASE WHEN s.id = s.digest THEN (SELECT d.pk FROM main.public_prompts d
            WHERE d.benchmark_pk = b.pk AND d.digest = s.digest ORDER BY d.position LIMIT 1)
        WHEN NOT EXISTS (SELECT 1 FROM staged.public_prompts o WHERE o.benchmark_pk = s.benchmark_pk
            AND o.digest = s.digest AND o.position < s.position)
        THEN (SELECT d.pk FROM main.public_prompts d
            WHERE d.benchmark_pk = b.pk AND d.id = s.digest) END) AS pk
    FROM staged.public_prompts s JOIN benchmarks b ON b.staged = s.benchmark_pk
    LEFT JOIN main.public_prompts t ON t.benchmark_pk = b.pk AND t.id = s.id
)
SELECT staged, coalesce(pk, (SELECT coalesce(max(pk), 0) FROM main.public_prompts)
        + row_number() OVER (PARTITION BY pk IS NULL ORDER BY staged)),
    pk IS NULL, benchmark_pk,
    prompts + row_number() OVER (PARTITION BY benchmark_pk, pk IS NULL ORDER BY position) - 1
FROM found;
CREATE UNIQUE INDEX temp.benchmark_keys ON benchmarks (staged);
CREATE UNIQUE INDEX temp.evaluation_keys ON evaluations (staged);
"""
_CONFLICT = """
SELECT s.pk, s.id, t.input, t.truth, t.truth <> s.truth AS other_truth
FROM staged.public_prompts s
JOIN benchmarks b ON b.staged = s.benchmark_pk
JOIN main.public_prompts t ON t.benchmark_pk = b.pk AND t.id = s.id AND t.digest <> s.digest
ORDER BY s.pk LIMIT 1
"""
_TWICE = """
SELECT max(r.pk) AS pk, min(r.pk) AS first, k.key AS model
FROM staged.public_results r
JOIN prompts m ON m.staged = r.prompt_pk
JOIN staged.public_evaluations e ON e.pk = r.evaluation_pk
JOIN staged.public_models k ON k.pk = e.model_pk
GROUP BY r.evaluation_pk, m.pk HAVING count(*) > 1 ORDER BY 1 LIMIT 1
"""
_PROMPTS = """
INSERT INTO main.public_prompts
    (pk, benchmark_pk, position, id, input, input_is_json, truth, digest)
SELECT m.pk, m.benchmark_pk, m.position, s.id, s.input, s.input_is_json, s.truth, s.digest
FROM staged.public_prompts s JOIN prompts m ON m.staged = s.pk
WHERE m.is_new AND s.pk > :after AND s.pk <= :to
"""
_ANSWERS = """
INSERT INTO main.{table} (evaluation_pk, prompt_pk, {columns})
SELECT e.pk, m.pk, {columns}
FROM staged.{table} r JOIN evaluations e ON e.staged = r.evaluation_pk
JOIN prompts m ON m.staged = r.prompt_pk
WHERE r.pk > :after AND r.pk <= :to ORDER BY e.pk, m.pk
"""
_COLUMNS = ", ".join(ANSWER_COLUMNS)
# What makes the rows visible; of the new rows every column but the keys is that of the staged row.
_VISIBLE = {
    "benchmarks": "JOIN temp.benchmarks m ON m.staged = s.pk AND m.is_new",
    "models": "JOIN temp.models m ON m.staged = s.pk AND m.is_new",
    "evaluations": (
        "JOIN temp.evaluations m ON m.staged = s.pk"
        " JOIN temp.models k ON k.staged = s.model_pk"
        " JOIN temp.benchmarks b ON b.staged = s.benchmark_pk"
    ),
}
_KEYS = {"pk": "m.pk", "model_pk": "k.pk", "benchmark_pk": "b.pk"}
_COUNT = """
UPDATE main.public_benchmarks AS b SET prompt_count = prompt_count + m.added
FROM (SELECT benchmark_pk, count(*) AS added FROM temp.prompts WHERE is_new GROUP BY benchmark_pk) m
JOIN temp.benchmarks k ON k.pk = m.benchmark_pk AND NOT k.is_new
WHERE b.pk = m.benchmark_pk
"""
# The keys of rows that have no evaluation, or that no benchmark counts, and their tables.
_ORPHANS = {
    **{
        f"SELECT r.pk FROM main.{table} r WHERE r.evaluation_pk"
        " > (SELECT coalesce(max(pk), 0) FROM main.public_evaluations)": table
        for table in ("public_results", "public_answers")
    },
    "SELECT p.pk FROM main.public_prompts p WHERE p.benchmark_pk"
    " > (SELECT coalesce(max(pk), 0) FROM main.public_benchmarks)": "public_prompts",
    "SELECT p.pk FROM main.public_benchmarks b CROSS JOIN main.public_prompts p"
    " ON p.benchmark_pk = b.pk AND p.position >= b.prompt_count": "public_prompts",
}


def merge(path: Path, staged: Path, summary: ImportSummary) -> ImportSummary:
    """Add the rows of a staged database to a file.

    Args:
        path: The file; after an error it has what it had.
        staged: The database that has the rows, and the places they were read from.
        summary: What the staged database has.

    Raises:
        DatabaseBusyError: Another import has not ended for a minute.
        DatabaseError: The file can't be opened or written to.
        ImportFailedError: A row contradicts one of the file, or another row.
    """
    lock = lock_imports(path)
    try:
        db = Database(path, SCHEMAS)
        try:
            return _Merge(db).run(staged, summary)
        finally:
            db.close()
    finally:
        lock.close()


class _Merge:
    def __init__(self, db: Database) -> None:
        self._db = db

    def run(self, staged: Path, summary: ImportSummary) -> ImportSummary:
        with self._db.read() as connection:
            connection.execute("ATTACH ? AS staged", (os.fsencode(staged),))
            # Rows come before what they refer to.
            connection.execute("PRAGMA foreign_keys = OFF")
        self._remove_orphans()
        with self._db.read() as connection:
            for statement in statements(_MAP):
                connection.execute(statement)
            _check(connection)
        try:
            self._add_in_batches("public_prompts", _PROMPTS)
            for table, columns in (
                ("public_results", f"{_COLUMNS}, answers"),
                ("public_answers", _COLUMNS),
            ):
                self._add_in_batches(table, _ANSWERS.format(table=table, columns=columns))
            with self._db.write() as connection:
                connection.execute(_COUNT)
                for table, joins in _VISIBLE.items():
                    _add_all(connection, f"public_{table}", joins)
                return _in_file(connection, summary)
        except BaseException:
            with suppress(DatabaseError):  # the next import removes them
                self._remove_orphans()
            raise

    def _add_in_batches(self, table: str, query: str) -> None:
        with self._db.read() as connection:
            (last,) = connection.execute(f"SELECT max(pk) FROM staged.{table}").fetchone()
        after, batch = 0, _BATCH // 8
        while after < (last or 0):
            with self._db.write() as connection:
                start = time.monotonic()
                connection.execute(query, {"after": after, "to": after + batch})
            after += batch
            speed = batch / max(time.monotonic() - start, 1e-3)
            batch = max(1, min(_BATCH, int(speed * _BATCH_SECONDS)))
            time.sleep(_PAUSE_SECONDS)

    def _remove_orphans(self) -> None:
        """Remove what an import that failed or was killed has added, and nobody sees."""
        for keys, table in _ORPHANS.items():
            removed = _BATCH
            while removed == _BATCH:
                with self._db.write() as connection:
                    removed = connection.execute(
                        f"DELETE FROM main.{table} WHERE pk IN ({keys} LIMIT {_BATCH})"
                    ).rowcount
                time.sleep(_PAUSE_SECONDS if removed else 0)


def _check(connection: sqlite3.Connection) -> None:
    """Refuse rows that contradict those of the file, or become answers to one prompt of it."""
    conflict = connection.execute(_CONFLICT).fetchone()
    if conflict is not None:
        field = "truth" if conflict["other_truth"] else "input"
        text = contradiction(field, conflict["id"], "in the database", conflict[field])
        place = place_of(connection, "prompt", conflict["pk"], "staged")
        raise ImportFailedError(*place, text)
    if twice := connection.execute(_TWICE).fetchone():
        places = (place_of(connection, "answer", twice[name], "staged") for name in ("pk", "first"))
        refuse_second_answer(twice["model"], *places)


def _add_all(connection: sqlite3.Connection, table: str, joins: str) -> None:
    rows = connection.execute(f"SELECT name FROM pragma_table_info('{table}')")
    columns = [name for (name,) in rows]
    values = (_KEYS.get(name, f"s.{name}") for name in columns)
    connection.execute(
        f"INSERT INTO main.{table} ({', '.join(columns)})"
        f" SELECT {', '.join(values)} FROM staged.{table} s {joins} ORDER BY s.pk"
    )


def _in_file(connection: sqlite3.Connection, summary: ImportSummary) -> ImportSummary:
    """Return what was imported, with the ids that the file has."""
    benchmarks, models = (
        connection.execute(f"SELECT * FROM temp.{table} ORDER BY staged").fetchall()
        for table in ("benchmarks", "models")
    )
    new = dict(
        connection.execute(
            "SELECT benchmark_pk, count(*) FROM temp.prompts WHERE is_new GROUP BY benchmark_pk"
        ).fetchall()
    )
    return ImportSummary(
        tuple(
            replace(one, id=row["id"], created=bool(row["is_new"]),
                    prompt_count=row["prompts"] + new.get(row["pk"], 0))
            for one, row in zip(summary.benchmarks, benchmarks, strict=True)
        ),
        tuple(
            replace(one, id=row["id"], created=bool(row["is_new"]))
            for one, row in zip(summary.models, models, strict=True)
        ),
        summary.evaluations,
    )  # fmt: skip
