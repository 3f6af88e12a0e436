"""The requests that the clients of other generators send to the embedded server."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

import benchwire
from support.spec_calls import SdkCall, sdk_calls

CALLS = {(call.api, call.operation.id): call for call in sdk_calls()}
BASES = {"public": "public_base_url", "v2": "v2_base_url", "v0": "v0_base_url"}


@dataclass(frozen=True)
class PeerCall:
    """One request, by what the spec says of its operation.

    Attributes:
        status: What the embedded server answers.
        rows: The number of rows of the list named first, where it proves that a filter was applied.
    """

    api: str
    id: str
    method: str
    template: str
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    rows: tuple[str, int] | None = None

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def url_of(server: benchwire.local.Server, api: str) -> str:
    return str(getattr(server, BASES[api]))


def peer_calls(server: benchwire.local.Server) -> list[PeerCall]:
    """Return calls of every operation with its examples, with lists of two values, and that fail."""
    found = [_by_examples(call) for call in CALLS.values() if call.operation.id != "getJob"]
    key = {"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"}
    with httpx.Client(headers=key) as http:
        base, v0 = url_of(server, "public"), url_of(server, "v0")
        models = http.get(base + "/models").json()["models"]
        datasets = http.get(base + "/datasets").json()["datasets"]
        job = http.post(v0 + "/v0/jobs", json=CALLS["v0", "submitJob"].arguments()).json()["job_id"]
    two, both = [model["id"] for model in models[:2]], [each["id"] for each in datasets[:2]]
    unknown = {"id": "no such/one ü"}
    return [
        *found,
        _call("v0", "getJob", path={"id": job}),
        _call("public", "listModels", query={"ids": two}, rows=("models", 2)),
        _call("public", "listModels", query={"ids": two, "page_size": 1}, rows=("models", 1)),
        _call("public", "listBenchmarks", query={"ids": both}, rows=("datasets", 2)),
        _call("public", "listModels", query={"companies": ["nobody & co"]}, rows=("models", 0)),
        _call("public", "listEvaluations", query={"models": two, "datasets": both}),
        _call("public", "getEvaluation", path=unknown, status=404),
        _call("v2", "getBenchmarkModel", path={"modelId": 7}, status=404),
        _call("v2", "getProbeRun", path={"modelId": 101, "probeRunId": 7}, status=404),
        _call("v0", "getJob", path=unknown, status=404),
        _call("v0", "submitJob", body=_body(benchmark_id=77), status=404),
        _call("v0", "submitJob", body=_body(endpoint_url="http://198.51.100.1/"), status=400),
    ]


def expected(server: benchwire.local.Server, call: PeerCall) -> Any:
    """Return the answer to a request without a client, for one that changes nothing."""
    values = {name: ",".join(v) if isinstance(v, list) else v for name, v in call.query.items()}
    path = call.template.format(**{name: httpx.URL(f"/{v}").raw_path.decode()[1:].replace("/", "%2F")
                                   for name, v in call.path.items()})  # fmt: skip
    key = {"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"}
    return httpx.get(url_of(server, call.api) + path, params=values, headers=key).json()


def _body(**changes: Any) -> dict[str, Any]:
    return {**CALLS["v0", "submitJob"].arguments(), **changes}


def _call(api: str, operation: str, **more: Any) -> PeerCall:
    found = CALLS[api, operation].operation
    return PeerCall(api, operation, found.method, found.path, **more)


def _by_examples(call: SdkCall) -> PeerCall:
    nodes = [site.node for site in call.spec.parameters(call.operation)]
    values = {kind: {node["name"]: node["example"] for node in nodes if node["in"] == kind}
              for kind in ("path", "query")}  # fmt: skip
    submits = call.operation.method == "post"
    return _call(
        call.api, call.operation.id, **values,
        body=call.arguments() if submits else None, status=call.success[0],
    )  # fmt: skip
