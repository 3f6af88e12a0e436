"""Import of evaluation results from a JSONL file with one answer per line; all or nothing.

A line is an object with ``benchmark``, ``model``, ``input``, ``truth``, ``result`` and ``score``,
and optionally ``id`` (the prompt's) and ``duration_ms``. Benchmarks and models are identified by
key and reused if the database has them; each pair of them in the file becomes one new evaluation.
A prompt is identified by its ``id``, or without one by its input and truth, and keeps the position
of its first occurrence. An answer is correct if its score is above 0.5. Blank lines are skipped.

Lines are read one at a time and line numbers are stored in SQLite, so a file may be larger than
memory.
"""

from __future__ import annotations

import codecs
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from benchwire_local.data import SCHEMAS, public_tables
from benchwire_local.data.database import Database
from benchwire_local.data.rows import insert
from benchwire_local.errors import ImportFailedError
from benchwire_local.http.parameters import shorten
from benchwire_local.results.line import LineError, ResultLine, parse_line

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

MAX_LINE_BYTES = 16 * 1024 * 1024

# The lines of prompts and answers, so that an error has both lines of a contradiction.
_LINE_TABLES = (
    "CREATE TEMP TABLE import_prompts (prompt_pk INTEGER PRIMARY KEY, line INTEGER NOT NULL)",
    (
        "CREATE TEMP TABLE import_results (evaluation_pk INTEGER NOT NULL, prompt_pk INTEGER NOT"
        " NULL, line INTEGER NOT NULL, PRIMARY KEY (evaluation_pk, prompt_pk)) WITHOUT ROWID"
    ),
)
_ORIGIN = "Imported from a file of results."


@dataclass(frozen=True, slots=True)
class ImportedBenchmark:
    """A benchmark in the file; ``created`` if it is new in the database."""

    id: str
    key: str
    created: bool
    prompt_count: int


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A model in the file; ``created`` if it is new in the database."""

    id: str
    key: str
    created: bool


@dataclass(frozen=True, slots=True)
class ImportedEvaluation:
    """The new evaluation of one model on one benchmark."""

    id: str
    benchmark_key: str
    model_key: str
    correct: int
    total: int


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The result of an import, in the order of first occurrence in the file."""

    benchmarks: tuple[ImportedBenchmark, ...]
    models: tuple[ImportedModel, ...]
    evaluations: tuple[ImportedEvaluation, ...]

    @property
    def answers(self) -> int:
        """The number of imported answers."""
        return sum(evaluation.total for evaluation in self.evaluations)


def import_results(db: Database, path: Path, now: int | None = None) -> ImportSummary:
    """Import a JSONL file of answers, in one transaction.

    Args:
        db: The database; unchanged after an error.
        path: The file: JSON lines in UTF-8.
        now: The evaluations' time of submission in epoch seconds; by default the current time. Of
            two imports in one second, the later one is the later evaluation.

    Raises:
        ImportFailedError: The file can't be read, has no answers, or has an invalid line.
    """
    moment = int(time.time()) if now is None else now
    try:
        with path.open("rb") as file, db.write() as connection:
            return _Import(connection, path.name, moment).run(file)
    except OSError as error:
        raise ImportFailedError(str(path), None, f"can't be read: {error.strerror}") from error


def import_into(db_path: Path, file: Path) -> ImportSummary:
    """Import a JSONL file of answers into a database file, created if it does not exist.

    Args:
        db_path: The database file; after an error it is unchanged, or not created.
        file: As for :func:`import_results`.

    Raises:
        DatabaseError: The database can't be opened or written to.
        ImportFailedError: As for :func:`import_results`.
    """
    db = Database(db_path, SCHEMAS)
    done = False
    try:
        summary = import_results(db, file)
        done = True
    finally:
        db.close()
        if db.created and not done:
            db_path.unlink(missing_ok=True)
    return summary


class _Import:
    def __init__(self, connection: sqlite3.Connection, source: str, now: int) -> None:
        self._connection = connection
        self._source = source
        self._now = now
        # One entry per benchmark, model and pair: few, even for a long file.
        self._benchmarks: dict[str, _Known] = {}
        self._models: dict[str, _Known] = {}
        self._evaluations: dict[tuple[str, str], tuple[int, str]] = {}

    def run(self, file: BinaryIO) -> ImportSummary:
        # One at a time: executescript() would commit the transaction.
        for statement in _LINE_TABLES:
            self._connection.execute(statement)
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            try:
                if len(line) > MAX_LINE_BYTES:
                    raise LineError(f"longer than the limit of {MAX_LINE_BYTES} bytes")
                answer = parse_line(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)
                if answer is not None:
                    self._add(answer, number)
            except LineError as error:
                raise ImportFailedError(self._source, number, str(error)) from None
        if not self._evaluations:
            raise ImportFailedError(self._source, None, "there are no answers in it")
        self._connection.execute("DROP TABLE import_results")
        self._connection.execute("DROP TABLE import_prompts")
        return self._finish()

    def _add(self, answer: ResultLine, line: int) -> None:
        benchmark = self._benchmark(answer.benchmark)
        model = self._model(answer.model)
        evaluation_pk = self._evaluation(benchmark, model)
        prompt_pk = self._prompt(benchmark, answer, line)
        added = self._connection.execute(
            "INSERT OR IGNORE INTO import_results VALUES (?, ?, ?)",
            (evaluation_pk, prompt_pk, line),
        )
        if not added.rowcount:
            (first,) = self._connection.execute(
                "SELECT line FROM import_results WHERE evaluation_pk = ? AND prompt_pk = ?",
                (evaluation_pk, prompt_pk),
            ).fetchone()
            raise LineError(
                f"the model {answer.model!r} has an answer to this prompt on line {first} already"
            )
        self._connection.execute(
            "INSERT INTO public_results (evaluation_pk, prompt_pk, result, score, duration_ms)"
            " VALUES (?, ?, ?, ?, ?)",
            (evaluation_pk, prompt_pk, answer.result, answer.score, answer.duration_ms),
        )

    def _benchmark(self, key: str) -> _Known:
        if key not in self._benchmarks:
            known = self._find_or_create("public_benchmarks", key, categories=[])
            known.pk = public_tables.pk_of(self._connection, "public_benchmarks", known.id)
            known.prompt_count = public_tables.count_prompts(self._connection, known.pk)
            self._benchmarks[key] = known
        return self._benchmarks[key]

    def _model(self, key: str) -> _Known:
        if key not in self._models:
            self._models[key] = self._find_or_create("public_models", key)
        return self._models[key]

    def _find_or_create(self, table: str, key: str, **columns: Any) -> _Known:
        row = self._connection.execute(
            f"SELECT id FROM {table} WHERE key = ?",  # noqa: S608 - the table is one of ours
            (key,),
        ).fetchone()
        if row is not None:
            return _Known(id=row["id"], key=key, created=False)
        # The same key has the same id in every database.
        public_id = hashlib.sha256(f"{table}:{key}".encode()).hexdigest()[:24]
        columns |= {"id": public_id, "key": key, "name": key, "description": _ORIGIN}
        insert(self._connection, table, columns | {"created_at": self._now})
        return _Known(id=public_id, key=key, created=True)

    def _evaluation(self, benchmark: _Known, model: _Known) -> int:
        pair = (benchmark.key, model.key)
        if pair not in self._evaluations:
            evaluation_id = secrets.token_hex(12)
            pk = public_tables.add_evaluation(
                self._connection,
                model.id,
                benchmark.id,
                id=evaluation_id,
                submitted_at=self._now,
                status_description=_ORIGIN,
            )
            self._evaluations[pair] = (pk, evaluation_id)
        return self._evaluations[pair][0]

    def _prompt(self, benchmark: _Known, answer: ResultLine, line: int) -> int:
        # The id of a prompt without one is its digest.
        prompt_id = answer.prompt_id or answer.digest
        found = self._connection.execute(
            "SELECT pk, input, truth, digest FROM public_prompts WHERE benchmark_pk = ? AND id = ?",
            (benchmark.pk, prompt_id),
        ).fetchone()
        if found is None and answer.prompt_id is None:
            found = self._connection.execute(
                "SELECT pk, input, truth, digest FROM public_prompts"
                " WHERE benchmark_pk = ? AND digest = ? ORDER BY position",
                (benchmark.pk, answer.digest),
            ).fetchone()
        if found is not None:
            if found["digest"] != answer.digest:
                self._refuse_conflict(found, prompt_id, answer)
            pk: int = found["pk"]
            return pk
        pk = public_tables.append_prompt(
            self._connection,
            benchmark.pk,
            benchmark.prompt_count,
            public_tables.PromptRow(id=prompt_id, input=answer.input, truth=answer.truth),
        )
        benchmark.prompt_count += 1
        self._connection.execute("INSERT INTO import_prompts VALUES (?, ?)", (pk, line))
        return pk

    def _refuse_conflict(self, found: sqlite3.Row, prompt_id: str, answer: ResultLine) -> NoReturn:
        first = self._connection.execute(
            "SELECT line FROM import_prompts WHERE prompt_pk = ?", (found["pk"],)
        ).fetchone()
        location = "in the database" if first is None else f"on line {first['line']}"
        field = "truth" if found["truth"] != answer.truth else "input"
        raise LineError(
            f"{field}: the prompt with the id {prompt_id!r} has another {field} {location}:"
            f" {shorten(found[field])}"
        )

    def _finish(self) -> ImportSummary:
        evaluations = []
        for (benchmark_key, model_key), (_, evaluation_id) in self._evaluations.items():
            correct, total = public_tables.finish_evaluation(
                self._connection, evaluation_id, self._now
            )
            evaluations.append(
                ImportedEvaluation(evaluation_id, benchmark_key, model_key, correct, total)
            )
        return ImportSummary(
            benchmarks=tuple(
                ImportedBenchmark(known.id, known.key, known.created, known.prompt_count)
                for known in self._benchmarks.values()
            ),
            models=tuple(
                ImportedModel(known.id, known.key, known.created) for known in self._models.values()
            ),
            evaluations=tuple(evaluations),
        )


@dataclass(slots=True)
class _Known:
    """A benchmark or model in the file; prompts are counted during the import."""

    id: str
    key: str
    created: bool
    pk: int = 0
    prompt_count: int = 0
