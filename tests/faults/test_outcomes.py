"""Each fault of the table, on a real socket: reads, submissions and batches, sync and async."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import benchwire
from faults import table
from faults.table import ROWS, Row
from support.both import Flavour
from support.fault_calls import BEFORE, CREDITS, Caller, Kind, Outcome
from support.fault_clock import FEW_POLLS, SkippingClock
from support.fault_kinds import FAULTS
from support.fault_server import FaultServer
from support.limits import with_growing_limit
from support.scripted import PATIENCE

KINDS: list[Kind] = ["job", "batch"]
LONG = pytest.mark.long


def rows(fits: Callable[[Row], bool]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", list(filter(fits, ROWS)), ids=lambda row: row.fault)


def rows_by_kind(fits: Callable[[Row], bool]) -> pytest.MarkDecorator:
    """Rows with both kinds of submissions; with one in turn, where no response tells them apart."""
    return pytest.mark.parametrize(
        ("row", "kind"),
        [
            pytest.param(row, kind, id=f"{row.fault}-{kind}", marks=() if is_short else LONG)
            for place, row in enumerate(filter(fits, ROWS))
            for number, kind in enumerate(KINDS)
            for is_short in [row.always not in table.WITHOUT_RESPONSE or number == place % 2]
        ],
    )


every_row = rows(lambda row: True)
held = rows(lambda row: row.is_held)
broken = rows(lambda row: row.always not in {table.VALUE, table.AGAIN})
executed = rows(lambda row: row.done != table.NOT_POSSIBLE)
executed_by_kind = rows_by_kind(lambda row: row.done != table.NOT_POSSIBLE)
not_executed_by_kind = rows_by_kind(lambda row: row.undone != table.NOT_POSSIBLE)
by_kind = pytest.mark.parametrize("kind", KINDS)


def check_error(outcome: Outcome, said: str) -> None:
    """Hold an error to the name in the table."""
    error = outcome.error
    assert error is not None, f"{outcome.value} instead of {said}"
    assert type(error).__name__ == said.split("`")[1], repr(error)
    # What httpx raised holds the request; only errors of ours may be chained.
    assert error.__cause__ is None
    assert isinstance(error.__context__, benchwire.BenchwireError | None)
    if said == table.NOT_SENT:
        assert isinstance(error, benchwire.APIConnectionError)
        assert error.never_sent


def brief(row: Row) -> dict[str, Any]:
    """An attempt that is held would last ten minutes."""
    return {"timeout": 0.25} if row.is_held else {}


def test_every_fault_is_in_the_table() -> None:
    assert {row.fault for row in ROWS} == FAULTS.keys()
    assert len({row.text for row in ROWS}) == len(ROWS) >= 24


@every_row
def test_a_read_of_which_one_request_fails(
    row: Row, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    fault = FAULTS[row.fault]
    caller = Caller(flavour, service, clock, **brief(row))
    if fault.stage == "reuse":
        assert caller.read().value == [BEFORE]
    if fault.stage == "refuse":
        clock.on_sleep = service.heal
    plan = service.break_with(fault, times=1)
    outcome = caller.read()

    assert plan.happened == (0 if fault.stage == "refuse" else 1)
    if row.once in {table.VALUE, table.AGAIN}:
        assert outcome.value == [BEFORE]
    else:
        check_error(outcome, row.once)
    assert len(clock.slept) == (row.once == table.AGAIN)
    if row.fault.endswith("retry-after"):
        assert clock.slept[0] >= 1.5
    if row.is_held:
        assert service.left.wait(PATIENCE), "the client did not hang up"
    # Nothing that was left of the fault is taken for the answer to the next request.
    service.heal()
    assert caller.credits().value == service.ledger.credits


@every_row
def test_a_read_of_which_each_request_fails(
    row: Row, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    fault = FAULTS[row.fault]
    caller = Caller(flavour, service, clock, **({"deadline": 0.3} if row.is_held else {}))
    if fault.stage == "reuse":
        assert caller.read().value == [BEFORE]
    plan = service.break_with(fault)
    outcome = caller.read()

    if row.always in {table.VALUE, table.AGAIN}:
        assert outcome.value == [BEFORE]
    else:
        check_error(outcome, row.always)
    if row.is_held:
        assert service.left.wait(PATIENCE), "the client did not hang up"
        assert plan.happened == 1
    elif row.once == table.AGAIN and row.always != table.AGAIN and fault.stage != "refuse":
        assert plan.happened == 3
    service.heal()
    assert caller.credits().value == service.ledger.credits


@held
def test_a_timeout_ends_an_attempt(
    row: Row, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """It bounds the attempt as a whole, however many bytes keep coming."""

    def is_sent(limit: float) -> bool:
        service.break_with(FAULTS[row.fault])
        outcome = Caller(flavour, service, clock, timeout=limit, max_retries=0).read()
        check_error(outcome, "`APITimeoutError`")
        assert isinstance(outcome.error, benchwire.APITimeoutError)
        return not outcome.error.never_sent

    with_growing_limit(is_sent)
    assert service.left.wait(PATIENCE), "the client did not hang up"


@executed_by_kind
def test_a_submission_that_fails_and_is_executed(
    row: Row, kind: Kind, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    caller = Caller(flavour, service, clock, **brief(row))
    service.break_with(FAULTS[row.fault], method="POST")
    outcome = caller.submit(kind)

    assert outcome.value == [job["id"] for job in reversed(service.ledger.made())]
    assert service.ledger.charged == CREDITS
    assert len(service.posts()) == 1
    looked = [request.method for request in service.requests][-1] == "GET"
    assert looked == (row.done == table.FOUND)
    assert caller.unresolved() == []


@not_executed_by_kind
def test_a_submission_that_fails_and_is_not_executed(
    row: Row, kind: Kind, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    fault = FAULTS[row.fault]
    if row.undone == table.UNKNOWN:
        clock.stretch = FEW_POLLS
    caller = Caller(flavour, service, clock, **brief(row))
    if fault.stage == "request":
        service.break_with(fault, method="POST", executes=False)
    else:  # at the connection after that of the first list
        service.break_with(fault, after=1, times=1)
    outcome = caller.submit(kind)
    service.heal()

    check_error(outcome, row.undone)
    assert service.ledger.charged == 0
    assert len(service.posts()) <= (3 if row.fault.startswith("429") else 1)
    if row.undone == table.UNKNOWN:
        assert caller.unresolved() == [outcome.error.intent_id]  # type: ignore[union-attr]
        check_error(caller.resume(outcome.error), table.UNKNOWN)
    else:
        assert caller.unresolved() == []


@broken
def test_a_submission_to_a_service_that_is_broken_is_not_sent(
    row: Row, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    caller = Caller(flavour, service, clock, **({"deadline": 0.3} if row.is_held else {}))
    service.break_with(FAULTS[row.fault])
    outcome = caller.submit("job")
    service.heal()

    check_error(outcome, row.always)
    assert service.posts() == []
    assert caller.unresolved() == []


@executed
def test_a_service_that_breaks_between_the_first_list_and_the_submission(
    row: Row, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """So that the list can't be asked either, until it is sound again and `resume` asks it."""
    options = {"timeout": 0.25, "deadline": 12.0} if row.is_held else {}
    clock.stretch = FEW_POLLS
    caller = Caller(flavour, service, clock, **options)
    service.break_with(FAULTS[row.fault], after=1)
    outcome = caller.submit("job")
    service.heal()
    clock.stretch = 1.0

    made = [job["id"] for job in service.ledger.made()]
    if row.done == table.FOUND:
        check_error(outcome, table.UNKNOWN)
        assert caller.unresolved() == [outcome.error.intent_id]  # type: ignore[union-attr]
        outcome = caller.resume(outcome.error)
    assert outcome.value == made
    assert service.ledger.charged == CREDITS
    assert len(service.posts()) == 1
    assert caller.unresolved() == []


@by_kind
@pytest.mark.parametrize("name", ["refused", "429", "429-retry-after"])
def test_what_was_surely_not_executed_is_sent_again(
    name: str, kind: Kind, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    if name == "refused":
        clock.on_sleep = service.heal
        service.break_with(FAULTS[name], after=1)
    else:
        service.break_with(FAULTS[name], method="POST", times=1)
    outcome = Caller(flavour, service, clock).submit(kind)

    assert outcome.value == [job["id"] for job in reversed(service.ledger.made())]
    assert service.ledger.charged == CREDITS
    assert len(clock.slept) == 1
    if name == "429-retry-after":
        assert clock.slept[0] >= 1.5


@pytest.mark.parametrize("name", ["reset-after-request", "closed-when-idle"])
def test_a_batch_of_which_only_a_part_is_executed(
    name: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """Whether the service says so or is not heard: what is missing is named, and not sent again."""
    service.ledger.accepts = 1
    service.break_with(FAULTS[name], method="POST")
    outcome = Caller(flavour, service, clock).submit("batch")

    check_error(outcome, table.UNKNOWN)
    assert isinstance(outcome.error, benchwire.SubmissionUnknown)
    assert outcome.error.missing == ["b2"]
    assert service.ledger.charged == 2
    assert len(service.posts()) == 1
