"""Watching clients at work, on real sockets: one scenario for sync and async."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import benchwire
from benchwire import drift
from benchwire_drift import collector as collector_module
from benchwire_drift.collector import Collector
from benchwire_drift.findings import Grade, Kind
from benchwire_drift.judge import ObservedResponse
from drift.bodies import JSON
from support.both import KEY, Flavour
from support.scripted import Reply, Scripted, always, in_turn, json_reply
from support.wire import model, models

CANARY = "CANARY-4f9a1c"
FITS = models([model(1)], 1)


def kinds(watch: drift.Watch) -> list[tuple[str, str, str]]:
    return [(finding.operation, finding.kind, finding.path) for finding in watch.findings]


DIFFERENT: dict[str, tuple[Reply, Kind, str]] = {
    "unknown field": (
        json_reply(models([model(1, tier=CANARY)], 1)),
        Kind.UNKNOWN_FIELD,
        "$.models[*].tier",
    ),
    "missing field": (
        json_reply(models([{"id": "m", "key": "k"}], 1)),
        Kind.MISSING_FIELD,
        "$.models[*].name",
    ),
    "type": (
        json_reply(models([model(1, deprecated=CANARY)], 1)),
        Kind.TYPE,
        "$.models[*].deprecated",
    ),
    "null": (json_reply(models([model(1, id=None)], 1)), Kind.NULL, "$.models[*].id"),
    "format": (
        json_reply(models([model(1, released_at=CANARY)], 1)),
        Kind.FORMAT,
        "$.models[*].released_at",
    ),
    "status": (json_reply(FITS, 418), Kind.UNDOCUMENTED_STATUS, ""),
    "content type": (
        Reply(json.dumps(FITS).encode(), headers={"content-type": "text/plain"}),
        Kind.UNDOCUMENTED_CONTENT_TYPE,
        "",
    ),
    "not JSON": (
        Reply(CANARY.encode(), headers={"content-type": "application/json"}),
        Kind.NOT_JSON,
        "$",
    ),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_each_kind_is_found_in_what_a_client_receives(
    case: str, flavour: Flavour, scripted: Scripted
) -> None:
    reply, kind, path = DIFFERENT[case]
    service = scripted(always(reply))
    client = flavour.public(service.url)
    with drift.watch(client) as watch:
        _call(flavour, client.models.get)
    assert [(f.kind, f.path) for f in watch.findings] == [(kind, path)]
    assert CANARY not in watch.report() + watch.to_json()
    assert KEY not in watch.report() + watch.to_json()


def test_an_unknown_enum_value_is_found(flavour: Flavour, scripted: Scripted) -> None:
    run = {"id": "e", "status": CANARY, "model_id": "m", "dataset_id": "d"}
    service = scripted(always(json_reply({"evaluations": [run], "total_count": 1})))
    client = flavour.public(service.url)
    with drift.watch(client) as watch:
        assert flavour.result(client.evaluations.get_many()).evaluations[0].status == CANARY
    assert kinds(watch) == [("listEvaluations", "unknown enum value", "$.evaluations[*].status")]
    assert CANARY not in watch.report() + watch.to_json()


def test_the_caller_gets_what_it_would_without(flavour: Flavour, scripted: Scripted) -> None:
    odd = json_reply(models([model(1, tier="gold")], 1))
    bad = json_reply(models([{"id": "m"}], 1))
    service = scripted(in_turn([odd, odd, bad, bad]))
    client, watched = flavour.public(service.url), flavour.public(service.url)
    with drift.watch(watched):
        first = _call(flavour, watched.models.get)
    assert _call(flavour, client.models.get) == first
    with drift.watch(watched):
        failed = _call(flavour, watched.models.get)
    plain = _call(flavour, client.models.get)
    assert type(failed) is type(plain) is benchwire.APIResponseValidationError
    assert str(failed) == str(plain)


def test_a_fault_of_the_watch_is_a_finding_and_no_fault_of_the_call(
    flavour: Flavour, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(collector_module, "check_response", broken)
    service = scripted(always(json_reply(FITS)))
    client = flavour.public(service.url)
    with drift.watch(client) as watch:
        for _ in range(2):
            assert flavour.result(client.models.get()).total_count == 1
    (finding,) = watch.findings
    assert (finding.kind, finding.got, finding.count) == (Kind.INTERNAL, ("RuntimeError",), 2)
    assert finding.grade is Grade.SEMANTIC
    assert CANARY not in watch.report() + watch.to_json()


def test_counts_add_up_over_answers_and_items(flavour: Flavour, scripted: Scripted) -> None:
    rows = [model(n, tier=n) for n in range(3)]
    service = scripted(always(json_reply(models(rows, 3))))
    client = flavour.public(service.url)
    with drift.watch(client) as watch:
        for _ in range(2):
            flavour.result(client.models.get())
    (finding,) = watch.findings
    assert (finding.count, finding.responses) == (6, 2)


def test_pages_fetched_side_by_side_are_all_judged(flavour: Flavour, scripted: Scripted) -> None:
    def page(received: Any) -> Reply:
        number = int(received.query["page"])
        rows = [model(10 * number + n, tier=n) for n in range(5) if number <= 20]
        return json_reply(models(rows, 100))

    client = flavour.public(scripted(page).url)
    with drift.watch(client) as watch:
        items = flavour.items(client.models.iter_models(page_size=5, concurrency=4))
    assert len(items) == 100
    (finding,) = [f for f in watch.findings if f.kind is Kind.UNKNOWN_FIELD]
    assert (finding.count, finding.responses) == (100, 20)


def test_after_its_block_a_watch_sees_nothing_more(flavour: Flavour, scripted: Scripted) -> None:
    service = scripted(always(json_reply(models([model(1, tier=1)], 1))))
    client = flavour.public(service.url)
    with drift.watch(client) as first, drift.watch(client) as second:
        flavour.result(client.models.get())
    second.close()
    flavour.result(client.models.get())
    assert [watch.findings[0].responses for watch in (first, second)] == [1, 1]


def test_copies_and_the_combined_client_are_watched_as_a_whole(
    flavour: Flavour, local: benchwire.local.Server
) -> None:
    make = local.client if flavour.name == "sync" else local.async_client
    client = make()
    try:
        with drift.watch(client) as watch:
            flavour.result(client.public.models.get(page_size=3))
            flavour.result(client.v2.benchmarks.list_types())
            flavour.result(client.with_options(timeout=30).v0.me())
    finally:
        flavour.close(client)
    assert watch.findings == []
    responses = json.loads(watch.to_json())["responses"]
    assert [(one["api"], one["operation"]) for one in responses] == [
        ("public", "listModels"),
        ("v0", "getAccount"),
        ("v2", "listBenchmarkTypes"),
    ]


def test_a_client_that_is_not_watched_does_no_work_for_it(
    flavour: Flavour, scripted: Scripted
) -> None:
    """Counted, not timed: no function of the watch runs, and nothing is made for it."""
    client = flavour.public(scripted(always(json_reply(FITS))).url)
    with drift.watch(client):
        during = _functions(lambda: _call(flavour, client.models.get))
    after = _functions(lambda: _call(flavour, client.models.get))
    assert ("drift.py", "_received") in during
    assert not {name for name in after if "drift" in name[0] or name[1] == "_received"}


def test_importing_a_client_does_not_import_the_watch() -> None:
    code = (
        "import sys, benchwire; benchwire.PublicClient('k').close();"
        "print([m for m in sys.modules if 'drift' in m or m == 'yaml'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_without_the_extra_it_says_what_is_missing() -> None:
    code = (
        "import sys\nsys.modules['yaml'] = None\n"
        "try:\n    import benchwire.drift\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'needs the extra "drift": pip install "benchwire[drift]"' in done.stdout


# Without a client: what a collector makes of many responses.


def evaluation(**fields: Any) -> dict[str, Any]:
    return {"id": "e", "status": "success", "model_id": "m", "dataset_id": "d", **fields}


def get(path: str, body: object) -> ObservedResponse:
    content = json.dumps(body).encode()
    return ObservedResponse(method="GET", path=path, status=200, headers=JSON, content=content)


def collected(api: str, *responses: ObservedResponse) -> Collector:
    collector = Collector()
    for response in responses:
        collector.add_response(api, response)
    return collector


def never_seen(collector: Collector) -> set[str]:
    return {f.path for f in collector.findings() if f.kind is Kind.NEVER_SEEN}


def test_a_field_that_no_answer_has_is_found_once_every_operation_was_asked() -> None:
    rows = {"evaluations": [evaluation(accuracy=1)] * 10, "total_count": 10}
    listed = collected("public", get("/evaluations", rows))
    assert never_seen(listed) == set()  # it might be in the response that gives one
    listed.add_response("public", get("/evaluations/e", evaluation()))
    assert "$.model_name" in never_seen(listed)
    assert "$.accuracy" not in never_seen(listed)
    listed.add_response("public", get("/evaluations/e", evaluation(model_name=None)))
    assert "$.model_name" not in never_seen(listed)


def test_few_objects_say_nothing_about_what_is_never_there() -> None:
    few = {"evaluations": [evaluation()] * 8, "total_count": 8}
    responses = (get("/evaluations", few), get("/evaluations/e", evaluation()))
    assert never_seen(collected("public", *responses)) == set()
    assert len(never_seen(collected("public", *responses, responses[1]))) > 5


def test_an_inferred_name_that_is_never_there_is_no_finding() -> None:
    job = {"id": "j", "status": "completed"}
    responses = get("/v0/jobs", {"jobs": [job] * 10}), get("/v0/jobs/j", job)
    snapshot = collected("v0", *responses).snapshot()
    assert snapshot.findings == []
    assert "$.jobs[*].score" not in {one.path for one in snapshot.unconfirmed}
    assert {(one.operation, one.path, one.objects) for one in snapshot.unconfirmed} >= {
        ("getJob", "$.score", 11)
    }


def test_a_field_with_another_name_is_both_unknown_and_never_seen() -> None:
    job = {"id": "j", "status": "completed", "passed": 5}
    (never, unknown) = collected("v0", get("/v0/jobs/j", job)).findings()
    assert (never.kind, never.path, never.now) == (Kind.NEVER_SEEN, "$.passed_count", "passed")
    assert never.grade is Grade.SEMANTIC
    assert (unknown.kind, unknown.path) == (Kind.UNKNOWN_FIELD, "$.passed")


def test_a_required_field_may_have_another_name_too() -> None:
    job = {"job_id": "j", "status": "completed"}
    missing, _ = collected("v0", get("/v0/jobs/j", job)).findings()
    assert (missing.kind, missing.now) == (Kind.MISSING_FIELD, "job_id")


def test_a_new_field_of_another_type_is_no_new_name() -> None:
    job = {"id": "j", "status": "completed", "passed": {"n": 5}}
    (unknown,) = collected("v0", get("/v0/jobs/j", job)).findings()
    assert unknown.kind is Kind.UNKNOWN_FIELD


def test_the_one_field_that_is_gone_is_the_one_new_field() -> None:
    account = {"available_credits": 5, "organization_id": "o", "owner": "a"}
    never, unknown = collected("v0", get("/v0/me", account)).findings()
    assert (never.path, never.now) == ("$.account_id", "owner")
    assert unknown.path == "$.owner"


def test_many_threads_lose_nothing() -> None:
    collector = Collector()
    response = get("/models", models([model(1, tier=1)], 1))
    threads = [
        threading.Thread(
            target=lambda: [collector.add_response("public", response) for _ in range(50)]
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (finding,) = [f for f in collector.findings() if f.kind is Kind.UNKNOWN_FIELD]
    assert (finding.count, finding.responses) == (400, 400)


def test_the_number_of_findings_is_bounded() -> None:
    letters = "abcdefghijklmnopqrst"
    collector = Collector()
    for a in letters:
        names = {f"{a}{b}{c}": 1 for b in letters for c in letters}
        collector.add_response(
            "public", get("/evaluations", {"total_count": 0, "evaluations": [], **names})
        )
    snapshot = collector.snapshot()
    assert len(snapshot.findings) == collector_module.MAX_FINDINGS
    assert snapshot.dropped == 20 * 400 - collector_module.MAX_FINDINGS
    report = drift.make_report(snapshot, []).markdown()
    assert "7000 more differences were not kept" in report


def _call(flavour: Flavour, call: Callable[[], Any]) -> Any:
    """What a call gives, or the error it ends with."""
    try:
        return flavour.result(call())
    except benchwire.APIError as error:
        return error


def _functions(work: Callable[[], object]) -> set[tuple[str, str]]:
    """The functions that run in this thread while work is done: file and name."""
    seen: set[tuple[str, str]] = set()

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            path = frame.f_code.co_filename.replace("\\", "/")
            if "/wrapper/benchwire/" in path:
                seen.add((path.rpartition("/wrapper/benchwire/")[2], frame.f_code.co_name))

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    assert seen
    return seen
