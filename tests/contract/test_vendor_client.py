"""The requests of the vendor's own client, and whether it can read the embedded server's responses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

import benchwire
from benchwire import models
from benchwire_local import LocalServer, Settings

READS = yaml.load(
    (Path(__file__).parent / "vendor" / "responses.yaml").read_text(), Loader=yaml.CSafeLoader
)
PAGE = "page=1&page_size=100"  # what it always sends, percent-encoded as httpx does
BENCHMARK = "682bddc1e014f9fa440f8a91"
PROMPTS = f"/datasets/{BENCHMARK}/prompts"
PAIR = "evaluation_id_1=eval-abc&evaluation_id_2=eval-def"
MODEL_SORTS = [
    "name",
    "createdAt",
    "releasedAt",
    "architectureType",
    "contextLength",
    "license",
    "region",
    "created_at",
    "released_at",
    "architecture_type",
    "context_length",
]
EVALUATION_SORTS = [
    "submitted_at",
    "accuracy",
    "average_duration",
    "submittedAt",
    "averageDuration",
]
OUTCOMES = ["all", "both_succeed", "both_fail", "reference_fails", "comparison_fails"]

# The path, the query after what it always sends, and the model that reads the response. The query of
# a list that must have rows ends with a blank, which is not sent.
REQUESTS: list[tuple[str, str, str]] = [
    *(
        ("/models", f"{PAGE}{more}", "PublicModelsListResponse")
        for more in (
            " ", "&query=gpt ", "&query=claude ", "&companies=OpenAI%2CAnthropic ", "&regions=usa ",
            "&categories=open-source ", "&sizes=Small%2CExtra+Large ", "&include_deprecated=true ",
            "&ids=699f9761e014f9c3072b0513%2C699f9761e014f9c3072b0512 ", "&name=nobody",
            *(f"&sort_by={name}&order=desc " for name in MODEL_SORTS),
        )
    ),
    *(
        ("/datasets", f"{PAGE}{more}", "PublicBenchmarksListResponse")
        for more in (" ", "&query=mmlu ", "&languages=English ", "&sort_by=name&order=asc ", "&key=x")
    ),
    *(
        (PROMPTS, query, "BenchmarkPromptsResponse")
        for query in (
            " ", "page=1&page_size=10 ", "page=2&page_size=100 ", "page=1&page_size=500 ",
            "search=truth&search_value=1 ", "sort_by=input&sort_order=desc ",
            "search=id&search_value=nothing",
        )
    ),
    *(
        ("/evaluations", f"{PAGE}{more}", "EvaluationsResponse")
        for more in (
            " ", f"&datasets={BENCHMARK} ", "&models=unknown", "&unique=true ",
            "&models=699f9761e014f9c3072b0513%2C699f9761e014f9c3072b0512 ",
            *(f"&sort_by={name}&order=asc " for name in EVALUATION_SORTS),
            *(f"&status={status.value} " for status in models.EvaluationStatus),
        )
    ),
    ("/evaluations/eval_abc123", " ", "Evaluation"),
    ("/evaluations/699f1426c1212b2d9c78e947", " ", "Evaluation"),
    *(
        ("/results", f"evaluation_id={query}", "ResultsResponse")
        for query in (
            "eval-def&page=1&page_size=100 ", "eval-def&page=2&page_size=7 ",
            "eval-def&page=99&page_size=500",
        )
    ),
    *(
        ("/results/comparison", f"{PAIR}{more}", "ComparisonResponse")
        for more in (
            " ", "&page=1&page_size=20 ", "&search=nothing+has+this",
            *(f"&outcome_filter={outcome}" for outcome in OUTCOMES),
        )
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer(Settings()) as running:
        yield running


@pytest.fixture(scope="module")
def http(server: LocalServer) -> Iterator[httpx.Client]:
    headers = {"x-api-key": server.api_key, "accept": "application/json"}
    with httpx.Client(trust_env=False, headers=headers) as client:
        yield client


def body_of(http: httpx.Client, url: str) -> Any:
    response = http.get(url)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/json")
    return response.json()


def misread(body: Any, model: str) -> list[str]:
    errors = Draft202012Validator(READS[model]).iter_errors(body)
    return [f"{error.json_path}: {error.message}" for error in errors]


@pytest.mark.parametrize(("path", "query", "model"), REQUESTS)
def test_the_vendors_client_reads_each_response(
    path: str, query: str, model: str, server: LocalServer, http: httpx.Client
) -> None:
    body = body_of(http, f"{server.public_base_url}{path}?{query.rstrip()}")
    assert misread(body, model) == []
    rows = body.get("models") or body.get("datasets") or body.get("evaluations")
    rows = rows or body.get("data", {}).get("prompts") or body.get("results")
    if query.endswith(" "):
        assert rows or model == "Evaluation"


def test_the_vendors_client_reads_every_row(server: LocalServer, http: httpx.Client) -> None:
    url = server.public_base_url
    for benchmark in body_of(http, f"{url}/datasets?{PAGE}")["datasets"]:
        prompts = body_of(http, f"{url}/datasets/{benchmark['id']}/prompts?page=1&page_size=500")
        assert misread(prompts, "BenchmarkPromptsResponse") == []
        assert prompts["data"]["count"] == benchmark["prompt_count"]
    unfinished = 0
    for row in body_of(http, f"{url}/evaluations?{PAGE}")["evaluations"]:
        one = body_of(http, f"{url}/evaluations/{row['id']}")
        assert misread(one, "Evaluation") == []
        unfinished += one["finished_at"] == 0
        # Not computed is absent, as in the responses that the vendor recorded.
        assert ("readability_score" in one) is (one["status"] == "success")
        answers = body_of(http, f"{url}/results?evaluation_id={row['id']}&page=1&page_size=3")
        assert misread(answers, "ResultsResponse") == []
        assert bool(answers["results"]) is (one["status"] == "success")
    assert unfinished


def test_the_table_knows_each_model_and_notices_a_null() -> None:
    read = {model for _, _, model in REQUESTS}
    assert read == {name for name, schema in READS.items() if "properties" in schema}
    assert misread({"evaluations": [{"accuracy": None}], "total_count": 1}, "EvaluationsResponse")


def test_our_client_sends_what_the_vendors_sends(server: LocalServer) -> None:
    sent: list[Any] = []
    hooks = benchwire.Hooks(on_request=sent.append)
    with benchwire.PublicClient(server.api_key, server.public_base_url, hooks=hooks) as client:
        client.models.get(companies=["OpenAI", "Anthropic"])
        client.benchmarks.get(query="mmlu")
        client.evaluations.get_many(sort_by="accuracy", order="asc")
    queries = [httpx.QueryParams(request.query).multi_items() for request in sent]
    wanted = [
        f"{PAGE}&companies=OpenAI%2CAnthropic", f"{PAGE}&query=mmlu",
        f"{PAGE}&sort_by=accuracy&order=asc",
    ]  # fmt: skip
    assert [sorted(query) for query in queries] == [
        sorted(httpx.QueryParams(query).multi_items()) for query in wanted
    ]
