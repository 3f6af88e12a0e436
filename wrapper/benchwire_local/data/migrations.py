"""Migrations of database files that an earlier version of the server wrote.

A change of a table has three parts: the new table in its ``SCHEMA``, a script here that makes it of
the old one, and the new schema as SQL text in ``tests/local/core/versions``. The version of a file is
one more than the number of migrations it has had. Scripts are never edited after a release.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A test case had passed or not; it may also have ended in an error.
_RESULT_OF_A_TEST_CASE = """
ALTER TABLE v2_test_cases RENAME TO v2_test_cases_before;
DROP INDEX v2_test_cases_run;
CREATE TABLE v2_test_cases (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES v2_runs,
    result TEXT NOT NULL CHECK (result IN ('passed', 'failed', 'error')),
    explanation TEXT,
    conversation TEXT NOT NULL,
    metadata TEXT
);
INSERT INTO v2_test_cases
    SELECT id, run_id, CASE passed WHEN 0 THEN 'failed' ELSE 'passed' END,
        explanation, conversation, metadata
    FROM v2_test_cases_before;
DROP TABLE v2_test_cases_before;
CREATE INDEX v2_test_cases_run ON v2_test_cases (run_id, result);
"""

# A benchmark has a count of its prompts: an import adds more before they count.
_COUNT_OF_PROMPTS = """
CREATE TABLE public_benchmarks_after (
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
INSERT INTO public_benchmarks_after
    SELECT b.*, (SELECT coalesce(max(position) + 1, 0) FROM public_prompts WHERE benchmark_pk = b.pk)
    FROM public_benchmarks b;
DROP TABLE public_benchmarks;
ALTER TABLE public_benchmarks_after RENAME TO public_benchmarks;
CREATE INDEX public_benchmarks_name ON public_benchmarks (name);
CREATE INDEX public_benchmarks_language ON public_benchmarks (language);
"""

# A result may have no score, and a prompt several answers.
_ANSWERS_WITHOUT_SCORE = """
CREATE TABLE public_results_after (
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
INSERT INTO public_results_after (pk, evaluation_pk, prompt_pk, result, score, duration_ms)
    SELECT pk, evaluation_pk, prompt_pk, result, score, duration_ms FROM public_results;
DROP TABLE public_results;
ALTER TABLE public_results_after RENAME TO public_results;
CREATE INDEX public_results_correct ON public_results (evaluation_pk, correct);
"""

# An evaluation has a count of its own prompts.
_PROMPTS_OF_AN_EVALUATION = """
CREATE TABLE public_evaluations_after (
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
INSERT INTO public_evaluations_after
    SELECT e.*, max(coalesce(e.failed_prompt_count, 0),
        (SELECT count(*) FROM public_results r WHERE r.evaluation_pk = e.pk))
    FROM public_evaluations e;
DROP TABLE public_evaluations;
ALTER TABLE public_evaluations_after RENAME TO public_evaluations;
CREATE INDEX public_evaluations_pair ON public_evaluations (model_pk, benchmark_pk, submitted_at);
CREATE INDEX public_evaluations_benchmark ON public_evaluations (benchmark_pk);
CREATE INDEX public_evaluations_status ON public_evaluations (status);
CREATE INDEX public_evaluations_submitted ON public_evaluations (submitted_at);
"""

MIGRATIONS: tuple[str, ...] = (
    _RESULT_OF_A_TEST_CASE,
    _COUNT_OF_PROMPTS,
    _ANSWERS_WITHOUT_SCORE,
    _PROMPTS_OF_AN_EVALUATION,
)


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script.

    ``executescript`` would commit a transaction before it starts.
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement  # the last one needs no semicolon
