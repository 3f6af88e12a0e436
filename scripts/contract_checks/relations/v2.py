"""What must hold in the v2 API: benchmark types, models and probe runs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from .listing import Item, differ
from .running import Contradictions, NoDataError, Relations

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api

V2 = Relations()
say = V2.relation
_MODELS = "listBenchmarkModels"
_MODEL = "getBenchmarkModel"
_RUNS = "listProbeRuns"
_RUN = "getProbeRun"
_COUNTS = ("passedCount", "failedCount", "totalCount")
_NO_ID = 2**31 - 7
_MOST_MODELS = 4
_MOST_TYPES = 4


def _types(api: Api) -> list[Item]:
    types: list[Item] = api.get("listBenchmarkTypes")
    if not types:
        raise NoDataError("there is no benchmark type")
    return types[:_MOST_TYPES]


def _models(api: Api, **query: int) -> list[Item]:
    models: list[Item] = api.get(_MODELS, **query)
    if not models:
        raise NoDataError("there is no model")
    return models


def _some_models(api: Api) -> list[Item]:
    models = _models(api)
    half = _MOST_MODELS // 2
    return models if len(models) <= _MOST_MODELS else [*models[:half], *models[-half:]]


def _runs(api: Api) -> list[tuple[Item, Item, Item]]:
    """Some models with each type, and the runs there."""
    found = [
        (model, kind, run)
        for model in _some_models(api)
        for kind in _types(api)
        for run in api.get(_RUNS, model["id"], benchmarkTypeId=kind["id"])
    ]
    if not found:
        raise NoDataError("there is no probe run")
    return found


@say("listBenchmarkTypes", "ids are unique")
def _(api: Api) -> Contradictions:
    yield from _repeated(api, _types(api))


@say(_MODELS, "ids are unique")
def _(api: Api) -> Contradictions:
    yield from _repeated(api, _models(api))


@say(_RUNS, "ids are unique, and no run is of two types or models")
def _(api: Api) -> Contradictions:
    yield from _repeated(api, [run for _, _, run in _runs(api)])


def _repeated(api: Api, items: list[Item]) -> Contradictions:
    ids = [item["id"] for item in items]
    if len(set(ids)) != len(ids):
        yield api.last, f"{len(ids) - len(set(ids))} ids twice"


@say("listBenchmarkTypes", "what is listed has no route of its own")
def _(api: Api) -> Contradictions:
    answer = api.probe(f"{api.path_of('listBenchmarkTypes')}/{_types(api)[0]['id']}")
    if answer.status != 404:
        yield answer.asked, f"status {answer.status}, and the specification has no such route"


@say(_MODELS, "a type has the models that have runs of it, and other scores than all together")
def _(api: Api) -> Contradictions:
    everything = {model["id"]: model for model in _models(api)}
    types = _types(api)
    if len(types) < 2:
        raise NoDataError("there is only one type")
    seen = []
    for kind in types:
        of_type = _models(api, benchmarkTypeId=kind["id"])
        if strangers := {model["id"] for model in of_type} - everything.keys():
            yield api.last, f"{len(strangers)} models that the whole list does not have"
        seen.append([model.get("scores") for model in of_type])
    if all(scores == seen[0] for scores in seen):
        yield api.last, f"the same scores for {len(types)} types"


@say(_MODELS, "a type that does not exist gives nothing")
def _(api: Api) -> Contradictions:
    answer = api.ask(_MODELS, benchmarkTypeId=_NO_ID)
    if answer.status == 200 and answer.json():
        yield answer.asked, f"{len(answer.json())} models"


@say(_MODEL, "get(id).id is id, and all else is as in the list, with a type and without")
def _(api: Api) -> Contradictions:
    for query in ({}, {"benchmarkTypeId": _types(api)[0]["id"]}):
        listed = {model["id"]: model for model in _models(api, **query)}
        for model in _some_models(api):
            if model["id"] not in listed:
                continue
            got = api.get(_MODEL, model["id"], **query)
            if got["id"] != model["id"]:
                yield api.last, f"the model {got['id']}"
            item = listed[model["id"]]
            if differs := [name for name, value in item.items() if got.get(name) != value]:
                yield api.last, f"other values than in the list: {', '.join(differs)}"


@say(_MODEL, "passed and failed add up to the total")
def _(api: Api) -> Contradictions:
    for model in _some_models(api):
        yield from _added_up(api, api.get(_MODEL, model["id"]))


@say(_RUNS, "passed and failed add up to the total")
def _(api: Api) -> Contradictions:
    for _, _, run in _runs(api):
        yield from _added_up(api, run)


def _added_up(api: Api, item: Item) -> Contradictions:
    passed, failed, total = (item[name] for name in _COUNTS)
    if passed + failed != total or min(passed, failed) < 0:
        yield api.last, f"{item['id']}: {passed} passed, {failed} failed, {total} in all"


@say(_MODEL, "the counts of a type are those of its runs, and all types make the whole")
def _(api: Api) -> Contradictions:
    types = api.get("listBenchmarkTypes")
    if len(types) > _MOST_TYPES:
        raise NoDataError(f"there are {len(types)} types, too many to ask for each")
    for model in _some_models(api):
        whole = api.get(_MODEL, model["id"])
        sums = dict.fromkeys(_COUNTS, 0)
        for kind in types:
            runs = api.get(_RUNS, model["id"], benchmarkTypeId=kind["id"])
            details = api.get(_MODEL, model["id"], benchmarkTypeId=kind["id"])
            for name in _COUNTS:
                of_runs = sum(run[name] for run in runs)
                sums[name] += of_runs
                if details[name] != of_runs:
                    yield api.last, f"{name} {details[name]}, and {of_runs} in its runs"
        for name in _COUNTS:
            if whole[name] != sums[name]:
                yield (
                    api.last,
                    f"{name} {whole[name]} without a type, and {sums[name]} in all types",
                )


@say(_RUNS, "a score is the share of test cases passed, in percent", assumed=True)
def _(api: Api) -> Contradictions:
    for _, _, run in _runs(api):
        if run["totalCount"] and abs(_share([run]) - run["score"]) > 0.1:
            yield (
                api.last,
                f"run {run['id']}: score {run['score']}, and {_share([run]):.2f} percent",
            )


@say(_MODELS, "the score in a category is the share its runs passed, in percent", assumed=True)
def _(api: Api) -> Contradictions:
    judged = 0
    by_place: dict[tuple[int, str, int], list[Item]] = {}
    for model, kind, run in _runs(api):
        by_place.setdefault((model["id"], run["probeCategoryName"], kind["id"]), []).append(run)
    listed = {
        kind["id"]: {model["id"]: model for model in _models(api, benchmarkTypeId=kind["id"])}
        for kind in _types(api)
    }
    for (model_id, category, type_id), runs in by_place.items():
        of_type: Item = listed[type_id].get(model_id, {})
        score = (of_type.get("scores") or {}).get(category)
        if score is None:
            continue
        judged += 1
        if abs(_share(runs) - score) > 0.1:
            yield api.last, f"model {model_id}: score {score}, and {_share(runs):.2f} percent"
    if not judged:
        raise NoDataError("no model has scores")


def _share(runs: list[Item]) -> float:
    total = sum(run["totalCount"] for run in runs)
    return 100 * sum(run["passedCount"] for run in runs) / total if total else 0.0


@say(_MODEL, "a better score has a better rank; 1 is best")
def _(api: Api) -> Contradictions:
    details = [api.get(_MODEL, model["id"]) for model in _models(api)[:12]]
    ranked: dict[str, list[tuple[float, float, Any]]] = {}
    for model in details:
        for category, rank in (model.get("ranks") or {}).items():
            score = (model.get("scores") or {}).get(category)
            if rank is not None and score is not None:
                ranked.setdefault(category, []).append((score, rank, model["id"]))
                if rank < 1:
                    yield api.last, f"model {model['id']} has the rank {rank}"
    if not any(len(models) > 1 for models in ranked.values()):
        raise NoDataError("no two models have ranks in one category")
    for models in ranked.values():
        for (score, rank, model_id), (other, below, _) in _neighbours(models):
            if score > other and rank >= below:
                yield api.last, f"model {model_id} has a better score and no better rank"


def _neighbours(models: list[Any]) -> list[tuple[Any, Any]]:
    return list(itertools.pairwise(sorted(models, reverse=True)))


@say(_RUN, "get(id).id is id, and all else is as in the list")
def _(api: Api) -> Contradictions:
    runs = _runs(api)
    for model, _, run in (runs[0], runs[-1]):
        got = api.get(_RUN, model["id"], run["id"])
        if got["id"] != run["id"]:
            yield api.last, f"the run {got['id']}"
        if differs := [name for name, value in run.items() if got.get(name) != value]:
            yield api.last, f"other values than in the list: {', '.join(differs)}"


@say(_RUN, "the test cases are as many as the counts say", assumed=True)
def _(api: Api) -> Contradictions:
    runs = _runs(api)
    judged = False
    for model, _, run in (runs[0], runs[-1]):
        cases = api.get(_RUN, model["id"], run["id"]).get("testCases")
        if cases is None:
            continue
        judged = True
        ids = [case.get("id") for case in cases]
        passed = sum(bool(case.get("passed")) for case in cases)
        if (len(cases), passed) != (run["totalCount"], run["passedCount"]):
            yield (
                api.last,
                f"{len(cases)} test cases, {passed} passed; {run['totalCount']} and {run['passedCount']} are said",
            )
        if len(set(ids)) != len(ids):
            yield api.last, "test cases with the same id"
    if not judged:
        raise NoDataError("no run has test cases")


@say(_RUN, "a run of one model is no run of another")
def _(api: Api) -> Contradictions:
    by_model = {model["id"]: run["id"] for model, _, run in _runs(api)}
    if len(by_model) < 2:
        raise NoDataError("only one model has runs")
    (_, run), (other, _) = list(by_model.items())[:2]
    answer = api.ask(_RUN, other, run)
    if answer.status != 404:
        yield answer.asked, f"status {answer.status}"


@say(_RUNS, "the runs of a model and type are not those of another")
def _(api: Api) -> Contradictions:
    by_type: dict[Any, set[Any]] = {}
    for _, kind, run in _runs(api):
        by_type.setdefault(kind["id"], set()).add(run["id"])
    if len(by_type) < 2:
        raise NoDataError("only one type has runs")
    first, second = list(by_type.values())[:2]
    if differ(first, second) is None:
        yield api.last, "the same runs for two types"


for _operation, _path, _query in (
    (_MODEL, (_NO_ID,), {}),
    (_RUNS, (_NO_ID,), {"benchmarkTypeId": 1}),
    (_RUN, (_NO_ID, _NO_ID), {}),
):

    @say(_operation, "an id that nothing has is a 404")
    def _(
        api: Api, operation: str = _operation, path: tuple[int, ...] = _path,
        query: dict[str, int] = _query,
    ) -> Contradictions:  # fmt: skip
        answer = api.ask(operation, *path, **query)
        if answer.status != 404:
            yield answer.asked, f"status {answer.status}"
