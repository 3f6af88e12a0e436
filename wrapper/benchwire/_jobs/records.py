"""What a journal stores of an intent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal

from attrs import frozen

from benchwire.models import Intent

Kind = Literal["job", "batch"]
NotExecutedState = Literal["refused", "not_sent"]
State = Literal["sent", "unknown", "accepted", NotExecutedState]

UNRESOLVED: Final[frozenset[State]] = frozenset({"sent", "unknown"})
"""The states of an intent that may have been executed, as far as is known."""

NOT_EXECUTED: Final[frozenset[State]] = frozenset({"refused", "not_sent"})
"""The states of an intent that was certainly not executed."""


def benchmark_key(benchmark_id: str | int) -> str:
    """Return the text that benchmark ids are compared by: 1 and "1" are one benchmark."""
    return str(benchmark_id)


def unit_price(listed: float | None) -> float:
    """Return what a unit of a benchmark is charged, in credits: one where no price is listed."""
    return 1.0 if listed is None else listed


@frozen
class Item:
    """One job of an intent: a benchmark, and how many units of it."""

    benchmark_id: str
    units: int


@frozen(kw_only=True)
class Record:
    """An intent as the journal stores it. No field holds a key or the query of a URL.

    Attributes:
        id: The id of the intent.
        kind: Whether it is one job or a batch.
        state: Its state.
        base_url: The service.
        account: The digest of the service and our key.
        fingerprint: The digest of what is submitted, without keys.
        endpoint: The digest of the model endpoint's URL, without its query.
        items: The jobs, in the order submitted.
        created_at: When it was recorded, by this machine's clock, in seconds since 1970.
        sent_at: When it was about to be sent, by the same clock.
        clock_offset: The service's time minus this machine's; ``None`` if it is not known.
        failed_at: When sending ended without a known outcome; ``None`` before that and after a
            crash.
        baseline: The ids of the jobs that were listed before it was sent.
        attempts: How often it was sent; more than once only if the caller allowed that.
        run_id: The run that it is part of.
        position: Its position in that run.
        job_ids: The ids of its jobs, in the order of ``items``.
        batch_id: The id of its batch.
        message: Why it was refused, or why its outcome is unknown.
        damage: What of the stored record can't be read; its state is then ``unknown``.
    """

    id: str
    kind: Kind
    state: State
    base_url: str
    account: str
    fingerprint: str
    endpoint: str
    items: tuple[Item, ...]
    created_at: float
    sent_at: float
    clock_offset: float | None = None
    failed_at: float | None = None
    baseline: frozenset[str] = frozenset()
    attempts: int = 1
    run_id: str | None = None
    position: int | None = None
    job_ids: tuple[str, ...] = ()
    batch_id: str | None = None
    message: str | None = None
    damage: str | None = None

    @property
    def is_unresolved(self) -> bool:
        """Whether it may have been executed, and that is not known."""
        return self.state in UNRESOLVED

    def intent(self) -> Intent:
        """Return the part of the record that is shown to users."""
        return Intent(
            id=self.id,
            kind=self.kind,
            state=self.state,
            base_url=self.base_url,
            benchmark_ids=[item.benchmark_id for item in self.items],
            created_at=datetime.fromtimestamp(self.created_at, UTC),
            run_id=self.run_id,
            job_ids=list(self.job_ids),
            batch_id=self.batch_id,
            message=self.damage or self.message,
        )


@frozen
class JournalSnapshot:
    """Every unresolved intent of a service, and which of some jobs are claimed by an intent."""

    unresolved: Sequence[Record]
    claimed: frozenset[str]
