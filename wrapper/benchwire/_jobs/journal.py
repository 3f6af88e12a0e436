"""What a journal of submissions must do; ``_shell/journal.py`` does it with SQLite.

Every method may block and raises `JournalError` where it can't do its work, so plans call them
through ``Do``. What a method has written is on the disk when it returns.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from attrs import frozen

from benchwire._jobs.records import Record


class Held(Protocol):
    """Locks that are held, until they are released or the process ends, however it does."""

    def release(self) -> None:
        """Let others have them. Does not block, and does nothing the second time."""


@frozen
class View:
    """What a journal knows that bears on whose some listed jobs are, at one moment.

    Attributes:
        unresolved: Every unresolved intent of the service.
        claimed: Those of the jobs asked for that an intent has become.
    """

    unresolved: Sequence[Record]
    claimed: frozenset[str]


class Journal(Protocol):
    """Keeps intents."""

    def salt(self) -> bytes:
        """Give the random bytes that the marks of this journal are made with."""

    def try_lock(self, stripes: Sequence[int]) -> Held | None:
        """Take locks, all or none; ``None`` where another thread or process has one."""

    def begin(self, record: Record) -> Record:
        """Keep a new intent, which is about to be sent.

        Returns:
            The record; where its position of its run has an intent already that may have been
            executed, that one, and the new one is not kept.
        """

    def again(self, intent_id: str) -> None:
        """Keep that an intent is about to be sent once more."""

    def failed(self, intent_id: str, message: str, at: float) -> None:
        """Keep that the sending of an intent ended without an outcome, and why."""

    def unknown(self, intent_id: str) -> None:
        """Keep that an intent was looked for and not found."""

    def without_effect(self, intent_id: str, state: str, message: str, at: float) -> None:
        """Settle an intent that was surely not executed: it was ``refused`` or ``not_sent``."""

    def accept(
        self,
        intent_id: str,
        job_ids: Sequence[str],
        batch_id: str | None,
        at: float,
        *,
        certain: bool,
    ) -> bool:
        """Settle an intent that became these jobs, unless one of them is another intent's.

        Args:
            intent_id: The intent.
            job_ids: Its jobs, in the order of its items.
            batch_id: Its batch.
            at: The time now.
            certain: Whether the service itself named the jobs: then they are this intent's,
                whoever has claimed them.

        Returns:
            Whether it is settled now.
        """

    def find(self, intent_id: str) -> Record | None:
        """Give an intent."""

    def unresolved(self, base_url: str) -> list[Record]:
        """Give the unresolved intents of a service, the oldest first."""

    def view(self, base_url: str, job_ids: Collection[str]) -> View:
        """Give what bears on whose these jobs are."""

    def open_run(
        self, account: str, run_id: str, fingerprints: Sequence[str], at: float
    ) -> Sequence[str]:
        """Begin a run, or give what it was begun with."""

    def run_records(self, account: str, run_id: str) -> dict[int, Record]:
        """Give the intents of a run that may have been executed, by position."""
