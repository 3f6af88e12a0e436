"""What the sync and the async shell are set up with."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Self, TypeVar

from attrs import evolve, field, frozen

from benchwire._core.delivery import Courier
from benchwire._core.exchange import Hooks, Listeners
from benchwire._core.options import Options
from benchwire._core.pacing import Pace
from benchwire._core.paging import PageLimits, PageSource, PageWalk
from benchwire._core.retrying import Budget
from benchwire._core.settings import Access

if TYPE_CHECKING:
    from benchwire._jobs.journal import Journal

Item = TypeVar("Item")
Body = TypeVar("Body")


@frozen(kw_only=True)
class ShellBase:
    """The settings of a shell.

    Attributes:
        access: Where the API is and what opens it.
        options: How calls behave.
        listeners: Who is told of what is sent and received.
        journal: Where submissions are recorded, in a client that makes any.
        budget: What may be repeated in all, shared by all copies of a client.
        clock: A monotonic clock.
        random: Where jitter comes from.
    """

    access: Access
    options: Options
    listeners: Listeners = field(factory=Listeners, repr=False)
    journal: Journal | None = field(default=None, repr=False)
    budget: Budget = field(factory=lambda: Budget(Lock()), repr=False)
    clock: Callable[[], float] = time.monotonic
    random: Random = field(factory=Random, repr=False)

    def with_options(self, options: Mapping[str, object]) -> Self:
        """Give a shell with what a call asks for, and the same connections."""
        return evolve(self, options=self.options.changed(options)) if options else self

    def with_hooks(self, hooks: Hooks) -> Self:
        """Give a shell that tells these hooks, and the same connections."""
        return evolve(self, listeners=evolve(self.listeners, hooks=hooks))

    def until(self) -> float:
        """Say when an operation that begins now must be over, on the clock."""
        seconds = self.options.deadline
        return math.inf if seconds is None else self.clock() + seconds

    def courier(self, until: float, *, leaves_429: bool = False) -> Courier:
        """Make what delivers the requests of one operation."""
        return Courier(
            service=self.access.service.name,
            key=self.access.key,
            options=self.options,
            until=until,
            budget=self.budget,
            listeners=self.listeners,
            clock=self.clock,
            random=self.random,
            leaves_429=leaves_429,
        )

    def walk(
        self, source: PageSource[Item, Body], limits: PageLimits, until: float
    ) -> PageWalk[Item, Body]:
        """Make what decides how one list is read."""
        may_repeat = self.options.max_retries > 0
        pace = Pace(limits.concurrency, until, may_repeat, self.clock, self.random)
        return PageWalk(source, limits, pace)
