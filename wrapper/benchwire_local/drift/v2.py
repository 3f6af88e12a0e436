"""Changes of the v2 API."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchwire_local.drift import edits
from benchwire_local.drift.edits import (
    convert,
    editing,
    ignoring,
    null,
    remove,
    rename,
)
from benchwire_local.drift.messages import Act, Answered, Asked, Change, PassOn

if TYPE_CHECKING:
    from benchwire_local.drift.edits import Edit

_ROOT = "/api/v2/benchmarks"
_TYPES = ("v2.listBenchmarkTypes",)
_MODELS = ("v2.listBenchmarkModels",)
_MODEL = ("v2.getBenchmarkModel",)
_RUNS = ("v2.listProbeRuns",)
_RUN = ("v2.getProbeRun",)
_EVERYTHING = (*_TYPES, *_MODELS, *_MODEL, *_RUNS, *_RUN)


def _as_list(scores: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"category": name, "score": score} for name, score in scores.items()]


def _ordinals(ranks: dict[str, Any]) -> dict[str, str | None]:
    return {name: rank if rank is None else f"no. {rank}" for name, rank in ranks.items()}


def _fraction(run: dict[str, Any]) -> None:
    run["score"] = round(run["score"] / 100, 4)


def _refused(message: str) -> dict[str, Any]:
    return {"error": {"code": "refused", "text": message}}


def _one_type() -> Act:
    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        root, _, identity = asked.path.rpartition("/")
        answered = await pass_on(asked.elsewhere(root))
        if answered.status != 200:
            return answered
        for item in answered.body:
            if str(item["id"]) == identity:
                return Answered(200, item)
        return Answered(404, {"message": f"There is no benchmark type with the id {identity}."})

    return act


def _runs_of_all_types() -> Act:
    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        answered = await pass_on(asked)
        if answered.status != 200:
            return answered
        kinds = (await pass_on(asked.elsewhere(f"{_ROOT}/types"))).body
        pages = [await pass_on(asked.having("benchmarkTypeId", kind["id"])) for kind in kinds]
        answered.body = [run for page in pages for run in page.body]
        return answered

    return act


def _type_id_renamed() -> Act:
    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        if (value := asked.given("typeId")) is None:
            return Answered(400, {"message": "typeId: required, and missing"})
        query = (("benchmarkTypeId", value), *asked.without("typeId", "benchmarkTypeId").query)
        return await pass_on(replace(asked, query=query))

    return act


def _one_case_less() -> Edit:
    return convert("testCases", lambda cases: cases[:-1])


CHANGES = (
    # ---- types ----
    Change(
        "v2.types.field-renamed", "renamed field", _TYPES,
        "A type's `name` is called `title`.",
        editing("", rename("name", "title")),
    ),
    Change(
        "v2.types.field-retyped", "retyped field", _TYPES,
        "A type's `id` is a text.",
        editing("", convert("id", str)),
    ),
    Change(
        "v2.types.envelope", "envelope", _TYPES,
        "The list is wrapped in an object, under `items`.",
        edits.envelope("items"),
    ),
    Change(
        "v2.types.extra-route", "extra route", _TYPES,
        "GET /api/v2/benchmarks/types/{id} answers one type; the specification has no such route.",
        _one_type,
        route=re.compile(f"GET {_ROOT}/types/[^/]+"),
    ),
    # ---- models ----
    Change(
        "v2.models.field-missing", "missing field", _MODELS,
        "A model has no `provider`.",
        editing("", remove("provider")),
    ),
    Change(
        "v2.models.field-retyped", "retyped field", _MODELS,
        "A model's `scores` are a list of category and score.",
        editing("", convert("scores", _as_list)),
    ),
    Change(
        "v2.models.snake-case", "renamed field", _MODELS,
        "A model's `benchmarkDate` is called `benchmark_date`.",
        editing("", rename("benchmarkDate", "benchmark_date")),
    ),
    Change(
        "v2.models.date-format", "date format", _MODELS,
        "A model's `benchmarkDate` is written as 03.06.2025 09:15.",
        editing("", convert("benchmarkDate", edits.german)),
    ),
    Change(
        "v2.models.type-ignored", "ignored filter", _MODELS,
        "`benchmarkTypeId` is ignored; the scores are those of all types.",
        ignoring("benchmarkTypeId"),
    ),
    # ---- one model ----
    Change(
        "v2.model.wrong-resource", "wrong resource", _MODEL,
        "Another model is answered than the one asked for.",
        edits.another(lambda asked: asked.elsewhere(f"{_ROOT}/models"), lambda body: body),
    ),
    Change(
        "v2.model.counts-lie", "counts", _MODEL,
        "`passedCount` is one more than passed.",
        editing("", convert("passedCount", lambda count: count + 1)),
    ),
    Change(
        "v2.model.field-retyped", "retyped field", _MODEL,
        "The `ranks` are texts.",
        editing("", convert("ranks", _ordinals)),
    ),
    Change(
        "v2.model.type-ignored", "ignored filter", _MODEL,
        "`benchmarkTypeId` is ignored; scores and counts are those of all types.",
        ignoring("benchmarkTypeId"),
    ),
    Change(
        "v2.model.status-code", "status code", _MODEL,
        "The answer's status is 202 instead of 200.",
        edits.status(202),
    ),
    Change(
        "v2.model.not-found-null", "status code", _MODEL,
        "An unknown id is answered with 200 and null instead of 404.",
        edits.null_instead_of_404(),
    ),
    # ---- runs ----
    Change(
        "v2.runs.field-missing", "missing field", _RUNS,
        "A run has no `totalCount`.",
        editing("", remove("totalCount")),
    ),
    Change(
        "v2.runs.field-retyped", "retyped field", _RUNS,
        "A run's `score` is a text.",
        editing("", convert("score", str)),
    ),
    Change(
        "v2.runs.field-null", "null", _RUNS,
        "A run's `probeId` is null.",
        editing("", null("probeId")),
    ),
    Change(
        "v2.runs.date-number", "date format", _RUNS,
        "A run's `createdAt` is a number of seconds since the epoch.",
        editing("", convert("createdAt", edits.epoch)),
    ),
    Change(
        "v2.runs.type-ignored", "ignored filter", _RUNS,
        "The runs of all types are listed, whatever `benchmarkTypeId` says.",
        _runs_of_all_types,
    ),
    Change(
        "v2.runs.parameter-renamed", "parameter names", _RUNS,
        "`benchmarkTypeId` is called `typeId`, which is required.",
        _type_id_renamed,
    ),
    # ---- one run ----
    Change(
        "v2.run.wrong-resource", "wrong resource", _RUN,
        "Another run of the model is answered than the one asked for.",
        edits.another(
            lambda asked: asked.elsewhere(
                asked.path.rpartition("/runs/")[0] + "/runs", benchmarkTypeId=1
            ),
            lambda body: body,
        ),
    ),
    Change(
        "v2.run.field-retyped", "retyped field", _RUN,
        "A test case's `passed` is 1 or 0.",
        editing("testCases", convert("passed", int)),
    ),
    Change(
        "v2.run.counts-lie", "counts", _RUN,
        "One test case is left out; `totalCount` is not.",
        editing("", _one_case_less()),
    ),
    Change(
        "v2.run.score-fraction", "counts", _RUN,
        "The `score` is a share from 0 to 1 instead of a percentage.",
        editing("", _fraction),
    ),
    # ---- all of it ----
    Change(
        "v2.error-shape", "error shape", _EVERYTHING,
        "A refusal's message is within an object, under `error`.",
        edits.refusal_shape(_refused),
    ),
    Change(
        "v2.error-content-type", "content type", _EVERYTHING,
        "A refusal is sent as `application/problem+json`.",
        edits.content_type("application/problem+json", refusals=True),
    ),
    Change(
        "v2.key-ignored", "ignored key", _EVERYTHING,
        "Requests without the key are served.",
        edits.without_key(),
    ),
)  # fmt: skip
