"""Tables of the public API - models, benchmarks, prompts, evaluations, results - and their filling.

Rows refer to each other by narrow integer keys; the ids an API client sees are columns beside them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

# A result is right if its score is above one half. The rule stands here alone: everything that
# counts right answers reads the generated column.
SCHEMA = """
CREATE TABLE IF NOT EXISTS public_models (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    company TEXT,
    released_at INTEGER,
    created_at INTEGER,
    parameters REAL,
    modality TEXT,
    context_length INTEGER,
    architecture_type TEXT,
    license TEXT,
    open_weights INTEGER,
    region TEXT,
    size TEXT,
    key_takeaways TEXT,
    deprecated INTEGER NOT NULL DEFAULT 0,
    cost_per_input_token TEXT,
    cost_per_output_token TEXT
);
CREATE INDEX IF NOT EXISTS public_models_name ON public_models (name);
CREATE INDEX IF NOT EXISTS public_models_company ON public_models (company);
CREATE INDEX IF NOT EXISTS public_models_region ON public_models (region);
CREATE INDEX IF NOT EXISTS public_models_license ON public_models (license);
CREATE INDEX IF NOT EXISTS public_models_size ON public_models (size);

CREATE TABLE IF NOT EXISTS public_model_categories (
    category TEXT NOT NULL,
    model_pk INTEGER NOT NULL REFERENCES public_models,
    PRIMARY KEY (category, model_pk)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS public_benchmarks (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    language TEXT,
    categories TEXT NOT NULL,
    characteristics TEXT,
    created_at INTEGER,
    deprecated INTEGER NOT NULL DEFAULT 0,
    is_public INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS public_benchmarks_name ON public_benchmarks (name);
CREATE INDEX IF NOT EXISTS public_benchmarks_language ON public_benchmarks (language);

CREATE TABLE IF NOT EXISTS public_benchmark_categories (
    category TEXT NOT NULL,
    benchmark_pk INTEGER NOT NULL REFERENCES public_benchmarks,
    PRIMARY KEY (category, benchmark_pk)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS public_prompts (
    pk INTEGER PRIMARY KEY,
    benchmark_pk INTEGER NOT NULL REFERENCES public_benchmarks,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    input TEXT NOT NULL,
    input_is_json INTEGER NOT NULL,
    truth TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (benchmark_pk, position),
    UNIQUE (benchmark_pk, id)
);
CREATE INDEX IF NOT EXISTS public_prompts_digest ON public_prompts (benchmark_pk, digest, position);

CREATE TABLE IF NOT EXISTS public_evaluations (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    model_pk INTEGER NOT NULL REFERENCES public_models,
    benchmark_pk INTEGER NOT NULL REFERENCES public_benchmarks,
    status TEXT NOT NULL,
    status_description TEXT,
    submitted_at INTEGER NOT NULL,
    finished_at INTEGER,
    average_duration REAL,
    accuracy REAL,
    readability_score REAL,
    toxicity_score REAL,
    ethics_score REAL,
    failed_prompt_count INTEGER,
    queue_id INTEGER,
    summary TEXT
);
CREATE INDEX IF NOT EXISTS public_evaluations_pair
    ON public_evaluations (model_pk, benchmark_pk, submitted_at);
CREATE INDEX IF NOT EXISTS public_evaluations_benchmark ON public_evaluations (benchmark_pk);
CREATE INDEX IF NOT EXISTS public_evaluations_status ON public_evaluations (status);
CREATE INDEX IF NOT EXISTS public_evaluations_submitted ON public_evaluations (submitted_at);

CREATE TABLE IF NOT EXISTS public_results (
    pk INTEGER PRIMARY KEY,
    evaluation_pk INTEGER NOT NULL REFERENCES public_evaluations,
    prompt_pk INTEGER NOT NULL REFERENCES public_prompts,
    result TEXT,
    score REAL NOT NULL,
    duration_ms REAL,
    correct INTEGER NOT NULL GENERATED ALWAYS AS (score > 0.5) STORED,
    UNIQUE (evaluation_pk, prompt_pk)
);
CREATE INDEX IF NOT EXISTS public_results_correct ON public_results (evaluation_pk, correct);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model; ``released_at`` and ``created_at`` are epoch seconds."""

    id: str
    key: str
    name: str
    description: str | None = None
    company: str | None = None
    released_at: int | None = None
    created_at: int | None = None
    parameters: float | None = None
    modality: str | None = None
    context_length: int | None = None
    architecture_type: str | None = None
    license: str | None = None
    open_weights: bool | None = None
    region: str | None = None
    size: str | None = None
    categories: Sequence[str] = ()
    key_takeaways: Sequence[str] | None = None
    deprecated: bool = False
    cost_per_input_token: str | None = None
    cost_per_output_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRow:
    """A benchmark; its prompts are counted, not stated."""

    id: str
    key: str
    name: str
    description: str | None = None
    language: str | None = None
    categories: Sequence[str] = ()
    characteristics: Sequence[str] | None = None
    created_at: int | None = None
    deprecated: bool = False
    is_public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRow:
    """A prompt; ``id`` is unique within its benchmark."""

    id: str
    input: str | list[Any] | dict[str, Any]
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRow:
    """An evaluation as submitted; :func:`finish_evaluation` computes the rest from its results."""

    id: str
    model_id: str
    benchmark_id: str
    submitted_at: int
    status: str = "pending"
    status_description: str | None = None
    finished_at: int | None = None
    readability_score: float | None = None
    toxicity_score: float | None = None
    ethics_score: float | None = None
    queue_id: int | None = None
    summary: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One model's answer to one prompt; ``result`` is ``None`` if it gave none, score 0 to 1."""

    prompt_id: str
    result: str | None
    score: float
    duration_ms: float | None = None


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether there is neither a model nor a benchmark."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM public_models) OR EXISTS (SELECT 1 FROM public_benchmarks)"
    ).fetchone()
    return not found[0]


def encode_input(value: str | list[Any] | dict[str, Any]) -> tuple[str, bool]:
    """Return a prompt's input as the text to store and search, and whether that text is JSON."""
    if isinstance(value, str):
        return value, False
    return orjson.dumps(value).decode(), True


def decode_input(text: str, is_json: int) -> Any:
    """Return a prompt's input as it was before :func:`encode_input`."""
    return orjson.loads(text) if is_json else text


def prompt_digest(value: str | list[Any] | dict[str, Any], truth: str) -> str:
    """Identify a prompt by what it says: 24 hexadecimal digits of input and truth.

    The order of an object's keys makes no difference.
    """
    content = orjson.dumps([value, truth], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:24]


def add_models(connection: sqlite3.Connection, rows: Iterable[ModelRow]) -> None:
    """Insert models with their categories; an id or key that exists is an IntegrityError."""
    for row in rows:
        model_pk = connection.execute(
            "INSERT INTO public_models (id, key, name, description, company, released_at,"
            " created_at, parameters, modality, context_length, architecture_type, license,"
            " open_weights, region, size, key_takeaways, deprecated, cost_per_input_token,"
            " cost_per_output_token) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                *(row.id, row.key, row.name, row.description, row.company, row.released_at),
                *(row.created_at, row.parameters, row.modality, row.context_length),
                *(row.architecture_type, row.license, row.open_weights, row.region, row.size),
                _json(row.key_takeaways),
                *(row.deprecated, row.cost_per_input_token, row.cost_per_output_token),
            ),
        ).lastrowid
        connection.executemany(
            "INSERT OR IGNORE INTO public_model_categories (category, model_pk) VALUES (?, ?)",
            [(category, model_pk) for category in row.categories],
        )


def add_benchmarks(connection: sqlite3.Connection, rows: Iterable[BenchmarkRow]) -> None:
    """Insert benchmarks with their categories; an id or key that exists is an IntegrityError."""
    for row in rows:
        benchmark_pk = connection.execute(
            "INSERT INTO public_benchmarks (id, key, name, description, language, categories,"
            " characteristics, created_at, deprecated, is_public) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                *(row.id, row.key, row.name, row.description, row.language),
                *(_json(row.categories), _json(row.characteristics), row.created_at),
                *(row.deprecated, row.is_public),
            ),
        ).lastrowid
        connection.executemany(
            "INSERT OR IGNORE INTO public_benchmark_categories (category, benchmark_pk)"
            " VALUES (?, ?)",
            [(category, benchmark_pk) for category in row.categories],
        )


def add_prompts(
    connection: sqlite3.Connection, benchmark_id: str, rows: Iterable[PromptRow]
) -> None:
    """Append prompts to a benchmark, in order; an id it already has is an IntegrityError."""
    benchmark_pk = pk_of(connection, "public_benchmarks", benchmark_id)
    for position, row in enumerate(rows, count_prompts(connection, benchmark_pk)):
        append_prompt(connection, benchmark_pk, position, row)


def append_prompt(
    connection: sqlite3.Connection, benchmark_pk: int, position: int, row: PromptRow
) -> int:
    """Insert one prompt at the position after the last, and return its key."""
    text, is_json = encode_input(row.input)
    pk = connection.execute(
        "INSERT INTO public_prompts"
        " (benchmark_pk, position, id, input, input_is_json, truth, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(benchmark_pk, position, row.id, text, is_json, row.truth),
            prompt_digest(row.input, row.truth),
        ),
    ).lastrowid
    return pk or 0


def count_prompts(connection: sqlite3.Connection, benchmark_pk: int) -> int:
    """Return the number of a benchmark's prompts: positions are dense, prompts only appended."""
    count: int = connection.execute(
        "SELECT coalesce(max(position) + 1, 0) FROM public_prompts WHERE benchmark_pk = ?",
        (benchmark_pk,),
    ).fetchone()[0]
    return count


def add_evaluation(connection: sqlite3.Connection, row: EvaluationRow) -> None:
    """Insert an evaluation of a model and a benchmark that exist."""
    connection.execute(
        "INSERT INTO public_evaluations (id, model_pk, benchmark_pk, status, status_description,"
        " submitted_at, finished_at, readability_score, toxicity_score, ethics_score, queue_id,"
        " summary) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            row.id,
            pk_of(connection, "public_models", row.model_id),
            pk_of(connection, "public_benchmarks", row.benchmark_id),
            *(row.status, row.status_description, row.submitted_at, row.finished_at),
            *(row.readability_score, row.toxicity_score, row.ethics_score, row.queue_id),
            _json(row.summary),
        ),
    )


def add_results(
    connection: sqlite3.Connection, evaluation_id: str, rows: Iterable[ResultRow]
) -> None:
    """Insert an evaluation's answers; a prompt its benchmark lacks is an IntegrityError."""
    evaluation_pk = pk_of(connection, "public_evaluations", evaluation_id)
    (benchmark_pk,) = connection.execute(
        "SELECT benchmark_pk FROM public_evaluations WHERE pk = ?", (evaluation_pk,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO public_results (evaluation_pk, prompt_pk, result, score, duration_ms) VALUES"
        " (?, (SELECT pk FROM public_prompts WHERE benchmark_pk = ? AND id = ?), ?, ?, ?)",
        (
            (evaluation_pk, benchmark_pk, row.prompt_id, row.result, row.score, row.duration_ms)
            for row in rows
        ),
    )


def finish_evaluation(
    connection: sqlite3.Connection, evaluation_id: str, finished_at: int
) -> tuple[int, int]:
    """Mark an evaluation successful and compute its figures from its results.

    Accuracy is the percentage of results that are right, the average duration is over the results
    that have one, and a failed prompt is one without an answer.

    Returns:
        How many results are right, and how many there are.
    """
    evaluation_pk = pk_of(connection, "public_evaluations", evaluation_id)
    correct, total, duration, failed = connection.execute(
        "SELECT coalesce(sum(correct), 0), count(*), avg(duration_ms), count(*) - count(result)"
        " FROM public_results WHERE evaluation_pk = ?",
        (evaluation_pk,),
    ).fetchone()
    connection.execute(
        "UPDATE public_evaluations SET status = 'success', finished_at = ?, accuracy = ?,"
        " average_duration = ?, failed_prompt_count = ? WHERE pk = ?",
        (finished_at, 100 * correct / total if total else None, duration, failed, evaluation_pk),
    )
    return correct, total


def _json(value: Sequence[str] | dict[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def pk_of(connection: sqlite3.Connection, table: str, public_id: str) -> int:
    """Return the key of a row by its public id; raise LookupError if there is none."""
    row = connection.execute(
        f"SELECT pk FROM {table} WHERE id = ?",  # noqa: S608 - the table is one of ours
        (public_id,),
    ).fetchone()
    if row is None:
        raise LookupError(f"no row with id {public_id!r} in {table}")
    pk: int = row[0]
    return pk
