"""The commonest changes of an API reach the clients by `make generate` alone, and are reported."""

from __future__ import annotations

from typing import Any

from support.scripted import Received, Reply, ScriptedService, json_reply

from .drill import Copy
from .edits import Spec, operation, query, schema

REPORT = [
    "additive  v0      `get_job` may be given `since: datetime`",
    "additive  v0      `get_job` may be given `until: date`",
    "additive  v0      `get_job` may be given `x_request_tag: str`",
    "additive  v0      `get_job` may be given `x_priority: int`",
    "additive  v0      `Job.due: date | str | None` is new",
    "additive  v0      `Job.id2: str | None` is new",
    "additive  v0      `Job.field_1: int | None` is new",
    "additive  v0      `Job.owner_name: str | None` is new",
    "additive  v0      `Job.mood: Mood | str | None` is new",
    "additive  v0      operation `get_old_job` is new",
    "additive  v0      operation `delete_job` is new",
]


def edit(spec: Spec) -> None:
    read = operation(spec, "getJob")
    moment = {"type": "string", "format": "date-time"}
    read["parameters"] += [
        query("since", schema=moment),
        query("until", schema={"type": "string", "format": "date"}),
        query("verbose", deprecated=True),
        {"name": "X-Request-Tag", "in": "header", "description": "A tag.",
         "schema": {"type": "string", "maxLength": 9}},
        {"name": "X-Priority", "in": "header", "description": "How urgent.",
         "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
    ]  # fmt: skip
    old = {
        **read,
        "operationId": "getOldJob",
        "x-python-method": "jobs.get_old",
        "deprecated": True,
    }
    spec["paths"]["/v0/old/{id}"] = {"get": old}
    spec["paths"]["/v0/jobs/{id}"]["delete"] = {
        **read, "operationId": "deleteJob", "x-python-method": "jobs.delete",
        "responses": {**read["responses"], "204": {"description": "Nothing."}},
    }  # fmt: skip
    del spec["paths"]["/v0/jobs/{id}"]["delete"]["responses"]["200"]
    spec["components"]["schemas"]["Mood"] = {
        "type": ["string", "null"], "description": "How it goes.", "enum": ["good", "bad", None],
    }  # fmt: skip
    schema(spec, "Job")["properties"] |= {
        "due": {"type": "string", "format": "date", "description": "Its day."},
        "_id2": {"type": "string", "description": "Its id."},
        "+1": {"type": "integer", "description": "Thumbs."},
        "ownerName": {"type": "string", "description": "Its owner.", "deprecated": True},
        "mood": {"$ref": "#/components/schemas/Mood"},
    }
    schema(spec, "SubmitJobRequest")["properties"] |= {
        "start": {**moment, "description": "When to begin."},
        "day": {"type": ["string", "null"], "format": "date", "description": "Its day."},
        "mood": {"$ref": "#/components/schemas/Mood"},
    }
    spec["components"]["schemas"]["SentMood"] = spec["components"]["schemas"]["Mood"]


PROGRAM = """
import asyncio, warnings, inspect
from datetime import UTC, date, datetime, timedelta, timezone
import benchwire
from benchwire_api.v0 import models

moment = datetime(2025, 6, 3, 9, 15, tzinfo=timezone(timedelta(hours=2)))
arguments = dict(since=moment, until=date(2025, 6, 3), x_request_tag="a b", x_priority=3)

def caught(call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            value = call()
        except (TypeError, ValueError) as error:
            return str(error)
    return [[str(each.message), each.category.__name__, each.filename] for each in found]

async def asynchronous(**more):
    async with benchwire.AsyncV0Client("k", url) as client:
        return await client.jobs.get_old("j1", **more)

with benchwire.V0Client("k", url) as client:
    job = client.jobs.get("j1", **arguments)
    data = job.to_dict()
    assert data == {**data, "due": "2025-06-03", "_id2": "i", "+1": 2, "ownerName": "o"}
    assert job.due == date(2025, 6, 3) and job.mood is None
    assert models.Mood("good") is models.Mood.GOOD and len(models.Mood) == 2
    result = {
        "used": caught(lambda: client.jobs.get("j1", verbose="y")),
        "old": caught(lambda: client.jobs.get_old("j1")),
        "async": caught(lambda: asyncio.run(asynchronous(verbose="y"))),
        "new": caught(lambda: client.jobs.get("j1", **arguments)),
        "naive": caught(lambda: client.jobs.get("j1", since=datetime(2025, 6, 3))),
        "text": caught(lambda: client.jobs.get("j1", since="2025-06-03")),
        "day": caught(lambda: client.jobs.get("j1", until=moment)),
        "header": caught(lambda: client.jobs.get("j1", x_request_tag="a\\r\\nb: c")),
        "long": caught(lambda: client.jobs.get("j1", x_request_tag="a" * 10)),
        "high": caught(lambda: client.jobs.get("j1", x_priority=10)),
        "docs": [inspect.getdoc(client.jobs.get), inspect.getdoc(client.jobs.get_old),
                 inspect.getdoc(models.Job)],
    }
async def delete():
    async with benchwire.AsyncV0Client("k", url) as client:
        return await client.jobs.delete("gone")

with benchwire.V0Client("k", url) as client:
    result["deleted"] = [client.jobs.delete("gone"), asyncio.run(delete())]
from benchwire_api.v0.api.jobs import delete_job
with benchwire_api.v0.Client(base_url=url, token="k") as generated:
    result["deleted"].append(delete_job.sync("gone", client=generated))
body = dict(benchmark_id="b", endpoint_url="https://e.test", api_key="s")
request = models.SubmitJobRequest(**body, start=moment, day=date(2025, 6, 3), mood=models.Mood.BAD)
request.validate()
assert models.SubmitJobRequest.from_dict(request.to_dict()) == request
result["body"] = request.to_dict()
empty = models.SubmitJobRequest(**body, day=None, mood=None)
empty.validate()
assert models.SubmitJobRequest.from_dict(empty.to_dict()) == empty
result["empty"] = empty.to_dict()
# Mean time of Amsterdam, until 1937: RFC 3339 has no seconds in an offset.
early = moment.replace(tzinfo=timezone(timedelta(minutes=19, seconds=32)))
result["early"] = models.SubmitJobRequest(**body, start=early).to_dict()["start"]
result["wrong"] = caught(models.SubmitJobRequest(**body, start="2025").validate)
"""


def test_they_reach_the_clients_and_the_report(extended: Copy, report: str) -> None:
    assert [line for line in REPORT if f"  {line}\n" not in report] == []
    job = {"id": "j1", "status": "running", "due": "2025-06-03", "_id2": "i", "+1": 2,
           "ownerName": "o", "mood": None}  # fmt: skip

    def answer(request: Received) -> Reply:
        return Reply(status=204) if request.method == "DELETE" else json_reply(job)

    with ScriptedService(answer) as service:
        result = extended.use(PROGRAM, service.url)
        check_requests(service.requests)
    verbose = ["verbose of get_job is deprecated", "DeprecationWarning", "<string>"]
    old = ["get_old_job is deprecated", "DeprecationWarning", "<string>"]
    assert (result["used"], result["old"], result["new"]) == ([verbose], [old], [])
    assert result["async"] == [old, ["verbose of get_old_job is deprecated", *old[1:]]]
    assert result["deleted"] == [None, None, None]
    check_messages(result)
    check_docs(*result["docs"])
    sent = {"start": "2025-06-03T09:15:00+02:00", "day": "2025-06-03", "mood": "bad"}
    assert result["body"] == {**result["body"], **sent}
    assert (result["empty"]["day"], result["empty"]["mood"]) == (None, None)
    assert "start" not in result["empty"]
    assert result["early"] == "2025-06-03T08:55:28+00:00"


def check_requests(requests: list[Received]) -> None:
    assert requests[0].query == {"since": "2025-06-03T09:15:00+02:00", "until": "2025-06-03"}
    assert requests[0].header("x-request-tag") == "a b"
    assert requests[0].header("x-priority") == "3"
    assert requests[1].header("x-priority") is None


def check_messages(result: dict[str, Any]) -> None:
    assert result["naive"] == "since needs a time zone, such as datetime.UTC"
    assert result["text"] == "since must be a datetime, not str"
    assert result["day"] == "until must be a date, not datetime"
    assert result["header"].startswith("x_request_tag can't be sent in a header")
    assert result["long"] == "x_request_tag must have at most 9 characters, not 10"
    assert result["high"] == "x_priority must be from 1 to 9, not 10"
    assert result["wrong"] == "start must be a datetime, not str"


def check_docs(current: str, old: str, model: str) -> None:
    assert "    verbose: Deprecated. verbose.\n" in current
    assert "    x_priority: How urgent, 1 to 9.\n" in current
    assert "\n\nDeprecated." in old
    assert "    owner_name: Deprecated. Its owner.\n" in model
