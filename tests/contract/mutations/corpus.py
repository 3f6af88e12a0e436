"""A corpus of requests that shows every mutation, and a summary of how two responses differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

PRIVATE_DETAILS = 1
COMPARED = "evaluation_id_1=eval-abc&evaluation_id_2=eval-def&page_size=2"
_STARTS = {"public": "/api/v1/", "v2": "/api/v2/", "v0": "/v0/"}
PROMPTS = "/api/v1/datasets/682bddc1e014f9fa440f8a91/prompts"


@dataclass(frozen=True)
class CorpusRequest:
    """A request; ``operation`` is ``None`` where the specifications have none.

    Where the unmutated response has no row, no mutation of rows shows.
    """

    name: str
    operation: str | None
    path: str
    method: str = "GET"
    body: Any = None
    key: bool = True
    has_rows: bool = True

    @property
    def api(self) -> str:
        """Return the API that the path is of."""
        return next(api for api, start in _STARTS.items() if self.path.startswith(start))


@dataclass(frozen=True)
class CorpusResponse:
    """A response, without what differs from one request to the next."""

    status: int
    headers: dict[str, str] = field(hash=False)
    body: Any = field(hash=False)
    content: bytes = field(repr=False)  # of equal bodies it tells 1, 1.0 and true apart


def corpus(ended: str, other: str, failed: str) -> list[CorpusRequest]:
    """Return the requests.

    Args:
        ended: The id of a completed job.
        other: The id of another one.
        failed: The id of a failed one.
    """
    return list(_public()) + list(_v2()) + list(_v0(ended, other, failed)) + list(_keyless())


def _public() -> Iterator[CorpusRequest]:
    for operation, root, queries in (
        (
            "listModels",
            "/api/v1/models",
            (
                "page_size=4 page=2&page_size=4 page=3&page_size=4 page_size=501 page_size=0 nope=1"
                " pageSize=4 companies=OpenAI query=cirrus sort_by=released_at order=desc"
                " include_deprecated=true page=2&page_size=4&sort_by=region&order=desc"
                " companies=OpenAI,Lotus regions=USA,canada query=cirr page=0"
                " companies=OpenAI,Borealis&regions=europe"
                " ids=699f9761e014f9c3072b0513%2C699f9761e014f9c3072b0514"
            ),
        ),
        (
            "listBenchmarks",
            "/api/v1/datasets",
            "page_size=2 languages=German ids=682bddc1e014f9fa440f8a94 order=desc page_size=0",
        ),
        (
            "listBenchmarkPrompts",
            PROMPTS,
            (
                "page_size=3 page=2&page_size=3 search=input&search_value=divisors"
                " sort_by=truth&sort_order=desc page=2&page_size=200 page_size=0"
            ),
        ),
        (
            "listEvaluations",
            "/api/v1/evaluations",
            (
                "page_size=3 status=failure models=699f9761e014f9c3072b0513 unique=true"
                " sort_by=accuracy sort_by=accuracy&order=desc order=asc"
                " sort_by=accuracy&page_size=10&page=2 page_size=0"
            ),
        ),
    ):
        for query in ("", *queries.split()):
            yield CorpusRequest(
                f"{operation} {query}".strip(), f"public.{operation}", f"{root}?{query}"
            )
    yield CorpusRequest(
        "listBenchmarkPrompts unknown", "public.listBenchmarkPrompts", "/api/v1/datasets/x/prompts"
    )
    for name in ("eval-abc", "eval-sample-060", "unknown"):
        yield CorpusRequest(
            f"getEvaluation {name}", "public.getEvaluation", f"/api/v1/evaluations/{name}"
        )
    for query in (
        *("", "page=2", "outcome_filter=both_succeed", "outcome_filter=both_fail"),
        *("outcome_filter=reference_fails", "outcome_filter=comparison_fails", "search=divisors"),
        *("search=84", "page=0", "search=75", "search=75&outcome_filter=both_succeed"),
    ):
        yield CorpusRequest(
            f"compareEvaluations {query}".strip(),
            "public.compareEvaluations",
            f"/api/v1/results/comparison?{COMPARED}&{query}",
        )
    for query in ("", "page=2&page_size=7", "page_size=3", "page=0", "evaluation_id=unknown"):
        own = "" if "unknown" in query else "evaluation_id=eval-def&"
        yield CorpusRequest(
            f"listResults {query}".strip(), "public.listResults", f"/api/v1/results?{own}{query}"
        )
    for query in ("query=%25", "query=invented"):
        yield CorpusRequest(
            f"listModels {query}", "public.listModels", f"/api/v1/models?{query}", has_rows=False
        )
    yield CorpusRequest("model by id", None, "/api/v1/models/699f9761e014f9c3072b0516")
    yield CorpusRequest("model by unknown id", None, "/api/v1/models/x")


def _v2() -> Iterator[CorpusRequest]:
    root = "/api/v2/benchmarks"
    for name, operation, path in (
        ("types", "listBenchmarkTypes", "/types"),
        ("models", "listBenchmarkModels", "/models"),
        ("models of type", "listBenchmarkModels", "/models?benchmarkTypeId=1"),
        ("models of unknown type", "listBenchmarkModels", "/models?benchmarkTypeId=9"),
        ("model", "getBenchmarkModel", "/models/101"),
        ("model of type", "getBenchmarkModel", "/models/102?benchmarkTypeId=1"),
        ("unknown model", "getBenchmarkModel", "/models/99"),
        ("runs", "listProbeRuns", "/models/101/runs?benchmarkTypeId=1"),
        ("runs of another type", "listProbeRuns", "/models/101/runs?benchmarkTypeId=2"),
        ("runs by the other name", "listProbeRuns", "/models/101/runs?typeId=1"),
        ("runs with errors", "listProbeRuns", "/models/107/runs?benchmarkTypeId=2"),
        ("run", "getProbeRun", "/models/101/runs/1000/test-cases"),
        ("unknown run", "getProbeRun", "/models/101/runs/9/test-cases"),
        ("type by id", None, "/types/1"),
        ("type by unknown id", None, "/types/9"),
    ):
        yield CorpusRequest(f"v2 {name}", operation and f"v2.{operation}", root + path)


def _v0(ended: str, other: str, failed: str) -> Iterator[CorpusRequest]:
    for name, operation, path in (
        ("health", "getHealth", "/v0/health"),
        ("account", "getAccount", "/v0/me"),
        ("benchmarks", "listBenchmarks", "/v0/benchmarks"),
        ("jobs", "listJobs", "/v0/jobs"),
        ("jobs limit=1", "listJobs", "/v0/jobs?limit=1"),
        ("jobs limit=3", "listJobs", "/v0/jobs?limit=3"),
        ("jobs limit=0", "listJobs", "/v0/jobs?limit=0"),
        ("jobs status=completed", "listJobs", "/v0/jobs?status=completed"),
        ("jobs status=failed", "listJobs", "/v0/jobs?status=failed"),
        ("jobs status=failed limit=1", "listJobs", "/v0/jobs?status=failed&limit=1"),
        ("job", "getJob", f"/v0/jobs/{ended}"),
        ("job again", "getJob", f"/v0/jobs/{ended}"),
        ("another job", "getJob", f"/v0/jobs/{other}"),
        ("failed job", "getJob", f"/v0/jobs/{failed}"),
        ("unknown job", "getJob", "/v0/jobs/unknown"),
    ):
        yield CorpusRequest(f"v0 {name}", f"v0.{operation}", path)
    yield CorpusRequest("v0 account by HEAD", None, "/v0/me", "HEAD")
    yield CorpusRequest("v0 benchmarks by HEAD", None, "/v0/benchmarks", "HEAD")
    yield CorpusRequest("v0 bad job", "v0.submitJob", "/v0/jobs", "POST", {})
    yield CorpusRequest("v0 bad batch", "v0.submitJobBatch", "/v0/jobs/batch", "POST", {})


def _keyless() -> Iterator[CorpusRequest]:
    for operation, path in (
        ("public.listModels", "/api/v1/models?page_size=1"),
        ("public.listBenchmarks", "/api/v1/datasets?page_size=1"),
        ("public.listBenchmarkPrompts", f"{PROMPTS}?page_size=1"),
        ("public.listEvaluations", "/api/v1/evaluations?page_size=1"),
        ("public.getEvaluation", "/api/v1/evaluations/eval-abc"),
        ("public.listResults", "/api/v1/results?evaluation_id=eval-def&page_size=1"),
        ("public.compareEvaluations", f"/api/v1/results/comparison?{COMPARED}"),
        ("v2.listBenchmarkTypes", "/api/v2/benchmarks/types"),
        ("v2.listBenchmarkModels", "/api/v2/benchmarks/models"),
        ("v2.getBenchmarkModel", "/api/v2/benchmarks/models/101"),
        ("v2.listProbeRuns", "/api/v2/benchmarks/models/101/runs?benchmarkTypeId=1"),
        ("v2.getProbeRun", "/api/v2/benchmarks/models/101/runs/1000/test-cases"),
        ("v0.getAccount", "/v0/me"),
        ("v0.listBenchmarks", "/v0/benchmarks"),
        ("v0.listJobs", "/v0/jobs?limit=1"),
        ("v0.getJob", "/v0/jobs/unknown"),
    ):
        yield CorpusRequest(f"{operation} without a key", operation, path, key=False)


def send(http: httpx.Client, request: CorpusRequest) -> CorpusResponse:
    """Send a request with a client that has the keys."""
    outgoing = http.build_request(request.method, request.path, json=request.body)
    if not request.key:
        del outgoing.headers["x-api-key"], outgoing.headers["authorization"]
    response = http.send(outgoing)
    assert response.headers.pop("x-request-id")
    for name in ("date", "content-length"):
        response.headers.pop(name, None)
    try:
        body = response.json()
    except ValueError:
        body = response.text
    return CorpusResponse(response.status_code, dict(response.headers), body, response.content)


def differences(before: CorpusResponse, after: CorpusResponse) -> set[str]:
    """Describe how rows, fields and types differ, not which values."""
    if before.status // 100 != after.status // 100:
        return {f"status {before.status} -> {after.status}"}  # and with it everything else
    lines = set()
    if before.status != after.status:
        lines.add(f"status {before.status} -> {after.status}")
    for name in before.headers.keys() | after.headers.keys():
        if before.headers.get(name) != after.headers.get(name):
            lines.add(f"{name} -> {after.headers.get(name)}")
    return lines | set(_differences("$", before.body, after.body))


def summary(
    requests: list[CorpusRequest],
    unmutated: dict[str, CorpusResponse],
    mutated: dict[str, CorpusResponse],
    operations: tuple[str, ...],
) -> dict[str, str | list[str]]:
    """Describe which requests differ, and how.

    Returns:
        By difference, sorted: the names of the requests, or ``every response`` or ``every error``
        of the operations.
    """
    matches: dict[str, list[str]] = {}
    for request in requests:
        if mutated[request.name] != unmutated[request.name]:
            for line in differences(unmutated[request.name], mutated[request.name]):
                matches.setdefault(line, []).append(request.name)
    without_rows = {request.name for request in requests if not request.has_rows}
    own = [one.name for one in requests if one.operation in operations and one.has_rows]
    successes = [name for name in own if unmutated[name].status < 400]
    errors = [name for name in own if unmutated[name].status >= 400]
    return {
        line: "every response"
        if [name for name in names if name not in without_rows] == successes
        else "every error"
        if names == errors
        else names
        for line, names in sorted(matches.items())
    }


def _differences(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_objects(path, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(path, before, after)
    elif type(before) is not type(after):
        yield f"~ {path}: {_name(before)} -> {_name(after)}"
    elif before != after:
        yield f"~ {path}"


def _of_objects(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    if _others(before, after):
        yield f"~ {path}: another one"
        return
    for name in before.keys() - after.keys():
        yield f"- {path}.{name}"
    for name in after.keys() - before.keys():
        yield f"+ {path}.{name}"
    for name in before.keys() & after.keys():
        yield from _differences(f"{path}.{name}", before[name], after[name])


def _of_lists(path: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    if len(before) != len(after):
        yield f"# {path}: {len(before)} rows -> {len(after)}"
    elif all(_same(old, new) for old, new in zip(before, after, strict=True)):
        for old, new in zip(before, after, strict=True):
            yield from _differences(f"{path}[]", old, new)
    elif all(row in before for row in after):
        yield f"# {path}: another order"
    else:
        yield f"# {path}: other rows"


def _same(old: Any, new: Any) -> bool:
    """Whether a row is the same one, if perhaps with a few fields that differ."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return bool(old == new)
    if _others(old, new):
        return False
    return sum(old[key] == new.get(key, ...) for key in old) * 3 >= len(old)


def _others(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether two objects have different ids; an id that became a number is the same one."""
    if old.get("id") is None or new.get("id") is None:
        return False
    before, after = (str(item["id"]).removeprefix("prompt-").lstrip("0") for item in (old, new))
    return before != after


def _name(value: Any) -> str:
    return "null" if value is None else type(value).__name__
