"""The unchanged embedded server behind what real services and networks do: nothing may be found."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripts.contract.guard import Guard
from scripts.contract.mutations.middleware import MutatingMiddleware, Mutation
from scripts.contract.mutations.mutators import map_response
from scripts.contract.runs import ContractReport, base_url_of, check_live, check_relations
from scripts.contract.services import SERVICES
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchwire.local import import_results
from benchwire_local import LocalServer, Settings
from benchwire_local.data import public_tables as tables
from contract.short_jobs import ShortJobsServer

APIS = ("public", "v2", "v0")
KEY = Settings().api_key
PAGE = b"<html><h1>503 Service Temporarily Unavailable</h1></html>"
Wrap = Callable[[ASGIApp], ASGIApp]


def assert_nothing_found(report: ContractReport) -> None:
    """As for a live server, what the reference is silent about is no failure."""
    found = [one for one in report.relations.findings if not one.assumed]
    differences = [one for one in report.strict if one.grade.weight]
    assert [*map(str, found), *map(str, differences)] == []


# ---- bodies ----------------------------------------------------------------------------------


def edited(api: str, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Wrap:
    """Edit every object of every response, at any depth."""

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            return edit({name: change(item) for name, item in value.items()})
        return [change(item) for item in value] if isinstance(value, list) else value

    operations = tuple(f"{api}.{name}" for name in SERVICES[api].operations)
    mutator = map_response(lambda one: replace(one, body=change(one.body)), range(200, 600))
    return MutatingMiddleware(KEY, Mutation(f"{api}.x", "x", operations, mutator, "Edited."))


def without_nulls(item: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is null and not required, and lists without an item."""
    required = {"provider"} & item.keys()
    empty = {"results"} if item.get("results") == [] else set()
    kept = item.keys() - empty
    return {n: v for n, v in item.items() if n in kept and (v is not None or n in required)}


def with_new_fields(item: dict[str, Any]) -> dict[str, Any]:
    """Add fields to the objects that are no map."""
    is_object = bool({"id", "total_count", "error"} & item.keys())
    return {**item, "zNew": 1, "brand_new": {"a": [None]}} if is_object else item


# ---- the network -----------------------------------------------------------------------------


def rewritten(app: ASGIApp) -> ASGIApp:
    """Send bodies late, compressed, in chunks, with headers in upper case, and close the connection."""
    delays = random.Random(1)
    compressed = GZipMiddleware(app, minimum_size=1)

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_parts(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                message["headers"] = [(name.upper(), value) for name, value in headers]
                message["headers"].append((b"CONNECTION", b"close"))
                await send(message)
                return
            body = message.get("body", b"")
            size = len(body) // 3 + 1
            for start in range(0, len(body), size):
                part = body[start : start + size]
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({**message, "body": b""})

        if scope["type"] == "http":
            await asyncio.sleep(delays.random() / 1000)
            await compressed(scope, receive, send_parts)
        else:
            await app(scope, receive, send)

    return call


def all_at_once(api: str) -> Wrap:
    edit = edited(api, lambda item: with_new_fields(without_nulls(item)))
    return lambda app: rewritten(edit(app))


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    "wrap",
    [
        all_at_once,
        pytest.param(lambda api: edited(api, without_nulls), marks=pytest.mark.long),
        pytest.param(lambda api: edited(api, with_new_fields), marks=pytest.mark.long),
        pytest.param(lambda api: rewritten, marks=pytest.mark.long),
    ],
    ids=["all", "without nulls", "with new fields", "transfer"],
)
def test_other_bodies_of_the_same_meaning_and_other_transfers(
    api: str, wrap: Callable[[str], Wrap]
) -> None:
    with ShortJobsServer(Settings(), wrap(api)) as server:
        report = check_relations(server, api)
    assert_nothing_found(report)
    # A short job may end between two polls; test_relations judges jobs of full length.
    assert set(report.relations.not_judged.values()) <= {"no job was seen running"}


def interrupted(*responses: Response, every: int) -> Wrap:
    """Answer every so many requests with the next of some responses."""
    following = itertools.cycle(responses)
    numbers = itertools.count(1)

    def wrap(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            is_next = scope["type"] == "http" and next(numbers) % every == 0
            await (next(following) if is_next else app)(scope, receive, send)

        return call

    return wrap


def limiter() -> list[Response]:
    """Return what limiters send: a lying 0, a date, text that is neither, and nothing."""
    times = ("0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "")
    headers = [{"retry-after": time} if time else {} for time in times]
    return [Response(b'{"error": "slow down"}', 429, one, "application/json") for one in headers]


def limiting() -> Wrap:
    return interrupted(*limiter(), every=7)


def failing() -> Wrap:
    return interrupted(Response(PAGE, 503, media_type="text/html"), every=60)


def both() -> Wrap:
    outer, inner = limiting(), failing()
    return lambda app: outer(inner(app))


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    "wrap",
    [
        both,
        pytest.param(limiting, marks=pytest.mark.long),
        pytest.param(failing, marks=pytest.mark.long),
    ],
    ids=["both", "limiter", "one 503 in 60"],
)
def test_a_limiter_and_a_page_of_a_gateway(
    api: str, wrap: Callable[[], Wrap], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SERVICES[api].key_variables[0], KEY)

    async def sleep(seconds: float) -> None:
        """Take no time."""

    with ShortJobsServer(Settings(), wrap()) as server:
        guard = Guard(
            api, base_url_of(server, api), KEY, rate=1e6, max_requests=10_000, sleep=sleep
        )
        # A keyword in every name: the relations alone.
        report = check_live(api, guard, tmp_path, "test")
    assert_nothing_found(report)
    assert report.unchecked == ""
    assert not any("guard" in reason for reason in report.relations.not_judged.values())


# ---- data that change ------------------------------------------------------------------------


class Changing:
    """Changes the data before every so many reads."""

    def __init__(self, act: Callable[[LocalServer, int], None], every: int) -> None:
        self.act, self.every, self.count = act, every, 0
        self.server: LocalServer

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].startswith("/api/v1"):
                self.count += 1
                if self.count % self.every == 0:
                    self.act(self.server, self.count)
            await app(scope, receive, send)

        return call


def insert(server: LocalServer, number: int) -> None:
    """Add a model and an evaluation, newer than all others."""
    time = 1_760_000_000 + number
    name = f"Newcomer {number}"
    row = tables.ModelRow(
        id=f"new{number}", key=f"new/{number}", name=name, company="OpenAI", created_at=time
    )
    with server._db.write() as connection:  # type: ignore[union-attr]  # it runs
        tables.add_models(connection, [row])
        model, benchmark = (
            connection.execute(f"SELECT id FROM {table} ORDER BY pk LIMIT 1").fetchone()[0]
            for table in ("public_models", "public_benchmarks")
        )
        tables.add_evaluation(
            connection, model, benchmark, id=f"eval-{number}", submitted_at=time, status="pending"
        )


def finish(server: LocalServer, _number: int) -> None:
    """End an evaluation."""
    with server._db.write() as connection:  # type: ignore[union-attr]
        connection.execute(
            "UPDATE public_evaluations SET status = 'failure', finished_at = 1760100000 WHERE pk ="
            " (SELECT pk FROM public_evaluations WHERE finished_at IS NULL LIMIT 1)"
        )


@pytest.mark.parametrize(
    ("act", "every"), [pytest.param(insert, 3, marks=pytest.mark.long), (insert, 5), (finish, 3)]
)
def test_rows_that_are_added_or_end_between_two_requests(
    act: Callable[[LocalServer, int], None], every: int
) -> None:
    changing = Changing(act, every)
    server = changing.server = LocalServer(Settings(), changing)
    with server:
        report = check_relations(server, "public")
    assert_nothing_found(report)
    assert changing.count > 200
    reasons = set(report.relations.not_judged.values())
    assert reasons <= {"the data changed while they were read"}
    assert len(report.relations.held) > 80


# ---- small and odd catalogues ----------------------------------------------------------------


def catalogue(path: Path, models: int, evaluations: int, names: str) -> Iterator[LocalServer]:
    with LocalServer(Settings(db=path, sample=False)) as server:
        with server._db.write() as connection:  # type: ignore[union-attr]
            tables.add_models(
                connection,
                [
                    tables.ModelRow(
                        id=f"m{n}", key=f"key/{n}", name=names.format(n), company="A, Inc."
                    )
                    for n in range(models)
                ],
            )
            tables.add_benchmarks(
                connection,
                [
                    tables.BenchmarkRow(id=f"b{n}", key=f"key/{n}", name=names.format(n))
                    for n in range(models)
                ],
            )
            tables.add_prompts(
                connection,
                "b0",
                [
                    tables.PromptRow(id=f"p{n}", input=names.format(n // 2), truth="7")
                    for n in range(models)
                ],
            )
            for n in range(evaluations):
                tables.add_evaluation(
                    connection, f"m{n % models}", "b0", id=f"e{n}", submitted_at=1_760_000_000
                )
                rows = [tables.ResultRow(f"p{p}", "7", 1.0, 5) for p in range(models)]
                tables.add_results(connection, f"e{n}", rows)
                tables.finish_evaluation(connection, f"e{n}", 1_760_000_100)
        yield server


@pytest.mark.parametrize(
    ("models", "evaluations", "names"),
    [(1, 0, "The one"), (1, 1, "The one"), (6, 9, "Same name"), (5, 5, "100% _of {} *"),
     (4, 4, "Ünï  {}"), (120, 130, "Name {}")],
)  # fmt: skip
def test_small_and_odd_catalogues(
    models: int, evaluations: int, names: str, tmp_path: Path
) -> None:
    for server in catalogue(tmp_path / "data.db", models, evaluations, names):
        assert_nothing_found(check_relations(server, "public"))


def test_answers_without_a_score(tmp_path: Path) -> None:
    row = {"benchmark": "b", "truth": "", "result": ""}
    scores = {"a": (None, 1, 1), "b": (None, 1, 0)}
    lines = [
        {**row, "model": model, "input": str(number), "score": score}
        for model, all_of_it in scores.items()
        for number, score in enumerate(all_of_it)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    import_results(tmp_path / "a.jsonl", tmp_path / "d.db")
    with LocalServer(Settings(db=tmp_path / "d.db", sample=False)) as server:
        report = check_relations(server, "public", keyword="answers_are_those_of_the_comparison")
    assert_nothing_found(report)
    assert [*report.relations.not_judged.values()] == ["some answers have no score"]
