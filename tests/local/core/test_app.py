"""The app by itself, in this process and event loop; and what no request may bring about."""

from __future__ import annotations

import http.client
import threading
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchwire_local import SCHEMAS, Database, Settings
from benchwire_local.app import create_app
from support import local_data


@pytest.mark.anyio
async def test_the_app_serves_without_a_socket() -> None:
    db = Database(None, SCHEMAS)
    with db.write() as connection:
        local_data.fill(connection)
    app = create_app(Settings(sample=False), db)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://localhost",
            headers={"x-api-key": Settings().api_key},
        ) as client,
    ):
        body = (await client.get("/api/v1/models", params={"page_size": 2})).json()
        assert (body["count"], body["total_count"]) == (2, 8)
        assert (await client.get("/api/v1/evaluations/e0%2F0")).status_code == 404
        assert (await client.get("/api/v2/benchmarks/models/x")).status_code == 400
    db.close()


def test_many_at_once_get_what_each_asked_for(api: Any) -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        with httpx.Client(base_url=api.server.url, headers=api.http.headers) as client:
            for step in range(20):
                model = f"m{(number + step) % 8:02d}"
                body = client.get("/api/v1/models", params={"ids": model}).json()
                if [m["id"] for m in body["models"]] != [model]:
                    wrong.append(model)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


PATHS = [
    *["/api/v1/models", "/api/v1/datasets", "/api/v1/datasets/b1/prompts", "/api/v1/evaluations"],
    *["/api/v1/results/comparison", "/api/v2/benchmarks/models/101", "/v0/jobs", "/v0/benchmarks"],
    *["/api/v1/evaluations/", "/api/v2/benchmarks/models/", "/v0/jobs/", "/"],
]
PIECES = [
    *["page", "page_size", "sort_by", "order", "search", "search_value", "ids", "models", "query"],
    *["evaluation_id_1", "evaluation_id_2", "outcome_filter", "limit", "benchmarkTypeId", "unique"],
    *["=", "&", ",", "+", "%", "%2C", "%00", "%ff", "%C3%A9", "%2F", "..", "?", "#", ";", "[", "'"],
    *["1", "-1", "9" * 19, "true", "asc", "all", "e00", "e01", "input", "a", "%25", "_", '"', "\\"],
]
targets = st.builds(
    lambda path, tail, query: path + "".join(tail) + "?" + "".join(query),
    st.sampled_from(PATHS),
    st.lists(st.sampled_from(PIECES), max_size=2),
    st.lists(st.sampled_from(PIECES), max_size=12),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=targets)
@example(target="/api/v1/results/comparison?evaluation_id_1=e00&evaluation_id_2=e00&search=%25")
def test_no_target_makes_the_server_fail(api: Any, target: str) -> None:
    connection = http.client.HTTPConnection(api.server.url.removeprefix("http://"))
    key = api.server.api_key
    connection.putrequest("GET", target, skip_accept_encoding=True)
    connection.putheader("x-api-key", key)
    connection.putheader("authorization", f"Bearer {key}")
    connection.endheaders()
    response = connection.getresponse()
    assert response.status in {200, 400, 404, 405, 422}
    assert response.getheader("x-request-id")
    assert response.getheader("content-type") == "application/json"
    connection.close()
