"""Reconciliation over real sockets: which listed jobs are assigned to an unknown submission."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

import benchwire
from benchwire._jobs.requests import _parse_listing
from benchwire._jobs.sqlite_journal import SqliteJournal
from benchwire.errors import SubmissionUnknown
from benchwire_api.types import Response
from support.both import Flavour
from support.fault_clock import SkippingClock, on_clock
from support.jobs_service import JobsService, submit, submit_batch
from support.scripted import Received, Reply, ScriptedService, json_reply


@pytest.mark.parametrize(
    "status", [300, 302, 408, 409, 418, 425, 500, 502, 503, 504, 520, 202, 200, 204]
)
def test_an_unknown_outcome_is_reconciled(
    status: int, client: Any, flavour: Flavour, jobs: JobsService, kept: SqliteJournal
) -> None:
    """Successful responses that name no job are among them."""
    jobs.responses = [json_reply({}, status) if status != 204 else Reply(status=204)]
    assert flavour.result(submit(client)).job_id == "j1"
    assert len(jobs.posted) == 1


def test_the_job_of_a_lost_response_is_found_in_the_list(
    client: Any, flavour: Flavour, jobs: JobsService, service: ScriptedService, kept: SqliteJournal
) -> None:
    jobs.responses = [None]
    jobs.row({"benchmark_id": "bench"}, id="old")
    assert flavour.result(submit(client)).job_id == "j2"
    assert len(jobs.posted) == 1
    assert kept.unresolved(service.url) == []


def test_a_list_that_fails_for_a_while_is_polled_again(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses = [None]
    jobs.on_submission = lambda: setattr(jobs, "failing_lists", 4)
    assert flavour.result(submit(client)).job_id == "j1"
    assert jobs.lists == 6


@pytest.mark.parametrize(
    "body", [None, {}, {"jobIds": ["j1", "j2", "j3"]}, {"job_ids": None}, {"job_ids": "j1,j2,j3"}]
)
def test_a_batch_is_found_as_a_whole(
    body: Any, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    """Its ids may be under another name than the inferred one, or have another type."""
    jobs.responses = [None if body is None else json_reply(body, 202)]
    batch = flavour.result(submit_batch(client))
    benchmarks = {row["id"]: row["benchmark_id"] for row in jobs.jobs}
    assert [benchmarks[job_id] for job_id in batch.job_ids] == ["b1", "b2", "b1"]
    assert (len(set(batch.job_ids)), batch.batch_id) == (3, "x")
    assert len(jobs.posted) == 1


@pytest.mark.parametrize(("call", "count"), [(submit, 1), (submit_batch, 3)])
def test_a_job_that_is_listed_twice_is_one(
    call: Callable[[Any], Any], count: int, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses = [None]
    jobs.cut = lambda rows: [*rows, *rows[:1]]
    submitted = flavour.result(call(client)).to_dict()
    ids = submitted.get("job_ids") or [submitted["job_id"]]
    assert sorted(ids) == [f"j{number}" for number in range(1, count + 1)]


@pytest.mark.parametrize("back", [7200.0, 1.0])
def test_a_clock_that_was_set_back_neither_prolongs_nor_prevents_a_search(
    back: float, flavour: Flavour, jobs: JobsService, service: ScriptedService,
    clock: SkippingClock, kept: SqliteJournal, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Between a submission whose process was killed and its search."""
    client = on_clock(flavour.v0(service.url), clock)
    jobs.responses, jobs.executes = [None], [False]
    monkeypatch.setattr(SqliteJournal, "mark_send_failed", lambda *_: None)  # it was killed
    monkeypatch.setattr(SqliteJournal, "mark_unknown", lambda *_: None)
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit(client))
    monkeypatch.undo()
    clock.slept.clear()
    with closing(sqlite3.connect(str(kept._database))) as db, db:
        db.execute("UPDATE intents SET sent_at = sent_at + ?, clock_offset = -?", (back, back))
    with pytest.raises(SubmissionUnknown, match="no listed job"):
        flavour.result(client.jobs.resume(caught.value.intent_id))
    assert sum(clock.slept) <= 61
    jobs.row({"benchmark_id": "bench"})
    assert flavour.result(client.jobs.resume(caught.value.intent_id)).job_id == "j1"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="of POSIX")
@pytest.mark.parametrize(
    "date", ["Fri, 27 Nov 2026 22:00:00", "Fri, 27 Nov 2026 22:00:00 GMT, twice", "no date"]
)
def test_a_date_of_the_service_is_in_no_zone_of_this_machine(
    date: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        listing = _parse_listing(
            Response(status_code=200, headers={"date": date}, content=b'{"jobs": []}')
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    assert listing.service_time == (1_795_816_800 if "GMT" in date else None)


def test_the_missing_jobs_of_a_batch_are_named(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses = [None]
    jobs.executes = [False]
    jobs.on_submission = lambda: jobs.row({"benchmark_id": "b1"}, batch_id="x")
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit_batch(client))
    error = caught.value
    assert (error.kind, error.missing, error.candidates) == ("batch", ["b2", "b1"], ["j1"])
    assert "no job is listed for: b2, b1" in str(error)
    assert len(jobs.posted) == 1


@pytest.mark.parametrize("on_error", ["raise", "none"])
def test_a_submission_that_is_not_found_is_unknown_and_can_be_resumed(
    on_error: str,
    flavour: Flavour,
    jobs: JobsService,
    service: ScriptedService,
    clock: SkippingClock,
    kept: SqliteJournal,
) -> None:
    client = on_clock(flavour.v0(service.url, on_error=on_error), clock)
    jobs.responses, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown, match="no listed job matches it") as caught:
        flavour.result(submit(client))
    error = caught.value
    assert f"jobs.resume({error.intent_id!r}) looks again" in str(error)
    assert (error.kind, error.candidates, error.missing) == ("job", [], [])
    assert sum(clock.slept) >= 59
    assert len(jobs.posted) == 1
    (intent,) = flavour.result(client.jobs.unresolved())
    assert (intent.id, intent.state, intent.kind) == (error.intent_id, "unknown", "job")
    assert (intent.benchmark_ids, intent.base_url) == (["bench"], service.url)
    with pytest.raises(SubmissionUnknown):
        flavour.result(client.jobs.resume(error.intent_id))
    jobs.row({"benchmark_id": "bench"})
    assert flavour.result(client.jobs.resume(error.intent_id)).job_id == "j1"
    assert flavour.result(client.jobs.unresolved()) == []
    lists = jobs.lists
    assert flavour.result(client.jobs.resume(error.intent_id)).job_id == "j1"
    assert (jobs.lists, len(jobs.posted)) == (lists, 1)


def test_a_job_that_may_belong_to_two_submissions_is_not_assigned(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    """They differ in the model, which the list does not show."""
    jobs.responses, jobs.executes = [None, None], [False, True]
    seen: list[str] = []
    for model in ("small", "large"):
        with pytest.raises(SubmissionUnknown) as caught:
            flavour.result(submit(client, model=model, deadline=20))
        seen.append(caught.value.intent_id)
    assert f"may belong to {seen[0]} instead" in str(caught.value)
    assert caught.value.candidates == ["j1"]


def test_a_job_is_assigned_to_either_of_two_equal_submissions(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses, jobs.executes = [None, None], [False, True]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, deadline=20))
    assert flavour.result(submit(client)).job_id == "j1"


UNCLEAR: dict[str, list[dict[str, Any]]] = {
    "no endpoint": [{"endpoint_url": None}],
    "no benchmark": [{"benchmark_id": None}],
    "one too many": [{}, {}],
    "another endpoint": [{"endpoint_url": "https://models.example.com/v2/chat"}],
    "another benchmark": [{"benchmark_id": "other"}],
    "long ago": [{"created_at": "2025-06-03T09:15:27Z"}],
    "long after": [{"created_at": "2125-06-03T09:15:27Z"}],
    "part of a batch": [{"batch_id": "y"}, {"batch_id": "y", "benchmark_id": "other"}],
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_no_job_is_assigned_that_may_be_of_another_client(
    name: str, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses, jobs.executes = [None], [False]

    def arrive() -> None:
        for fields in UNCLEAR[name]:
            jobs.row({"benchmark_id": "bench"}, **fields)

    jobs.on_submission = arrive
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client))
    # Nor is it sent again while any new job is listed.
    jobs.responses, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 2


def test_a_list_that_does_not_cover_the_submission_proves_nothing(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.row({"benchmark_id": "bench"}, id="old")
    jobs.responses = [None]
    jobs.executes = [False]

    def crowd() -> None:
        jobs.jobs.clear()
        for _ in range(30):
            jobs.row({"benchmark_id": "other"})

    jobs.on_submission = crowd
    with pytest.raises(SubmissionUnknown, match="does not reach back"):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 1


def test_with_resend_a_submission_is_sent_once_more_if_no_new_job_is_listed(
    client: Any, flavour: Flavour, jobs: JobsService, clock: SkippingClock, kept: SqliteJournal
) -> None:
    jobs.responses, jobs.executes = [None], [False]
    assert flavour.result(submit(client, resend=True)).job_id == "j1"
    assert len(jobs.posted) == 2
    assert jobs.posted[0].body == jobs.posted[1].body
    assert sum(clock.slept) >= 59
    jobs.row({"benchmark_id": "bench"}, status="completed")  # fewer of a status than in all
    jobs.responses, jobs.executes = [None, None], [False, False]
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 4
    record = kept.find(caught.value.intent_id)
    assert record is not None
    assert record.attempts == 2


def test_with_resend_a_submission_is_not_sent_again_after_an_early_poll(
    client: Any, flavour: Flavour, jobs: JobsService, clock: SkippingClock
) -> None:
    jobs.responses, jobs.executes = [None], [False]

    def break_down() -> None:
        if len(clock.slept) == 3:
            jobs.failing_lists = 1_000_000

    clock.on_sleep = break_down
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 1


ORDERS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "oldest first": lambda rows: rows[::-1],
    "by id": lambda rows: sorted(rows, key=lambda row: row["id"]),
    "without the new one": lambda rows: [row for row in rows if row["id"].startswith("a")],
}


@pytest.mark.parametrize("cap", [1, 2, 5, 19, 20, 100])
@pytest.mark.parametrize("order", ORDERS)
def test_a_list_that_may_be_cut_off_proves_nothing(
    order: str, cap: int, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    for number in range(cap):
        jobs.row({"benchmark_id": "other"}, id=f"a{number:03}", status="completed")
    jobs.cut = lambda rows: ORDERS[order](rows)[:cap]
    jobs.responses = [None]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 1


def test_a_balance_that_changed_proves_that_something_was_charged(
    flavour: Flavour, scripted: Any, clock: SkippingClock
) -> None:
    """Its job may be listed too late."""
    jobs = JobsService()
    jobs.cut = lambda rows: []

    def respond(received: Received) -> Reply | None:
        if received.path == "/v0/me":
            return json_reply({"available_credits": 10 - len(jobs.jobs)})
        return jobs(received)

    client = on_clock(flavour.v0(scripted(respond).url), clock)
    jobs.responses = [None]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 1
    jobs.responses, jobs.executes = [None], [False]
    assert flavour.result(submit(client, resend=True)).job_id == "j2"
    assert len(jobs.posted) == 3


def test_a_refusal_of_the_second_attempt_does_not_settle_the_first(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses, jobs.executes = [None, json_reply({"error": "no"}, 402)], [False, False]
    with pytest.raises(SubmissionUnknown, match="returned status 402"):
        flavour.result(submit(client, resend=True))


def test_an_unknown_id_can_not_be_resumed(
    client: Any, flavour: Flavour, service: ScriptedService
) -> None:
    with pytest.raises(ValueError, match="there is no submission 'x' in the journal"):
        flavour.result(client.jobs.resume("x"))


def test_a_submission_with_another_key_is_not_resumed(
    client: Any, flavour: Flavour, jobs: JobsService, service: ScriptedService
) -> None:
    jobs.responses, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit(client))
    other = flavour.make("V0Client", "another-key", service.url)
    assert [intent.id for intent in flavour.result(other.jobs.unresolved())] == [
        caught.value.intent_id
    ]
    with pytest.raises(benchwire.BenchwireError, match="with another key"):
        flavour.result(other.jobs.resume(caught.value.intent_id))


def test_a_deadline_ends_reconciliation(client: Any, flavour: Flavour, jobs: JobsService) -> None:
    jobs.responses, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, deadline=20))
    assert sum(client._transport.sleep.__self__.slept) <= 20
