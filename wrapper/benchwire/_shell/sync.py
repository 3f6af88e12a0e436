"""The sync shell: sends with httpx, sleeps, and fetches pages ahead in threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

import httpx
from attrs import field, frozen

from benchwire._core.delivery import Arrival, Attempt, Courier
from benchwire._core.options import Options
from benchwire._core.paging import Page, PageLimits, PageSource
from benchwire._core.plan import Do, Plan, Sleep
from benchwire._core.settings import Access
from benchwire._shell.base import ShellBase
from benchwire._shell.connections import DeadlineTransport, deadline
from benchwire._shell.http import (
    FAULTS,
    LIMITS,
    UNSHARED,
    Incoming,
    KeyAuth,
    Outgoing,
    closed,
    fault,
    ssl_context,
)
from benchwire.errors import BenchwireError

T = TypeVar("T")
Item = TypeVar("Item")
Body = TypeVar("Body")

_LOOK_INTERVAL = 0.2
"""Seconds between two looks at whether the client is still open, while a page is waited for."""


class Wire:
    """The connections of a client and its copies: our own, or those of a client of the user's."""

    def __init__(self, client: httpx.Client | None) -> None:
        if client is not None and not isinstance(client, httpx.Client):
            raise TypeError(f"http_client must be an httpx.Client, not {type(client).__name__}")
        self._client = client
        # Not later: it would take its time from the first attempt.
        self._context = ssl_context()
        self._lock = Lock()
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._client is not None and self._client.is_closed)

    def close(self) -> None:
        """Close the connections; those of a client of the user's stay open."""
        with self._lock:
            self._is_closed = True
            made = [self.__dict__.get(name) for name in ("_shared", "_unshared")]
        for transport in made:
            if transport is not None:
                transport.close()

    def send(self, access: Access, attempt: Attempt, options: Options) -> Arrival:
        """Make one attempt and read its answer.

        Raises:
            APIConnectionError: If no answer came.
        """
        if self.is_closed:
            raise closed(attempt.request)
        try:
            with deadline(attempt.seconds):
                return self._exchange(access, attempt, options)
        except FAULTS as problem:
            error = fault(access, attempt.request, problem, is_closed=self.is_closed)
        finally:
            if self._is_closed:  # by another thread, which could not close what was opened since
                self.close()
        raise error

    def _exchange(self, access: Access, attempt: Attempt, options: Options) -> Arrival:
        until = time.monotonic() + attempt.seconds
        response = self._open(Outgoing(access, attempt, options.timeouts))
        with closing(response):
            incoming = Incoming.of(response, options)
            try:
                for piece in response.iter_raw():
                    incoming.body.feed(piece)
                    if incoming.body.flaw is not None:
                        break
                    if time.monotonic() >= until:
                        raise httpx.ReadTimeout("the deadline is over")
            except FAULTS as problem:
                if not incoming.may_break:
                    raise
                incoming.broke(problem)
            return incoming.arrival()

    def _open(self, outgoing: Outgoing) -> httpx.Response:
        if self._client is None:
            transport = self._unshared if outgoing.attempt.fresh else self._shared
            return transport.handle_request(outgoing.for_transport())
        return self._client.send(
            self._client.build_request(**outgoing.for_client()),
            stream=True,
            auth=KeyAuth(outgoing),
            follow_redirects=False,
        )

    @cached_property
    def _shared(self) -> DeadlineTransport:
        return DeadlineTransport(self._context, LIMITS)

    @cached_property
    def _unshared(self) -> DeadlineTransport:
        return DeadlineTransport(self._context, UNSHARED)


@frozen(kw_only=True)
class Shell(ShellBase):
    """Runs plans against one API.

    Attributes:
        wire: The connections, shared by all copies of a client.
        sleep: Sleeps; replaceable, so that waiting is tested without waiting.
    """

    wire: Wire = field(repr=False)
    sleep: Callable[[float], None] = time.sleep

    def run(self, plan: Plan[T], until: float | None = None) -> T:
        """Do what a plan says and give its result; ``until`` is for what began earlier."""
        return self._run(plan, self.courier(self.until() if until is None else until))

    def pages(
        self,
        source: PageSource[Item, Body],
        limits: PageLimits,
        until: float | None = None,
    ) -> Generator[Page[Item, Body]]:
        """Give the pages of a list in order, fetching ahead."""
        until = self.until() if until is None else until
        courier = self.courier(until, leaves_429=True)
        walk = self.walk(source, limits, until)
        arrivals: SimpleQueue[tuple[int, Page[Item, Body] | BaseException]] = SimpleQueue()

        def fetch(number: int) -> None:
            try:
                arrivals.put((number, self._run(walk.plan(number), courier)))
            except BaseException as problem:  # raised in its turn, after the pages before it
                arrivals.put((number, problem))

        def start() -> None:
            for number in walk.wanted():
                # Nobody waits for these threads: a reader that stops early, and a program that
                # ends, must not hang on pages they have no use for.
                Thread(target=fetch, args=(number,), name="benchwire-pages", daemon=True).start()

        for number in walk.wanted():
            fetch(number)  # the first page comes alone, and many a list needs no thread
        while not walk.done:
            number, arrival = _next(arrivals, self.wire)
            if isinstance(arrival, BaseException):
                walk.failed(number, arrival)
            else:
                walk.arrived(number, arrival)
            for page in walk.ready():
                start()
                yield page
            start()

    def items(self, source: PageSource[Item, Any], limits: PageLimits) -> Generator[Item]:
        """Give the items of a list in order, fetching pages ahead."""
        for page in self.pages(source, limits):
            yield from page.items

    def bodies(
        self, source: PageSource[Any, Body], limits: PageLimits, until: float | None = None
    ) -> Generator[Body]:
        """Give the answers that the pages of a list came in, in order, fetching ahead."""
        for page in self.pages(source, limits, until):
            yield page.body

    def _run(self, plan: Plan[T], courier: Courier) -> T:
        steps = courier.carry_out(plan)
        try:
            step = next(steps)
            while True:
                try:
                    outcome = self._do(step)
                except BaseException as problem:  # the plan decides what it means
                    step = steps.throw(problem)
                else:
                    step = steps.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def _do(self, step: Attempt | Sleep | Do) -> Any:
        if isinstance(step, Attempt):
            return self.wire.send(self.access, step, self.options)
        if isinstance(step, Do):
            return step.call()
        self.sleep(step.seconds)
        return None


def _next(arrivals: SimpleQueue[T], wire: Wire) -> T:
    """Give the next page that arrives; one that a closed client waits for may never do."""
    while not wire.is_closed:
        try:
            return arrivals.get(timeout=_LOOK_INTERVAL)
        except Empty:
            continue
    raise BenchwireError("the client was closed while a list was being read")
