"""Import of answers in any format: checked against each other in a database of their own first.

Evaluations have one answer with a score for each prompt. So several answers of a model to a prompt
(epochs) become one with the mean of their scores, which its text says, and answers without a score are
counted and left out.
"""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.errors import ImportFailedError
from benchwire_local.results.catalogue import ImportSummary
from benchwire_local.results.into_file import import_into

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchwire_local.results.formats import Results, Row

_TABLES = """
CREATE TABLE prompts (
    pk INTEGER PRIMARY KEY, benchmark TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL,
    input BLOB NOT NULL, truth TEXT NOT NULL, place TEXT NOT NULL, UNIQUE (benchmark, id)
);
CREATE TABLE answers (
    prompt_pk INTEGER NOT NULL, model TEXT NOT NULL, epoch INTEGER NOT NULL, result TEXT,
    score REAL NOT NULL, duration_ms REAL, place TEXT NOT NULL,
    PRIMARY KEY (prompt_pk, model, epoch)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class LogsImport:
    """The result of an import of logs.

    Args:
        summary: The benchmarks, models and new evaluations.
        unscored: The number of answers without a score, which are in no evaluation.
        errors: The number of samples that failed or never ran, which are in no evaluation.
        averaged: The number of answers that are the mean of several.
    """

    summary: ImportSummary
    unscored: int
    errors: int
    averaged: int


def import_logs(db_path: Path, results: Results) -> LogsImport:
    """Import answers into a database file, created if it does not exist; all or nothing.

    Raises:
        DatabaseError: The database can't be opened or written to.
        ImportFailedError: A file can't be read, two answers or prompts contradict each other, or no
            answer has a score.
    """
    with tempfile.TemporaryDirectory(prefix="benchwire-import-") as folder:
        connection = sqlite3.connect(Path(folder, "staging.db"), isolation_level=None)
        try:
            staging = _Staging(connection)
            staging.fill(results)
            lines = Path(folder, "answers.jsonl")
            with lines.open("wb") as file:
                for line in staging.lines():
                    file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            try:
                summary = import_into(db_path, lines)
            except ImportFailedError as problem:
                place = staging.place(problem.line)
                raise ImportFailedError(place, None, problem.reason) from None
            return LogsImport(summary, staging.unscored, staging.errors, staging.averaged)
        finally:
            connection.close()


class _Staging:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.unscored = self.errors = self.averaged = 0
        connection.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_TABLES}")

    def fill(self, results: Results) -> None:
        self._connection.execute("BEGIN")
        count = 0
        for row in results:
            if row.input is not None:
                pk = self._prompt(row)
            if row.status == "error":
                self.errors += 1
            elif row.score is None or row.input is None:
                self.unscored += 1
            else:
                count += 1
                self._answer(row, pk)
        self._connection.execute("COMMIT")
        if not count:
            without = f"{self.unscored} have no score, {self.errors} failed or never ran"
            places = ", ".join(report.source for report in results.reports) or "the files"
            raise ImportFailedError(places, None, f"no answer has a score: {without}")

    def _prompt(self, row: Row) -> int:
        digest = row.digest
        identifier = row.prompt_id or digest
        found = self._connection.execute(
            "SELECT pk, digest, truth, place FROM prompts WHERE benchmark = ? AND id = ?",
            (row.benchmark, identifier),
        ).fetchone()
        if found is None:
            cursor = self._connection.execute(
                "INSERT INTO prompts VALUES (NULL, ?, ?, ?, ?, ?, ?)",
                (
                    row.benchmark, identifier, digest, orjson.dumps(row.input), row.truth, _place(row),
                ),
            )  # fmt: skip
            return cursor.lastrowid or 0
        pk, known, truth, place = found
        if known != digest:
            field = "truth" if truth != row.truth else "input"
            raise ImportFailedError(
                _place(row),
                None,
                f"{field}: the prompt with the id {identifier!r} of {row.benchmark!r} has another"
                f" {field} in {place}",
            )
        return int(pk)

    def _answer(self, row: Row, pk: int) -> None:
        try:
            self._connection.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
                (pk, row.model, row.epoch, row.result, row.score, row.duration_ms, _place(row)),
            )
        except sqlite3.IntegrityError:
            (place,) = self._connection.execute(
                "SELECT place FROM answers WHERE prompt_pk = ? AND model = ? AND epoch = ?",
                (pk, row.model, row.epoch),
            ).fetchone()
            raise ImportFailedError(
                _place(row),
                None,
                f"the model {row.model!r} has an answer to the prompt {row.prompt_id!r} of"
                f" {row.benchmark!r} in {place} already",
            ) from None

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield a line of benchwire's format for each prompt and model."""
        for (
            benchmark,
            identifier,
            text,
            truth,
            model,
            count,
            score,
            duration,
            results,
        ) in self._connection.execute(
            "SELECT benchmark, nullif(id, digest), input, truth, model, count(*), avg(score),"
            " avg(duration_ms), json_group_array(result)"
            " FROM answers JOIN prompts ON pk = prompt_pk"
            " GROUP BY prompt_pk, model ORDER BY prompt_pk, model"
        ):
            answers = orjson.loads(results)
            if count > 1:
                self.averaged += 1
                shown = "\n".join(f"{n}. {answer or ''}" for n, answer in enumerate(answers, 1))
                answers = [f"[mean score of {count} answers]\n{shown}"]
            yield {
                "benchmark": benchmark,
                "model": model,
                "id": identifier,
                "input": orjson.loads(text),
                "truth": truth,
                "result": answers[0],
                "score": min(1.0, score),
            } | ({} if duration is None else {"duration_ms": duration})

    def place(self, line: int | None) -> str:
        """Return where the answer on a line was read."""
        found = self._connection.execute(
            "SELECT min(place) FROM answers GROUP BY prompt_pk, model ORDER BY prompt_pk, model"
            " LIMIT 1 OFFSET ?",
            (-1 if line is None else line - 1,),
        ).fetchone()
        return "the files" if found is None or line is None else str(found[0])


def _place(row: Row) -> str:
    return row.source if row.line is None else f"{row.source}:{row.line}"
