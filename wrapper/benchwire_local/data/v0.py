"""Tables and queries of the v0 API: account, labelled benchmarks, jobs and their prompts.

Each prompt of a job is a row, so that progress and results are as durable as the job. The key and
header values of the caller's endpoint have no column: secrets are never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.data.rows import as_dict, insert, to_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

SCHEMA = """
CREATE TABLE IF NOT EXISTS v0_accounts (
    account_id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    available_credits INTEGER NOT NULL CHECK (available_credits >= 0)
);
CREATE TABLE IF NOT EXISTS v0_benchmarks (
    id TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    version TEXT NOT NULL,
    benchmark_property_id TEXT,
    price_per_benchmark_unit INTEGER NOT NULL,
    currency TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    question TEXT NOT NULL,
    labels TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS v0_conversations (
    id INTEGER PRIMARY KEY,
    benchmark_id TEXT NOT NULL REFERENCES v0_benchmarks (id),
    messages TEXT NOT NULL,
    label TEXT
);
CREATE INDEX IF NOT EXISTS v0_conversations_of ON v0_conversations (benchmark_id, label);
CREATE TABLE IF NOT EXISTS v0_jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    batch_id TEXT,
    account_id TEXT NOT NULL REFERENCES v0_accounts (account_id),
    status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed')),
    module TEXT NOT NULL,
    benchmark_id TEXT NOT NULL REFERENCES v0_benchmarks (id),
    benchmark_name TEXT NOT NULL,
    endpoint_url TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT,
    seed INTEGER NOT NULL,
    needle_count INTEGER NOT NULL,
    hay_count INTEGER NOT NULL,
    credits_used INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    completed_at TEXT,
    passed_count INTEGER,
    error_message TEXT
);
CREATE INDEX IF NOT EXISTS v0_jobs_by_status ON v0_jobs (status, number);
CREATE TABLE IF NOT EXISTS v0_job_prompts (
    job_id TEXT NOT NULL REFERENCES v0_jobs (id),
    position INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES v0_conversations (id),
    processed INTEGER NOT NULL DEFAULT 0,
    answer TEXT,
    PRIMARY KEY (job_id, position)
) WITHOUT ROWID;
"""

MODULE = "needle_in_haystack"


@dataclass(frozen=True, slots=True)
class LabelledBenchmark:
    """A benchmark as jobs use it."""

    id: str
    display_name: str
    price_per_unit: int
    question: str
    labels: tuple[str, ...]
    needle_ids: tuple[int, ...]
    hay_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to store, with its conversations in the order of sending."""

    id: str
    batch_id: str | None
    benchmark: LabelledBenchmark
    endpoint_url: str
    provider: str
    model: str | None
    seed: int
    credits: int
    needle_count: int
    conversation_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JobPrompt:
    """One prompt of a job: its position and the conversation to judge."""

    position: int
    messages: list[dict[str, str]]


class NotEnoughCreditsError(Exception):
    """The account has too few credits; nothing was created or deducted."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed = needed
        self.available = available


# ---- account and benchmarks -----------------------------------------------------------------


def ensure_account(
    connection: sqlite3.Connection, organization_id: str, account_id: str, available_credits: int
) -> None:
    """Create the account if the database has none; an existing one keeps its credits."""
    connection.execute(
        "INSERT INTO v0_accounts (account_id, organization_id, available_credits) "
        "SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM v0_accounts)",
        (account_id, organization_id, available_credits),
    )


def get_account(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the server's one account; raise LookupError if :func:`ensure_account` never ran."""
    row = connection.execute(
        "SELECT organization_id, account_id, available_credits FROM v0_accounts"
    ).fetchone()
    if row is None:
        raise LookupError("the database has no account: the job runner was never started")
    return as_dict(row)


def insert_benchmark(
    connection: sqlite3.Connection,
    benchmark: dict[str, Any],
    conversations: Iterable[tuple[list[dict[str, str]], str | None]],
) -> None:
    """Insert a benchmark with its conversations.

    Args:
        connection: A connection in a transaction.
        benchmark: The columns of ``v0_benchmarks``.
        conversations: Messages and the annotators' consensus label; a conversation with the label
            ``None`` is hay: it is sent but not scored.
    """
    insert(connection, "v0_benchmarks", benchmark)
    connection.executemany(
        "INSERT INTO v0_conversations (benchmark_id, messages, label) VALUES (?, ?, ?)",
        ((benchmark["id"], to_json(messages), label) for messages, label in conversations),
    )


def list_benchmarks(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return all benchmarks by name, as the API has them."""
    rows = connection.execute(
        "SELECT id, merchant_id, name, display_name, version, benchmark_property_id, "
        "price_per_benchmark_unit, currency, created_at, updated_at "
        "FROM v0_benchmarks ORDER BY name, id"
    )
    return [as_dict(row) for row in rows]


def get_benchmark(connection: sqlite3.Connection, benchmark_id: str) -> LabelledBenchmark | None:
    """Return a benchmark with the ids of its conversations; ``None`` if the id is unknown."""
    row = connection.execute(
        "SELECT id, display_name, price_per_benchmark_unit, question, labels "
        "FROM v0_benchmarks WHERE id = ?",
        (benchmark_id,),
    ).fetchone()
    if row is None:
        return None
    needles: list[int] = []
    hay: list[int] = []
    for conversation in connection.execute(
        "SELECT id, label FROM v0_conversations WHERE benchmark_id = ? ORDER BY id", (benchmark_id,)
    ):
        (hay if conversation["label"] is None else needles).append(conversation["id"])
    return LabelledBenchmark(
        id=row["id"],
        display_name=row["display_name"],
        price_per_unit=row["price_per_benchmark_unit"],
        question=row["question"],
        labels=tuple(orjson.loads(row["labels"])),
        needle_ids=tuple(needles),
        hay_ids=tuple(hay),
    )


# ---- jobs -----------------------------------------------------------------------------------


def create_jobs(connection: sqlite3.Connection, jobs: Sequence[NewJob], now: str) -> None:
    """Deduct the credits of all the jobs and store them as pending; all or nothing.

    The connection is in a transaction, which an error rolls back.

    Raises:
        NotEnoughCreditsError: The account has fewer credits than the jobs need together.
    """
    account = get_account(connection)
    needed = sum(job.credits for job in jobs)
    if needed > account["available_credits"]:
        raise NotEnoughCreditsError(needed, account["available_credits"])
    connection.execute(
        "UPDATE v0_accounts SET available_credits = available_credits - ? WHERE account_id = ?",
        (needed, account["account_id"]),
    )
    for job in jobs:
        columns = {
            "id": job.id,
            "batch_id": job.batch_id,
            "account_id": account["account_id"],
            "status": "pending",
            "module": MODULE,
            "benchmark_id": job.benchmark.id,
            "benchmark_name": job.benchmark.display_name,
            "endpoint_url": job.endpoint_url,
            "provider": job.provider,
            "model": job.model,
            "seed": job.seed,
            "needle_count": job.needle_count,
            "hay_count": len(job.conversation_ids) - job.needle_count,
            "credits_used": job.credits,
            "created_at": now,
        }
        insert(connection, "v0_jobs", columns)
        connection.executemany(
            "INSERT INTO v0_job_prompts (job_id, position, conversation_id) VALUES (?, ?, ?)",
            ((job.id, position, item) for position, item in enumerate(job.conversation_ids)),
        )


def begin_job(connection: sqlite3.Connection, job_id: str) -> list[JobPrompt]:
    """Mark a pending job as running and return its prompts in order."""
    connection.execute(
        "UPDATE v0_jobs SET status = 'running' WHERE id = ? AND status = 'pending'", (job_id,)
    )
    rows = connection.execute(
        "SELECT position, messages FROM v0_job_prompts JOIN v0_conversations "
        "ON v0_conversations.id = conversation_id WHERE job_id = ? ORDER BY position",
        (job_id,),
    )
    return [JobPrompt(row["position"], orjson.loads(row["messages"])) for row in rows]


def record_answer(
    connection: sqlite3.Connection, job_id: str, position: int, answer: str | None
) -> None:
    """Store a prompt's answer: a label of the benchmark, or ``None`` for an unusable one."""
    connection.execute(
        "UPDATE v0_job_prompts SET processed = 1, answer = ? WHERE job_id = ? AND position = ?",
        (answer, job_id, position),
    )


def complete_job(connection: sqlite3.Connection, job_id: str, now: str) -> None:
    """Complete a running job: score its needles against the consensus labels."""
    connection.execute(
        "UPDATE v0_jobs SET status = 'completed', completed_at = ?, passed_count = ("
        "SELECT COUNT(*) FROM v0_job_prompts JOIN v0_conversations "
        "ON v0_conversations.id = conversation_id WHERE job_id = v0_jobs.id AND answer = label"
        ") WHERE id = ? AND status = 'running'",
        (now, job_id),
    )


def fail_job(
    connection: sqlite3.Connection, job_id: str, reason: str, now: str, *, refund: bool
) -> None:
    """Fail an unfinished job with a reason; a refund returns its credits."""
    if refund:
        connection.execute(
            "UPDATE v0_accounts SET available_credits = available_credits + COALESCE((SELECT "
            "credits_used FROM v0_jobs WHERE id = ? AND account_id = v0_accounts.account_id "
            "AND status IN ('pending', 'running')), 0)",
            (job_id,),
        )
    connection.execute(
        "UPDATE v0_jobs SET status = 'failed', error_message = ?, completed_at = ?, "
        "credits_used = CASE WHEN ? THEN 0 ELSE credits_used END "
        "WHERE id = ? AND status IN ('pending', 'running')",
        (reason, now, refund, job_id),
    )


def unfinished_jobs(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of the pending and running jobs, oldest first."""
    rows = connection.execute(
        "SELECT id FROM v0_jobs WHERE status IN ('pending', 'running') ORDER BY number"
    )
    return [row["id"] for row in rows]


# The columns that the API returns of every job.
_SHOWN = (
    *("id", "status", "module", "benchmark_id", "benchmark_name", "endpoint_url", "needle_count"),
    *("hay_count", "total_prompts", "credits_used", "created_at", "completed_at"),
)
_JOB = (
    "SELECT v0_jobs.*, needle_count + hay_count AS total_prompts, CASE WHEN status = 'running' "
    "THEN (SELECT COUNT(*) FROM v0_job_prompts WHERE job_id = v0_jobs.id AND processed) "
    "END AS processed FROM v0_jobs "
)


def get_job(connection: sqlite3.Connection, job_id: str) -> dict[str, Any] | None:
    """Return a job as the API has it; ``None`` if the id is unknown."""
    row = connection.execute(_JOB + "WHERE id = ?", (job_id,)).fetchone()
    return None if row is None else _job_json(row)


def list_jobs(
    connection: sqlite3.Connection,
    status: str | None,
    limit: int | None,
    created_until: str | None = None,
) -> list[dict[str, Any]]:
    """Return jobs, newest first; ``None`` means no filter or no limit."""
    rows = connection.execute(
        _JOB + "WHERE (:status IS NULL OR status = :status) "
        "AND (:until IS NULL OR created_at <= :until) ORDER BY number DESC LIMIT :limit",
        {"status": status, "until": created_until, "limit": -1 if limit is None else limit},
    )
    return [_job_json(row) for row in rows]


def _job_json(row: sqlite3.Row) -> dict[str, Any]:
    needles, total = row["needle_count"], row["total_prompts"]
    job = {name: row[name] for name in _SHOWN}
    if row["batch_id"] is not None:
        job["batch_id"] = row["batch_id"]
    if row["status"] == "completed":
        passed = row["passed_count"]
        job["passed_count"] = passed
        job["failed_count"] = needles - passed
        job["score"] = round(100 * passed / needles, 2) if needles else 0.0
        job["total_count"] = needles
    elif row["status"] == "running":
        job["processed_prompts"] = row["processed"]
        job["prompts_to_process"] = total
        job["progress_message"] = f"{row['processed']} of {total} prompts answered"
    elif row["status"] == "failed":
        job["error_message"] = job["progress_message"] = row["error_message"]
    return job
