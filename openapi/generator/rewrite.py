"""Rewrites a spec with the keywords that the planner reads: `allOf`, `const` and inline schemas.

They say nothing that named schemas could not: an `allOf` of objects is one object with all their
properties, a `const` an enum of one value, and an inline object or enum is a component, named after what
holds it. What can't be rewritten is left as it is, or refused with its place.
"""

from __future__ import annotations

from typing import Any

from .schemas import PlanError, is_model
from .words import pascal_case

_SCHEMAS = "#/components/schemas/"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
# What stays where an inline schema was, beside the reference to it.
_NOTES = {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
# What a part of an allOf may have; a note of a part is not one of the whole.
_PART = {"type", "properties", "required", *_NOTES}
_NUMBERS = {"default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_OF_COMPONENTS = {"x-enum-varnames", "x-python-properties"}


def rewritten(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a spec with the keywords that the planner reads, and the place of each schema it named.

    Raises:
        PlanError: If the schemas of an allOf can't be one object, or two schemas get one name.
    """
    copy = _copied(spec)
    components = _map(copy, "components")
    rewriter = _Rewriter(_map(components, "schemas"))
    rewriter.rewrite(copy, components)
    return copy, rewriter.places


def _map(node: Any, key: str) -> dict[str, Any]:
    """Return a map inside a node; empty for what is none, which `keywords.py` refuses."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else {}


def _list(node: Any, key: str) -> list[Any]:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, list) else []


class _Rewriter:
    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas
        self.open: list[str] = []  # the components whose allOf is being merged
        self.inline: list[str] = []  # the allOf of schemas that are none, around what is rewritten
        self.places: dict[str, str] = {}  # of the schemas that were inline

    def rewrite(self, spec: dict[str, Any], components: dict[str, Any]) -> None:
        for name in list(self.schemas):
            place = f"components/schemas/{name}"
            self.schemas[name] = self._inside(self._component(name, place), str(name), place)
        for kind in ("parameters", "headers"):
            for name, holder in _map(components, kind).items():
                self._schema_of(holder, _pascal(name), f"components/{kind}/{name}")
        for kind in ("responses", "requestBodies"):
            for name, holder in _map(components, kind).items():
                self._content(holder, _pascal(name), f"components/{kind}/{name}")
        for path, item in _map(spec, "paths").items():
            for method in _METHODS:
                operation = _map(item, method)
                self._operation(operation, f"{method.upper()} {path}")

    def _operation(self, operation: dict[str, Any], where: str) -> None:
        name = _pascal(operation.get("operationId"))
        for holder in _list(operation, "parameters"):
            wire = holder.get("name") if isinstance(holder, dict) else None
            self._schema_of(holder, name and name + _pascal(wire), f"{where}, parameter {wire}")
        self._content(operation.get("requestBody"), name and f"{name}Request", f"{where}, body")
        for status, response in _map(operation, "responses").items():
            suffix = "Response" if str(status).startswith("2") else "Error"
            place = f"{where}, response {status}"
            self._content(response, name and name + suffix, place)

    def _content(self, holder: Any, name: str, where: str) -> None:
        for media in _map(holder, "content").values():
            self._schema_of(media, name, where)
        for header in _map(holder, "headers").values():
            self._schema_of(header, "", where)  # it needs no class

    def _schema_of(self, holder: Any, name: str, where: str) -> None:
        if isinstance(holder, dict) and "schema" in holder:
            holder["schema"] = self._schema(holder["schema"], name, where)

    def _schema(self, schema: Any, name: str, where: str) -> Any:
        """Return a schema that is no component, which is named if it is an object or an enum."""
        if not isinstance(schema, dict):
            return schema
        around = len(self.inline)
        if "allOf" in schema:
            if (content := repr(schema["allOf"])) in self.inline:
                raise PlanError(where, "has an `allOf` that leads back to itself")
            self.inline.append(content)
            schema = self._merged(schema, where, is_component=False)
        schema = self._inside(schema, name, where)
        del self.inline[around:]
        types = schema.get("type")
        is_nullable = isinstance(types, list) and "null" in types and "properties" in schema
        inner = {**schema, "type": "object"} if is_nullable else schema
        if not name or not (is_model(inner) or ("enum" in inner and "$ref" not in inner)):
            return schema
        kept = {key for key in schema if key in _NOTES or key[:2] == "x-"} - _OF_COMPONENTS
        self._add(
            name,
            {key: inner[key] for key in inner if key == "description" or key not in kept},
            where,
        )
        reference = {"$ref": f"{_SCHEMAS}{name}"}
        found = {"anyOf": [reference, {"type": "null"}]} if is_nullable else reference
        return {**found, **{key: schema[key] for key in schema if key in kept}}

    def _add(self, name: str, schema: dict[str, Any], where: str) -> None:
        if self.schemas.setdefault(name, schema) != schema:
            raise PlanError(
                where,
                f"is inline and would be called {name}, as another schema is: name it yourself",
            )
        self.places.setdefault(name, where)

    def _inside(self, schema: Any, name: str, where: str) -> Any:
        """Rewrite the schemas inside a schema, and its const."""
        if not isinstance(schema, dict):
            return schema
        if isinstance(schema.get("const"), str) and schema.get("type", "string") == "string":
            schema["enum"], schema["type"] = [schema.pop("const")], "string"
        target = self.schemas.get(str(schema.get("$ref")).removeprefix(_SCHEMAS))
        _make_whole(schema, target if isinstance(target, dict) else {})
        values = _list(schema, "enum")
        if "type" not in schema and any(isinstance(value, str) for value in values):
            # What is no text is refused with the enum.
            schema["type"] = ["string", "null"] if None in values else "string"
        for wire, inner in _map(schema, "properties").items():
            part = _pascal(wire)
            schema["properties"][wire] = self._schema(
                inner, name and part and name + part, f"{where}/properties/{wire}"
            )
        for key, suffix in (("items", "Item"), ("additionalProperties", "Value")):
            if key in schema:
                schema[key] = self._schema(schema[key], name and name + suffix, f"{where}/{key}")
        for key in ("anyOf", "oneOf"):
            members = _list(schema, key)
            # Of several objects, each needs a name of its own; a null and a plain text beside one do not.
            plain = [each for each in members if each in ({"type": "null"}, {"type": "string"})]
            only = name if len(members) - len(plain) == 1 else ""
            for index, member in enumerate(members):
                members[index] = self._schema(member, only, f"{where}/{key}/{index}")
        return schema

    def _component(self, name: str, where: str) -> Any:
        """Return a component, its allOf merged."""
        schema = self.schemas[name]
        if not isinstance(schema, dict) or "allOf" not in schema:
            return schema
        if name in self.open:
            raise PlanError(where, "has an `allOf` that leads back to itself")
        self.open.append(name)
        self.schemas[name] = self._merged(schema, where, is_component=True)
        self.open.remove(name)
        return self.schemas[name]

    def _merged(self, schema: dict[str, Any], where: str, *, is_component: bool) -> dict[str, Any]:
        members = _list(schema, "allOf")
        if not members:
            raise PlanError(where, f"has `allOf: {schema['allOf']!r}`, which is no list of schemas")
        beside = {key: value for key, value in schema.items() if key != "allOf"}
        is_wrapper = all(key in _NOTES or str(key)[:2] == "x-" for key in beside)
        if len(members) == 1 and is_wrapper and not is_component and isinstance(members[0], dict):
            # The usual way, before OpenAPI 3.1, to write a description beside a reference.
            only = (
                members[0]
                if "allOf" not in members[0]
                else self._merged(members[0], where, is_component=False)
            )
            return {**only, **beside}
        found: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in [*members, beside]:
            self._merge(found, part, where, is_own=part is beside)
        if not found["required"]:
            del found["required"]
        return found

    def _merge(self, found: dict[str, Any], raw: Any, where: str, *, is_own: bool) -> None:
        part = self._part(raw, where)
        for key in part:
            if key not in _PART and not str(key).startswith("x-"):
                raise PlanError(
                    where,
                    f"has an `allOf` with `{key}`, which is not read: only objects are merged",
                )
        properties, required = part.get("properties", {}), part.get("required", [])
        if (
            part.get("type", "object") != "object"
            or not isinstance(properties, dict)
            or not isinstance(required, list)
        ):
            raise PlanError(where, "has an `allOf` of what is no object with properties")
        for name, value in properties.items():
            if found["properties"].setdefault(name, value) != value:
                raise PlanError(
                    where, f"has an `allOf` whose schemas have different {name}: rename one"
                )
        found["required"] += [name for name in required if name not in found["required"]]
        if is_own:
            found |= {
                key: value
                for key, value in part.items()
                if key not in {"type", "properties", "required"}
            }

    def _part(self, raw: Any, where: str) -> dict[str, Any]:
        """Return a schema of an allOf: the component it refers to, its own allOf merged."""
        if not isinstance(raw, dict):
            raise PlanError(where, f"has an `allOf` with {raw!r}, which is no schema")
        if "$ref" in raw:
            name = str(raw["$ref"]).removeprefix(_SCHEMAS)
            if name not in self.schemas or set(raw) - {"$ref", *_NOTES}:
                raise PlanError(
                    where, f"has an `allOf` with {raw['$ref']!r}, which is no schema alone"
                )
            component = self._component(name, where)
            return (
                self._part(component, where)
                if isinstance(component, dict)
                else self._part(None, where)
            )
        return self._merged(raw, where, is_component=True) if "allOf" in raw else _copied(raw)


def _copied(node: Any) -> Any:
    """Copy JSON values, in a fraction of the time of `deepcopy`."""
    if isinstance(node, dict):
        return {key: _copied(value) for key, value in node.items()}
    return [_copied(value) for value in node] if isinstance(node, list) else node


def _make_whole(schema: dict[str, Any], target: dict[str, Any]) -> None:
    """Write `10.0`, an integer in JSON Schema and none in Python, as `10` where it is of an integer."""
    if schema.get("type", target.get("type")) in ("integer", ["integer", "null"]):
        for key in _NUMBERS & schema.keys():
            if isinstance(schema[key], float) and schema[key].is_integer():
                schema[key] = int(schema[key])


def _pascal(wire: Any) -> str:
    """Return a name as a part of a class's; empty if it makes none."""
    name = pascal_case(wire) if isinstance(wire, str) and wire.isascii() else ""
    return name if name.isidentifier() or (name.isalnum() and name.isascii()) else ""
