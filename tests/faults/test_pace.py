"""A list that is read by several requests at a time, from a service that asks for less."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

import benchwire
from support import wire
from support.both import Flavour
from support.limits import with_growing_limit
from support.scripted import PATIENCE, Received, Reply, json_reply

TOO_MANY = json_reply({"error": "Slow down."}, 429, retry_after="0")
COUNT = 2_000
EXPECTED = [f"p{number}" for number in range(COUNT)]
prompts = wire.paged_prompts(COUNT)


class Gate:
    """A service that holds every request until it is told what to say to it."""

    def __init__(self) -> None:
        self.most = 0
        self._held: dict[int, bool | None] = {}  # by page; None is not answered yet
        self._changed = threading.Condition()
        self._open = False

    def __call__(self, received: Received) -> Reply:
        page = int(received.query["page"])
        with self._changed:
            self._held[page] = None
            self.most = max(self.most, len(self._held))
            self._changed.notify_all()
            waited = self._changed.wait_for(
                lambda: self._open or self._held[page] is not None, PATIENCE
            )
            accept = self._held.pop(page)
            self._changed.notify_all()
        assert waited
        return TOO_MANY if accept is False else prompts(received)

    def holds(self, count: int, patience: float = PATIENCE) -> bool:
        """Whether so many requests are under way, or will be soon."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._held) >= count, patience)

    def say(self, *, accept: bool, to: int = 1) -> None:
        """Answer the requests for the first pages, and wait until that is done."""
        assert self.holds(to)
        with self._changed:
            pages = sorted(self._held)[:to]
            for page in pages:
                self._held[page] = accept
            self._changed.notify_all()
            assert self._changed.wait_for(
                lambda: not any(self._held.get(page) is accept for page in pages), PATIENCE
            )

    def open(self) -> None:
        """Answer whatever comes."""
        with self._changed:
            self._open = True
            self._changed.notify_all()


def test_a_refusal_lowers_the_number_of_requests_and_pages_raise_it_again(
    flavour: Flavour, scripted: Any
) -> None:
    gate = Gate()
    service = scripted(gate)
    client = flavour.public(service.url, max_retries=2)
    read: list[str] = []
    problems: list[BaseException] = []

    def reader() -> None:
        try:
            pages = client.benchmarks.iter_prompts("b1", page_size=10, concurrency=8)
            read.extend(prompt.id for prompt in flavour.items(pages))
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=reader)
    thread.start()
    try:
        gate.say(accept=True)  # the first page comes alone
        assert gate.holds(7)
        assert not gate.holds(8, patience=0.2), "it does not start slowly"
        gate.say(accept=True, to=3)  # each of them allows one more
        assert gate.holds(8)
        gate.say(accept=False, to=8)
        assert gate.holds(4)
        assert not gate.holds(5, patience=0.2), "it goes on as before, though it was refused"
        gate.say(accept=False, to=4)
        assert gate.holds(2)
        assert not gate.holds(3, patience=0.2)
        for count in (3, 4, 5, 6, 7, 8):  # pages raise it again, little by little
            while not gate.holds(count, patience=0.02):
                gate.say(accept=True)
        gate.open()
    finally:
        gate.open()
        thread.join(PATIENCE)
    assert problems == []
    assert read == EXPECTED
    assert gate.most == 8


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_everything_comes_in_order_however_often_it_is_refused(
    share: float, flavour: Flavour, scripted: Any
) -> None:
    dice, lock = random.Random(5), threading.Lock()
    refused = 0

    def handler(received: Received) -> Reply:
        nonlocal refused
        with lock:
            refuses = dice.random() < share
            refused += refuses
        return TOO_MANY if refuses else prompts(received)

    service = scripted(handler)
    client = flavour.public(service.url, max_retries=2)
    pages = client.benchmarks.iter_prompts("b1", page_size=25, concurrency=6)
    assert [prompt.id for prompt in flavour.items(pages)] == EXPECTED
    assert refused > 5
    assert len(service.requests) == COUNT // 25 + 1 + refused


def test_a_service_that_refuses_for_ever_is_taken_at_its_word(
    flavour: Flavour, scripted: Any
) -> None:
    def handler(received: Received) -> Reply:
        return prompts(received) if received.query["page"] == "1" else TOO_MANY

    service = scripted(handler)
    client = flavour.public(service.url, max_retries=2)
    items, error = flavour.read(client.benchmarks.iter_prompts("b1", page_size=10, concurrency=4))
    assert [prompt.id for prompt in items] == EXPECTED[:10]
    assert isinstance(error, benchwire.RateLimitError)
    assert len(service.requests) < 100


def test_without_repetitions_the_first_refusal_ends_it(flavour: Flavour, scripted: Any) -> None:
    def handler(received: Received) -> Reply:
        return TOO_MANY if received.query["page"] == "3" else prompts(received)

    service = scripted(handler)
    client = flavour.public(service.url, max_retries=0)
    items, error = flavour.read(client.benchmarks.iter_prompts("b1", page_size=10, concurrency=4))
    assert [prompt.id for prompt in items] == EXPECTED[:20]
    assert isinstance(error, benchwire.RateLimitError)


def test_the_deadline_bounds_all_pages_of_an_iteration(flavour: Flavour, scripted: Any) -> None:
    """The last page never comes; the pages before it are delivered."""
    never = threading.Event()

    def handler(received: Received) -> Reply:
        if received.query["page"] == "4":
            never.wait(PATIENCE)
        return prompts(received)

    service = scripted(handler)

    def is_bounded(limit: float) -> bool:
        client = flavour.public(service.url, max_retries=2, deadline=limit)
        items, error = flavour.read(
            client.benchmarks.iter_prompts("b1", page_size=10, concurrency=2)
        )
        assert isinstance(error, benchwire.DeadlineExceededError)
        return [prompt.id for prompt in items] == EXPECTED[:30]

    try:
        with_growing_limit(is_bounded)
    finally:
        never.set()
