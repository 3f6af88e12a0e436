"""The relations: what they find on seeded drifts, and that they never pass in silence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripts.contract_checks import relations as rules
from scripts.contract_checks.asking import Api
from scripts.contract_checks.relations.anywhere import unknown_paths
from scripts.contract_checks.relations.listing import out_of_order
from scripts.contract_checks.relations.running import judge_all
from scripts.contract_checks.runs import base_url_of, related
from scripts.contract_checks.seeded import TABLE_HEAD, Found, find

from benchwire_local import LocalServer, Settings
from benchwire_local.api import v2
from benchwire_local.drift import CHANGES, Change
from benchwire_local.http.call import ApiResponse
from contract.recording import RecordingServer
from contract.recording import Reply as Sent
from support.shared import REPOSITORY

APIS = ("public", "v2", "v0")
PAGE = REPOSITORY / "docs" / "contract-testing.md"


@pytest.mark.parametrize("api", APIS)
def test_every_relation_is_judged_and_holds_on_the_embedded_server(api: str) -> None:
    with LocalServer(Settings()) as server:
        outcome = related(server, api)
    assert [str(finding) for finding in outcome.verdict.findings] == []
    assert outcome.verdict.not_judged == []
    assert outcome.strict == []
    assert len(outcome.verdict.held) == len(rules.relations(api)) > 20


@pytest.mark.parametrize("api", APIS)
def test_a_server_without_data_is_not_judged_rather_than_passed(api: str) -> None:
    with (
        LocalServer(Settings(sample=False)) as server,
        Api(api, base_url_of(server, api), server.api_key) as asked,
    ):
        verdict = judge_all(asked, rules.relations(api))
    assert verdict.findings == []
    assert len(verdict.not_judged) > len(verdict.held) / 2
    assert all(why and "\n" not in why for _, why in verdict.not_judged)


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
def test_answers_of_any_shape_are_findings_and_not_crashes(api: str, body: bytes) -> None:
    with (
        RecordingServer(lambda received: Sent(200, body)) as server,
        Api(api, server.url, "key", poll_interval=0) as asked,
    ):
        verdict = judge_all(asked, rules.relations(api))
    assert verdict.findings
    judged = len(verdict.held) + len({(f.operation, f.relation) for f in verdict.findings})
    assert judged + len(verdict.not_judged) == len(rules.relations(api))


def test_a_server_that_is_gone_is_a_finding() -> None:
    with RecordingServer() as server:
        pass
    with Api("v2", server.url, "key") as asked:
        verdict = judge_all(asked, rules.relations("v2"))
    assert {finding.came for finding in verdict.findings} == {"no answer: ConnectError"}


@pytest.mark.parametrize(("times", "reported"), [(1, 0), (2, 1)])
def test_what_is_found_once_and_not_again_is_not_reported(
    times: int, reported: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live server's data changes between two requests; a drift stays."""
    handler = v2.HANDLERS["listBenchmarkTypes"]
    twice = [{"id": 1, "name": None}] * 2
    replies = iter([ApiResponse(200, twice)] * times)
    monkeypatch.setitem(
        v2.HANDLERS, "listBenchmarkTypes", lambda call: next(replies, None) or handler(call)
    )
    with LocalServer(Settings()) as server, Api("v2", server.url, server.api_key) as asked:
        verdict = judge_all(asked, rules.relations("v2"))
    assert [finding.came for finding in verdict.findings] == ["1 ids twice"] * reported
    assert len(verdict.held) == len(rules.relations("v2")) - reported


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
    assert (out_of_order(values, descending=descending) is None) is fine


def test_unknown_paths_are_near_the_known_ones_and_none_of_them() -> None:
    known = {"/v0/me", "/v0/jobs", "/v0/jobs/{id}", "/v0/jobs/batch"}
    paths = unknown_paths(known)
    assert {"/v0/health", "/v0", "/v0/me/1", "/v0/jobs/1/latest", "/v0/jobs/batch/1"} <= set(paths)
    assert not any(re.fullmatch("/v0/(me|jobs|jobs/[^/]+)", path) for path in paths)


# ---- seeded drift ----------------------------------------------------------------------------


def rows() -> dict[str, list[str]]:
    """The table of the page: for each change, the cells of its row."""
    text = PAGE.read_text(encoding="utf-8")
    assert all(line in text for line in TABLE_HEAD)
    lines = text.partition(TABLE_HEAD[1])[2].strip().splitlines()
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines
             if line.startswith("| `")]  # fmt: skip
    return {row[0].strip("`"): row for row in table}


def test_the_page_has_every_change() -> None:
    assert list(rows()) == list(CHANGES)
    assert len(CHANGES) >= 60


@pytest.mark.parametrize("api", APIS)
def test_seeded_changes_are_found_by_the_check_the_page_names(api: str, tmp_path: Path) -> None:
    """Every eighth; the long test below goes through all of them."""
    check_found(changes_of(api)[::8], tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("api", APIS)
def test_every_seeded_change_is_found_by_the_check_the_page_names(api: str, tmp_path: Path) -> None:
    check_found(changes_of(api), tmp_path)


def changes_of(api: str) -> list[Change]:
    return [change for change in CHANGES.values() if change.api == api]


def check_found(changes: list[Change], folder: Path) -> None:
    table = rows()
    for found in find(changes, folder):
        assert found.checks, found.change.id
        _id, description, relation, strict, schemathesis = table[found.change.id]
        assert description == found.change.description
        for named, came in (
            (re.sub(r" \(and \d+ more\)$", "", relation), found.relations),
            (strict, found.strict),
            (schemathesis, found.schemathesis),
        ):
            wanted = set(filter(None, [named] if came is found.relations else named.split(", ")))
            assert wanted <= set(came), (found.change.id, wanted, came)
        assert any((relation, strict, schemathesis)), found.change.id
    assert isinstance(found, Found)
