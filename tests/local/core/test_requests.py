"""What the server refuses, with which status and which words, in each API's error shape."""

from __future__ import annotations

import http.client
import uuid
from typing import Any

import httpx
import pytest

MODELS = "/api/v1/models"
EVALUATIONS = "/api/v1/evaluations"
V2_MODELS = "/api/v2/benchmarks/models"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        # numbers
        ("page=0", ["page", "0", "minimum of 1"]),
        ("page_size=501", ["page_size", "501", "500"]),
        ("page=2147483648", ["page", "2147483648", "2147483647"]),
        *[
            (f"page={bad}", ["page", "not an integer"])
            for bad in (
                *("", "x", "%201", "1%20", "+1", "%2B1", "1_0", "1e3", "1.0", "0x1", "01", "--1"),
                *("%D9%A1", "%EF%BC%91", "9" * 19, "9" * 5000, "NaN", "true", "1,2"),
            )
        ],
        # booleans
        *[
            (f"include_deprecated={bad}", ["include_deprecated", "neither true nor false"])
            for bad in ("", "1", "0", "True", "TRUE", "yes", "on", "%20true", "null")
        ],
        # enumerations: every allowed value is named
        ("order=up", ["order", "'up'", "asc, desc"]),
        ("order=ASC", ["order", "'ASC'"]),
        ("sort_by=size", ["sort_by", "'size'", "releasedAt", "released_at", "region"]),
        # lists
        ("ids=", ["ids", "less than 1 item"]),
        ("ids=a,,b", ["ids[1]", "shorter than 1 character"]),
        ("ids=,", ["ids[0]"]),
        # text
        ("query=%ff", ["query", "'%ff'", "UTF-8"]),
        ("query=a%00b", ["query", "NUL"]),
        ("ids=a,%C3", ["ids", "UTF-8"]),
        ("query=%ED%A0%80", ["query", "UTF-8"]),
        ("query=100%", ["query", "'100%'", "hexadecimal"]),
        ("query=%zz", ["query", "hexadecimal"]),
        ("ids=a,%2", ["ids", "'a,%2'", "hexadecimal"]),
        ("%=1", ["'%'", "hexadecimal"]),
        # names
        ("pagesize=5", ["unknown", "'pagesize'", "page_size"]),
        ("pageSize=5", ["unknown", "'pageSize'"]),
        ("Page=1", ["unknown", "'Page'"]),
        ("=1", ["unknown", "''"]),
        ("%ff=1", ["UTF-8"]),
        ("page=1&page=1", ["page", "more than once"]),
        ("ids=a&ids=b", ["ids", "more than once"]),
        ("page=1&p%61ge=2", ["page", "more than once"]),
        ("ids[]=a", ["unknown", "'ids[]'"]),
    ],
)
def test_a_query_that_does_not_fit(api: Any, query: str, words: list[str]) -> None:
    message = api.refused(f"{MODELS}?{query}", 400)
    for word in words:
        assert word in message
    assert len(message) < 400


def test_harmless_oddities_of_a_query_are_understood(api: Any) -> None:
    whole = api.get(MODELS)
    assert api.get(f"{MODELS}?") == whole
    assert api.get(f"{MODELS}?&&page=1&") == whole
    assert api.get(f"{MODELS}?p%61ge=%31") == whole
    by_plus, by_percent = (api.get(f"{MODELS}?name=Beta{gap}100{gap}X") for gap in ("+", "%20"))
    assert by_plus == by_percent
    assert by_plus["count"] == 1


@pytest.mark.parametrize(
    ("path", "refused"),
    [("/v0/me", False), ("/v0/health", False), ("/v0/benchmarks", False), ("/v0/jobs", True),
     ("/api/v1/models", True), ("/api/v1/evaluations/e", True), ("/api/v2/benchmarks/types", True)],
)  # fmt: skip
def test_an_unknown_parameter_is_refused_where_a_status_is_documented(
    api: Any, path: str, refused: bool
) -> None:
    response = api.http.get(f"{path}?unknown=1")
    assert response.status_code == (400 if refused else 200)
    assert ("unknown query parameter 'unknown'" in response.text) == refused


def test_a_long_value_is_shortened_in_the_message(api: Any) -> None:
    message = api.refused(f"{MODELS}?order={'x' * 5000}", 400)
    assert "5002 characters" in message
    assert len(message) < 200


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v1/results/comparison", 400, ["evaluation_id_1", "missing"]),
        ("/api/v1/results/comparison?evaluation_id_1=a", 400, ["evaluation_id_2", "missing"]),
        ("/api/v1/results/comparison?evaluation_id_1=&evaluation_id_2=b", 400, ["evaluation_id_1"]),
        (f"{EVALUATIONS}?status=done", 400, ["status", "'done'", "in-progress"]),
        (f"{EVALUATIONS}?unique=1", 400, ["unique"]),
        ("/api/v1/datasets?sort_by=language", 400, ["sort_by", "name"]),
        ("/api/v1/datasets/b1/prompts?search=text", 400, ["search", "id, input, truth"]),
        ("/api/v1/datasets/b1/prompts?sort_order=down", 400, ["sort_order"]),
        ("/api/v1/datasets/%ff/prompts", 400, ["benchmark_id", "UTF-8"]),
        ("/api/v1/datasets/%00/prompts", 400, ["benchmark_id", "NUL"]),
        (f"{EVALUATIONS}/%C3%28", 400, ["id", "UTF-8"]),
        (f"{EVALUATIONS}/100%", 400, ["id", "'100%'", "hexadecimal"]),
        (f"{V2_MODELS}/x", 400, ["modelId", "'x'"]),
        (f"{V2_MODELS}/1.0", 400, ["modelId"]),
        (f"{V2_MODELS}/%31x", 400, ["modelId"]),
        (f"{V2_MODELS}/9223372036854775808", 400, ["modelId", "9223372036854775807"]),
        (f"{V2_MODELS}?benchmarkTypeId=2147483648", 400, ["benchmarkTypeId", "2147483647"]),
        (f"{V2_MODELS}?benchmarktypeid=1", 400, ["'benchmarktypeid'"]),
        (f"{V2_MODELS}/101/runs", 400, ["benchmarkTypeId", "missing"]),
        (f"{V2_MODELS}/101/runs/x/test-cases", 400, ["probeRunId"]),
        ("/v0/jobs?limit=0", 400, ["limit", "minimum of 1"]),
        ("/v0/jobs?limit=ten", 400, ["limit", "'ten'"]),
        ("/v0/jobs?status=done", 400, ["status", "pending, running, completed, failed"]),
        ("/v0/jobs?state=failed", 400, ["'state'"]),
    ],
)
def test_parameters_that_do_not_fit(api: Any, path: str, status: int, words: list[str]) -> None:
    message = api.refused(path, status)
    for word in words:
        assert word in message


# ---- keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [MODELS, "/api/v2/benchmarks/types", "/v0/me"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": "wrong-canary"},
        {"x-api-key": "BENCHWIRE-LOCAL"},
        {"authorization": "wrong-canary"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer wrong-canary"},
        {"authorization": "Basic benchwire-local"},
        {"authorization": "benchwire-local"},
        {"authorization": "Bearer  benchwire-local"},
        {"x-api-key": b"\xff\xfe"},
    ],
    ids=str,
)
def test_a_missing_or_wrong_key(api: Any, path: str, headers: Any) -> None:
    response = httpx.get(api.server.url + path + "?nonsense=1", headers=headers)
    assert response.status_code == 401  # before anything else is looked at
    assert "key" in api.message_of(response)
    if path.startswith("/api/v2"):
        assert response.json()["error"]["code"] == "Unauthorized"
    assert "canary" not in response.text
    if path == "/v0/me":
        assert response.headers["www-authenticate"] == "Bearer"


def test_the_key_goes_where_its_api_wants_it(api: Any) -> None:
    url, key = api.server.url, api.server.api_key
    in_header, as_bearer = {"X-API-KEY": key}, {"authorization": f"bearer {key}"}
    assert httpx.get(url + MODELS, headers=in_header).status_code == 200
    assert httpx.get(url + V2_MODELS, headers=in_header).status_code == 200
    assert httpx.get(url + "/v0/jobs", headers=as_bearer).status_code == 200
    assert httpx.get(url + MODELS, headers=as_bearer).status_code == 401
    assert httpx.get(url + V2_MODELS, headers=as_bearer).status_code == 401
    assert httpx.get(url + "/v0/jobs", headers=in_header).status_code == 401


def test_two_keys_in_one_request_are_none(api: Any) -> None:
    headers = [("x-api-key", api.server.api_key), ("x-api-key", "other")]
    assert httpx.get(api.server.url + MODELS, headers=headers).status_code == 401


# ---- paths and methods ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *["/", "/api", "/api/v1", "/api/v1/nope", "/api/v1/models/", "/api/v1//models"],
        *["/api/v1/Models", "/api/v1/evaluations/", "/api/v1/evaluations/a/b"],
        *["/api/v1/models%0A", "/models", "/api/v1/datasets//prompts", "/v0", "/v0/jobs/x/y"],
        *["/api/v2", "/api/v2/models"],
    ],
)
def test_an_unknown_path(api: Any, path: str) -> None:
    response = api.http.get(path)
    assert response.status_code == 404
    message = f"There is nothing at {path!r}."
    in_v2 = {"message": message, "code": "NotFound"}
    assert response.json() == {"error": in_v2 if path.startswith("/api/v2") else message}
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        *[(MODELS, "GET"), (f"{EVALUATIONS}/e00", "GET"), (V2_MODELS, "GET"), ("/v0/me", "GET")],
        *[("/v0/jobs", "GET, POST"), ("/v0/jobs/batch", "POST")],
    ],
)
def test_methods_that_are_not_documented(api: Any, path: str, allowed: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"):
        response = api.http.request(method, path)
        if method in allowed:
            assert response.status_code != 405
            continue
        assert response.status_code == 405
        assert response.headers["allow"] == allowed
        if method != "HEAD":
            assert allowed in api.message_of(response)


def test_a_segment_may_be_percent_encoded(api: Any) -> None:
    assert api.get("/api/v1/m%6Fdels") == api.get(MODELS)
    assert api.get(f"{EVALUATIONS}/e%300")["id"] == "e00"


# ---- bodies ---------------------------------------------------------------------------------

JOB = {"benchmark_id": "b", "endpoint_url": "http://127.0.0.1:9/", "api_key": "canary"}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/xml",
        "application/jsonx",
        "application/json; charset=latin-1",
        "application/json; charset=utf-8; charset=latin-1",
        "application/json; charset*=x'y'utf-8; charset*0=a",
        "application/json; charset",
        'application/json; a="',
    ],
)
@pytest.mark.parametrize("path", ["/v0/jobs", "/v0/jobs/batch"])
def test_a_body_that_is_not_called_json(api: Any, path: str, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = api.http.post(path, content=b"{}", headers=headers)
    assert response.status_code == 415
    assert "application/json" in response.json()["error"]


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json; charset=UTF-8", 'application/json;charset="utf-8"'),
        *("Application/JSON", 'application/json ; a="b;\\"c" ;; d=e;'),
    ],
)
def test_ways_to_call_a_body_json(api: Any, content_type: str) -> None:
    response = api.http.post("/v0/jobs", content=b"{}", headers={"content-type": content_type})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "missing"),
        (b"{", "not valid JSON"),
        (b"{} {}", "not valid JSON"),
        (b'{"a": x}', "expected a JSON value: column 7"),
        (b'{"a": 1,\n "b": x}', "expected a JSON value: line 2 column 7"),
        (b"{'a': 1}", "not valid JSON"),
        (b'{"seed": NaN}', "not valid JSON"),
        (b'{"seed": 1e999}', "not valid JSON"),
        (b'{"model": "\xff"}', "not valid JSON"),
        (b'{"model": "\\ud800"}', "not valid JSON"),
        (b'{"model": "a", "model": "b"}', "the key 'model' occurs twice"),
        (b'{"headers": {"a": "b", "a": "c"}}', "the key 'a' occurs twice"),
        (b"[" * 101 + b"]" * 101, "more than 100 levels"),
        (b"[" * 999 + b"]" * 999, "more than 100 levels"),
        (b"[" * 100_000, "not valid JSON"),
        (b" " * (1024 * 1024 + 1), "larger than the limit of 1048576 bytes"),
    ],
    ids=range(16),
)
def test_a_body_that_is_not_sound_json(api: Any, content: bytes, words: str) -> None:
    headers = {"content-type": "application/json"}
    response = api.http.post("/v0/jobs", content=content, headers=headers)
    assert response.status_code == 400
    assert words in response.json()["error"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], ["$", "object"]),
        ({}, ["$", "benchmark_id", "required"]),
        (JOB | {"benchmark_count": 11}, ["$.benchmark_count", "11", "10"]),
        (JOB | {"benchmark_count": 0}, ["$.benchmark_count", "0", "1"]),
        (JOB | {"benchmark_count": 1.5}, ["$.benchmark_count", "1.5", "integer"]),
        (JOB | {"benchmark_count": True}, ["$.benchmark_count", "integer"]),
        (JOB | {"benchmark_count": "1"}, ["$.benchmark_count", "'1'", "integer"]),
        (JOB | {"seed": 2**63}, ["$.seed", "9223372036854775807"]),
        (JOB | {"provider": "opnai"}, ["$.provider", "'opnai'", "openai_responses", "gemini"]),
        (JOB | {"headers": {"x": 1}}, ["$.headers.x", "string"]),
        (JOB | {"endpoint_url": "no url"}, ["$.endpoint_url", "uri"]),
        (JOB | {"benchmark_id": ""}, ["$.benchmark_id", "1 character"]),
        (JOB | {"surprise": 1}, ["$", "surprise"]),
        (JOB | {"api_key": ["canary"]}, ["$.api_key", "the secret", "string"]),
        (JOB | {"api_key": 7353}, ["$.api_key", "the secret"]),
        (JOB | {"headers": "X-Key: canary"}, ["$.headers", "the secret", "object"]),
    ],
)
def test_a_body_that_does_not_fit(api: Any, body: Any, words: list[str]) -> None:
    response = api.http.post("/v0/jobs", json=body)
    assert response.status_code == 400, response.text
    message = response.json()["error"]
    for word in words:
        assert word in message
    assert "canary" not in message
    assert "7353" not in message


def test_the_place_of_a_fault_in_a_batch(api: Any) -> None:
    batch = {"endpoint_url": JOB["endpoint_url"], "api_key": "k"}
    batch |= {"jobs": [{"benchmark_id": "a"}, {"benchmark_id": "b", "benchmark_count": 99}]}
    response = api.http.post("/v0/jobs/batch", json=batch)
    assert response.status_code == 400
    assert "$.jobs[1].benchmark_count: 99" in response.json()["error"]


def test_whole_numbers_may_be_written_with_a_fraction(api: Any) -> None:
    # To JSON Schema 2.0 is an integer; what the request then fails on is the unknown benchmark.
    response = api.http.post("/v0/jobs", json=JOB | {"benchmark_count": 2.0, "seed": 1e3})
    assert response.status_code == 404


def test_a_chunked_body_over_the_limit_is_refused_before_it_ends(api: Any) -> None:
    host = api.server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    connection.putrequest("POST", "/v0/jobs")
    connection.putheader("authorization", f"Bearer {api.server.api_key}")
    connection.putheader("content-type", "application/json")
    connection.putheader("transfer-encoding", "chunked")
    connection.endheaders()
    chunk = b" " * 65536
    for _ in range(17):  # more than the limit, and no end of the body
        connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    response = connection.getresponse()
    assert response.status == 400
    assert b"larger than the limit" in response.read()
    connection.close()


# ---- on every response ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("GET", MODELS), ("GET", MODELS + "?page=0"), ("GET", "/nope"), ("PUT", MODELS)],
        *[("GET", "/v0/jobs/nope"), ("POST", "/v0/jobs"), ("HEAD", "/api/v2/benchmarks/types")],
        *[("POST", "/demo/v1/responses"), ("GET", "/demo/raw"), ("GET", "/demo/raw/")],
    ],
)
def test_every_response_has_a_request_id_of_its_own(api: Any, method: str, path: str) -> None:
    sent = {"x-request-id": "not-mine"}
    first, second = (api.http.request(method, path, headers=sent) for _ in range(2))
    ids = {uuid.UUID(response.headers["x-request-id"]) for response in (first, second)}
    assert len(ids) == 2
    anonymous = httpx.request(method, api.server.url + path)
    assert uuid.UUID(anonymous.headers["x-request-id"]).version == 4
