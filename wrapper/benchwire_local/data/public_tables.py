"""Tables of the public API: models, benchmarks, prompts, evaluations, results; and their insertion.

Rows reference each other by integer keys (``pk``); the ids of the API are further columns.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from benchwire_local.data.rows import insert, to_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

# The longest duration that the API, which has 64 bits for nanoseconds, can state. Longer ones count as
# this one, so that no sum of them is infinite.
_MOST_MS = (2**63 - 1) / 1e6
# What an answer has beside its keys, in public_results and public_answers.
ANSWER_COLUMNS = (
    "result", "score", "duration_ms", "status", "scorer", "epoch", "cluster", "metadata",
)  # fmt: skip
# An evaluation has one result for a prompt. Of several answers (epochs) to it, which are in public_answers,
# that has the mean score. A result is correct if its score is above one half. This rule is defined only
# here: all other code reads the generated column, which is null where there is no score.
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
    is_public INTEGER NOT NULL DEFAULT 1,
    prompt_count INTEGER NOT NULL DEFAULT 0
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
    summary TEXT,
    prompt_count INTEGER
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
    score REAL,
    duration_ms REAL,
    status TEXT NOT NULL DEFAULT 'scored' CHECK (status IN ('scored', 'unscored', 'error')),
    scorer TEXT,
    epoch INTEGER NOT NULL DEFAULT 1,
    cluster TEXT,
    metadata TEXT,
    answers INTEGER NOT NULL DEFAULT 1,
    correct INTEGER GENERATED ALWAYS AS (score > 0.5) STORED,
    CHECK ((status = 'scored') = (score IS NOT NULL)),
    UNIQUE (evaluation_pk, prompt_pk)
);
CREATE INDEX IF NOT EXISTS public_results_correct ON public_results (evaluation_pk, correct);

CREATE TABLE IF NOT EXISTS public_answers (
    pk INTEGER PRIMARY KEY,
    evaluation_pk INTEGER NOT NULL REFERENCES public_evaluations,
    prompt_pk INTEGER NOT NULL REFERENCES public_prompts,
    result TEXT,
    score REAL,
    duration_ms REAL,
    status TEXT NOT NULL CHECK (status IN ('scored', 'unscored', 'error')),
    scorer TEXT,
    epoch INTEGER NOT NULL,
    cluster TEXT,
    metadata TEXT,
    CHECK ((status = 'scored') = (score IS NOT NULL)),
    UNIQUE (evaluation_pk, prompt_pk, epoch)
);
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
    """A benchmark; `add_prompts` counts its prompts."""

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


class ResultRow(NamedTuple):
    """A model's answer to a prompt; ``result`` is ``None`` if there is none, ``score`` 0 to 1."""

    prompt_id: str
    result: str | None
    score: float
    duration_ms: float | None = None


def encode_input(value: str | list[Any] | dict[str, Any]) -> tuple[str, bool]:
    """Return a prompt's input as the text to store and search, and whether that text is JSON."""
    return (value, False) if isinstance(value, str) else (to_json(value), True)


def decode_input(text: str, is_json: int) -> Any:
    """Return a prompt's input as it was before :func:`encode_input`."""
    return orjson.loads(text) if is_json else text


def prompt_digest(value: str | list[Any] | dict[str, Any], truth: str) -> str:
    """Return 24 hexadecimal digits that identify a prompt by its input and truth.

    The order of an object's keys is ignored.
    """
    content = orjson.dumps([value, truth], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:24]


def add_models(connection: sqlite3.Connection, rows: Iterable[ModelRow]) -> None:
    """Insert models with their categories; an id or key that exists is an IntegrityError."""
    for row in rows:
        columns = asdict(row)
        categories = columns.pop("categories")
        pk = insert(connection, "public_models", columns)
        _add_categories(connection, "model", pk, categories)


def add_benchmarks(connection: sqlite3.Connection, rows: Iterable[BenchmarkRow]) -> None:
    """Insert benchmarks with their categories; an id or key that exists is an IntegrityError."""
    for row in rows:
        pk = insert(connection, "public_benchmarks", asdict(row))
        _add_categories(connection, "benchmark", pk, row.categories)


def _add_categories(
    connection: sqlite3.Connection, kind: str, pk: int, categories: Sequence[str]
) -> None:
    for category in dict.fromkeys(categories):
        columns = {"category": category, f"{kind}_pk": pk}
        insert(connection, f"public_{kind}_categories", columns)


def add_prompts(
    connection: sqlite3.Connection, benchmark_id: str, rows: Iterable[PromptRow]
) -> None:
    """Append prompts to a benchmark, in order; an id it already has is an IntegrityError."""
    benchmark_pk = pk_of(connection, "public_benchmarks", benchmark_id)
    count = count_prompts(connection, benchmark_pk)
    for count, row in enumerate(rows, count + 1):  # noqa: B020  the last one is the count
        append_prompt(connection, benchmark_pk, count - 1, row)
    set_prompt_count(connection, benchmark_pk, count)


def append_prompt(
    connection: sqlite3.Connection, benchmark_pk: int, position: int, row: PromptRow
) -> int:
    """Insert one prompt after the last, and return its key; `set_prompt_count` counts it."""
    text, is_json = encode_input(row.input)
    columns = {
        "benchmark_pk": benchmark_pk,
        "position": position,
        "id": row.id,
        "input": text,
        "input_is_json": is_json,
        "truth": row.truth,
        "digest": prompt_digest(row.input, row.truth),
    }
    return insert(connection, "public_prompts", columns)


def count_prompts(connection: sqlite3.Connection, benchmark_pk: int) -> int:
    """Return the number of a benchmark's prompts."""
    (count,) = connection.execute(
        "SELECT prompt_count FROM public_benchmarks WHERE pk = ?", (benchmark_pk,)
    ).fetchone()
    return int(count)


def set_prompt_count(connection: sqlite3.Connection, benchmark_pk: int, count: int) -> None:
    """Set the number of a benchmark's prompts: it has those at the positions below."""
    connection.execute(
        "UPDATE public_benchmarks SET prompt_count = ? WHERE pk = ?", (count, benchmark_pk)
    )


def add_evaluation(
    connection: sqlite3.Connection, model_id: str, benchmark_id: str, **columns: Any
) -> int:
    """Insert an evaluation of an existing model and benchmark, and return its key.

    Args:
        connection: A connection in a transaction.
        model_id: The model's id.
        benchmark_id: The benchmark's id.
        columns: Columns of ``public_evaluations``, at least ``id`` and ``submitted_at``; the
            status is ``pending`` by default. :func:`finish_evaluation` computes the figures.
    """
    keys = {
        "model_pk": pk_of(connection, "public_models", model_id),
        "benchmark_pk": pk_of(connection, "public_benchmarks", benchmark_id),
    }
    return insert(connection, "public_evaluations", keys | {"status": "pending"} | columns)


def add_results(
    connection: sqlite3.Connection, evaluation_id: str, rows: Iterable[ResultRow]
) -> None:
    """Insert an evaluation's results; an unknown prompt id is an IntegrityError."""
    evaluation_pk = pk_of(connection, "public_evaluations", evaluation_id)
    (benchmark_pk,) = connection.execute(
        "SELECT benchmark_pk FROM public_evaluations WHERE pk = ?", (evaluation_pk,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO public_results (evaluation_pk, prompt_pk, result, score, duration_ms) VALUES"
        " (?, (SELECT pk FROM public_prompts WHERE benchmark_pk = ? AND id = ?), ?, ?, ?)",
        ((evaluation_pk, benchmark_pk, *row) for row in rows),
    )


def finish_evaluation(
    connection: sqlite3.Connection, evaluation_id: str, finished_at: int
) -> tuple[int, int]:
    """Mark an evaluation successful and compute its figures from its results.

    Accuracy is the percentage of correct ones among the results with a score, the average duration is
    over the results that have one, and a failed prompt is an error or has no answer. The count of its
    prompts is that of its results: it may have answers to some of the benchmark's alone.

    Returns:
        The number of correct results, and of those with a score.
    """
    evaluation_pk = pk_of(connection, "public_evaluations", evaluation_id)
    correct, total, duration, failed, prompts = connection.execute(
        "SELECT coalesce(sum(correct), 0), count(score), avg(min(duration_ms, ?)),"
        " coalesce(sum(result IS NULL OR status = 'error'), 0), count(*) FROM public_results"
        " WHERE evaluation_pk = ?",
        (_MOST_MS, evaluation_pk),
    ).fetchone()
    accuracy = 100 * correct / total if total else None
    connection.execute(
        "UPDATE public_evaluations SET status = 'success', finished_at = ?, accuracy = ?,"
        " average_duration = ?, failed_prompt_count = ?, prompt_count = ? WHERE pk = ?",
        (finished_at, accuracy, duration, failed, prompts, evaluation_pk),
    )
    return correct, total


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
