"""Edits of the specs that reach the SDK's methods by `make generate` alone.

The clients of the copy of the repository in which all are made are used, sync and async, at run time and
under strict mypy. No hand-written line changes.
"""

from __future__ import annotations

from typing import Any

from support import wire
from support.scripted import ScriptedService, always, json_reply

from .drill import Copy, TypeFault
from .edits import Spec, operation, query, schema

# Calls a method on a sync and on an async client.
BOTH = """
import asyncio, inspect
import benchwire

def results(call):
    with benchwire.PublicClient(base_url=url, api_key="k") as client:
        first = call(client)
        first = first.to_list() if hasattr(first, "to_list") else first

    async def run():
        async with benchwire.AsyncPublicClient(base_url=url, api_key="k") as client:
            result = call(client)
            return await (result.to_list() if hasattr(result, "to_list") else result)

    return [first, asyncio.run(run())]

def refusals(call):
    messages = []
    for make in (benchwire.PublicClient, benchwire.AsyncPublicClient):
        try:
            result = call(make(base_url=url, api_key="k"))
            asyncio.run(result)  # a coroutine checks its arguments when it is run
        except (TypeError, ValueError) as error:
            messages.append(str(error))
    return messages

def docs(path):
    found = []
    for make in (benchwire.PublicClient, benchwire.AsyncPublicClient):
        group, _, name = path.partition(".")
        found.append(inspect.getdoc(getattr(getattr(make(base_url=url, api_key="k"), group), name)))
    assert found[0] == found[1]
    return found[0]
"""
PAGE = always(json_reply(wire.models([wire.model(1)], 1)))


def add_parameters(spec: Spec) -> None:
    operation(spec, "listModels")["parameters"] += [
        query("family", description="The family of the models."),
        query("layers", "integer", description="The number of layers."),
        query("tags", description="The tags to keep.", style="form", explode=False),
    ]
    family, layers, tags = operation(spec, "listModels")["parameters"][-3:]
    family["schema"]["maxLength"] = 5
    layers["schema"] |= {"minimum": 1, "maximum": 200, "default": 12}
    items = {"$ref": "#/components/schemas/FilterValue"}
    tags["schema"] = {"type": "array", "minItems": 1, "items": items}


def test_new_parameters_reach_the_clients(extended: Copy) -> None:
    program = (
        BOTH
        + """
arguments = {"family": "atlas", "layers": 3, "tags": ["a", "b"]}
results(lambda client: client.models.get(**arguments))
results(lambda client: client.models.iter_models(**arguments, page_size=7))
empty = results(lambda client: client.models.get(tags=[]))
result = [
    [[page.models, page.count, page.total_count] for page in empty],
    refusals(lambda client: client.models.get(layers=201)),
    refusals(lambda client: client.models.iter_models(layers="3")),
    refusals(lambda client: client.models.get(family="longer")),
    refusals(lambda client: client.models.get(tags="a")),
    docs("models.get"), docs("models.iter_models"),
]
"""
    )
    with ScriptedService(PAGE) as service:
        empty, high, text, long, single, *texts = extended.use(program, service.url)
        sent = [request.query for request in service.requests]
    arguments = {"family": "atlas", "layers": "3", "tags": "a,b"}
    assert [{name: each[name] for name in arguments} for each in sent] == [arguments] * 4
    assert [each.get("page_size") for each in sent] == ["100", "100", "7", "7"]
    assert empty == [[[], 0, 0]] * 2
    assert high == ["layers must be from 1 to 200, not 201"] * 2
    assert text == ["layers must be an int, not str"] * 2
    assert long == ["family must have at most 5 characters, not 6"] * 2
    assert single == ["tags must be a list of str, not one str: 'a'"] * 2
    for text in texts:
        assert "    family: The family of the models.\n" in text
        assert "    layers: The number of layers, 1 to 200; by default 12.\n" in text
        assert "    tags: The tags to keep.\n" in text


def raise_maximum(spec: Spec) -> None:
    spec["components"]["parameters"]["PageSize"]["schema"]["maximum"] = 1000


def test_a_raised_maximum_reaches_the_clients(extended: Copy) -> None:
    program = (
        BOTH
        + """
results(lambda client: client.models.get(page_size=1000))
results(lambda client: client.models.iter_models(page_size=1000))
result = [
    refusals(lambda client: client.models.get(page_size=1001)),
    refusals(lambda client: client.models.iter_models(page_size=1001)),
    docs("models.get"), docs("models.iter_models"),
]
"""
    )
    with ScriptedService(PAGE) as service:
        get, walk, *texts = extended.use(program, service.url)
        assert [request.query["page_size"] for request in service.requests] == ["1000"] * 4
    assert get == walk == ["page_size must be from 1 to 1000, not 1001"] * 2
    assert "page, 1 to 1000; by default 100." in texts[0]
    assert "rows to request at a time; by default 1000." in texts[1]


def add_operations(spec: Spec) -> None:
    """Add an operation of an existing tag, and one of a new tag."""
    read = operation(spec, "getEvaluation")
    one = {**read, "operationId": "getModel", "summary": "Get one model.", "tags": ["models"]}
    del one["x-python-method"], one["x-python-not-found"]
    one["parameters"] = [{**read["parameters"][0], "description": "The id of the model."}]
    one["responses"] = {**read["responses"], "200": success("PublicModelDetail", "The model.")}
    spec["paths"]["/models/{id}"] = {"get": one}
    spec["tags"].append({"name": "vendor-regions", "description": "Where models come from."})
    listed = {
        **one,
        "operationId": "listRegions",
        "summary": "List regions.",
        "description": "All.",
    }
    listed |= {"tags": ["vendor-regions"], "parameters": [query("continent")]}
    array = success("Region", "The regions.", array=True)
    listed["responses"] = {**read["responses"], "200": array}
    spec["paths"]["/regions"] = {"get": listed}
    schema_of_region = {"type": "string", "description": "Its name."}
    spec["components"]["schemas"]["Region"] = {
        "type": "object", "description": "A region.", "required": ["name"],
        "properties": {"name": schema_of_region},
    }  # fmt: skip
    assert schema(spec, "Region")


def success(model: str, description: str, *, array: bool = False) -> dict[str, Any]:
    reference: dict[str, Any] = {"$ref": f"#/components/schemas/{model}"}
    kind = {"type": "array", "items": reference} if array else reference
    return {"description": description, "content": {"application/json": {"schema": kind}}}


def test_new_operations_reach_the_clients(extended: Copy) -> None:
    program = (
        BOTH
        + """
models = results(lambda client: client.models.get_model("m/1"))
regions = results(lambda client: client.vendor_regions.list_regions(continent="Asia"))
result = [
    [model.id for model in models],
    [[region.name for region in each] for each in regions],
    [each.response_info.status_code for each in regions],
    docs("models.get_model"), docs("vendor_regions.list_regions"),
]
"""
    )
    replies = {"/models/m%2F1": {**wire.model(1), "id": "m/1"}, "/regions": [{"name": "usa"}]}
    with ScriptedService(lambda request: json_reply(replies[request.path])) as service:
        ids, names, statuses, one, listed = extended.use(program, service.url)
        assert [request.query for request in service.requests[2:]] == [{"continent": "Asia"}] * 2
    assert (ids, names, statuses) == (["m/1", "m/1"], [["usa"], ["usa"]], [200, 200])
    assert one.startswith("Get one model.\n")
    assert "    id: The id of the model.\n" in one
    assert "    The model. One request.\n" in one
    assert "NotFoundError: If there is nothing with this ``id``." in one
    assert listed.startswith("List regions.\n\nAll.\n")
    assert "    continent: continent.\n" in listed
    assert "openapi/public.yaml, listRegions" in listed


PROGRAM = """
import benchwire
client = benchwire.PublicClient("k")
client.models.get(family="atlas", layers=3, tags=["a"]).models
client.models.iter_models(family="atlas", layers=3, tags={"a"}).to_list()[0].id
name: str = client.models.get_model("m1").name
region: str = client.vendor_regions.list_regions()[0].name

client.models.get(layers="3")
client.models.iter_models(tags=5)
client.vendor_regions.list_regions(continent=5)
async def main() -> int:
    async_client = benchwire.AsyncPublicClient("k")
    await async_client.models.get(family=b"atlas", colour="red")
    return (await async_client.models.get_model("m1")).name
"""
ERRORS = [
    (
        'Argument "layers" to "get" of "ModelsOperations" has incompatible type "str"; expected'
        ' "int | None"  [arg-type]'
    ),
    (
        'Argument "tags" to "iter_models" of "ModelsOperations" has incompatible type "int";'
        ' expected "ListLike[str] | None"  [arg-type]'
    ),
    (
        'Argument "continent" to "list_regions" of "VendorRegionsOperations" has incompatible type'
        ' "int"; expected "str | None"  [arg-type]'
    ),
    (
        'Argument "family" to "get" of "AsyncModelsOperations" has incompatible type "bytes";'
        ' expected "str | None"  [arg-type]'
    ),
    'Unexpected keyword argument "colour" for "get" of "AsyncModelsOperations"  [call-arg]',
    'Incompatible return value type (got "str", expected "int")  [return-value]',
]


EDITS = (add_parameters, raise_maximum, add_operations)


def test_mypy_checks_what_the_edits_add(type_faults: set[TypeFault]) -> None:
    found = [each.message for each in type_faults if each.file == "use_methods.py"]
    assert sorted(found) == sorted(ERRORS)
