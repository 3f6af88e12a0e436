"""Each change, on a real socket: what it promises is different, and nothing else is."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchwire_local.drift import CHANGES
from benchwire_local.http.operations import operation_names
from local.drift.conftest import Drifting, ended, job_order
from local.drift.corpus import Got, send, summary

EXPECTED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "expected.yaml").read_text(encoding="utf-8")
)
# These show in a submission only, or in what becomes of it: they have tests of their own below.
SUBMITTING = {
    "v0.submit.status-code",
    "v0.submit.field-renamed",
    "v0.submit.lost-write",
    "v0.batch.ids-missing",
    "v0.batch.field-retyped",
}


def test_every_change_is_expected_to_make_a_difference() -> None:
    assert EXPECTED.keys() | SUBMITTING == set(CHANGES)
    assert not EXPECTED.keys() & SUBMITTING
    assert all(EXPECTED.values())
    assert len(CHANGES) >= 60


def test_every_change_is_described() -> None:
    names = set(operation_names())
    for change in CHANGES.values():
        assert re.fullmatch(r"(public|v2|v0)(\.[a-z]+)?\.[a-z-]+", change.id)
        assert change.api == change.id.partition(".")[0]
        assert change.operations
        assert {operation.partition(".")[0] for operation in change.operations} == {change.api}
        assert set(change.operations) <= names
        assert change.kind
        assert change.description.endswith(".")


def test_every_operation_drifts_in_some_way() -> None:
    assert {op for change in CHANGES.values() for op in change.operations} == set(operation_names())


def answers(drifting: Drifting, *changes: str) -> dict[str, Got]:
    drifting.server.set_drift(list(changes))
    return {ask.name: send(drifting.http, ask) for ask in drifting.corpus}


@pytest.mark.parametrize("name", CHANGES)
def test_it_changes_what_it_says_and_nothing_else(drifting: Drifting, name: str) -> None:
    changed = answers(drifting, name)
    found = summary(drifting.corpus, drifting.unchanged, changed, CHANGES[name].operations)
    assert found == EXPECTED.get(name, {}), yaml.safe_dump({name: found}, sort_keys=False)


def test_an_empty_plan_changes_nothing(drifting: Drifting) -> None:
    assert answers(drifting) == drifting.unchanged


def test_changes_add_up(drifting: Drifting) -> None:
    """Two of one operation and one of another: each is there, and the next plan takes it away."""
    changed = answers(
        drifting, "v0.account.field-renamed", "v0.account.field-retyped", "v2.types.envelope"
    )
    # The first renames what the second, which sees the app's answer earlier, has made a text.
    assert changed["v0 account"].body["credits"] == str(
        drifting.unchanged["v0 account"].body["available_credits"]
    )
    assert changed["v2 types"].body == {"items": drifting.unchanged["v2 types"].body}
    assert answers(drifting) == drifting.unchanged


@pytest.mark.parametrize(
    ("name", "ask", "place", "pattern"),
    [
        ("public.models.date-milliseconds", "listModels", "models.0.created_at", r"1\d{12}"),
        ("public.models.date-text", "listModels", "models.0.released_at", r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("public.models.total-lies", "listModels", "total_count", "10"),
        ("public.models.count-lies", "listModels page_size=4", "count", "5"),
        ("public.benchmarks.field-retyped", "listBenchmarks", "datasets.0.categories", "mathematics,reasoning"),
        ("public.benchmarks.boolean-text", "listBenchmarks", "datasets.0.deprecated", "false"),
        ("public.benchmarks.total-is-page", "listBenchmarks page_size=2", "total_count", "2"),
        ("public.prompts.id-number", "listBenchmarkPrompts", "data.prompts.0.id", "1"),
        ("public.evaluations.field-retyped", "listEvaluations", "evaluations.0.accuracy", r"92\.5%"),
        ("public.evaluations.enum-value", "listEvaluations", "evaluations.0.status", "succeeded"),
        ("public.comparison.counts-lie", "compareEvaluations", "correct_count_1", "241"),
        ("v2.models.date-format", "v2 models", "0.benchmarkDate", r"03\.06\.2025 09:15"),
        ("v2.model.field-retyped", "v2 model", "ranks.Security", r"no\. \d"),
        ("v2.runs.date-number", "v2 runs", "0.createdAt", "1748946747"),
        ("v2.run.score-fraction", "v2 run", "score", r"0\.6875"),
        ("v0.benchmarks.date-format", "v0 benchmarks", "benchmarks.0.created_at", "Thu, 01 May 2025 08:00:00 GMT"),
        ("v0.jobs.enum-value", "v0 jobs", "jobs.0.status", "succeeded"),
        ("v0.jobs.date-number", "v0 jobs", "jobs.0.created_at", r"\d{10}"),
        ("v0.job.date-no-zone", "v0 job", "completed_at", r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"),
        ("v0.job.status-back", "v0 job again", "status", "pending"),
    ],
)  # fmt: skip
def test_the_new_value(drifting: Drifting, name: str, ask: str, place: str, pattern: str) -> None:
    value = answers(drifting, name)[ask].body
    for step in place.split("."):
        value = value[int(step) if isinstance(value, list) else step]
    assert re.fullmatch(pattern, str(value))


def test_pages_that_overlap_and_pages_with_a_gap(drifting: Drifting) -> None:
    whole = [model["key"] for model in drifting.unchanged["listModels"].body["models"]]
    paged = answers(drifting, "public.models.pages-overlap")
    second = [model["key"] for model in paged["listModels page=2&page_size=4"].body["models"]]
    assert second == whole[3:7]
    drifting.server.set_drift(["public.prompts.pages-gap"])
    every = drifting.unchanged["listBenchmarkPrompts"].body["data"]["prompts"]
    shown = answers(drifting, "public.prompts.pages-gap")["listBenchmarkPrompts page=2&page_size=3"]
    assert shown.body["data"]["prompts"] == every[4:7]


@pytest.mark.parametrize(
    "name",
    [
        "public.evaluation.wrong-resource",
        "v2.model.wrong-resource",
        "v2.run.wrong-resource",
        "v0.job.wrong-resource",
    ],
)
def test_a_wrong_resource_is_one_that_there_is(drifting: Drifting, name: str) -> None:
    """Whole and sound, and it is answered under its own id when the server does not drift."""
    operation = CHANGES[name].operations[0]
    changed = answers(drifting, name)
    for ask in drifting.corpus:
        if ask.operation == operation and drifting.unchanged[ask.name].status == 200:
            other = changed[ask.name].body
            own = str(drifting.unchanged[ask.name].body["id"])
            drifting.server.set_drift([])
            right = drifting.http.get(ask.path.replace(own, str(other["id"])))
            assert right.json() == other
            assert str(other["id"]) != own


# ---- submissions ---------------------------------------------------------------------------


def submit(drifting: Drifting) -> Any:
    return drifting.http.post("/v0/jobs", json=job_order(drifting.server))


def batch(drifting: Drifting) -> Any:
    order = job_order(drifting.server)
    benchmark = order.pop("benchmark_id")
    jobs = [{"benchmark_id": benchmark}] * 3
    return drifting.http.post("/v0/jobs/batch", json={**order, "jobs": jobs})


@pytest.fixture
def submitting(drifting: Drifting, tmp_path: Path) -> Any:
    """A server of its own, since submissions would change what the others answer."""
    from benchwire_local import LocalServer, Settings, load_drift_plan
    from local.drift.conftest import client

    settings = Settings(db=tmp_path / "data.db", drift=load_drift_plan([]))
    with LocalServer(settings) as server, client(server) as http:
        yield Drifting(server, http, [], {})


def truth(drifting: Drifting) -> list[str]:
    """The ids of all jobs there are, the newest first, and no change in force."""
    drifting.server.set_drift([])
    return [job["id"] for job in drifting.http.get("/v0/jobs").json()["jobs"]]


def test_another_status_of_a_submission(submitting: Drifting) -> None:
    submitting.server.set_drift(["v0.submit.status-code"])
    answer = submit(submitting)
    assert answer.status_code == 201
    assert truth(submitting) == [answer.json()["job_id"]]


def test_a_renamed_field_of_a_submission(submitting: Drifting) -> None:
    submitting.server.set_drift(["v0.submit.field-renamed"])
    answer = submit(submitting)
    assert answer.status_code == 202
    assert answer.json().keys() == {"id", "status", "message"}
    assert truth(submitting) == [answer.json()["id"]]


def test_a_lost_write(submitting: Drifting) -> None:
    http = submitting.http
    before = submit(submitting).json()["job_id"]
    account = http.get("/v0/me").json()["available_credits"]
    submitting.server.set_drift(["v0.submit.lost-write"])
    answer = submit(submitting)
    assert answer.status_code == 202
    lost = answer.json()["job_id"]
    assert http.get("/v0/me").json()["available_credits"] == account - 1
    for query in ("", "?limit=1", "?limit=5"):
        assert [job["id"] for job in http.get(f"/v0/jobs{query}").json()["jobs"]] == [before]
    assert http.get("/v0/jobs?limit=0").status_code == 422
    refused = http.get(f"/v0/jobs/{lost}")
    assert refused.status_code == 404
    assert refused.json().keys() == {"error"}
    assert http.get(f"/v0/jobs/{before}").status_code == 200


def test_a_batch_without_one_of_its_ids(submitting: Drifting) -> None:
    submitting.server.set_drift(["v0.batch.ids-missing"])
    ids = batch(submitting).json()["job_ids"]
    assert truth(submitting)[::-1][:2] == ids
    assert len(truth(submitting)) == 3


def test_a_batch_whose_ids_are_one_text(submitting: Drifting) -> None:
    submitting.server.set_drift(["v0.batch.field-retyped"])
    ids = batch(submitting).json()["job_ids"]
    assert ids.split(",") == truth(submitting)[::-1]


def test_a_status_goes_back_and_forth(submitting: Drifting) -> None:
    submitting.server.set_drift([])
    job_id = submit(submitting).json()["job_id"]
    job = ended(submitting.http, job_id)
    submitting.server.set_drift(["v0.job.status-back"])
    shown = [submitting.http.get(f"/v0/jobs/{job_id}").json() for _ in range(4)]
    assert [seen["status"] for seen in shown] == ["completed", "pending"] * 2
    assert shown[0] == shown[2] == job
    assert shown[1]["completed_at"] is None


def test_a_submission_that_is_cut_off_leaves_the_server_well(submitting: Drifting) -> None:
    """Its client goes before the body's end, while a change waits for the answer."""
    submitting.server.set_drift(["v0.submit.status-code"])
    host, port = submitting.server.url.removeprefix("http://").split(":")

    async def cut_off() -> None:
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /v0/jobs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {submitting.server.api_key}\r\n"
        writer.write(
            f"{head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{{".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    asyncio.run(cut_off())
    assert submit(submitting).status_code == 201
    assert len(truth(submitting)) == 1
