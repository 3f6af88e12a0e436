"""The benchmarks, models and evaluations of an import, found in the database or added to it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchwire_local.data import public_tables
from benchwire_local.data.rows import insert

if TYPE_CHECKING:
    import sqlite3

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


@dataclass(slots=True)
class Known:
    """A benchmark or model in the file; prompts are counted during the import."""

    id: str
    key: str
    created: bool
    pk: int = 0
    prompt_count: int = 0


class Catalogue:
    """What an import has named so far, in the order of first occurrence in the file.

    Args:
        connection: A connection in a transaction.
        now: The evaluations' time of submission in epoch seconds.
    """

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self._now = now
        # One entry per benchmark, model and pair: few, even for a long file.
        self._benchmarks: dict[str, Known] = {}
        self._models: dict[str, Known] = {}
        self._evaluations: dict[tuple[str, str], tuple[int, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._evaluations)

    def benchmark(self, key: str) -> Known:
        """Return a benchmark by its key."""
        if key not in self._benchmarks:
            known = self._find_or_create("public_benchmarks", key, categories=[])
            known.pk = public_tables.pk_of(self._connection, "public_benchmarks", known.id)
            known.prompt_count = public_tables.count_prompts(self._connection, known.pk)
            self._benchmarks[key] = known
        return self._benchmarks[key]

    def model(self, key: str) -> Known:
        """Return a model by its key."""
        if key not in self._models:
            self._models[key] = self._find_or_create("public_models", key)
        return self._models[key]

    def _find_or_create(self, table: str, key: str, **columns: Any) -> Known:
        row = self._connection.execute(
            f"SELECT id FROM {table} WHERE key = ?",  # noqa: S608 - the table is one of ours
            (key,),
        ).fetchone()
        if row is not None:
            return Known(id=row["id"], key=key, created=False)
        # The same key has the same id in every database.
        public_id = hashlib.sha256(f"{table}:{key}".encode()).hexdigest()[:24]
        columns |= {"id": public_id, "key": key, "name": key, "description": _ORIGIN}
        insert(self._connection, table, columns | {"created_at": self._now})
        return Known(id=public_id, key=key, created=True)

    def evaluation(self, benchmark: Known, model: Known) -> int:
        """Return the key of the new evaluation of a model on a benchmark."""
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

    def finish(self) -> ImportSummary:
        """Compute the figures of the new evaluations, and return what was imported."""
        for known in self._benchmarks.values():
            public_tables.set_prompt_count(self._connection, known.pk, known.prompt_count)
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
