"""A wrong value of an extension is refused with its place, and a change of one is reported to users."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError
from scripts.spec_diff.comparison import compare
from scripts.spec_diff.grades import Grade
from scripts.spec_diff.surface import surface_of

from benchwire_specs import APIS, load_document

from .edits import Edit, Spec, field, operation, schema
from .spec import small_spec

B, S, A, D = Grade.BREAKING, Grade.SEMANTIC, Grade.ADDITIVE, Grade.DOCS
WRONG: tuple[Any, ...] = (None, "zz", 7, True, [], {}, ["a"], {"a": 1}, [None], [{}])
# What is right of these, or a name that is sought where it is used.
RIGHT: tuple[tuple[str, Any], ...] = (
    ("x-python-method", None),
    ("x-python-method", "zz"),
    ("x-python-unwrap", "zz"),
    ("x-python-pagination", "zz"),
    ("x-provenance", "zz"),
    ("x-python-send-defaults", []),
    ("x-python-properties", {}),
)


def extensions(node: Any) -> list[tuple[dict[str, Any], str]]:
    """Return every object that has an extension, and the extension."""
    if isinstance(node, list):
        return [found for each in node for found in extensions(each)]
    if not isinstance(node, dict):
        return []
    own = [(node, key) for key in node if str(key).startswith("x-")]
    return own + [
        found for key, each in node.items() if "example" not in key for found in extensions(each)
    ]


@pytest.mark.parametrize("api", APIS)
def test_a_wrong_value_is_refused_with_its_place(api: str) -> None:
    spec = deepcopy(dict(load_document(api).content))
    seen = set()
    for node, key in extensions(spec):
        if key in seen or key in {"x-python-name", "x-request-id"}:
            continue
        seen.add(key)
        stated = node[key]
        for value in WRONG:
            if (key, value) in RIGHT or (value is True and stated is True):
                continue
            node[key] = value
            with pytest.raises(PlanError, match=r"has|refers|names"):
                plan_api(spec)
        node[key] = stated
    assert len(seen) > 3


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda spec: schema(spec, "Evaluation")["x-python-properties"]["is_success"].pop("of"),
         "components/schemas/Evaluation has `x-python-properties: "),
        # YAML's `1e9` is a text to some parsers.
        (lambda spec: schema(spec, "Result")["x-python-properties"]["duration_seconds"].update(
            divisor="1e9"), "components/schemas/Result has `x-python-properties: "),
        (lambda spec: operation(spec, "listModels")["x-python-iterate"].update(id="id"),
         "GET /models has `x-python-iterate: "),
        (lambda spec: field(spec, "ResultsListResponse", "results").update(anyOf=[]),
         "has `anyOf` of no schema"),
    ],
)  # fmt: skip
def test_a_wrong_value_inside_of_one(edit: Edit, message: str) -> None:
    spec = deepcopy(dict(load_document("public").content))
    edit(spec)
    with pytest.raises(PlanError) as caught:
        plan_api(spec)
    assert message in str(caught.value)


def test_an_array_elsewhere_needs_its_items() -> None:
    spec = deepcopy(dict(load_document("v2").content))
    del field(spec, "BenchmarkProbeRunWithTestCases", "testCases")["items"]
    with pytest.raises(PlanError, match="response 200 has an anyOf"):
        plan_api(spec)


def compute(**properties: Any) -> Edit:
    whole = {name: {"description": "D.", **each} for name, each in properties.items()}
    return lambda spec: schema(spec, "Thing").update({"x-python-properties": whole})


BIG = {"of": "kind", "values": ["big"]}
CHANGES: dict[str, tuple[Edit, Edit, list[tuple[Grade, str]]]] = {
    "a property is new": (compute(), compute(is_big=BIG), [(A, "`Thing.is_big: bool` is new")]),
    "a property is gone": (compute(is_big=BIG), compute(), [(B, "`Thing.is_big` is gone")]),
    "its values": (
        compute(is_big=BIG), compute(is_big={**BIG, "values": ["small-ish"]}),
        [(S, "`Thing.is_big` is `self.kind in ('small-ish',)`, was `self.kind in ('big',)`")],
    ),
    "its type": (
        compute(share=BIG), compute(share={"of": "id", "divisor": 100}),
        [(B, "`Thing.share` is `float | None`, was `bool`")],
    ),
    "its description": (
        compute(is_big=BIG), compute(is_big={**BIG, "description": "E."}),
        [(D, "`Thing.is_big` has another description")],
    ),
    "a guess": (
        lambda spec: None,
        lambda spec: field(spec, "Thing", "weight").update({"x-provenance": "inferred"}),
        [(S, "a value of another type than that of `Thing.weight` leaves it `None`")],
    ),
    "no guess": (
        lambda spec: field(spec, "Thing", "weight").update({"x-python-lenient": True}),
        lambda spec: None,
        [(S, "a value of another type than that of `Thing.weight` refuses a response")],
    ),
}  # fmt: skip


def test_two_parameters_with_one_name_are_both_compared() -> None:
    def spec(most: int) -> Spec:
        found = small_spec()
        part = {"name": "part", "in": "query", "x-python-name": "of", "schema": {"type": "integer"}}
        part["schema"] = {"type": "integer", "maximum": most}
        operation(found, "getPart")["parameters"].append(part)
        return found

    old, new = surface_of("a", spec(5)), surface_of("a", spec(6))
    texts = [change.text for change in compare(old, new)]
    assert texts == ["maximum of `of` of `get_part` is 6, was 5"]
    assert [change.grade for change in compare(surface_of("a", small_spec()), new)] == [A]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_reported(name: str) -> None:
    before, after, expected = CHANGES[name]

    def edited(edit: Edit) -> Spec:
        spec = small_spec()
        edit(spec)
        return spec

    changes = compare(surface_of("a", edited(before)), surface_of("a", edited(after)))
    assert [(change.grade, change.text) for change in changes] == expected
