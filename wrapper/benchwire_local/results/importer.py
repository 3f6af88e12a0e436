"""Staging of rows of results: in an empty database, where they are checked against each other.

Benchmarks and models are identified by key; each pair of them becomes one new evaluation. A prompt is
identified by its id, or where a row has none by its input and truth, and keeps the position of its first
occurrence. Further answers of a model to a prompt (epochs) are kept as answers; the one that the public
API shows has the mean of their scores, and says so. Rows are read one at a time, so there may be more
than fit in memory.
"""

# ruff: noqa: S608 - SQL text contains names of our own only

from __future__ import annotations

import json
import math
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from benchwire_local.data import public_tables
from benchwire_local.errors import ImportFailedError
from benchwire_local.http.parameters import shorten
from benchwire_local.results.batches import batches
from benchwire_local.results.catalogue import (
    Catalogue,
    ImportSummary,
    StagedBenchmark,
    StagedPrompt,
)
from benchwire_local.results.places import Place, PlaceWriter, place_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from benchwire_local.data.database import Database
    from benchwire_local.results.row import Row

# Rows that are checked and inserted together, of which so many by one statement; and prompts that are
# remembered. All of them bound the memory.
_BATCH = 500
_TOGETHER = 50
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
        self._named: list[tuple[str, int]] = []
        self._answer_pk = self._prompt_pk = 0
        self._remembered = 0
        self._has_all = True  # a prompt that is not remembered is new

    def run(self, rows: Iterable[Row]) -> ImportSummary:
        for batch in batches(rows, _BATCH):
            try:
                self._add(batch)
            except ImportFailedError:
                self._insert()  # an earlier row may be wrong, too
                raise
            self._insert()
        self._connection.execute(_ADD_FIRST_ANSWERS)
        self._connection.executemany(_SHOW, self._means())
        return self._catalogue.finish()

    def _add(self, batch: list[Row]) -> None:
        digests: list[str] = []
        try:
            digests.extend(row.digest for row in batch)
        except TypeError as problem:
            self._add(batch[: len(digests)])
            row = batch[len(digests)]
            reason = f"input: {str(problem).lower()}"
            raise ImportFailedError(row.source, row.line, reason) from None
        if self._remembered > _MOST_PROMPTS:
            self._catalogue.forget_prompts()
            self._remembered, self._has_all = 0, False
        if not self._has_all:
            self._recall(batch, digests)
        evaluation_of, add_place = self._catalogue.evaluation, self._places.add
        for row, digest in zip(batch, digests, strict=True):
            evaluation = evaluation_of(row.benchmark, row.model)
            if row.status != "scored":
                evaluation.count(row)
            if row.input is None:
                continue
            benchmark = evaluation.benchmark
            identifier = row.prompt_id or digest  # the id of a prompt without one is its digest
            known = benchmark.by_id.get(identifier) or self._by_content(benchmark, row, digest)
            if known is None:
                known = self._add_prompt(benchmark, identifier, digest, row)
            elif known.digest != digest:
                self._refuse_conflict(known, identifier, row)
            pk = self._answer_pk = self._answer_pk + 1
            add_place("answer", pk, row)
            metadata = None if row.metadata is None else _json(row.metadata)
            self._answers.append(
                (pk, evaluation.pk, known.pk, row.result, row.score, row.duration_ms,
                 row.status, row.scorer, row.epoch, row.cluster, metadata)
            )  # fmt: skip

    def _by_content(self, benchmark: StagedBenchmark, row: Row, digest: str) -> StagedPrompt | None:
        """Return a prompt by its content, where the row or all rows before have no id of it."""
        if row.prompt_id is None:
            return benchmark.by_digest.get(digest)
        known = benchmark.by_id.pop(digest, None)
        if known is not None:
            benchmark.by_id[row.prompt_id] = known
            self._named.append((row.prompt_id, known.pk))
        return known

    def _insert(self) -> None:
        """Insert the prompts and answers of a batch.

        Raises:
            ImportFailedError: If a model has two answers to a prompt with one epoch.
        """
        prompts, self._prompts = self._prompts, []
        answers, self._answers = self._answers, []
        self._insert_all("prompt", "INSERT", "public_prompts", _PROMPT, prompts)
        self._connection.executemany("UPDATE public_prompts SET id = ? WHERE pk = ?", self._named)
        self._named = []
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
        into, marks = f"{verb} INTO {table} ({', '.join(columns)}) VALUES ", _marks(columns)
        several = len(rows) - len(rows) % _TOGETHER
        groups = (chain(*rows[at : at + _TOGETHER]) for at in range(0, several, _TOGETHER))
        added = 0
        try:
            if several:
                statement = into + ", ".join([marks] * _TOGETHER)
                added += self._connection.executemany(statement, map(tuple, groups)).rowcount
            if several < len(rows):
                added += self._connection.executemany(into + marks, rows[several:]).rowcount
        except UnicodeEncodeError:
            for pk, *values in rows:
                for name, value in zip(columns[1:], values, strict=True):
                    if isinstance(value, str) and not _is_unicode(value):
                        place = place_of(self._connection, kind, pk)
                        reason = f"{name}: has half of a surrogate pair, which is no character"
                        raise ImportFailedError(*place, reason) from None
            raise
        return added

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

    def _add_prompt(
        self, benchmark: StagedBenchmark, identifier: str, digest: str, row: Row
    ) -> StagedPrompt:
        self._prompt_pk += 1
        self._places.add("prompt", self._prompt_pk, row)
        text, is_json = public_tables.encode_input(row.input or "")
        self._prompts.append(
            (self._prompt_pk, benchmark.pk, benchmark.prompt_count, identifier, text, is_json,
             row.truth, digest)
        )  # fmt: skip
        benchmark.prompt_count += 1
        prompt = StagedPrompt(self._prompt_pk, digest)
        self._remember(benchmark, identifier, prompt)
        return prompt

    def _remember(self, benchmark: StagedBenchmark, identifier: str, prompt: StagedPrompt) -> None:
        benchmark.by_id[identifier] = prompt
        benchmark.by_digest.setdefault(prompt.digest, prompt)
        self._remembered += 1

    def _recall(self, batch: list[Row], digests: list[str]) -> None:
        """Remember the prompts of a batch that are in the database."""
        wanted: dict[int, tuple[StagedBenchmark, list[str], list[str]]] = {}
        for row, digest in zip(batch, digests, strict=True):
            benchmark = self._catalogue.evaluation(row.benchmark, row.model).benchmark
            _, ids, contents = wanted.setdefault(benchmark.pk, (benchmark, [], []))
            if (row.prompt_id or digest) not in benchmark.by_id:
                ids += {row.prompt_id or digest, digest}
                if row.prompt_id is None:
                    contents.append(digest)
        for benchmark, ids, contents in wanted.values():
            for column, values in (("digest", contents), ("id", ids)):
                # Of several with a digest, the first one is remembered.
                found = self._connection.execute(
                    "SELECT p.id, p.pk, p.digest FROM json_each(?) v CROSS JOIN public_prompts p"
                    f" ON p.benchmark_pk = ? AND p.{column} = v.value ORDER BY p.position",
                    (json.dumps(values), benchmark.pk),
                )
                for identifier, *prompt in found if values else ():
                    self._remember(benchmark, identifier, StagedPrompt(*prompt))

    def _refuse_conflict(self, known: StagedPrompt, identifier: str, row: Row) -> NoReturn:
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
                min(1.0, math.fsum(scores) / len(scores)) if scores else None,
                sum(times) / len(times) if times else None,
                status,
                len(several),
                *keys,
            )


def _marks(columns: tuple[str, ...]) -> str:
    return f"({', '.join('?' * len(columns))})"


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
