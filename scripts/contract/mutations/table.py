"""Every mutation, one row each: id, kind, operations, mutator, description."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote

from scripts.contract.services import SERVICES

from . import mutators as do
from . import one_off
from .middleware import MutableResponse, Mutation

PUBLIC_MODELS, PUBLIC_BENCHMARKS = ("public.listModels",), ("public.listBenchmarks",)
PUBLIC_PROMPTS, PUBLIC_COMPARISON = ("public.listBenchmarkPrompts",), ("public.compareEvaluations",)
PUBLIC_EVALUATIONS, PUBLIC_EVALUATION = ("public.listEvaluations",), ("public.getEvaluation",)
PUBLIC_RESULTS = ("public.listResults",)
V2_TYPES, V2_MODELS = ("v2.listBenchmarkTypes",), ("v2.listBenchmarkModels",)
V2_MODEL, V2_RUNS, V2_RUN = ("v2.getBenchmarkModel",), ("v2.listProbeRuns",), ("v2.getProbeRun",)
V0_HEALTH, V0_ACCOUNT, V0_BENCHMARKS = ("v0.getHealth",), ("v0.getAccount",), ("v0.listBenchmarks",)
V0_SUBMIT, V0_BATCH = ("v0.submitJob",), ("v0.submitJobBatch",)
V0_JOBS, V0_JOB = ("v0.listJobs",), ("v0.getJob",)

PUBLIC_EVERYTHING, V2_EVERYTHING, V0_EVERYTHING = (
    tuple(f"{api}.{operation}" for operation in service.operations)
    for api, service in SERVICES.items()
)

# fmt: off
_ROWS = (
    # ---- public ----
    Mutation("public.models.field-renamed", "renamed field", PUBLIC_MODELS, do.edit_objects("models", do.rename("company", "vendor")), "A model's `company` is called `vendor`."),
    Mutation("public.models.required-renamed", "renamed field", PUBLIC_MODELS, do.edit_objects("models", do.rename("name", "display_name")), "A model's `name` is called `display_name`."),
    Mutation("public.models.list-renamed", "renamed field", PUBLIC_MODELS, do.edit_objects("", do.rename("models", "items")), "The list `models` is called `items`."),
    Mutation("public.models.field-missing", "missing field", PUBLIC_MODELS, do.edit_objects("models", do.remove("key")), "A model has no `key`."),
    Mutation("public.models.field-extra", "extra field", PUBLIC_MODELS, do.edit_objects("models", do.update(lambda _: {"tier": "standard"})), "A model has a field `tier`."),
    Mutation("public.models.field-retyped", "retyped field", PUBLIC_MODELS, do.edit_objects("models", do.convert("context_length", str)), "A model's `context_length` is a string."),
    Mutation("public.models.price-number", "retyped field", PUBLIC_MODELS, do.edit_objects("models", do.convert("cost_per_input_token", float)), "A model's `cost_per_input_token` is a number instead of a decimal string."),
    Mutation("public.models.field-null", "null", PUBLIC_MODELS, do.edit_objects("models", do.convert("name", lambda _: None)), "A model's `name` is null."),
    Mutation("public.models.list-null", "null", PUBLIC_MODELS, do.edit_objects("", do.convert("models", lambda _: None)), "The list `models` is null, whatever `total_count` is."),
    Mutation("public.models.date-milliseconds", "date format", PUBLIC_MODELS, do.edit_objects("models", do.convert("created_at", lambda seconds: int(seconds) * 1000)), "A model's `created_at` is in milliseconds instead of seconds."),
    Mutation("public.models.date-text", "date format", PUBLIC_MODELS, do.edit_objects("models", do.convert("released_at", do.iso_8601)), "A model's `released_at` is an ISO 8601 string instead of seconds since the epoch."),
    Mutation("public.models.envelope", "envelope", PUBLIC_MODELS, do.map_response(lambda response: replace(response, body={"data": response.body})), "The body is wrapped in an object, under `data`."),
    Mutation("public.models.status-code", "status code", PUBLIC_MODELS, do.replace_response(status=203), "The status is 203 instead of 200."),
    Mutation("public.models.content-type", "content type", PUBLIC_MODELS, do.replace_response(content_type="text/plain; charset=utf-8"), "The JSON is sent as `text/plain`."),
    Mutation("public.models.total-lies", "lying total", PUBLIC_MODELS, do.edit_objects("", do.convert("total_count", lambda count: count + 1)), "`total_count` is one too high."),
    Mutation("public.models.count-lies", "counts", PUBLIC_MODELS, do.edit_objects("", do.convert("count", lambda count: count + 1)), "`count` is one more than the page has."),
    Mutation("public.models.page-size-capped", "page size", PUBLIC_MODELS, do.cap_page_size(5), "A page has at most 5 models."),
    Mutation("public.models.page-size-ignored", "page size", PUBLIC_MODELS, do.ignore_parameters("page_size"), "`page_size` is ignored; a page has 100."),
    Mutation("public.models.page-ignored", "pages", PUBLIC_MODELS, do.ignore_parameters("page"), "`page` is ignored; every page is the first."),
    Mutation("public.models.pages-overlap", "pages", PUBLIC_MODELS, do.remake_list("models", "total_count", lambda rows, _: rows, shift=-1), "Each page but the first starts with the last model of the page before."),
    Mutation("public.models.filter-ignored", "ignored filter", PUBLIC_MODELS, do.ignore_parameters("companies"), "`companies` is ignored."),
    Mutation("public.models.query-ignored", "ignored filter", PUBLIC_MODELS, do.ignore_parameters("query"), "`query` is ignored."),
    Mutation("public.models.deprecated-included", "ignored filter", PUBLIC_MODELS, do.map_request(lambda request: request.with_parameter("include_deprecated", "true")), "Deprecated models are listed by default."),
    Mutation("public.models.sort-ignored", "wrong sort", PUBLIC_MODELS, do.ignore_parameters("sort_by"), "`sort_by` is ignored; models are sorted by name."),
    Mutation("public.models.invalid-accepted", "validation", PUBLIC_MODELS, do.cap_page_size(500, math.inf), "A `page_size` above 500 is lowered to 500 instead of rejected."),
    Mutation("public.models.extra-route", "extra route", PUBLIC_MODELS, do.serve_item({"page_size": 500}, lambda body: body["models"], lambda identity: {"error": f"There is no model with the id {identity}."}), "GET /models/{id} returns one model; the specification has no such route.", route=re.compile("GET /api/v1/models/[^/]+")),
    Mutation("public.models.ties-differ", "wrong sort", PUBLIC_MODELS, do.remake_list("models", "total_count", one_off.swap_ties), "Sorted by `region`, models of one region are in the opposite order on the second page."),
    Mutation("public.models.facets-of-page", "facets", PUBLIC_MODELS, do.edit_objects("", do.update(lambda body: {"companies": sorted({model["company"] for model in body["models"]})})), "`companies` lists those of the models on the page."),
    Mutation("public.models.filter-part", "loose filter", PUBLIC_MODELS, do.remake_list("models", "total_count", do.keep("companies", lambda text, row: text in row["company"]), "companies"), "`companies` matches a part of a name."),
    Mutation("public.models.filter-any-case", "loose filter", PUBLIC_MODELS, do.remake_list("models", "total_count", do.keep("regions", lambda text, row: text.lower() == row["region"].lower()), "regions"), "`regions` matches in any case."),
    Mutation("public.models.filter-words", "loose filter", PUBLIC_MODELS, do.remake_list("models", "total_count", do.keep("companies", lambda text, row: text == row["company"] or text in row["company"].split()), "companies"), "`companies` matches a whole word of a name."),
    Mutation("public.models.encoded-comma", "parameter names", PUBLIC_MODELS, do.map_request(lambda request: request.with_parameter("ids", "none") if "%2C" in (request.parameter("ids") or "") else request), "Several `ids` are not recognized where the comma is percent-encoded."),
    Mutation("public.models.query-words", "search", PUBLIC_MODELS, do.remake_list("models", "total_count", do.keep("query", lambda text, row: text.lower() in row["name"].lower().split()), "query"), "`query` matches whole words alone."),
    Mutation("public.models.query-wildcard", "search", PUBLIC_MODELS, do.map_request(lambda request: request.with_parameter("query", unquote(request.parameter("query") or "").replace("%", "")) if request.parameter("query") else request), "`%` in `query` matches any text."),
    Mutation("public.models.query-description", "search", PUBLIC_MODELS, do.remake_list("models", "total_count", do.keep("query", lambda text, row: text.lower() in f"{row['name']} {row['description']}".lower()), "query"), "`query` searches the description, too."),
    Mutation("public.models.text-cut", "cut text", PUBLIC_MODELS, do.edit_objects("models", do.convert("description", lambda text: text[:40])), "A model's `description` ends after 40 characters."),
    Mutation("public.benchmarks.list-renamed", "renamed field", PUBLIC_BENCHMARKS, do.edit_objects("", do.rename("datasets", "benchmarks")), "The list `datasets` is called `benchmarks`."),
    Mutation("public.benchmarks.field-retyped", "retyped field", PUBLIC_BENCHMARKS, do.edit_objects("datasets", do.convert("categories", ",".join)), "A benchmark's `categories` are one string, joined with commas."),
    Mutation("public.benchmarks.boolean-text", "retyped field", PUBLIC_BENCHMARKS, do.edit_objects("datasets", do.convert("deprecated", lambda value: str(value).lower())), "A benchmark's `deprecated` is the string `true` or `false`."),
    Mutation("public.benchmarks.prompt-count-lies", "counts", PUBLIC_BENCHMARKS, do.edit_objects("datasets", do.convert("prompt_count", lambda count: count - 10)), "A benchmark's `prompt_count` is ten too low."),
    Mutation("public.benchmarks.total-is-page", "lying total", PUBLIC_BENCHMARKS, do.edit_objects("", do.update(lambda item: {"total_count": len(item["datasets"] or ())})), "`total_count` is the number of benchmarks on the page."),
    Mutation("public.benchmarks.filter-ignored", "ignored filter", PUBLIC_BENCHMARKS, do.ignore_parameters("languages"), "`languages` is ignored."),
    Mutation("public.benchmarks.ids-ignored", "ignored filter", PUBLIC_BENCHMARKS, do.ignore_parameters("ids"), "`ids` is ignored."),
    Mutation("public.benchmarks.order-ignored", "wrong sort", PUBLIC_BENCHMARKS, do.ignore_parameters("order"), "`order` is ignored; the order is always ascending."),
    Mutation("public.benchmarks.route-missing", "missing route", PUBLIC_BENCHMARKS, do.remove_route("error"), "GET /datasets returns 404."),
    Mutation("public.prompts.field-renamed", "renamed field", PUBLIC_PROMPTS, do.edit_objects("data.prompts", do.rename("truth", "answer")), "A prompt's `truth` is called `answer`."),
    Mutation("public.prompts.id-number", "retyped field", PUBLIC_PROMPTS, do.edit_objects("data.prompts", do.convert("id", lambda value: int("0" + re.sub(r"\D", "", value)))), "A prompt's `id` is a number."),
    Mutation("public.prompts.field-null", "null", PUBLIC_PROMPTS, do.edit_objects("data.prompts", do.convert("input", lambda _: None)), "A prompt's `input` is null."),
    Mutation("public.prompts.count-is-page", "lying total", PUBLIC_PROMPTS, do.edit_objects("data", do.update(lambda item: {"count": len(item["prompts"] or ())})), "`count` is the number of prompts on the page."),
    Mutation("public.prompts.page-size-capped", "page size", PUBLIC_PROMPTS, do.cap_page_size(50), "A page has at most 50 prompts."),
    Mutation("public.prompts.pages-gap", "pages", PUBLIC_PROMPTS, do.remake_list("data.prompts", "count", lambda rows, _: rows, shift=1), "Each page but the first starts one prompt too late; one prompt is on no page."),
    Mutation("public.prompts.search-ignored", "ignored filter", PUBLIC_PROMPTS, do.ignore_parameters("search", "search_value"), "`search` and `search_value` are ignored."),
    Mutation("public.prompts.sort-ignored", "wrong sort", PUBLIC_PROMPTS, do.ignore_parameters("sort_by", "sort_order"), "`sort_by` and `sort_order` are ignored."),
    Mutation("public.prompts.last-page-short", "pages", PUBLIC_PROMPTS, do.remake_list("data.prompts", "count", lambda rows, request: rows[:-1] + rows[:1] if int(request.parameter("page") or 1) > 1 else rows), "The last page has the first prompt in place of the last one."),
    Mutation("public.prompts.text-cut", "cut text", PUBLIC_PROMPTS, do.edit_objects("data.prompts", do.convert("input", lambda text: text[:50] + "…" if isinstance(text, str) and len(text) > 50 else text)), "A prompt's `input` ends after 50 characters."),
    Mutation("public.evaluations.field-renamed", "renamed field", (*PUBLIC_EVALUATIONS, *PUBLIC_EVALUATION), do.edit_objects("", do.rename("dataset_id", "benchmark_id"), "evaluations"), "An evaluation's `dataset_id` is called `benchmark_id`."),
    Mutation("public.evaluations.field-missing", "missing field", PUBLIC_EVALUATIONS, do.edit_objects("", do.remove("total_count")), "There is no `total_count`."),
    Mutation("public.evaluations.field-retyped", "retyped field", PUBLIC_EVALUATIONS, do.edit_objects("evaluations", do.convert("accuracy", lambda value: f"{value}%")), "An evaluation's `accuracy` is a string with a percent sign."),
    Mutation("public.evaluations.enum-value", "enum value", PUBLIC_EVALUATIONS, do.edit_objects("evaluations", do.convert("status", lambda value: "succeeded" if value == "success" else value)), "The status `success` is called `succeeded`."),
    Mutation("public.evaluations.date-text", "date format", PUBLIC_EVALUATIONS, do.edit_objects("evaluations", do.convert("submitted_at", do.iso_8601)), "An evaluation's `submitted_at` is an ISO 8601 string instead of seconds since the epoch."),
    Mutation("public.evaluations.status-ignored", "ignored filter", PUBLIC_EVALUATIONS, do.ignore_parameters("status"), "`status` is ignored."),
    Mutation("public.evaluations.models-ignored", "ignored filter", PUBLIC_EVALUATIONS, do.ignore_parameters("models"), "`models` is ignored."),
    Mutation("public.evaluations.not-unique", "not unique", PUBLIC_EVALUATIONS, do.ignore_parameters("unique"), "`unique` is ignored."),
    Mutation("public.evaluations.sort-reversed", "wrong sort", PUBLIC_EVALUATIONS, do.map_request(one_off.reverse_order), "Evaluations are in the opposite of the requested order."),
    Mutation("public.evaluations.page-size-ignored", "page size", PUBLIC_EVALUATIONS, do.ignore_parameters("page_size"), "`page_size` is ignored; a page has 100."),
    Mutation("public.evaluations.pages-sorted-alone", "wrong sort", PUBLIC_EVALUATIONS, do.remake_list("evaluations", "total_count", one_off.sort_pages), "Sorted by `accuracy`, each page is sorted on its own."),
    Mutation("public.evaluations.finished-early", "wrong time", (*PUBLIC_EVALUATIONS, *PUBLIC_EVALUATION), do.edit_objects("", do.convert("finished_at", lambda seconds: seconds - 43_200), "evaluations"), "`finished_at` is twelve hours early."),
    Mutation("public.evaluation.wrong-resource", "wrong resource", PUBLIC_EVALUATION, do.return_other_resource(lambda request: request.get("/api/v1/evaluations", page_size=2), lambda body: body["evaluations"]), "Another evaluation is returned than the one requested."),
    Mutation("public.evaluation.field-retyped", "retyped field", PUBLIC_EVALUATION, do.edit_objects("", do.convert("summary", lambda summary: summary["goal"])), "The `summary` is a string."),
    Mutation("public.evaluation.field-null", "null", PUBLIC_EVALUATION, do.edit_objects("", do.convert("model_id", lambda _: None)), "The `model_id` is null."),
    Mutation("public.evaluation.moved", "status code", PUBLIC_EVALUATION, one_off.redirect, "The response is a redirect, 308, to /evals/{id}."),
    Mutation("public.evaluation.not-found-null", "status code", PUBLIC_EVALUATION, do.map_response(lambda _: MutableResponse(200, None), {404}), "An unknown id gets 200 and null instead of 404."),
    Mutation("public.evaluation.error-shape", "error shape", PUBLIC_EVALUATION, do.reshape_errors(lambda message: {"detail": [{"msg": message}]}), "The message of an error is in a list, under `detail`."),
    Mutation("public.evaluation.error-content-type", "content type", PUBLIC_EVALUATION, do.reshape_errors(lambda message: f"<html><body>{message}</body></html>".encode(), "text/html"), "An error is a page of HTML."),
    Mutation("public.evaluation.summary-of-another", "wrong resource", PUBLIC_EVALUATION, do.edit_objects("summary.model", do.convert("model_name", lambda _: "Sample Other (sample data)")), "The `summary` is that of another model."),
    Mutation("public.results.scores-inverted", "counts", PUBLIC_RESULTS, do.edit_objects("results", do.convert("score", lambda score: 1 - score)), "An answer's `score` is 1 for a wrong answer."),
    Mutation("public.results.of-another", "wrong resource", PUBLIC_RESULTS, do.map_request(lambda request: request.with_parameter("evaluation_id", "eval-abc") if request.parameter("evaluation_id") in {"eval-def", "eval-sample-060"} else request), "The answers are those of another evaluation."),
    Mutation("public.results.total-is-page", "lying total", PUBLIC_RESULTS, do.edit_objects("", do.update(lambda body: {"metrics": body["metrics"] | {"total_count": len(body["results"])}})), "`total_count` is the number of answers on the page."),
    Mutation("public.results.page-ignored", "pages", PUBLIC_RESULTS, do.ignore_parameters("page"), "`page` is ignored; every page is the first."),
    Mutation("public.results.text-cut", "cut text", PUBLIC_RESULTS, do.edit_objects("results", do.convert("prompt", lambda text: text[:40])), "An answer's `prompt` ends after 40 characters."),
    Mutation("public.results.unknown-is-empty", "status code", PUBLIC_RESULTS, do.map_response(lambda _: MutableResponse(200, {"evaluation_id": None, "results": None, "metrics": {"total_count": 0}}), {404}), "An unknown evaluation has no answers, instead of a 404."),
    Mutation("public.comparison.field-renamed", "renamed field", PUBLIC_COMPARISON, do.edit_objects("results", do.rename("result1", "result_1")), "A row's `result1` is called `result_1`."),
    Mutation("public.comparison.field-retyped", "retyped field", PUBLIC_COMPARISON, do.edit_objects("results", do.convert("score1", str)), "A row's `score1` is a string."),
    Mutation("public.comparison.counts-lie", "counts", PUBLIC_COMPARISON, do.edit_objects("", do.update(lambda item: {"correct_count_1": item["total_results_1"] + 1})), "`correct_count_1` is greater than `total_results_1`."),
    Mutation("public.comparison.scores-swapped", "counts", PUBLIC_COMPARISON, do.edit_objects("results", do.update(lambda row: {"score1": row["score2"], "score2": row["score1"]})), "The two scores of each row are swapped; the counts are not."),
    Mutation("public.comparison.total-is-page", "lying total", PUBLIC_COMPARISON, do.edit_objects("", do.update(lambda item: {"total_count": len(item["results"] or ())})), "`total_count` is the number of rows on the page."),
    Mutation("public.comparison.outcome-swapped", "outcome filter", PUBLIC_COMPARISON, do.map_request(one_off.swap_outcomes), "`comparison_fails` returns the rows of `reference_fails`."),
    Mutation("public.comparison.outcome-lossy", "outcome filter", PUBLIC_COMPARISON, do.remake_list("results", "total_count", lambda rows, request: [] if request.parameter("outcome_filter") == "both_fail" else rows), "`both_fail` returns no row."),
    Mutation("public.comparison.search-ignored", "ignored filter", PUBLIC_COMPARISON, do.ignore_parameters("search"), "`search` is ignored."),
    Mutation("public.comparison.search-prompt-alone", "search", PUBLIC_COMPARISON, do.remake_list("results", "total_count", do.keep("search", lambda text, row: text.lower() in row["prompt"].lower()), "search"), "`search` searches the prompts alone."),
    Mutation("public.camel-case", "parameter names", (*PUBLIC_MODELS, *PUBLIC_BENCHMARKS, *PUBLIC_PROMPTS, *PUBLIC_EVALUATIONS, *PUBLIC_RESULTS, *PUBLIC_COMPARISON), do.map_request(one_off.snake_case_names), "Query parameters have camelCase names; those with an underscore are ignored."),
    Mutation("public.key-ignored", "ignored key", PUBLIC_EVERYTHING, do.map_request(lambda request: replace(request, with_key=True)), "Requests without the key are accepted."),
    # ---- v2 ----
    Mutation("v2.types.field-renamed", "renamed field", V2_TYPES, do.edit_objects("", do.rename("name", "title")), "A type's `name` is called `title`."),
    Mutation("v2.types.field-retyped", "retyped field", V2_TYPES, do.edit_objects("", do.convert("id", str)), "A type's `id` is a string."),
    Mutation("v2.types.envelope", "envelope", V2_TYPES, do.map_response(lambda response: replace(response, body={"items": response.body})), "The list is wrapped in an object, under `items`."),
    Mutation("v2.types.extra-route", "extra route", V2_TYPES, do.serve_item({}, lambda body: body, lambda identity: {"error": {"message": f"There is no type with the id {identity}.", "code": "NotFound"}}), "GET /api/v2/benchmarks/types/{id} returns one type; the specification has no such route.", route=re.compile("GET /api/v2/benchmarks/types/[^/]+")),
    Mutation("v2.models.field-missing", "missing field", V2_MODELS, do.edit_objects("", do.remove("provider")), "A model has no `provider`."),
    Mutation("v2.models.field-retyped", "retyped field", V2_MODELS, do.edit_objects("", do.convert("scores", lambda scores: [{"category": name, "score": score} for name, score in scores.items()])), "A model's `scores` are a list of category and score."),
    Mutation("v2.models.snake-case", "renamed field", V2_MODELS, do.edit_objects("", do.rename("benchmarkDate", "benchmark_date")), "A model's `benchmarkDate` is called `benchmark_date`."),
    Mutation("v2.models.date-format", "date format", V2_MODELS, do.edit_objects("", do.convert("benchmarkDate", lambda text: do.parse_time(text).strftime("%d.%m.%Y %H:%M"))), "A model's `benchmarkDate` is formatted as 03.06.2025 09:15."),
    Mutation("v2.models.type-ignored", "ignored filter", V2_MODELS, do.ignore_parameters("benchmarkTypeId"), "`benchmarkTypeId` is ignored; the scores are those of all types."),
    Mutation("v2.model.wrong-resource", "wrong resource", V2_MODEL, do.return_other_resource(lambda request: request.get("/api/v2/benchmarks/models"), lambda body: body), "Another model is returned than the one requested."),
    Mutation("v2.model.counts-lie", "counts", V2_MODEL, do.edit_objects("", do.convert("passedCount", lambda count: count + 1)), "`passedCount` is one too high."),
    Mutation("v2.model.field-retyped", "retyped field", V2_MODEL, do.edit_objects("", do.convert("ranks", lambda ranks: {name: rank if rank is None else f"no. {rank}" for name, rank in ranks.items()})), "The `ranks` are strings."),
    Mutation("v2.model.type-ignored", "ignored filter", V2_MODEL, do.ignore_parameters("benchmarkTypeId"), "`benchmarkTypeId` is ignored; scores and counts are those of all types."),
    Mutation("v2.model.status-code", "status code", V2_MODEL, do.replace_response(status=202), "The status is 202 instead of 200."),
    Mutation("v2.model.not-found-null", "status code", V2_MODEL, do.map_response(lambda _: MutableResponse(200, None), {404}), "An unknown id gets 200 and null instead of 404."),
    Mutation("v2.runs.field-missing", "missing field", V2_RUNS, do.edit_objects("", do.remove("totalCount")), "A run has no `totalCount`."),
    Mutation("v2.runs.field-retyped", "retyped field", V2_RUNS, do.edit_objects("", do.convert("score", str)), "A run's `score` is a string."),
    Mutation("v2.runs.field-null", "null", V2_RUNS, do.edit_objects("", do.convert("probeId", lambda _: None)), "A run's `probeId` is null."),
    Mutation("v2.runs.date-number", "date format", V2_RUNS, do.edit_objects("", do.convert("createdAt", lambda text: int(do.parse_time(text).timestamp()))), "A run's `createdAt` is a number of seconds since the epoch."),
    Mutation("v2.runs.type-ignored", "ignored filter", V2_RUNS, one_off.list_runs_of_all_types, "The runs of all types are listed, whatever `benchmarkTypeId` is."),
    Mutation("v2.runs.parameter-renamed", "parameter names", V2_RUNS, one_off.rename_type_parameter, "`benchmarkTypeId` is called `typeId`, which is required."),
    Mutation("v2.runs.category-ids", "wrong id", (*V2_RUNS, *V2_RUN), do.edit_objects("", do.convert("probeCategoryId", lambda _: 1)), "Every run has the `probeCategoryId` 1, whatever its category."),
    Mutation("v2.run.wrong-resource", "wrong resource", V2_RUN, do.return_other_resource(lambda request: request.get(request.path.rpartition("/runs/")[0] + "/runs", benchmarkTypeId=1), lambda body: body), "Another run of the model is returned than the one requested."),
    Mutation("v2.run.field-retyped", "retyped field", V2_RUN, do.edit_objects("testCases", do.convert("passed", int)), "A test case's `passed` is 1 or 0."),
    Mutation("v2.run.counts-lie", "counts", V2_RUN, do.edit_objects("", do.convert("testCases", lambda cases: cases[:-1])), "One test case is left out; `totalCount` is not."),
    Mutation("v2.run.score-fraction", "counts", V2_RUN, do.edit_objects("", do.percent_to_fraction("score")), "The `score` is a share from 0 to 1 instead of a percentage."),
    Mutation("v2.error-shape", "error shape", V2_EVERYTHING, do.reshape_errors(lambda message: {"title": "Refused", "detail": message}), "An error is in the problem-details form: the message is under `detail`."),
    Mutation("v2.error-content-type", "content type", V2_EVERYTHING, do.replace_response(do.ERRORS, content_type="application/problem+json"), "An error is sent as `application/problem+json`."),
    Mutation("v2.key-ignored", "ignored key", V2_EVERYTHING, do.map_request(lambda request: replace(request, with_key=True)), "Requests without the key are accepted."),
    # ---- v0 ----
    Mutation("v0.health.field-retyped", "retyped field", V0_HEALTH, do.edit_objects("", do.convert("status", lambda status: status == "ok")), "The `status` of the service is a boolean."),
    Mutation("v0.account.field-renamed", "renamed field", V0_ACCOUNT, do.edit_objects("", do.rename("available_credits", "credits")), "`available_credits` is called `credits`."),
    Mutation("v0.account.field-retyped", "retyped field", V0_ACCOUNT, do.edit_objects("", do.convert("available_credits", str)), "`available_credits` is a string."),
    Mutation("v0.account.field-null", "null", V0_ACCOUNT, do.edit_objects("", do.convert("available_credits", lambda _: None)), "`available_credits` is null."),
    Mutation("v0.account.extra-route", "extra route", V0_ACCOUNT, do.map_request(lambda request: request.get(request.path)), "HEAD /v0/me is served; the specification has GET only.", route=re.compile("HEAD /v0/me")),
    Mutation("v0.benchmarks.field-null", "null", V0_BENCHMARKS, do.edit_objects("benchmarks", do.convert("id", lambda _: None)), "A benchmark's `id` is null."),
    Mutation("v0.benchmarks.field-retyped", "retyped field", V0_BENCHMARKS, do.edit_objects("benchmarks", do.convert("price_per_benchmark_unit", str)), "A benchmark's `price_per_benchmark_unit` is a string."),
    Mutation("v0.benchmarks.date-format", "date format", V0_BENCHMARKS, do.edit_objects("benchmarks", do.convert("created_at", lambda text: format_datetime(do.parse_time(text), usegmt=True))), "A benchmark's `created_at` is formatted as in mail headers: Thu, 01 May 2025 08:00:00 GMT."),
    Mutation("v0.benchmarks.content-type", "content type", V0_BENCHMARKS, do.replace_response(content_type="text/html"), "The JSON is sent as `text/html`."),
    Mutation("v0.submit.status-code", "status code", V0_SUBMIT, do.replace_response(status=201), "A job is accepted with 201 instead of 202."),
    Mutation("v0.submit.field-renamed", "renamed field", V0_SUBMIT, do.edit_objects("", do.rename("job_id", "id")), "`job_id` is called `id`."),
    Mutation("v0.submit.lost-write", "lost write", (*V0_SUBMIT, *V0_JOBS, *V0_JOB), one_off.lose_submissions, "A job is accepted and paid for, but never listed, and its id is unknown."),
    Mutation("v0.batch.ids-missing", "lost write", V0_BATCH, do.edit_objects("", do.convert("job_ids", lambda ids: ids[:-1])), "`job_ids` lacks the last job of the batch."),
    Mutation("v0.batch.field-retyped", "retyped field", V0_BATCH, do.edit_objects("", do.convert("job_ids", ",".join)), "`job_ids` is one string, joined with commas."),
    Mutation("v0.jobs.limit-ignored", "page size", V0_JOBS, do.ignore_parameters("limit"), "`limit` is ignored."),
    Mutation("v0.jobs.capped", "page size", V0_JOBS, do.remake_list("jobs", "", lambda jobs, _: jobs[:2]), "The list has at most 2 jobs."),
    Mutation("v0.jobs.status-ignored", "ignored filter", V0_JOBS, do.ignore_parameters("status"), "`status` is ignored."),
    Mutation("v0.jobs.sort-reversed", "wrong sort", V0_JOBS, do.remake_list("jobs", "", lambda jobs, _: jobs[::-1]), "The oldest jobs are first."),
    Mutation("v0.jobs.enum-value", "enum value", V0_JOBS, do.edit_objects("jobs", do.convert("status", lambda value: "succeeded" if value == "completed" else value)), "The status `completed` is called `succeeded`."),
    Mutation("v0.jobs.list-null", "null", V0_JOBS, do.edit_objects("", do.convert("jobs", lambda _: None)), "The list `jobs` is null."),
    Mutation("v0.jobs.date-number", "date format", V0_JOBS, do.edit_objects("jobs", do.convert("created_at", lambda text: int(do.parse_time(text).timestamp()))), "A job's `created_at` is a number of seconds since the epoch."),
    Mutation("v0.jobs.error-status", "status code", V0_JOBS, do.replace_response({400}, status=422), "A wrong parameter gets 422 instead of 400."),
    Mutation("v0.jobs.limit-before-status", "ignored filter", V0_JOBS, one_off.limit_before_status, "`limit` is applied before `status`."),
    Mutation("v0.jobs.hours-off", "wrong time", (*V0_JOBS, *V0_JOB), do.edit_objects("", do.convert("created_at", lambda text: f"{do.parse_time(text) - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"), "jobs"), "A job's `created_at` is two hours early."),
    Mutation("v0.job.field-renamed", "renamed field", V0_JOB, do.edit_objects("", do.rename("credits_used", "cost")), "`credits_used` is called `cost`."),
    Mutation("v0.job.wrong-resource", "wrong resource", V0_JOB, do.return_other_resource(lambda request: request.get("/v0/jobs"), lambda body: body["jobs"]), "Another job is returned than the one requested."),
    Mutation("v0.job.status-back", "status going back", V0_JOB, one_off.revert_status, "Every second response about a job that has started has the status `pending`."),
    Mutation("v0.job.counts-lie", "counts", V0_JOB, do.edit_objects("", do.convert("passed_count", lambda count: count + 1)), "`passed_count` is one too high."),
    Mutation("v0.job.prompts-lie", "counts", V0_JOB, do.edit_objects("", do.convert("total_prompts", lambda count: count + 1)), "`total_prompts` is one more than needles and hay together."),
    Mutation("v0.job.score-fraction", "counts", V0_JOB, do.edit_objects("", do.percent_to_fraction("score")), "The `score` is a share from 0 to 1 instead of a percentage."),
    Mutation("v0.job.date-no-zone", "date format", V0_JOB, do.edit_objects("", do.convert("completed_at", lambda time: time.removesuffix("Z"))), "`completed_at` has no time zone."),
    Mutation("v0.job.route-missing", "missing route", V0_JOB, do.remove_route("error"), "GET /v0/jobs/{id} returns 404."),
    Mutation("v0.error-shape", "error shape", V0_EVERYTHING, do.reshape_errors(lambda message: {"errors": [{"detail": message}]}), "The message of an error is in a list, under `errors`."),
    Mutation("v0.key-ignored", "ignored key", V0_EVERYTHING, do.map_request(lambda request: replace(request, with_key=True)), "Requests without the key are accepted."),
)
# fmt: on

MUTATIONS: Final[dict[str, Mutation]] = {mutation.id: mutation for mutation in _ROWS}
