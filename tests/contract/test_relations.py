"""The relations: which mutations they detect, and that none of them passes silently."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from scripts.contract import runs
from scripts.contract.http_client import ApiClient, Exchange
from scripts.contract.mutation_run import TABLE_HEAD, detect, false_findings
from scripts.contract.mutations.middleware import MutatingMiddleware, Mutation
from scripts.contract.mutations.mutators import map_response
from scripts.contract.mutations.table import MUTATIONS
from scripts.contract.relation_run import RelationResults, run_relations
from scripts.contract.relations.assertions import describe_disorder
from scripts.contract.runs import base_url_of, check_relations, validate_strictly
from scripts.contract.services import SERVICES, undocumented_paths

from benchwire_drift.findings import Finding
from benchwire_local import LocalServer, Settings
from benchwire_local.api import v2
from benchwire_local.http.call import ApiResponse, Call
from contract.recording import CannedResponse, RecordingServer
from contract.short_jobs import ShortJobsServer
from support.shared import REPOSITORY

APIS = ("public", "v2", "v0")
NUMBER = {"public": 149, "v2": 20, "v0": 38}  # at least
PAGE = REPOSITORY / "docs" / "contract-testing.md"


@pytest.mark.parametrize("api", APIS)
def test_every_relation_is_judged_and_holds_on_the_embedded_server(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges = 0

    def counted(name: str, observed: Iterable[Exchange]) -> list[Finding]:
        nonlocal exchanges
        exchanges = len(list(observed))
        return validate_strictly(name, observed)

    monkeypatch.setattr(runs, "validate_strictly", counted)
    with LocalServer(Settings()) as server:
        report = check_relations(server, api)
    assert 0 < exchanges <= 250
    assert [str(finding) for finding in report.relations.findings] == []
    assert report.relations.not_judged == {}
    assert report.strict == []
    assert len(report.relations.held) == report.relations.selected >= NUMBER[api]


@pytest.mark.parametrize("api", APIS)
def test_a_server_without_data_is_not_judged_rather_than_passed(api: str) -> None:
    with (
        LocalServer(Settings(sample=False)) as server,
        ApiClient(api, base_url_of(server, api), server.api_key) as client,
    ):
        results = run_relations(client)
    assert results.findings == []
    assert len(results.not_judged) > len(results.held) / 2
    # The names of relations are unique.
    names = Counter([*results.held, *results.not_judged])
    assert names.most_common(1)[0][1] == 1
    assert names.total() == results.selected
    assert all(reason and "\n" not in reason for reason in results.not_judged.values())


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        *(
            pytest.param(body, marks=pytest.mark.long)
            for body in (
                b"no JSON",
                b"[]",
                b"null",
                b"[null]",
                b'{"models": 5, "total_count": "x"}',
            )
        ),
    ],
)
def test_responses_of_any_shape_are_findings_and_not_crashes(api: str, body: bytes) -> None:
    with (
        RecordingServer(lambda received: CannedResponse(200, body)) as server,
        ApiClient(api, server.url, "key", poll_interval=0) as client,
    ):
        results = run_relations(client)
    assert results.findings
    assert all(finding.message and finding.requests for finding in results.findings)
    judged = {*results.held, *results.not_judged, *(item.relation for item in results.findings)}
    assert len(judged) == results.selected


def test_a_server_that_cannot_be_reached_is_a_finding() -> None:
    with RecordingServer() as server:
        pass
    with ApiClient("v2", server.url, "key") as client:
        results = run_relations(client)
    assert {finding.message for finding in results.findings} == {
        "no response: nobody listens there (connection refused)"
    }


@pytest.mark.parametrize(("times", "reported"), [(1, 0), (2, 1)])
def test_a_finding_that_is_not_repeated_is_not_reported(
    times: int, reported: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data of a live server changes between two requests; a deviation stays."""
    handler = v2.HANDLERS["listBenchmarkTypes"]
    twice = [{"id": 1, "name": None}] * 2
    replies = iter([ApiResponse(200, twice)] * times)
    monkeypatch.setitem(
        v2.HANDLERS, "listBenchmarkTypes", lambda call: next(replies, None) or handler(call)
    )
    with LocalServer(Settings()) as server, ApiClient("v2", server.url, server.api_key) as client:
        results = run_relations(client)
    messages = [finding.message for finding in results.findings]
    assert messages == ["1 of 2 are there twice"] * reported
    assert len(results.held) == results.selected - reported


@pytest.mark.parametrize("place", ["testCaseResults", None])
def test_test_cases_in_other_places_are_no_finding(
    place: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = v2.HANDLERS["getProbeRun"]

    def moved(call: Call) -> ApiResponse:
        run = dict(handler(call).body)
        cases = run.pop("testCases")
        return ApiResponse(200, cases if place is None else {**run, place: cases})

    monkeypatch.setitem(v2.HANDLERS, "getProbeRun", moved)
    with LocalServer(Settings()) as server:
        report = check_relations(server, "v2", "run")
    assert (report.relations.findings, report.relations.not_judged) == ([], {})
    assert "test_the_test_cases_of_a_run_are_those_counted" in report.relations.held


def test_a_finding_shows_the_relation_and_its_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        v2.HANDLERS, "getProbeRun", lambda call: ApiResponse(200, None)
    )  # a 500, since it breaks the specification
    with LocalServer(Settings()) as server, ApiClient("v2", server.url, server.api_key) as client:
        results = run_relations(client, "test_an_unknown_model_or_run_is_a_404")
    path = "/api/v2/benchmarks/models/2147483641"
    (finding,) = results.findings
    assert str(finding).split("\n    ") == [
        "test_an_unknown_model_or_run_is_a_404",
        f"GET {path}",
        f"GET {path}/runs?benchmarkTypeId=1",
        f"GET {path}/runs/2147483641/test-cases",
        "status 500",
    ]


def test_a_keyword_selects_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")  # for the tests of something else
    with LocalServer(Settings()) as server:
        report = check_relations(server, "v2", "within_the_total")
        assert report.relations.held == ["test_passed_and_failed_are_within_the_total"]
        assert check_relations(server, "v2", "no_such_relation").relations == RelationResults()


@pytest.mark.parametrize(
    ("values", "descending", "fine"),
    [
        ([1, 2, 2, 3], False, True),
        ([1, 2, 2, 3], True, False),
        ([3, 2, None, None], True, True),
        ([None, 2, 3], False, True),
        ([1, None, 2], False, False),
        (["a", "B", "c"], False, True),
        (["B", "a", "c"], False, True),
        (["c", "a", "B"], False, False),
        (["9", 10, "11"], False, True),
        ([], True, True),
    ],
)
def test_order(values: list[object], descending: bool, fine: bool) -> None:
    assert (describe_disorder(values, descending=descending) is None) is fine


def test_undocumented_paths_are_near_the_documented_ones() -> None:
    documented = {"/v0/me", "/v0/jobs", "/v0/jobs/{id}", "/v0/jobs/batch"}
    paths = undocumented_paths(documented, {"/v0/me": "7"})
    assert {"/v0/health", "/v0", "/v0/me/7", "/v0/jobs/batch/1"} <= set(paths)
    assert not any(re.fullmatch("/v0/(me|jobs|jobs/[^/]+)", path) for path in paths)


# ---- numbers ---------------------------------------------------------------------------------


def _with_floats(value: object) -> object:
    """Write every integer as a float: 42 as 42.0."""
    if isinstance(value, dict):
        return {name: _with_floats(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_floats(item) for item in value]
    return float(value) if type(value) is int else value


@pytest.mark.parametrize("api", APIS)
def test_integers_written_as_floats_are_integers(api: str) -> None:
    """JSON Schema has one type of number: 42.0 is an integer."""
    operations = tuple(f"{api}.{name}" for name in SERVICES[api].operations)
    change = map_response(lambda one: replace(one, body=_with_floats(one.body)), range(200, 600))
    floats = Mutation(f"{api}.floats", "numbers", operations, change, "Every integer is a float.")
    settings = Settings()
    with ShortJobsServer(settings, MutatingMiddleware(settings.api_key, floats)) as server:
        report = check_relations(server, api)
    assert [str(finding) for finding in report.relations.findings] == []
    assert report.relations.not_judged == {}
    assert [(finding.kind, finding.operation, finding.path) for finding in report.strict] == []


# ---- mutations -------------------------------------------------------------------------------


def rows() -> dict[str, list[str]]:
    """The table of the page: for each mutation, the cells of its row."""
    text = PAGE.read_text(encoding="utf-8")
    assert all(line in text for line in TABLE_HEAD)
    lines = text.partition(TABLE_HEAD[1])[2].strip().splitlines()
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines
             if line.startswith("| `")]  # fmt: skip
    return {row[0].strip("`"): row for row in table}


def test_the_page_has_every_mutation() -> None:
    assert list(rows()) == list(MUTATIONS)
    assert len(MUTATIONS) >= 175


@pytest.mark.parametrize("api", APIS)
def test_mutations_are_detected_by_the_relation_on_the_page(api: str) -> None:
    """Every eighth; the long test below checks all that the page has."""
    table = rows()
    for mutation in mutations_of(api)[::8]:
        if relation := relation_of(table[mutation.id]):
            # Alone where that is enough; some need the requests of those before.
            assert any(
                relation in findings(mutation, keyword)
                for keyword in (relation.partition("[")[0], "")
            ), mutation.id


def findings(mutation: Mutation, keyword: str) -> set[str]:
    settings = Settings()
    with ShortJobsServer(settings, MutatingMiddleware(settings.api_key, mutation)) as server:
        report = check_relations(server, mutation.api, keyword)
    return {finding.relation for finding in report.relations.findings}


@pytest.mark.long
@pytest.mark.parametrize("api", APIS)
def test_every_mutation_is_detected_by_the_checks_on_the_page(api: str, tmp_path: Path) -> None:
    check_detected(mutations_of(api), tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("api", APIS)
def test_nothing_is_found_on_the_unmutated_server(api: str, tmp_path: Path) -> None:
    assert list(false_findings(api, range(1, 3), tmp_path)) == [(1, []), (2, [])]


def relation_of(row: list[str]) -> str:
    """Return the first relation that detects a mutation; empty if there is none."""
    return row[2].removesuffix(" and others").strip("`")


def mutations_of(api: str) -> list[Mutation]:
    return [mutation for mutation in MUTATIONS.values() if mutation.api == api]


def check_detected(mutations: list[Mutation], folder: Path) -> None:
    table = rows()
    detections = list(detect(mutations, folder))
    assert [detection.mutation for detection in detections] == mutations
    for detection in detections:
        name = detection.mutation.id
        assert detection.checks, name
        _id, description, _, strict, schemathesis = table[name]
        assert description == detection.mutation.description
        relation = relation_of(table[name])
        for expected, actual in (
            ([relation], detection.relations),
            (strict.split(", "), detection.strict),
            (schemathesis.split(", "), detection.schemathesis),
        ):
            assert set(filter(None, expected)) <= set(actual), (name, expected, actual)
        assert any((relation, strict, schemathesis)), name
