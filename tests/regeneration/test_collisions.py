"""A name of a spec that hides a hand-written one, or is hidden by it, is refused with its place."""

from __future__ import annotations

import copy
import functools
import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from openapi.generator.exports import models_module
from openapi.generator.methods import operations_modules
from openapi.generator.plan import plan_api
from openapi.generator.plans import ApiPlan
from openapi.generator.schemas import PlanError

import benchwire
from benchwire import models
from benchwire_specs import APIS, load_document
from support.offered import BY_HAND, CLIENTS, RESOURCE, methods

from .edits import Spec, operation, schema

SPECS = {api: dict(load_document(api).content) for api in APIS}
TEXTS = {api: json.dumps(spec) for api, spec in SPECS.items()}


@functools.cache
def unedited() -> dict[str, ApiPlan]:
    return {api: plan_api(copy.deepcopy(spec)) for api, spec in SPECS.items()}


def refusal(api: str, edit: Callable[[Spec], object]) -> str:
    """Return why an edited spec is refused."""
    edited = json.loads(TEXTS[api])
    edit(edited)
    try:
        plan = plan_api(edited)
        operations_modules({api: plan}, {api: "# Generated."})  # each API has its own
        models_module({**unedited(), api: plan}, "# Generated.")
    except PlanError as error:
        return str(error)
    return "accepted"


def test_the_specs_as_they_are_are_accepted() -> None:
    assert refusal("v0", lambda spec: None) == "accepted"


def add_operation(spec: Spec, method: str) -> None:
    path = "/v0/extra" if "/v0/me" in spec["paths"] else "/extra"
    first = next(iter(spec["paths"].values()))["get"]
    spec["paths"][path] = {"get": {**first, "operationId": "getExtra", "x-python-method": method}}
    spec["paths"][path]["get"].pop("x-python-iterate", None)


HAND_WRITTEN = [name.split() for name, (_, _) in BY_HAND.items()]


@pytest.mark.parametrize(("api", "method"), HAND_WRITTEN, ids=" ".join)
def test_a_method_that_a_hand_written_one_hides(api: str, method: str) -> None:
    message = refusal(api, lambda spec: add_operation(spec, method))
    assert message.startswith("getExtra makes Async")
    group, _, name = method.partition(".")
    is_by_hand = group == "results"  # the whole group
    assert (
        f"has a hand-written {group if is_by_hand else name}: x-python-method gives another"
        in message
    )


def test_an_iteration_that_a_hand_written_method_hides() -> None:
    def edit(spec: Spec) -> None:
        operation(spec, "compareEvaluations")["x-python-iterate"]["name"] = "iter_model_results"

    message = refusal("public", edit)
    assert message.startswith(
        "compareEvaluations makes AsyncComparisonsOperations.iter_model_results"
    )


@pytest.mark.parametrize("api", APIS)
def test_attributes_that_clients_have(api: str) -> None:
    """Every public attribute of a client, present and future, as a resource and as a method."""
    with getattr(benchwire, CLIENTS[api])("k") as client:
        names = {name for name in dir(client) if not name.startswith("_")}
        own = names - {each.partition(".")[0] for each in methods(client)}
    assert own >= RESOURCE
    for name in sorted(own | {"aclose"}):
        for method in (name, f"{name}.read"):
            message = refusal(api, lambda spec, method=method: add_operation(spec, method))
            assert message.startswith("getExtra "), name
            assert name in message


def test_a_resource_written_by_hand_extends_the_generated_one() -> None:
    """`jobs` is written by hand and derived from what is generated; a plain property would hide it."""
    message = refusal("v0", lambda spec: add_operation(spec, "base_url.get"))
    assert "has a hand-written base_url" in message


OWN_NAMES = sorted({*models.__all__, *benchwire.__all__})


@pytest.mark.parametrize("api", APIS)
def test_a_schema_with_a_name_that_benchwire_has(api: str) -> None:
    of_api = set(schemas(api))
    for name in OWN_NAMES:
        if name in of_api or not inspect.isclass(getattr(benchwire.models, name, type)):
            continue
        if name in ("errors", "models"):
            continue

        def edit(spec: Spec, name: str = name) -> None:
            holder = "Account" if api == "v0" else "BenchmarkType" if api == "v2" else "Evaluation"
            schema(spec, holder)["properties"]["extra"] = {"$ref": f"#/components/schemas/{name}"}
            text = {"type": "string"}
            spec["components"]["schemas"][name] = {"type": "object", "properties": {"a": text}}

        message = refusal(api, edit)
        assert "components/schemas/" in message
        assert name in message


def schemas(api: str) -> dict[str, Any]:
    found: dict[str, Any] = SPECS[api]["components"]["schemas"]
    return found


def test_a_schema_may_have_another_name_in_benchwire_models() -> None:
    def collide(spec: Spec) -> None:
        del schema(spec, "Benchmark")["x-python-name"]

    message = refusal("v0", collide)
    assert message.startswith(
        "openapi/v0.yaml: components/schemas/Benchmark is called Benchmark in"
    )
    assert "x-python-name gives another name" in message

    def misname(spec: Spec) -> None:
        schema(spec, "Benchmark")["x-python-name"] = "v0_benchmark"

    assert "not in PascalCase" in refusal("v0", misname)


@pytest.mark.parametrize(
    "name", ["to_dict", "from_dict", "additional_properties", "response_info", "self", "field", "str",
             "class", "status", "Upper", "a b"],
)  # fmt: skip
def test_a_computed_property_with_a_name_that_is_taken(name: str) -> None:
    def edit(spec: Spec) -> None:
        properties = schema(spec, "Evaluation")["x-python-properties"]
        properties[name] = {"description": "D.", "of": "status", "values": ["success"]}

    assert refusal("public", edit).startswith("components/schemas/Evaluation ")


def test_a_computed_property_of_a_value_that_the_enum_has_not() -> None:
    def edit(spec: Spec) -> None:
        schema(spec, "Evaluation")["x-python-properties"]["is_success"]["values"] = ["sucess"]

    assert "has is_success of 'sucess', which is no EvaluationStatus" in refusal("public", edit)


@pytest.mark.parametrize("name", ["str", "int", "float", "bool", "date", "datetime", "dict"])
def test_a_method_with_the_name_of_a_type_of_its_arguments(name: str) -> None:
    message = refusal("v2", lambda spec: add_operation(spec, f"benchmarks.{name}"))
    assert message.startswith(f"getExtra names a method {name!r}")


@pytest.mark.parametrize(
    ("extension", "place"),
    [
        ({"x-null-means-empty": True}, "items"),
        ({"x-python-name": "other"}, "items"),
        ({"x-python-decode": "epoch"}, "items"),
        ({"x-python-properties": {}}, "property"),
        ({"x-enum-varnames": []}, "property"),
        ({"x-null-means-empty": True}, "component"),
        ({"x-python-elsewhere": ["$"]}, "component"),
        ({"x-python-lenient": True}, "component"),
    ],
)
def test_an_extension_where_nothing_reads_it(extension: dict[str, Any], place: str) -> None:
    def edit(spec: Spec) -> None:
        listed = schema(spec, "AnalysisSummary")["properties"]["key_takeaways"]
        nodes = {"items": listed["items"], "property": listed,
                 "component": schema(spec, "AnalysisSummary")}  # fmt: skip
        nodes[place].update(extension)

    assert f"has {next(iter(extension))}, which is no extension of ours" in refusal("public", edit)
