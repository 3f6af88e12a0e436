"""The interface of a journal of submissions; `sqlite_journal` implements it.

Every method may block, so operations call it through ``port.call``, and raises `JournalError` if the
journal can't be used. What a method has written is on the disk when it returns.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from attrs import frozen

from benchwire._jobs.records import NotExecutedState, Record


class Lock(Protocol):
    """One or more locks, held until they are released or the process ends, however it ends."""

    def release(self) -> None:
        """Release the locks. Non-blocking and idempotent."""


@frozen
class JournalSnapshot:
    """What a journal knows at one moment that bears on which intents some listed jobs belong to.

    Attributes:
        unresolved: Every unresolved intent of the service.
        claimed: The ids among those asked for that belong to an intent already.
    """

    unresolved: Sequence[Record]
    claimed: frozenset[str]


class Journal(Protocol):
    """Stores intents."""

    def salt(self) -> bytes:
        """Return the random bytes that the digests of this journal are computed with."""

    def try_lock(self, stripes: Sequence[int]) -> Lock | None:
        """Acquire all the locks or none; return ``None`` if another thread or process has one."""

    def begin(self, record: Record) -> Record:
        """Store a new intent that is about to be sent.

        Returns:
            The record. If its position of its run already has an intent that may have been executed,
            that one, and the new one is not stored.
        """

    def mark_resent(self, intent_id: str) -> None:
        """Record that an intent is about to be sent once more."""

    def mark_send_failed(self, intent_id: str, message: str, at: float) -> None:
        """Record that sending an intent ended without a known outcome, when, and why."""

    def mark_unknown(self, intent_id: str) -> None:
        """Record that reconciliation ended without a decision."""

    def settle_not_executed(
        self, intent_id: str, state: NotExecutedState, message: str, at: float
    ) -> None:
        """Settle an intent that was certainly not executed."""

    def settle_accepted(
        self,
        intent_id: str,
        job_ids: Sequence[str],
        batch_id: str | None,
        at: float,
        *,
        certain: bool,
    ) -> bool:
        """Settle an intent and claim its jobs, unless another intent has claimed one of them.

        Args:
            intent_id: The intent.
            job_ids: Its jobs, in the order of its items.
            batch_id: Its batch.
            at: The time now.
            certain: Whether the service's response named the jobs. They are then this intent's,
                even if another one has claimed them.

        Returns:
            Whether it is settled now.
        """

    def find(self, intent_id: str) -> Record | None:
        """Return an intent, or ``None`` if there is none with this id."""

    def unresolved(self, base_url: str) -> list[Record]:
        """Return the unresolved intents of a service, oldest first."""

    def snapshot(self, base_url: str, job_ids: Collection[str]) -> JournalSnapshot:
        """Return the unresolved intents and the already claimed ids among ``job_ids``."""

    def open_run(
        self, account: str, run_id: str, fingerprints: Sequence[str], at: float
    ) -> Sequence[str]:
        """Record the fingerprints of a new run; return those the run was begun with."""

    def run_records(self, account: str, run_id: str) -> dict[int, Record]:
        """Return the intents of a run that may have been executed, by position."""
