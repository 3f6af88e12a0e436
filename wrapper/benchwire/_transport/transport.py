"""The settings that the sync and the async transport share."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Self

from attrs import evolve, field, frozen

from benchwire._transport.deadline import Clock, Deadline
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.observers import Observers
from benchwire._transport.options import Options, call_options, conceal_options
from benchwire._transport.own_frames import HiddenFrames
from benchwire.options import CopyOptions
from benchwire.secret import KeyHolder
from benchwire_api.processes import PerProcess, fork_waits

if TYPE_CHECKING:  # with the first request, not with the client
    from benchwire._transport.attempts import IO, Sender
    from benchwire._transport.retry import Budget


@fork_waits()
def _budget() -> Budget:
    from benchwire._transport.retry import Budget  # noqa: PLC0415

    return Budget()


@frozen(kw_only=True)
class Transport(KeyHolder):
    """The settings of a transport.

    Attributes:
        endpoint: The API and the key to it.
        options: The options of every call.
        observers: Called with all that is sent and received.
        budget: Limits retries; shared by all copies of a client.
        clock: A monotonic clock.
        random: The source of jitter.
    """

    endpoint: Endpoint
    options: Options
    observers: Observers = field(factory=Observers, repr=False)
    budget: PerProcess[Budget] = field(factory=lambda: PerProcess(_budget), repr=False)
    clock: Clock = time.monotonic
    random: Random = field(factory=SystemRandom, repr=False)  # has no state to share after a fork

    def with_options(self, options: Mapping[str, object], others: Iterable[str] = ()) -> Self:
        """Return a copy with the options of a call and the same connections, as `Options.changed`."""
        if not options:
            return self
        conceal_options(options)
        with HiddenFrames():
            changed = self.options.changed(options, others)
            self.endpoint.check_headers(changed.extra_headers)
        return evolve(self, options=changed)

    def copied(self, options: CopyOptions) -> Self:
        """Return a copy with other settings; with another endpoint it has retries of its own."""
        key, url = options.get("api_key"), options.get("base_url")
        copy = evolve(
            self.with_options(call_options(options)),
            observers=self.observers.with_hooks(options.get("hooks")),
        )
        if key is not None or url is not None:
            endpoint = self.endpoint.changed(key, url)
            copy = evolve(copy, endpoint=endpoint, budget=PerProcess(_budget))
        return copy

    def deadline(self) -> Deadline:
        """Return the deadline of an operation that starts now."""
        return Deadline.after(self.options.deadline, self.clock)

    def sender(self, io: IO, deadline: Deadline, *, retries_429: bool = True) -> Sender:
        """Return the port of one operation."""
        with fork_waits():
            from benchwire._transport.attempts import Sender  # noqa: PLC0415

        return Sender(
            io=io,
            endpoint=self.endpoint,
            options=self.options,
            deadline=deadline,
            budget=self.budget.get(),
            observers=self.observers,
            random=self.random,
            retries_429=retries_429,
        )
