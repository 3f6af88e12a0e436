"""Every fact of the real specs that a caller meets is edited, and the SDK must go by the new one.

Base URLs, keys, bounds, lengths, patterns, enum values, defaults and lists of all parameters and body
fields: after `make generate` alone, a value that only the edited spec allows is sent, and one that it does
not allow is refused before anything is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi.generator.words import snake_case
from scripts.spec_lint import Spec, load_spec

from support.spec_calls import SdkCall, sdk_calls
from support.workers import made_once

from .drill import Copy
from .edits import Spec as Document

LETTERS = {"minLength": 3, "maxLength": 9, "pattern": "^[a-z]+$"}
# What the SDK's own code names, so that it can't be dropped without a line of that code.
NAMED = {"EvaluationStatus", "JobStatus", "OutcomeFilter"}
SECURITY = {
    "public": {"type": "http", "scheme": "bearer"},
    "v2": {"type": "apiKey", "in": "header", "name": "X-Changed-Key"},
    "v0": {"type": "apiKey", "in": "header", "name": "X-Other-Key"},
}
SENT_KEY = {
    "public": ["authorization", "Bearer k"], "v2": ["x-changed-key", "k"], "v0": ["x-other-key", "k"],
}  # fmt: skip

# Calls the methods, and reports which requests came of each: none if the arguments were refused.
PROGRAM = """
import asyncio
import httpx
from functools import reduce

sent = []

def answer(request):
    body = json.loads(request.content) if request.content else None
    sent.append([request.method, str(request.url), dict(request.headers), body])
    listed = request.method == "GET" and request.url.path.endswith("/v0/jobs")
    stream = httpx.ByteStream(b'{"jobs": []}' if listed else b'{}')
    return httpx.Response(200 if listed else 400, stream=stream)

def outcome(name, options, method, arguments):
    sent.clear()
    try:
        if name.startswith("Async"):
            async def run():
                async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
                    client = getattr(benchwire, name)("k", http_client=http, max_retries=0, **options)
                    await reduce(getattr, method.split("."), client)(**arguments)
            asyncio.run(run())
        else:
            with httpx.Client(transport=httpx.MockTransport(answer)) as http:
                client = getattr(benchwire, name)("k", http_client=http, max_retries=0, **options)
                reduce(getattr, method.split("."), client)(**arguments)
    except (ValueError, TypeError) as error:
        return [str(error)]
    except benchwire.BenchwireError:
        pass
    return [None, *sent]

with open(url) as file:
    result = [outcome(*call) for call in json.load(file)]
"""


def edit_all(spec: Document) -> None:
    """Change every fact that is not a name."""
    api = spec["info"]["title"]
    spec["servers"] = [{"url": "https://changed.test/base", "description": api}]
    for name, schema in spec["components"]["schemas"].items():
        if "enum" in schema:
            edit_enum(schema, dropped=name not in NAMED)
        elif name in {"Int32", "Int64"}:
            schema.update({"minimum": 5, "maximum": 99})
        elif name == "FilterValue":
            schema.update(LETTERS)
        elif name.endswith("Request") or name == "BatchJobItem":
            for field, part in schema["properties"].items():
                edit_field(field, part)
    items = [item for path in spec["paths"].values() for item in path.values()]
    holders = [spec["components"].get("parameters", {}).values()]
    holders += [item.get("parameters", ()) for item in items]
    for parameter in (each for holder in holders for each in holder if "$ref" not in each):
        edit_parameter(parameter)


def edit_enum(schema: Document, *, dropped: bool) -> None:
    members = schema.get("x-enum-varnames", [])
    if dropped and len(schema["enum"]) > 1 and schema["enum"][-1] != schema.get("default"):
        schema["enum"].pop()
        members[-1:] = []
    schema["enum"].append("brand-new")
    if members:
        members.append("BRAND_NEW")


def edit_field(name: str, schema: Document) -> None:
    if name == "benchmark_count":
        schema |= {"minimum": 2, "maximum": 8, "default": 3}
    elif name == "jobs":
        schema |= {"minItems": 2}
    elif name == "endpoint_url":
        schema |= {"maxLength": 40}
    elif "integer" in schema.get("type", ()):
        schema |= {"minimum": 5, "maximum": 99}
        if "string" in schema["type"]:
            schema |= {"minLength": 3}
    elif schema.get("type") == "string":
        schema |= LETTERS


def edit_parameter(parameter: Document) -> None:
    schema = parameter["schema"]
    parameter.pop("example", None)
    if schema.get("type") == "integer":
        schema |= {"minimum": 5, "maximum": 99}
        if "default" in schema:
            schema["default"] = 7 if parameter["name"] == "page" else 11
    elif parameter["name"] in {"query", "name", "key"}:
        # What was one text is a list now.
        parameter |= {"style": "form", "explode": False}
        items = {"type": "string", **LETTERS}
        parameter["schema"] = {"type": "array", "minItems": 1, "items": items}
    elif parameter["name"] in {"categories", "models"}:
        parameter["schema"] = {"type": "string", **LETTERS}  # and what was a list, one text
        del parameter["explode"], parameter["style"]
    elif schema.get("type") == "string":
        schema |= LETTERS
        if parameter["in"] == "path":
            del schema["pattern"]  # which is refused there


def resolved(spec: Spec, schema: Any) -> Any:
    return {**(spec.lookup(schema["$ref"]) or {}), **schema} if "$ref" in schema else schema


def values(spec: Spec, schema: Any) -> tuple[list[Any], list[Any]]:
    """Return values that a schema allows, and values that it does not."""
    match resolved(spec, schema):
        case {"enum": enum}:
            others = ["no-such", "context_length", "truth", "raw", "desc", enum[0].upper()]
            return enum, [value for value in others if value not in enum]
        case {"type": "boolean"}:
            return [True], ["yes", 1]
        case {"type": "array", "items": items}:
            good, bad = values(spec, items)
            return ([good[:1], good[:2]], [[each] for each in bad[:2]])
        case {"type": kinds, "minimum": least, "maximum": most}:
            texts = (["abc"], ["ab"]) if "string" in kinds else ([], [])
            return [least, most, *texts[0]], [least - 1, most + 1, *texts[1]]
        case {"type": "string", "format": "uri", "maxLength": most}:
            return ["http://x.test/"], ["http://x.test/" + "y" * most]
        case {"type": "string", "pattern": _}:
            return ["abc", "abcdefghi"], ["ab", "abcdefghij", "ABC", "ab1"]
        case {"type": "string", "maxLength": most}:
            return ["abc", "a" * most], ["ab", "a" * (most + 1)]
    raise AssertionError(schema)


def cases(call: SdkCall) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield the field that is tried, the arguments, and whether the edited spec allows them."""
    schemas = {}
    required = set()
    body = call.spec.body(call.operation)
    if body is None:
        for site in call.spec.parameters(call.operation):
            name = site.node.get("x-python-name") or snake_case(site.node["name"])
            schemas[name] = site.node["schema"]
            required |= {name} if site.node.get("required") else set()
    else:
        whole = resolved(call.spec, next(iter(body.children("content"))).node["schema"])
        schemas = {name: part for name, part in whole["properties"].items() if name != "headers"}
        required = set(whole["required"])
        schemas.pop("jobs", None)
    base = {name: values(call.spec, schemas[name])[0][0] for name in required & schemas.keys()}
    needed = {"search_field": {"search_value": "abc"}, "search_value": {"search_field": "id"}}
    if "jobs" in required:
        base["jobs"] = [{"benchmark_id": 5}] * 2
        for count, allowed in ((1, False), (3, True)):
            yield "jobs", {**base, "jobs": base["jobs"][:1] * count}, allowed
        for units, allowed in ((1, False), (2, True), (8, True), (9, False)):
            item = {"benchmark_id": 5, "benchmark_count": units}
            yield "jobs", {**base, "jobs": [item] * 2}, allowed
    yield "nothing", base, True
    for name, schema in schemas.items():
        for which, allowed in zip(values(call.spec, schema), (True, False), strict=True):
            for value in which:
                yield name, {**base, **needed.get(name, {}), name: value}, allowed


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(made_once(tmp_path_factory, "facts", make))


def make(folder: Path) -> None:
    copy = Copy.of_repository(folder)
    for api, scheme in SECURITY.items():
        copy.edit(api, edit_all)
        copy.edit(
            api, lambda spec, scheme=scheme: spec["components"]["securitySchemes"].update(
                dict.fromkeys(spec["components"]["securitySchemes"], scheme)
            )
        )  # fmt: skip
    copy.generate()


@pytest.mark.parametrize("api", SECURITY)
def test_every_edited_fact_reaches_the_sdk(api: str, copy: Copy, tmp_path: Path) -> None:
    spec = load_spec(copy.root / "openapi" / f"{api}.yaml")
    options = {"journal": False} if api == "v0" else {}
    tried = [(call, *case) for call in sdk_calls([spec]) for case in cases(call)]
    calls = [
        [f"{prefix}{api.capitalize()}Client", options, call.method, arguments]
        for prefix in ("", "Async")
        for call, _, arguments, _ in tried
    ]
    tried *= 2
    file = tmp_path / "calls.json"
    file.write_text(json.dumps(calls), "utf-8")
    outcomes = copy.use(PROGRAM, str(file))
    wrong = []
    for (call, name, arguments, allowed), (error, *requests) in zip(tried, outcomes, strict=True):
        if (error is None) is not allowed:
            wrong.append((str(call), name, arguments, "allowed" if allowed else "refused", error))
        for _, url, headers, _ in requests:
            assert url.startswith("https://changed.test/base"), url
            header, value = SENT_KEY[api]
            if call.operation.id != "getHealth":
                assert headers[header] == value, headers
    assert wrong == []
    if api == "public":
        for call, name, _, _, (_, request) in (
            (*each, result) for each, result in zip(tried, outcomes, strict=True) if len(result) > 1
        ):
            if name == "nothing" and call.operation.node.get("x-python-send-defaults"):
                assert request[1].endswith(("?page=7&page_size=11", "&page=7&page_size=11")), (
                    request
                )
