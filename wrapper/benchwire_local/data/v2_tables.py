"""Tables of the v2 API: benchmark types, models, probes, runs, test cases.

Counts, scores and ranks are not stored; queries compute them from the test cases.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

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
    result TEXT NOT NULL CHECK (result IN ('passed', 'failed', 'error')),
    explanation TEXT,
    conversation TEXT NOT NULL,
    metadata TEXT
);
CREATE INDEX IF NOT EXISTS v2_test_cases_run ON v2_test_cases (run_id, result);
"""


def dotnet_date(moment: datetime) -> str:
    """Format an aware datetime as .NET services do: UTC, seven fractional digits, ``Z``."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}0Z"
