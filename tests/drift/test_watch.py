"""Watching clients on real sockets: one scenario for sync and async."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import benchwire
from benchwire import drift
from benchwire_drift import collector as collector_module
from benchwire_drift.findings import Grade, Kind
from support.both import KEY, Flavour
from support.scripted import Reply, Scripted, always, in_turn, json_reply
from support.wire import model, models

CANARY = "CANARY-4f9a1c"
CONFORMING = models([model(1)], 1)


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
    "status": (json_reply(CONFORMING, 418), Kind.UNDOCUMENTED_STATUS, ""),
    "content type": (
        Reply(json.dumps(CONFORMING).encode(), headers={"content-type": "text/plain"}),
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


def test_results_and_errors_are_the_same_with_a_watch(flavour: Flavour, scripted: Scripted) -> None:
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


def test_an_error_of_the_check_is_a_finding_and_does_not_fail_the_call(
    flavour: Flavour, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(collector_module, "check_response", fail)
    service = scripted(always(json_reply(CONFORMING)))
    client = flavour.public(service.url)
    with drift.watch(client) as watch:
        for _ in range(2):
            assert flavour.result(client.models.get()).total_count == 1
    (finding,) = watch.findings
    assert (finding.kind, finding.got, finding.count) == (
        Kind.INTERNAL,
        ("one that the check can't read, a defect of the check",),
        2,
    )
    assert finding.grade is Grade.SEMANTIC
    assert CANARY not in watch.report() + watch.to_json()


def test_counts_add_up_over_responses_and_items(flavour: Flavour, scripted: Scripted) -> None:
    rows = [model(n, tier=n) for n in range(3)]
    service = scripted(always(json_reply(models(rows, 3))))
    client = flavour.public(service.url)
    with drift.watch(client) as watch:
        for _ in range(2):
            flavour.result(client.models.get())
    (finding,) = watch.findings
    assert (finding.count, finding.responses) == (6, 2)


def test_pages_fetched_concurrently_are_all_checked(flavour: Flavour, scripted: Scripted) -> None:
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


def test_a_watch_ends_with_its_block(flavour: Flavour, scripted: Scripted) -> None:
    service = scripted(always(json_reply(models([model(1, tier=1)], 1))))
    client = flavour.public(service.url)
    with drift.watch(client) as first, drift.watch(client) as second:
        flavour.result(client.models.get())
    second.close()
    flavour.result(client.models.get())
    assert [watch.findings[0].responses for watch in (first, second)] == [1, 1]


def test_copies_and_all_apis_of_the_combined_client_are_watched(
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


def test_an_unwatched_client_runs_no_code_of_the_watch(
    flavour: Flavour, scripted: Scripted
) -> None:
    """Counts the called functions; times would vary."""
    client = flavour.public(scripted(always(json_reply(CONFORMING))).url)
    with drift.watch(client):
        during = _functions(lambda: _call(flavour, client.models.get))
    after = _functions(lambda: _call(flavour, client.models.get))
    assert ("drift/__init__.py", "_received") in during
    assert not {name for name in after if "drift" in name[0] or name[1] == "_received"}


def test_importing_a_client_does_not_import_drift() -> None:
    code = (
        "import sys, benchwire; benchwire.PublicClient('k').close();"
        "print([m for m in sys.modules if 'drift' in m or m == 'yaml'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_import_without_the_extra_names_the_extra() -> None:
    code = (
        "import sys\nsys.modules['yaml'] = None\n"
        "try:\n    import benchwire.drift\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'needs the extra "drift": pip install "benchwire[drift]"' in done.stdout


def _call(flavour: Flavour, call: Callable[[], Any]) -> Any:
    """Return the result of a call, or the error that it raises."""
    try:
        return flavour.result(call())
    except benchwire.APIError as error:
        return error


def _functions(work: Callable[[], object]) -> set[tuple[str, str]]:
    """Return the functions that run in this thread during `work`, by file and name."""
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
