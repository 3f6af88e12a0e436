"""Staging of rows of results: in an empty database, where they are checked against each other.

Benchmarks and models are identified by key; each pair of them becomes one new evaluation. A prompt is
identified by its id, or without one by its input and truth, and keeps the position of its first
occurrence. Further answers of a model to a prompt (epochs) are kept as answers; the one that the public
API shows has the mean of their scores, and says so. Rows are read one at a time, so there may be more
than fit in memory.
"""

# ruff: noqa: S608 - SQL text contains names of our own only

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import orjson

from benchwire_local.data import public_tables
from benchwire_local.errors import ImportFailedError
from benchwire_local.http.parameters import shorten
from benchwire_local.results.catalogue import Catalogue, ImportSummary, StagedBenchmark
from benchwire_local.results.places import Place, PlaceWriter, place_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from benchwire_local.data.database import Database
    from benchwire_local.results.row import Row

# Answers that are inserted together, and prompts whose keys are remembered: both bound the memory.
_MOST_ANSWERS = 500
_MOST_PROMPTS = 50_000
_ANSWER = ("pk", "evaluation_pk", "prompt_pk", *public_tables.ANSWER_COLUMNS)
_PROMPT = ("pk", "benchmark_pk", "position", "id", "input", "input_is_json", "truth", "digest")
# Of a prompt with several answers the first one was taken for the only one.
_ADD_FIRST_ANSWERS = f"""
INSERT INTO public_answers ({", ".join(_ANSWER)}) SELECT {", ".join(_ANSWER)} FROM public_results r
WHERE EXISTS (SELECT 1 FROM public_answers a
    WHERE a.evaluation_pk = r.evaluation_pk AND a.prompt_pk = r.prompt_pk)
"""
_SHOW = """
UPDATE public_results SET result = ?, score = ?, duration_ms = ?, status = ?, answers = ?, epoch = 1,
    metadata = NULL
WHERE evaluation_pk = ? AND prompt_pk = ?
"""


class _Prompt(NamedTuple):
    pk: int
    digest: str


def stage(db: Database, rows: Iterable[Row], now: int) -> ImportSummary:
    """Add rows to an empty database, with the places they were read from.

    Args:
        db: The database.
        rows: The rows.
        now: The evaluations' time of submission in epoch seconds. Of two imports in one second, the
            later one is the later evaluation.

    Raises:
        DatabaseError: The database can't be written to.
        ImportFailedError: A row is invalid, or contradicts another.
    """
    with db.write() as connection:
        return _Staging(connection, now).run(rows)


class _Staging:
    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self._places = PlaceWriter(connection)
        self._catalogue = Catalogue(connection, now)
        self._answers: list[tuple[Any, ...]] = []
        self._prompts: list[tuple[Any, ...]] = []
        self._answer_pk = self._prompt_pk = 0
        # By benchmark and id or digest; what is not here is new unless some were removed.
        self._by_id: dict[tuple[int, str], _Prompt] = {}
        self._by_digest: dict[tuple[int, str], _Prompt] = {}
        self._has_all = True

    def run(self, rows: Iterable[Row]) -> ImportSummary:
        try:
            self._add_all(rows)
        except ImportFailedError:
            self._insert()  # an earlier row may be wrong, too
            raise
        self._insert()
        self._connection.execute(_ADD_FIRST_ANSWERS)
        self._connection.executemany(_SHOW, self._means())
        return self._catalogue.finish()

    def _add_all(self, rows: Iterable[Row]) -> None:
        for row in rows:
            evaluation = self._catalogue.evaluation(row.benchmark, row.model)
            if row.status != "scored":
                evaluation.count(row)
            if row.input is None:
                continue
            prompt_pk = self._prompt(evaluation.benchmark, row)
            self._answer_pk += 1
            self._places.add("answer", self._answer_pk, row)
            metadata = None if row.metadata is None else _json(row.metadata)
            self._answers.append(
                (self._answer_pk, evaluation.pk, prompt_pk, row.result, row.score, row.duration_ms,
                 row.status, row.scorer, row.epoch, row.cluster, metadata)
            )  # fmt: skip
            if len(self._answers) == _MOST_ANSWERS:
                self._insert()

    def _insert(self) -> None:
        """Insert the prompts and answers read so far.

        Raises:
            ImportFailedError: If a model has two answers to a prompt with one epoch.
        """
        prompts, self._prompts = self._prompts, []
        answers, self._answers = self._answers, []
        self._insert_all("prompt", "INSERT", "public_prompts", _PROMPT, prompts)
        added = self._insert_all("answer", "INSERT OR IGNORE", "public_results", _ANSWER, answers)
        if added == len(answers):
            return
        for answer in answers:
            pk, evaluation_pk, prompt_pk = answer[:3]
            query = "SELECT pk FROM public_results WHERE evaluation_pk = ? AND prompt_pk = ?"
            (first,) = self._connection.execute(query, (evaluation_pk, prompt_pk)).fetchone()
            if first != pk:
                self._check_epoch(answer)
                self._insert_all("answer", "INSERT", "public_answers", _ANSWER, [answer])

    def _insert_all(
        self,
        kind: Any,
        verb: str,
        table: str,
        columns: tuple[str, ...],
        rows: list[tuple[Any, ...]],
    ) -> int:
        marks = ", ".join("?" * len(columns))
        statement = f"{verb} INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        try:
            return self._connection.executemany(statement, rows).rowcount if rows else 0
        except UnicodeEncodeError:
            for pk, *values in rows:
                for name, value in zip(columns[1:], values, strict=True):
                    if isinstance(value, str) and not _is_unicode(value):
                        place = place_of(self._connection, kind, pk)
                        reason = f"{name}: has half of a surrogate pair, which is no character"
                        raise ImportFailedError(*place, reason) from None
            raise

    def _check_epoch(self, answer: tuple[Any, ...]) -> None:
        pk, evaluation_pk, prompt_pk = answer[:3]
        epoch = answer[_ANSWER.index("epoch")]
        for table in ("public_results", "public_answers"):
            found = self._connection.execute(
                f"SELECT pk FROM {table} WHERE evaluation_pk = ? AND prompt_pk = ? AND epoch = ?",
                (evaluation_pk, prompt_pk, epoch),
            ).fetchone()
            if found is not None:
                model = self._catalogue.model_of(evaluation_pk)
                places = (place_of(self._connection, "answer", one) for one in (pk, found["pk"]))
                refuse_second_answer(model, *places)

    def _prompt(self, benchmark: StagedBenchmark, row: Row) -> int:
        try:
            digest = row.digest
        except TypeError as problem:
            reason = f"input: {str(problem).lower()}"
            raise ImportFailedError(row.source, row.line, reason) from None
        identifier = row.prompt_id or digest  # the id of a prompt without one is its digest
        known = self._by_id.get((benchmark.pk, identifier))
        if known is None and row.prompt_id is None:
            known = self._by_digest.get((benchmark.pk, digest))
        if known is None and not self._has_all:
            known = self._look_up(benchmark, identifier, row)
        if known is None:
            known = self._add_prompt(benchmark, identifier, digest, row)
        elif known.digest != digest:
            self._refuse_conflict(known, identifier, row)
        return known.pk

    def _add_prompt(
        self, benchmark: StagedBenchmark, identifier: str, digest: str, row: Row
    ) -> _Prompt:
        self._prompt_pk += 1
        self._places.add("prompt", self._prompt_pk, row)
        text, is_json = public_tables.encode_input(row.input or "")
        self._prompts.append(
            (self._prompt_pk, benchmark.pk, benchmark.prompt_count, identifier, text, is_json,
             row.truth, digest)
        )  # fmt: skip
        benchmark.prompt_count += 1
        prompt = _Prompt(self._prompt_pk, digest)
        self._remember(benchmark.pk, identifier, prompt)
        return prompt

    def _remember(self, benchmark_pk: int, identifier: str, prompt: _Prompt) -> None:
        if len(self._by_id) == _MOST_PROMPTS:
            self._insert()  # what is not remembered has to be found in the database
            self._by_id.clear()
            self._by_digest.clear()
            self._has_all = False
        self._by_id[benchmark_pk, identifier] = prompt
        self._by_digest.setdefault((benchmark_pk, prompt.digest), prompt)

    def _look_up(self, benchmark: StagedBenchmark, identifier: str, row: Row) -> _Prompt | None:
        query = "SELECT pk, digest FROM public_prompts WHERE benchmark_pk = ? AND"
        values = (benchmark.pk, identifier)
        found = self._connection.execute(f"{query} id = ?", values).fetchone()
        if found is None and row.prompt_id is None:
            by_digest = f"{query} digest = ? ORDER BY position"
            found = self._connection.execute(by_digest, values).fetchone()
        if found is None:
            return None
        prompt = _Prompt(*found)
        self._remember(benchmark.pk, identifier, prompt)
        return prompt

    def _refuse_conflict(self, known: _Prompt, identifier: str, row: Row) -> NoReturn:
        self._insert()
        found = self._connection.execute(
            "SELECT input, truth FROM public_prompts WHERE pk = ?", (known.pk,)
        ).fetchone()
        place = Place(row.source, row.line)
        before = place_of(self._connection, "prompt", known.pk).seen_from(place)
        field = "truth" if found["truth"] != row.truth else "input"
        raise ImportFailedError(*place, contradiction(field, identifier, before, found[field]))

    def _means(self) -> Iterator[tuple[Any, ...]]:
        """Yield what is shown of each prompt with several answers."""
        answers = self._connection.execute(
            "SELECT * FROM public_answers ORDER BY evaluation_pk, prompt_pk, epoch"
        )
        for keys, group in groupby(answers, lambda one: (one["evaluation_pk"], one["prompt_pk"])):
            several = list(group)
            scores = [one["score"] for one in several if one["score"] is not None]
            times = [one["duration_ms"] for one in several if one["duration_ms"] is not None]
            statuses = {one["status"] for one in several}
            status = min(statuses, key=("scored", "unscored", "error").index)
            of_all = "" if len(scores) == len(several) else f" of {len(several)}"
            text = f"mean score of {len(scores)}{of_all} answers" if scores else "no score"
            texts = [f"{one['epoch']}. {one['result'] or ''}" for one in several]
            yield (
                "\n".join([f"[{text}]", *texts]),
                min(1.0, sum(scores) / len(scores)) if scores else None,
                sum(times) / len(times) if times else None,
                status,
                len(several),
                *keys,
            )


def _json(value: dict[str, Any]) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # an integer of more than 64 bits, or half of a surrogate pair
        return json.dumps(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def refuse_second_answer(model: str, place: Place, first: Place) -> NoReturn:
    """Raise the error for a second answer of a model to a prompt."""
    reason = f"the model {model!r} has an answer to this prompt {first.seen_from(place)} already"
    raise ImportFailedError(*place, reason)


def contradiction(field: str, prompt_id: str, before: str, known: str) -> str:
    """Return the message for a prompt that has another input or truth elsewhere."""
    return (
        f"{field}: the prompt with the id {prompt_id!r} has another {field} {before}:"
        f" {shorten(known)}"
    )
