"""What must hold for evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .listing import LARGEST_PAGE, NOWHERE, Listing, differ, two_values
from .paged import add_filters, add_paging, add_sorting, always
from .public import BENCHMARKS, MODELS, PUBLIC
from .running import Contradictions, NoDataError

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api

EVALUATIONS = Listing("listEvaluations", ("evaluations",), ("total_count",))
say = PUBLIC.relation

add_paging(PUBLIC, "listEvaluations", always(EVALUATIONS))
add_sorting(
    PUBLIC, "listEvaluations", always(EVALUATIONS),
    [(name, name) for name in ("submitted_at", "accuracy", "average_duration")],
)  # fmt: skip
add_filters(
    PUBLIC, "listEvaluations", always(EVALUATIONS),
    (("models", "model_id"), ("datasets", "dataset_id")), many=True,
)  # fmt: skip


@say("listEvaluations", "status keeps the evaluations with it, and the statuses part the list")
def _(api: Api) -> Contradictions:
    whole = EVALUATIONS.everything(api)
    two_values(whole, "status")
    known = ("pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled")
    for status in known:
        page = EVALUATIONS.page(api, page_size=LARGEST_PAGE, status=status)
        if strays := [item["id"] for item in page.items if item["status"] != status]:
            yield page.asked, f"{len(strays)} of {len(page.items)} have another, as {strays[0]}"
        kept = [item["id"] for item in whole if item["status"] == status]
        if page.total != len(kept):
            yield page.asked, f"a total of {page.total}, and {len(kept)} of the whole list have it"


@say("listEvaluations", "filters combine with AND")
def _(api: Api) -> Contradictions:
    item = EVALUATIONS.some(api)[0]
    page = EVALUATIONS.page(
        api, models=[item["model_id"]], datasets=[item["dataset_id"]], status=item["status"]
    )
    if strays := [row["id"] for row in page.items if any(
        row[name] != item[name] for name in ("model_id", "dataset_id", "status"))]:  # fmt: skip
        yield page.asked, f"{len(strays)} of {len(page.items)} do not match, such as {strays[0]}"
    if item["id"] not in page.ids and page.total == len(page.ids):
        yield page.asked, f"{item['id']} matches, and is missing"


@say("listEvaluations", "unique keeps one evaluation of each model and benchmark, the latest")
def _(api: Api) -> Contradictions:
    for query in ({}, {"status": "success"}):
        whole = EVALUATIONS.everything(api, **query)
        latest: dict[tuple[str, str], int] = {}
        for item in whole:
            pair = item["model_id"], item["dataset_id"]
            latest[pair] = max(latest.get(pair, 0), int(item.get("submitted_at") or 0))
        if not query and len(latest) == len(whole):
            raise NoDataError("no model has two evaluations on one benchmark")
        page = EVALUATIONS.page(api, unique=True, page_size=LARGEST_PAGE, **query)
        pairs = [(item["model_id"], item["dataset_id"]) for item in page.items]
        if len(set(pairs)) != len(pairs):
            yield page.asked, f"{len(pairs) - len(set(pairs))} pairs twice"
        if page.total != len(latest):
            yield page.asked, f"a total of {page.total}, and there are {len(latest)} pairs"
        older = [
            item["id"] for item, pair in zip(page.items, pairs, strict=True)
            if int(item.get("submitted_at") or 0) != latest.get(pair)
        ]  # fmt: skip
        if older:
            yield page.asked, f"{len(older)} are not the latest of their pair, such as {older[0]}"


@say("listEvaluations", "unique=false keeps all evaluations")
def _(api: Api) -> Contradictions:
    usual = EVALUATIONS.page(api)
    page = EVALUATIONS.page(api, unique=False)
    if (page.total, page.ids) != (usual.total, usual.ids):
        yield page.asked, f"a total of {page.total}, and {usual.total} without it"


@say("listEvaluations", "times, durations and shares are possible ones")
def _(api: Api) -> Contradictions:
    items = EVALUATIONS.some(api)
    for item in items:
        began, ended = item.get("submitted_at"), item.get("finished_at")
        if began is not None and ended is not None and int(ended) < int(began):
            yield api.last, f"{item['id']} ended before it was submitted"
        if began is not None and not 1_262_304_000 < int(began) < 4_102_444_800:
            yield api.last, f"{item['id']} was not submitted between 2010 and 2100, in seconds"
        accuracy, duration = item.get("accuracy"), item.get("average_duration")
        if accuracy is not None and not 0 <= accuracy <= 100:
            yield api.last, f"{item['id']} has an accuracy outside of 0 to 100"
        if duration is not None and duration < 0:
            yield api.last, f"{item['id']} has a negative duration"
    if max((item.get("accuracy") or 0 for item in items), default=0) <= 1 < len(items):
        yield api.last, "no accuracy is above 1 percent: is it a fraction?"


@say("listEvaluations", "the model and the benchmark named are those with that id")
def _(api: Api) -> Contradictions:
    items = EVALUATIONS.some(api)
    for listing, prefix in ((MODELS, "model"), (BENCHMARKS, "dataset")):
        ids = sorted({item[f"{prefix}_id"] for item in items})[:20]
        page = listing.page(api, ids=ids, include_deprecated=True, page_size=LARGEST_PAGE)
        there = {item["id"]: item for item in page.items}
        if difference := differ(ids, there):
            yield page.asked, difference
        for item in items:
            named = there.get(item[f"{prefix}_id"])
            for field in ("name", "key", "company"):
                said = item.get(f"{prefix}_{field}")
                if named is not None and said is not None and said != named.get(field):
                    yield page.asked, f"{item['id']} gives another {prefix}_{field}"


@say("getEvaluation", "get(id).id is id, and all else is as in the list")
def _(api: Api) -> Contradictions:
    items = EVALUATIONS.some(api)
    for listed in {item["id"]: item for item in (*items[:2], *items[-2:])}.values():
        got = api.get("getEvaluation", listed["id"])
        if got["id"] != listed["id"]:
            yield api.last, f"the evaluation {got['id']}"
        differs = [
            name for name, value in listed.items() if name != "summary" and got.get(name) != value
        ]
        if differs:
            yield api.last, f"other values than in the list: {', '.join(differs)}"


@say("getEvaluation", "an evaluation that succeeded has a summary, of its own model and benchmark")
def _(api: Api) -> Contradictions:
    page = EVALUATIONS.page(api, status="success", page_size=2)
    if not page.items:
        raise NoDataError("no evaluation has succeeded")
    for item in page.items:
        got = api.get("getEvaluation", item["id"])
        if not got.get("summary"):
            yield api.last, "no summary"


@say("getEvaluation", "an id that nothing has is a 404")
def _(api: Api) -> Contradictions:
    answer = api.ask("getEvaluation", NOWHERE)
    if answer.status != 404:
        yield answer.asked, f"status {answer.status}"
