"""Changes of the public API."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchwire_local.drift import edits
from benchwire_local.drift.edits import (
    add,
    answering,
    asking,
    convert,
    editing,
    enum_value,
    ignoring,
    null,
    remove,
    rename,
)
from benchwire_local.drift.messages import Act, Answered, Asked, Change, PassOn

if TYPE_CHECKING:
    from collections.abc import Callable

_MODELS = ("public.listModels",)
_BENCHMARKS = ("public.listBenchmarks",)
_PROMPTS = ("public.listBenchmarkPrompts",)
_EVALUATIONS = ("public.listEvaluations",)
_EVALUATION = ("public.getEvaluation",)
_COMPARISON = ("public.compareEvaluations",)
_EVERYTHING = (*_MODELS, *_BENCHMARKS, *_PROMPTS, *_EVALUATIONS, *_EVALUATION, *_COMPARISON)


def _camel_case(asked: Asked) -> Asked:
    """Have the app see the camelCase names in its own spelling, and no name in its own."""
    pairs = (
        (re.sub(r"([A-Z]|[0-9]+)", r"_\1", name).lower(), value)
        for name, value in asked.query
        if "_" not in name
    )
    return replace(asked, query=tuple(pairs))


def _clamped(asked: Asked) -> Asked:
    size = asked.given("page_size") or ""
    return asked.having("page_size", 500) if size.isdecimal() and int(size) > 500 else asked


def _reversed_evaluations(asked: Asked) -> Asked:
    order = asked.given("order") or ("asc" if asked.given("sort_by") else "desc")
    return asked.having("order", {"asc": "desc", "desc": "asc"}.get(order, order))


def _renamed_dataset(answered: Answered) -> Answered:
    for place in ("", "evaluations"):
        for item in edits.objects(answered.body, place):
            rename("dataset_id", "benchmark_id")(item)
    return answered


def _count_of(rows: str, total: str) -> Callable[[dict[str, Any]], None]:
    """The total is the number of rows on the page."""

    def edit(body: dict[str, Any]) -> None:
        body[total] = len(body[rows] or ())

    return edit


def _right_by_one_too_many(body: dict[str, Any]) -> None:
    body["correct_count_1"] = body["total_results_1"] + 1


def _swapped_scores(row: dict[str, Any]) -> None:
    row["score1"], row["score2"] = row["score2"], row["score1"]


def _swapped_outcomes(asked: Asked) -> Asked:
    if asked.given("outcome_filter") == "comparison_fails":
        return asked.having("outcome_filter", "reference_fails")
    return asked


def _lossy_outcome() -> Act:
    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        answered = await pass_on(asked)
        if answered.status == 200 and asked.given("outcome_filter") == "both_fail":
            answered.body.update(results=None, total_count=0)
        return answered

    return act


def _moved() -> Act:
    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        answered = await pass_on(asked)
        if answered.status == 200:
            answered.headers["location"] = asked.path.replace("/evaluations/", "/evals/")
            answered.status, answered.body = 308, {"error": "Moved."}
        return answered

    return act


def _one_model() -> Act:
    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        root, _, identity = asked.path.rpartition("/")
        answered = await pass_on(asked.elsewhere(root, page_size=500))
        if answered.status == 200:
            for model in answered.body["models"]:
                if model["id"] == identity:
                    return Answered(200, model)
            return Answered(404, {"error": f"There is no model with the id {identity!r}."})
        return answered

    return act


def _html(answered: Answered) -> Answered:
    answered.body = f"<html><body>{answered.body['error']}</body></html>".encode()
    answered.content_type = "text/html"
    return answered


CHANGES = (
    # ---- models ----
    Change(
        "public.models.field-renamed", "renamed field", _MODELS,
        "A model's `company` is called `vendor`.",
        editing("models", rename("company", "vendor")),
    ),
    Change(
        "public.models.required-renamed", "renamed field", _MODELS,
        "A model's `name` is called `display_name`.",
        editing("models", rename("name", "display_name")),
    ),
    Change(
        "public.models.list-renamed", "renamed field", _MODELS,
        "The list `models` is called `items`.",
        editing("", rename("models", "items")),
    ),
    Change(
        "public.models.field-missing", "missing field", _MODELS,
        "A model has no `key`.",
        editing("models", remove("key")),
    ),
    Change(
        "public.models.field-extra", "extra field", _MODELS,
        "A model has a field `tier`.",
        editing("models", add("tier", "standard")),
    ),
    Change(
        "public.models.field-retyped", "retyped field", _MODELS,
        "A model's `context_length` is a text.",
        editing("models", convert("context_length", str)),
    ),
    Change(
        "public.models.price-number", "retyped field", _MODELS,
        "A model's `cost_per_input_token` is a number instead of a decimal text.",
        editing("models", convert("cost_per_input_token", float)),
    ),
    Change(
        "public.models.field-null", "null", _MODELS,
        "A model's `name` is null.",
        editing("models", null("name")),
    ),
    Change(
        "public.models.list-null", "null", _MODELS,
        "The list `models` is null, whatever `total_count` says.",
        editing("", null("models")),
    ),
    Change(
        "public.models.date-milliseconds", "date format", _MODELS,
        "A model's `created_at` is in milliseconds instead of seconds.",
        editing("models", convert("created_at", lambda seconds: int(seconds) * 1000)),
    ),
    Change(
        "public.models.date-text", "date format", _MODELS,
        "A model's `released_at` is an ISO 8601 text instead of seconds since the epoch.",
        editing("models", convert("released_at", edits.iso)),
    ),
    Change(
        "public.models.envelope", "envelope", _MODELS,
        "The body is wrapped in an object, under `data`.",
        edits.envelope("data"),
    ),
    Change(
        "public.models.status-code", "status code", _MODELS,
        "The answer's status is 203 instead of 200.",
        edits.status(203),
    ),
    Change(
        "public.models.content-type", "content type", _MODELS,
        "The JSON is sent as `text/plain`.",
        edits.content_type("text/plain; charset=utf-8"),
    ),
    Change(
        "public.models.total-lies", "lying total", _MODELS,
        "`total_count` is one more than there are.",
        editing("", convert("total_count", lambda count: count + 1)),
    ),
    Change(
        "public.models.count-lies", "counts", _MODELS,
        "`count` is one more than there are on the page.",
        editing("", convert("count", lambda count: count + 1)),
    ),
    Change(
        "public.models.page-size-capped", "page size", _MODELS,
        "A page has 5 models at most.",
        edits.capped(5),
    ),
    Change(
        "public.models.page-size-ignored", "page size", _MODELS,
        "`page_size` is ignored; a page has 100.",
        ignoring("page_size"),
    ),
    Change(
        "public.models.page-ignored", "pages", _MODELS,
        "`page` is ignored; every page is the first.",
        ignoring("page"),
    ),
    Change(
        "public.models.pages-overlap", "pages", _MODELS,
        "Each page but the first begins with the last model of the page before.",
        edits.shifted_pages(lambda body: body, "models", -1, page_count="count"),
    ),
    Change(
        "public.models.filter-ignored", "ignored filter", _MODELS,
        "`companies` is ignored.",
        ignoring("companies"),
    ),
    Change(
        "public.models.query-ignored", "ignored filter", _MODELS,
        "`query` is ignored.",
        ignoring("query"),
    ),
    Change(
        "public.models.deprecated-included", "ignored filter", _MODELS,
        "Deprecated models are listed without being asked for.",
        asking(lambda asked: asked.having("include_deprecated", "true")),
    ),
    Change(
        "public.models.sort-ignored", "wrong sort", _MODELS,
        "`sort_by` is ignored; models come by name.",
        ignoring("sort_by"),
    ),
    Change(
        "public.models.invalid-accepted", "validation", _MODELS,
        "A `page_size` above 500 is taken for 500 instead of refused.",
        asking(_clamped),
    ),
    Change(
        "public.models.extra-route", "extra route", _MODELS,
        "GET /models/{id} answers one model; the specification has no such route.",
        _one_model,
        route=re.compile("GET /api/v1/models/[^/]+"),
    ),
    # ---- benchmarks ----
    Change(
        "public.benchmarks.list-renamed", "renamed field", _BENCHMARKS,
        "The list `datasets` is called `benchmarks`.",
        editing("", rename("datasets", "benchmarks")),
    ),
    Change(
        "public.benchmarks.field-retyped", "retyped field", _BENCHMARKS,
        "A benchmark's `categories` are one text, joined with commas.",
        editing("datasets", convert("categories", ",".join)),
    ),
    Change(
        "public.benchmarks.boolean-text", "retyped field", _BENCHMARKS,
        "A benchmark's `deprecated` is the text `true` or `false`.",
        editing("datasets", convert("deprecated", lambda value: str(value).lower())),
    ),
    Change(
        "public.benchmarks.prompt-count-lies", "counts", _BENCHMARKS,
        "A benchmark's `prompt_count` is ten less than it has.",
        editing("datasets", convert("prompt_count", lambda count: count - 10)),
    ),
    Change(
        "public.benchmarks.total-is-page", "lying total", _BENCHMARKS,
        "`total_count` is the number of benchmarks on the page.",
        editing("", _count_of("datasets", "total_count")),
    ),
    Change(
        "public.benchmarks.filter-ignored", "ignored filter", _BENCHMARKS,
        "`languages` is ignored.",
        ignoring("languages"),
    ),
    Change(
        "public.benchmarks.ids-ignored", "ignored filter", _BENCHMARKS,
        "`ids` is ignored.",
        ignoring("ids"),
    ),
    Change(
        "public.benchmarks.order-ignored", "wrong sort", _BENCHMARKS,
        "`order` is ignored; benchmarks come in ascending order.",
        ignoring("order"),
    ),
    Change(
        "public.benchmarks.route-missing", "missing route", _BENCHMARKS,
        "GET /datasets answers 404.",
        edits.missing_route("error"),
    ),
    # ---- prompts ----
    Change(
        "public.prompts.field-renamed", "renamed field", _PROMPTS,
        "A prompt's `truth` is called `answer`.",
        editing("data.prompts", rename("truth", "answer")),
    ),
    Change(
        "public.prompts.id-number", "retyped field", _PROMPTS,
        "A prompt's `id` is a number.",
        editing("data.prompts", convert("id", lambda value: int("0" + re.sub(r"\D", "", value)))),
    ),
    Change(
        "public.prompts.field-null", "null", _PROMPTS,
        "A prompt's `input` is null.",
        editing("data.prompts", null("input")),
    ),
    Change(
        "public.prompts.count-is-page", "lying total", _PROMPTS,
        "`count` is the number of prompts on the page.",
        editing("data", _count_of("prompts", "count")),
    ),
    Change(
        "public.prompts.page-size-capped", "page size", _PROMPTS,
        "A page has 50 prompts at most.",
        edits.capped(50),
    ),
    Change(
        "public.prompts.pages-gap", "pages", _PROMPTS,
        "Each page but the first begins a prompt too late; one prompt is on no page.",
        edits.shifted_pages(lambda body: body["data"], "prompts", 1),
    ),
    Change(
        "public.prompts.search-ignored", "ignored filter", _PROMPTS,
        "`search` and `search_value` are ignored.",
        ignoring("search", "search_value"),
    ),
    Change(
        "public.prompts.sort-ignored", "wrong sort", _PROMPTS,
        "`sort_by` and `sort_order` are ignored.",
        ignoring("sort_by", "sort_order"),
    ),
    # ---- evaluations ----
    Change(
        "public.evaluations.field-renamed", "renamed field", (*_EVALUATIONS, *_EVALUATION),
        "An evaluation's `dataset_id` is called `benchmark_id`.",
        answering(_renamed_dataset),
    ),
    Change(
        "public.evaluations.field-missing", "missing field", _EVALUATIONS,
        "There is no `total_count`.",
        editing("", remove("total_count")),
    ),
    Change(
        "public.evaluations.field-retyped", "retyped field", _EVALUATIONS,
        "An evaluation's `accuracy` is a text with a percent sign.",
        editing("evaluations", convert("accuracy", lambda value: f"{value}%")),
    ),
    Change(
        "public.evaluations.enum-value", "enum value", _EVALUATIONS,
        "The status `success` is called `succeeded`.",
        editing("evaluations", enum_value("status", "success", "succeeded")),
    ),
    Change(
        "public.evaluations.date-text", "date format", _EVALUATIONS,
        "An evaluation's `submitted_at` is an ISO 8601 text instead of seconds since the epoch.",
        editing("evaluations", convert("submitted_at", edits.iso)),
    ),
    Change(
        "public.evaluations.status-ignored", "ignored filter", _EVALUATIONS,
        "`status` is ignored.",
        ignoring("status"),
    ),
    Change(
        "public.evaluations.models-ignored", "ignored filter", _EVALUATIONS,
        "`models` is ignored.",
        ignoring("models"),
    ),
    Change(
        "public.evaluations.not-unique", "not unique", _EVALUATIONS,
        "`unique` is ignored.",
        ignoring("unique"),
    ),
    Change(
        "public.evaluations.sort-reversed", "wrong sort", _EVALUATIONS,
        "Evaluations come in the opposite of the order asked for.",
        asking(_reversed_evaluations),
    ),
    Change(
        "public.evaluations.page-size-ignored", "page size", _EVALUATIONS,
        "`page_size` is ignored; a page has 100.",
        ignoring("page_size"),
    ),
    # ---- one evaluation ----
    Change(
        "public.evaluation.wrong-resource", "wrong resource", _EVALUATION,
        "Another evaluation is answered than the one asked for.",
        edits.another(
            lambda asked: asked.elsewhere("/api/v1/evaluations", page_size=2),
            lambda body: body["evaluations"],
        ),
    ),
    Change(
        "public.evaluation.field-retyped", "retyped field", _EVALUATION,
        "The `summary` is a text.",
        editing("", convert("summary", lambda summary: summary["goal"])),
    ),
    Change(
        "public.evaluation.field-null", "null", _EVALUATION,
        "The `model_id` is null.",
        editing("", null("model_id")),
    ),
    Change(
        "public.evaluation.moved", "status code", _EVALUATION,
        "The answer is a redirect, 308, to /evals/{id}.",
        _moved,
    ),
    Change(
        "public.evaluation.not-found-null", "status code", _EVALUATION,
        "An unknown id is answered with 200 and null instead of 404.",
        edits.null_instead_of_404(),
    ),
    Change(
        "public.evaluation.error-shape", "error shape", _EVALUATION,
        "A refusal's message is in a list, under `detail`.",
        edits.refusal_shape(lambda message: {"detail": [{"msg": message}]}),
    ),
    Change(
        "public.evaluation.error-content-type", "content type", _EVALUATION,
        "A refusal is a page of HTML.",
        answering(_html, refusals=True),
    ),
    # ---- comparisons ----
    Change(
        "public.comparison.field-renamed", "renamed field", _COMPARISON,
        "A row's `result1` is called `result_1`.",
        editing("results", rename("result1", "result_1")),
    ),
    Change(
        "public.comparison.field-retyped", "retyped field", _COMPARISON,
        "A row's `score1` is a text.",
        editing("results", convert("score1", str)),
    ),
    Change(
        "public.comparison.counts-lie", "counts", _COMPARISON,
        "`correct_count_1` is greater than `total_results_1`.",
        editing("", _right_by_one_too_many),
    ),
    Change(
        "public.comparison.scores-swapped", "counts", _COMPARISON,
        "The two scores of each row are swapped; the counts are not.",
        editing("results", _swapped_scores),
    ),
    Change(
        "public.comparison.total-is-page", "lying total", _COMPARISON,
        "`total_count` is the number of rows on the page.",
        editing("", _count_of("results", "total_count")),
    ),
    Change(
        "public.comparison.outcome-swapped", "outcome filter", _COMPARISON,
        "`comparison_fails` keeps the rows of `reference_fails`.",
        asking(_swapped_outcomes),
    ),
    Change(
        "public.comparison.outcome-lossy", "outcome filter", _COMPARISON,
        "`both_fail` keeps no row.",
        _lossy_outcome,
    ),
    Change(
        "public.comparison.search-ignored", "ignored filter", _COMPARISON,
        "`search` is ignored.",
        ignoring("search"),
    ),
    # ---- all of it ----
    Change(
        "public.camel-case", "parameter names", (*_MODELS, *_BENCHMARKS, *_PROMPTS, *_EVALUATIONS, *_COMPARISON),
        "Query parameters have camelCase names; those with an underscore are ignored.",
        asking(_camel_case),
    ),
    Change(
        "public.key-ignored", "ignored key", _EVERYTHING,
        "Requests without the key are served.",
        edits.without_key(),
    ),
)  # fmt: skip
