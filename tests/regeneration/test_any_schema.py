"""Generated schemas: each refused with its place, or its model reads and writes what the schema allows.

The oracle is the library jsonschema. All schemas that are accepted are generated as one package.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError

from benchwire_specs import load_document

from .drill import Copy
from .edits import Spec

FORMATS = {
    "string": [None, None, "date-time", "date", "uuid", "uri", "password"],
    "integer": [None, "int32", "int64"],
    "number": [None, "float"],
    "boolean": [None],
}
NAMES = ["a", "type", "from_dict", "fooBar", "_x", "+1", "self", "a b", "list", "é"]
TEXTS = {
    "date-time": ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456789+05:30"],
    "date": ["2024-02-29"],
    "uuid": ["4b8c8a1e-0f3c-4c53-9f6a-2f0c6a4f7e31"],
    "uri": ["https://a.test/x"],
}
PARTS: Spec = {
    "PartEnum": {"type": "string", "enum": ["a", "b-c"]},
    "PartNullEnum": {"type": ["string", "null"], "enum": ["x", None]},
    "PartLeaf": {
        "type": "object", "required": ["q"],
        "properties": {"q": {"type": "integer"}, "w": {"type": ["string", "null"]}},
    },
    "PartCat": {"type": "object", "required": ["meow"], "properties": {"meow": {"type": "string"}}},
    "PartDog": {
        "type": "object", "required": ["bark"],
        "properties": {"bark": {"type": "array", "items": {"type": "integer"}}},
    },
}  # fmt: skip
PROGRAM = """
from benchwire_api.v0 import models
result = []
for name, value in json.load(open(url)):
    kind = getattr(models, name)
    try:
        read = kind.from_dict(value)
        written = json.loads(json.dumps(read.to_dict()))
        result.append(["", written if kind.from_dict(written) == read else "unequal"])
    except Exception as error:
        result.append([f"{type(error).__name__}: {error}", None])
"""


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


class Maker:
    """Makes schemas, and values of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def schema(self, depth: int = 0) -> Spec:
        pick, chance = self.random.choice, self.random.random()
        if chance < 0.4 or depth > 2:
            kind = pick(list(FORMATS))
            nullable = self.random.random() < 0.3
            found: Spec = {"type": [kind, "null"] if nullable else kind}
            form = pick(FORMATS[kind])
            return found | ({"format": form} if form else {})
        if chance < 0.55:
            return {"type": pick(["array", ["array", "null"]]), "items": self.schema(depth + 1)}
        if chance < 0.62:
            return {"type": "object", "additionalProperties": self.schema(depth + 1)}
        if chance < 0.72:
            return pick([{}, {"type": "object"}, {"type": "array", "items": {}}])
        if chance < 0.77:
            kinds = [*FORMATS, "null", "array", "object"]
            return {"type": self.random.sample(kinds, self.random.randint(2, 4))}
        if chance < 0.85:
            return {"anyOf": [self.schema(depth + 1), {"type": "null"}]}
        if chance < 0.9:
            return {"anyOf": [reference("PartEnum"), {"type": "string"}]}
        if chance < 0.97:
            union = {"oneOf": [reference("PartCat"), reference("PartDog")]}
            return pick([union, *map(reference, ("PartLeaf", "PartEnum", "PartNullEnum"))])
        return {"anyOf": [self.schema(depth + 1), self.schema(depth + 1)]}

    def model(self) -> Spec:
        count = self.random.randint(1, 3)
        names = [f"{self.random.choice(NAMES)}{number}" for number in range(count)]
        required = [name for name in names if self.random.random() < 0.5]
        properties = {name: self.schema() for name in names}
        return {"type": "object", "properties": properties} | (
            {"required": required} if required else {}
        )

    def value(self, schema: Spec, schemas: Spec) -> Any:
        pick = self.random.choice
        if "$ref" in schema:
            return self.value(schemas[schema["$ref"].rpartition("/")[2]], schemas)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.value(pick(schema[key]), schemas)
        return pick(schema["enum"]) if "enum" in schema else self.of_type(schema, schemas)

    def of_type(self, schema: Spec, schemas: Spec) -> Any:
        pick = self.random.choice
        kind = schema.get("type", pick([*FORMATS, "null", "array", "object"]))
        match pick(kind) if isinstance(kind, list) else kind:
            case "string":
                return pick(TEXTS.get(schema.get("format", ""), ["", "x", "é\n", "123"]))
            case "integer":
                return pick([0, -1, 2**31 - 1, 2.0])
            case "number":
                return pick([0, 1.5, -3, 1e10])
            case "boolean":
                return pick([True, False])
            case "array":
                items = schema.get("items", {})
                return [self.value(items, schemas) for _ in range(self.random.randint(0, 3))]
            case "object":
                required = schema.get("required", ())
                found = {
                    name: self.value(each, schemas)
                    for name, each in schema.get("properties", {}).items()
                    if name in required or self.random.random() < 0.6
                }
                more = schema.get("additionalProperties", {})
                return found | ({"extra": self.value(more, schemas)} if pick([0, 0, 1]) else {})
        return None


def spec_with(models: Spec) -> Spec:
    spec: Spec = json.loads(json.dumps(dict(load_document("v0").content)))
    spec["components"]["schemas"] |= {**PARTS, **models}
    errors = {"400": {"description": "No.", "content": content("ErrorResponse")}}
    for name in models:
        operation = {
            "operationId": f"read{name}", "tags": ["made"], "summary": "Read.",
            "responses": {"200": {"description": "It.", "content": content(name)}, **errors},
        }  # fmt: skip
        spec["paths"][f"/v0/made/{name}"] = {"get": operation}
    return spec


def content(name: str) -> Spec:
    return {"application/json": {"schema": reference(name)}}


@pytest.mark.parametrize(
    ("seed", "count"),
    [(1, 60), *(pytest.param(seed, 300, marks=pytest.mark.long) for seed in range(2, 12))],
)
def test_a_schema_is_refused_or_its_model_reads_what_it_allows(
    seed: int, count: int, tmp_path: Path
) -> None:
    maker, accepted, refused = Maker(seed), {}, []
    for number in range(count):
        model = maker.model()
        try:
            plan_api(spec_with({f"Made{number}": model}))
        except PlanError as error:
            refused.append(str(error))
        else:
            accepted[f"Made{number}"] = model
    assert [each for each in refused if not each.startswith("components/schemas/Made")] == []
    assert len(accepted) > count / 2
    spec = spec_with(accepted)
    components = {"components": spec["components"]}
    check = {name: jsonschema.Draft202012Validator({**reference(name), **components})
             for name in accepted}  # fmt: skip
    values = [(name, maker.value(model, spec["components"]["schemas"]))
              for name, model in accepted.items() for _ in range(50)]  # fmt: skip
    values = [(name, value) for name, value in values if check[name].is_valid(value)]
    assert len(values) > 20 * len(accepted)
    copy = Copy.of_repository(tmp_path / "copy")
    copy.edit("v0", lambda old: old.update(spec))
    copy.run("-c", GENERATE)
    (tmp_path / "values.json").write_text(json.dumps(values))
    results = copy.use(PROGRAM, str(tmp_path / "values.json"))
    for (name, value), (error, written) in zip(values, results, strict=True):
        assert error == "", (accepted[name], value)
        assert written != "unequal"
        assert check[name].is_valid(written), (accepted[name], value, written)


GENERATE = """
import shutil
from openapi.generator.build import SPECS, TARGET, verify_packages, write_api, write_runtime
shutil.rmtree(TARGET / "v0")
write_runtime(TARGET)
write_api("v0", SPECS / "v0.yaml", TARGET / "v0")
verify_packages(TARGET, ["v0"])
"""
