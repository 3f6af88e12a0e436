"""Tables of the v2 API - benchmark types, models, probes, runs, test cases - and their filling.

Counts, scores and ranks are never stored: they are computed from the test cases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

SCHEMA = """
CREATE TABLE IF NOT EXISTS v2_types (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT
);
CREATE TABLE IF NOT EXISTS v2_categories (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS v2_probes (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    category_id INTEGER NOT NULL REFERENCES v2_categories
);
CREATE TABLE IF NOT EXISTS v2_models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    provider TEXT,
    benchmark_date TEXT,
    url TEXT,
    description TEXT,
    config TEXT,
    metadata TEXT
);
CREATE TABLE IF NOT EXISTS v2_runs (
    id INTEGER PRIMARY KEY,
    model_id INTEGER NOT NULL REFERENCES v2_models,
    type_id INTEGER NOT NULL REFERENCES v2_types,
    probe_id INTEGER NOT NULL REFERENCES v2_probes,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS v2_runs_model ON v2_runs (model_id, type_id);
CREATE INDEX IF NOT EXISTS v2_runs_type ON v2_runs (type_id);
CREATE TABLE IF NOT EXISTS v2_test_cases (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES v2_runs,
    passed INTEGER NOT NULL,
    explanation TEXT,
    conversation TEXT NOT NULL,
    metadata TEXT
);
CREATE INDEX IF NOT EXISTS v2_test_cases_run ON v2_test_cases (run_id, passed);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRow:
    """A benchmark type, such as security or safety."""

    id: int
    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """A category of probes; scores and ranks go by its name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRow:
    """A probe: one kind of attack or check."""

    id: int
    name: str
    category_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredModelRow:
    """A model that was benchmarked."""

    id: int
    name: str
    provider: str | None = None
    benchmark_date: datetime | None = None
    url: str | None = None
    description: str | None = None
    config: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run of one probe against one model, for one benchmark type."""

    id: int
    model_id: int
    type_id: int
    probe_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One test case of a run: the conversation, and whether the model passed."""

    id: int
    run_id: int
    passed: bool
    conversation: Sequence[dict[str, Any]] = field(default_factory=list)
    explanation: str | None = None
    metadata: dict[str, Any] | None = None


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether there is neither a model nor a benchmark type."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM v2_models) OR EXISTS (SELECT 1 FROM v2_types)"
    ).fetchone()
    return not found[0]


def dotnet_date(moment: datetime) -> str:
    """Write an aware moment as .NET services do: UTC, seven fractional digits, ``Z``."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}0Z"


def add_types(connection: sqlite3.Connection, rows: Iterable[TypeRow]) -> None:
    """Insert benchmark types."""
    connection.executemany(
        "INSERT INTO v2_types (id, name, description) VALUES (?, ?, ?)",
        ((row.id, row.name, row.description) for row in rows),
    )


def add_categories(connection: sqlite3.Connection, rows: Iterable[CategoryRow]) -> None:
    """Insert probe categories."""
    connection.executemany(
        "INSERT INTO v2_categories (id, name) VALUES (?, ?)", ((row.id, row.name) for row in rows)
    )


def add_probes(connection: sqlite3.Connection, rows: Iterable[ProbeRow]) -> None:
    """Insert probes of categories that exist."""
    connection.executemany(
        "INSERT INTO v2_probes (id, name, category_id) VALUES (?, ?, ?)",
        ((row.id, row.name, row.category_id) for row in rows),
    )


def add_models(connection: sqlite3.Connection, rows: Iterable[ScoredModelRow]) -> None:
    """Insert models."""
    connection.executemany(
        "INSERT INTO v2_models"
        " (id, name, provider, benchmark_date, url, description, config, metadata)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                *(row.id, row.name, row.provider),
                None if row.benchmark_date is None else dotnet_date(row.benchmark_date),
                *(row.url, row.description, _json(row.config), _json(row.metadata)),
            )
            for row in rows
        ),
    )


def add_runs(connection: sqlite3.Connection, rows: Iterable[RunRow]) -> None:
    """Insert runs of models, types and probes that exist."""
    connection.executemany(
        "INSERT INTO v2_runs (id, model_id, type_id, probe_id, created_at) VALUES (?, ?, ?, ?, ?)",
        (
            (row.id, row.model_id, row.type_id, row.probe_id, dotnet_date(row.created_at))
            for row in rows
        ),
    )


def add_test_cases(connection: sqlite3.Connection, rows: Iterable[CaseRow]) -> None:
    """Insert test cases of runs that exist."""
    connection.executemany(
        "INSERT INTO v2_test_cases (id, run_id, passed, explanation, conversation, metadata)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                *(row.id, row.run_id, row.passed, row.explanation),
                orjson.dumps(list(row.conversation)).decode(),
                _json(row.metadata),
            )
            for row in rows
        ),
    )


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
