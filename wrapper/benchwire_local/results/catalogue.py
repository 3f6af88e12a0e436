"""The benchmarks, models and evaluations of an import."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from benchwire_local.data import public_tables
from benchwire_local.data.rows import insert

if TYPE_CHECKING:
    import sqlite3

    from benchwire_local.results.row import Row

_ORIGIN = "Imported from a file of results."


@dataclass(frozen=True, slots=True)
class ImportedBenchmark:
    """A benchmark in the files; ``created`` if it is new in the database."""

    id: str
    key: str
    created: bool
    prompt_count: int


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A model in the files; ``created`` if it is new in the database."""

    id: str
    key: str
    created: bool


@dataclass(frozen=True, slots=True)
class ImportedEvaluation:
    """The new evaluation of one model on one benchmark.

    Args:
        id: The evaluation's id.
        benchmark_key: The benchmark's key.
        model_key: The model's key.
        correct: The number of prompts with a score above 0.5.
        total: The number of prompts with a score.
        unscored: The number of answers without a score, which enter no accuracy.
        errors: The number of samples that failed or never ran, which enter no accuracy.
        averaged: The number of prompts with several answers, of which the mean score is shown.
    """

    id: str
    benchmark_key: str
    model_key: str
    correct: int
    total: int
    unscored: int
    errors: int
    averaged: int


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The result of an import, in the order of first occurrence in the files."""

    benchmarks: tuple[ImportedBenchmark, ...]
    models: tuple[ImportedModel, ...]
    evaluations: tuple[ImportedEvaluation, ...]

    @property
    def answers(self) -> int:
        """The number of prompts with a score, over all evaluations."""
        return sum(evaluation.total for evaluation in self.evaluations)

    @property
    def unscored(self) -> int:
        """The number of answers without a score, over all evaluations."""
        return sum(evaluation.unscored for evaluation in self.evaluations)

    @property
    def errors(self) -> int:
        """The number of samples that failed or never ran, over all evaluations."""
        return sum(evaluation.errors for evaluation in self.evaluations)

    @property
    def averaged(self) -> int:
        """The number of prompts with several answers, over all evaluations."""
        return sum(evaluation.averaged for evaluation in self.evaluations)


class StagedPrompt(NamedTuple):
    """A prompt that is in the database, or will be once the rows of its batch are."""

    pk: int
    digest: str


@dataclass(slots=True)
class StagedBenchmark:
    """A benchmark in the files, with the prompts that are remembered, by id and by digest."""

    id: str
    pk: int
    prompt_count: int = 0
    by_id: dict[str, StagedPrompt] = field(default_factory=dict)
    by_digest: dict[str, StagedPrompt] = field(default_factory=dict)


@dataclass(slots=True)
class StagedEvaluation:
    """A new evaluation; what has no score is counted during the import."""

    id: str
    pk: int
    benchmark: StagedBenchmark
    unscored: int = 0
    errors: int = 0
    never_ran: int = 0

    def count(self, row: Row) -> None:
        """Count a row that has no score."""
        if row.status == "unscored":
            self.unscored += 1
        else:
            self.errors += 1
        self.never_ran += row.input is None


class Catalogue:
    """What an import has named so far, in the order of first occurrence in the files.

    Args:
        connection: A connection to an empty database, in a transaction.
        now: The evaluations' time of submission in epoch seconds.
    """

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self._now = now
        # One entry per benchmark, model and pair: few, even for long files.
        self._benchmarks: dict[str, StagedBenchmark] = {}
        self._models: dict[str, str] = {}
        self._evaluations: dict[tuple[str, str], StagedEvaluation] = {}

    def evaluation(self, benchmark: str, model: str) -> StagedEvaluation:
        """Return the new evaluation of a model on a benchmark, by their keys."""
        found = self._evaluations.get((benchmark, model))
        return found or self._add_evaluation(benchmark, model)

    def _add_evaluation(self, benchmark: str, model: str) -> StagedEvaluation:
        if benchmark not in self._benchmarks:
            added = self._add("public_benchmarks", benchmark, categories=[])
            pk = public_tables.pk_of(self._connection, "public_benchmarks", added)
            self._benchmarks[benchmark] = StagedBenchmark(added, pk)
        if model not in self._models:
            self._models[model] = self._add("public_models", model)
        found = self._benchmarks[benchmark]
        evaluation_id = secrets.token_hex(12)
        pk = public_tables.add_evaluation(
            self._connection,
            self._models[model],
            found.id,
            id=evaluation_id,
            submitted_at=self._now,
        )
        self._evaluations[benchmark, model] = new = StagedEvaluation(evaluation_id, pk, found)
        return new

    def _add(self, table: str, key: str, **columns: Any) -> str:
        # The same key has the same id in every database.
        public_id = hashlib.sha256(f"{table}:{key}".encode()).hexdigest()[:24]
        columns |= {"id": public_id, "key": key, "name": key, "description": _ORIGIN}
        insert(self._connection, table, columns | {"created_at": self._now})
        return public_id

    def forget_prompts(self) -> None:
        """Remember no prompt of any benchmark."""
        for known in self._benchmarks.values():
            known.by_id.clear()
            known.by_digest.clear()

    def model_of(self, evaluation_pk: int) -> str:
        """Return the key of an evaluation's model."""
        return next(
            model for (_, model), one in self._evaluations.items() if one.pk == evaluation_pk
        )

    def finish(self) -> ImportSummary:
        """Compute the figures of the new evaluations, and return what was imported."""
        for known in self._benchmarks.values():
            public_tables.set_prompt_count(self._connection, known.pk, known.prompt_count)
        return ImportSummary(
            benchmarks=tuple(
                ImportedBenchmark(known.id, key, created=True, prompt_count=known.prompt_count)
                for key, known in self._benchmarks.items()
            ),
            models=tuple(
                ImportedModel(public_id, key, created=True)
                for key, public_id in self._models.items()
            ),
            evaluations=tuple(
                self._finished(*keys, one) for keys, one in self._evaluations.items()
            ),
        )

    def _finished(self, benchmark: str, model: str, one: StagedEvaluation) -> ImportedEvaluation:
        correct, total = public_tables.finish_evaluation(self._connection, one.id, self._now)
        (averaged,) = self._connection.execute(
            "SELECT count(*) FROM public_results WHERE evaluation_pk = ? AND answers > 1", (one.pk,)
        ).fetchone()
        counts = {
            "answers without a score": one.unscored,
            "samples that failed or never ran": one.errors,
            "prompts with the mean score of several answers": averaged,
        }
        texts = [_ORIGIN, *(f"{number} {what}." for what, number in counts.items() if number)]
        # Where nothing has a score there is no accuracy, and that of a success would be 0.
        self._connection.execute(
            "UPDATE public_evaluations SET status = ?1, status_description = ?2,"
            " failed_prompt_count = failed_prompt_count + ?3,"
            " prompt_count = max(prompt_count, failed_prompt_count + ?3) WHERE pk = ?4",
            ("success" if total else "failure", " ".join(texts), one.never_ran, one.pk),
        )
        return ImportedEvaluation(
            one.id, benchmark, model, correct, total, one.unscored, one.errors, averaged
        )
