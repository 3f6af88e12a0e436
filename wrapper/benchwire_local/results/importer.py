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
import time
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from benchwire_local.data import public_tables
from benchwire_local.errors import ImportFailedError
from benchwire_local.http.parameters import shorten
from benchwire_local.results.catalogue import Catalogue, ImportSummary, Known
from benchwire_local.results.line import LineError, ResultLine, parse_line

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from benchwire_local.data.database import Database

MAX_LINE_BYTES = 16 * 1024 * 1024
# Answers that are inserted together, and prompts whose keys are remembered: both bound the memory.
_MOST_ANSWERS = 500
_MOST_PROMPTS = 50_000

# The lines of prompts and answers, so that an error has both lines of a contradiction.
_LINE_TABLES = (
    "CREATE TABLE import_prompts (prompt_pk INTEGER PRIMARY KEY, line INTEGER NOT NULL)",
    (
        "CREATE TABLE import_results (evaluation_pk INTEGER NOT NULL, prompt_pk INTEGER NOT"
        " NULL, line INTEGER NOT NULL, PRIMARY KEY (evaluation_pk, prompt_pk)) WITHOUT ROWID"
    ),
)


def import_results(db: Database, path: Path, now: int | None = None) -> ImportSummary:
    """Import a JSONL file of answers, in one transaction.

    Args:
        db: The database; unchanged after an error.
        path: The file: JSON lines in UTF-8.
        now: The evaluations' time of submission in epoch seconds; by default the current time. Of
            two imports in one second, the later one is the later evaluation.

    Raises:
        DatabaseError: The database can't be written to.
        ImportFailedError: The file can't be read, has no answers, or has an invalid line.
    """
    moment = int(time.time()) if now is None else now
    return read_into(db, path, moment, keeps_lines=False)


def read_into(db: Database, path: Path, now: int, *, keeps_lines: bool) -> ImportSummary:
    """Import a file as `import_results`; keep the line of each prompt and answer, or not."""
    try:
        with path.open("rb") as file, db.write() as connection:
            summary = _Import(connection, path.name, now).run(file)
            if not keeps_lines:
                forget_lines(connection)
            return summary
    except OSError as error:
        raise ImportFailedError(str(path), None, f"can't be read: {error.strerror}") from error


def forget_lines(connection: sqlite3.Connection) -> None:
    """Remove the lines that `read_into` kept."""
    for table in ("import_results", "import_prompts"):
        connection.execute(f"DROP TABLE {table}")


class _Import:
    def __init__(self, connection: sqlite3.Connection, source: str, now: int) -> None:
        self._connection = connection
        self._source = source
        self._catalogue = Catalogue(connection, now)
        self._answers: list[tuple[int, int, str | None, float, float | None, str, int]] = []
        self._prompts: dict[tuple[int, str], tuple[int, str]] = {}  # keys and digests

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
                self._insert()  # an earlier line may be wrong, too
                raise ImportFailedError(self._source, number, str(error)) from None
        self._insert()
        if not self._catalogue:
            raise ImportFailedError(self._source, None, "there are no answers in it")
        return self._catalogue.finish()

    def _add(self, answer: ResultLine, line: int) -> None:
        benchmark = self._catalogue.benchmark(answer.benchmark)
        model = self._catalogue.model(answer.model)
        evaluation_pk = self._catalogue.evaluation(benchmark, model)
        prompt_pk = self._prompt(benchmark, answer, line)
        self._answers.append(
            (evaluation_pk, prompt_pk, answer.result, answer.score, answer.duration_ms,
             answer.model, line)
        )  # fmt: skip
        if len(self._answers) == _MOST_ANSWERS:
            self._insert()

    def _insert(self) -> None:
        """Insert the answers read so far.

        Raises:
            ImportFailedError: If a model has two answers to a prompt.
        """
        answers, self._answers = self._answers, []
        added = self._connection.executemany(
            "INSERT OR IGNORE INTO import_results VALUES (?, ?, ?)",
            [(evaluation, prompt, line) for evaluation, prompt, *_, line in answers],
        )
        if added.rowcount < len(answers):
            self._refuse_second_answer(answers)
        self._connection.executemany(
            "INSERT INTO public_results (evaluation_pk, prompt_pk, result, score, duration_ms)"
            " VALUES (?, ?, ?, ?, ?)",
            [answer[:5] for answer in answers],
        )

    def _refuse_second_answer(self, answers: Iterable[tuple[Any, ...]]) -> NoReturn:
        for evaluation_pk, prompt_pk, *_, model, line in answers:
            (first,) = self._connection.execute(
                "SELECT line FROM import_results WHERE evaluation_pk = ? AND prompt_pk = ?",
                (evaluation_pk, prompt_pk),
            ).fetchone()
            if first != line:
                raise ImportFailedError(self._source, line, second_answer(model, first))
        raise AssertionError

    def _prompt(self, benchmark: Known, answer: ResultLine, line: int) -> int:
        # The id of a prompt without one is its digest.
        prompt_id = answer.prompt_id or answer.digest
        known = self._prompts.get((benchmark.pk, prompt_id))
        if known is None or known[1] != answer.digest:
            known = self._look_up(benchmark, prompt_id, answer, line), answer.digest
            if len(self._prompts) == _MOST_PROMPTS:
                self._prompts.clear()
            self._prompts[benchmark.pk, prompt_id] = known
        return known[0]

    def _look_up(self, benchmark: Known, prompt_id: str, answer: ResultLine, line: int) -> int:
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
        raise LineError(contradiction(field, prompt_id, location, found[field]))


def second_answer(model: str, first: int) -> str:
    """Return the message for a second answer of a model to a prompt."""
    return f"the model {model!r} has an answer to this prompt on line {first} already"


def contradiction(field: str, prompt_id: str, location: str, known: str) -> str:
    """Return the message for a prompt that has another input or truth elsewhere."""
    return (
        f"{field}: the prompt with the id {prompt_id!r} has another {field} {location}:"
        f" {shorten(known)}"
    )
