"""Hypothesis strategies for the responses a specification allows, and for corrupted ones."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from scripts.spec_lint import Spec, load_spec

from benchwire_specs import spec_path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
# The generated clients read 64-bit integers; the wire's own limit stands where the spec has one.
_INTEGERS = st.integers(-(2**63), 2**63 - 1)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_LEAST = datetime(1, 1, 3, tzinfo=UTC)
_MOST = datetime(9999, 12, 29, tzinfo=UTC)


@dataclass(frozen=True)
class DocumentedResponse:
    """A documented response of an operation."""

    api: str
    operation: str
    tag: str
    status: str
    schema: Mapping[str, Any]
    spec: Spec

    def __str__(self) -> str:
        return f"{self.api}-{self.operation}-{self.status}"

    @property
    def validator(self) -> Draft202012Validator:
        """Validates a body against the specification, formats included."""
        schema = {**self.schema, "components": self.spec.document["components"]}
        return Draft202012Validator(schema, validate_formats=True)

    @property
    def bodies(self) -> st.SearchStrategy[Any]:
        """Bodies that satisfy the specification."""
        return values(self.spec, self.schema)


def documented_responses() -> Iterator[DocumentedResponse]:
    """Yield every documented response of the three specifications; of errors, one per shape."""
    for api in ("public", "v2", "v0"):
        spec = load_spec(spec_path(api))
        seen: set[str] = set()
        for operation in spec.operations():
            for status, site in spec.responses(operation):
                schema = next(iter(site.children("content"))).node["schema"]
                if not status.startswith("2"):
                    if str(schema) in seen:
                        continue
                    seen.add(str(schema))
                yield DocumentedResponse(
                    api, operation.id, operation.node["tags"][0], status, schema, spec
                )


def values(spec: Spec, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for a schema, as far as our specifications use JSON Schema."""
    if "$ref" in schema:
        return st.deferred(lambda: values(spec, spec.lookup(schema["$ref"]) or {}))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([values(spec, branch) for branch in schema["anyOf"]])
    kinds = schema.get("type")
    if kinds is None:
        return JSON
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return st.one_of([_of_type(spec, schema, kind) for kind in kinds])


def _of_type(spec: Spec, schema: Mapping[str, Any], kind: str) -> st.SearchStrategy[Any]:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            narrow = {"int32": st.integers(-(2**31), 2**31 - 1)}
            whole = narrow.get(schema.get("format", ""), _INTEGERS)
            return whole | st.integers(-(2**31), 2**31).map(float)  # 5.0 is an integer, too
        case "number":
            return _FLOATS | st.integers(-(2**53), 2**53)
        case "string":
            return _strings(schema)
        case "array":
            return st.lists(values(spec, schema.get("items", {})), max_size=4)
        case "object":
            return _objects(spec, schema)
    raise AssertionError(kind)


def _strings(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return _DATES
    if schema.get("x-python-decode") == "epoch":
        # The schema accepts any string; the extension specifies which it is.
        return _INTEGERS.map(str) | _DATES
    return st.text(max_size=20)


@st.composite
def _dates(draw: st.DrawFn) -> str:
    """RFC 3339, with up to seven digits of a second and any offset."""
    moment = draw(st.datetimes(_LEAST.replace(tzinfo=None), _MOST.replace(tzinfo=None)))
    digits = draw(st.text("0123456789", min_size=0, max_size=7))
    offset = draw(st.sampled_from(["Z", "+00:00", "-00:00"]) | st.integers(-23, 23).map(_offset))
    return f"{moment:%H:%M:%S}".join((f"{moment.year:04}-{moment:%m-%d}T", f".{digits}{offset}" if digits else offset))  # fmt: skip


def _offset(hours: int) -> str:
    return f"{'-' if hours < 0 else '+'}{abs(hours):02}:30"


_DATES = _dates()


def _objects(spec: Spec, schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    properties = schema.get("properties", {})
    of_map = schema.get("additionalProperties")
    if not properties:
        inner = values(spec, of_map) if isinstance(of_map, dict) else JSON
        return st.dictionaries(st.text(max_size=8), inner, max_size=3)
    required = schema.get("required", [])
    known = {name: values(spec, part) for name, part in properties.items()}
    return st.builds(
        lambda named, unknown: {**unknown, **named},
        st.fixed_dictionaries(
            {name: known[name] for name in required},
            optional={name: part for name, part in known.items() if name not in required},
        ),
        # Objects are open: fields of later versions must be preserved.
        st.dictionaries(
            st.text(max_size=6).filter(lambda name: name not in known), JSON, max_size=2
        ),
    )


# ---- corruption ------------------------------------------------------------------------------

STRANGE = st.one_of(
    JSON, st.floats(), st.integers(), st.just(10**400),
    st.sampled_from(["", "soon", "2025-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "1e999"]),
)  # fmt: skip


def paths(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a body."""
    yield path
    if isinstance(body, dict):
        for key, value in body.items():
            yield from paths(value, (*path, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from paths(value, (*path, index))


@st.composite
def corrupted(draw: st.DrawFn, bodies: st.SearchStrategy[Any]) -> Any:
    """Draw a body with one value replaced or removed."""
    body = copy.deepcopy(draw(bodies))
    path = draw(st.sampled_from(list(paths(body))))
    if not path:
        return draw(STRANGE)
    holder = body
    for step in path[:-1]:
        holder = holder[step]
    if draw(st.booleans()):
        del holder[path[-1]]
    else:
        holder[path[-1]] = draw(STRANGE)
    return body


def equivalent(schema: Mapping[str, Any], spec: Spec, sent: Any, actual: Any) -> bool:
    """Check that a value is preserved, except for conversions the specification defines.

    An optional null may be left out, and so may an empty list that represents null; a date may be
    formatted differently, to the microsecond; a time in seconds becomes a number. An array in
    another place (`x-python-elsewhere`) is in its own.
    """
    if "$ref" in schema:
        return equivalent(spec.lookup(schema["$ref"]) or {}, spec, sent, actual)
    if "anyOf" in schema:
        return _equivalent_to_any(schema["anyOf"], spec, sent, actual)
    if sent is None:
        return actual is None or (bool(schema.get("x-null-means-empty")) and actual == [])
    if isinstance(sent, dict) and schema.get("properties"):
        schema, sent = _gathered(schema, sent)
        return (
            isinstance(actual, dict)
            and actual.keys() <= sent.keys() | _empties(schema)
            and all(
                equivalent(schema["properties"].get(key, {}), spec, value, actual[key])
                if key in actual
                else value is None and key not in schema.get("required", [])
                for key, value in sent.items()
            )
        )
    if isinstance(sent, list):
        items = schema.get("items", {})
        return (
            isinstance(actual, list)
            and len(sent) == len(actual)
            and all(
                equivalent(items, spec, one, other) for one, other in zip(sent, actual, strict=True)
            )
        )
    if schema.get("x-python-decode") == "epoch":
        return _seconds(sent) == actual
    if schema.get("format") == "date-time":
        return isinstance(actual, str) and abs(_moment(sent) - _moment(actual)) < timedelta(
            microseconds=1
        )
    return bool(sent == actual) and isinstance(sent, bool) == isinstance(actual, bool)


def _equivalent_to_any(branches: list[Any], spec: Spec, sent: Any, actual: Any) -> bool:
    whole = spec.lookup(branches[0].get("$ref", "")) or {}
    if isinstance(sent, list) and "$" in _places(whole):
        return equivalent(whole, spec, {"$": sent}, actual)
    return any(
        equivalent(branch, spec, sent, actual) for branch in branches if _fits(branch, spec, sent)
    )


def _gathered(schema: Mapping[str, Any], sent: Any) -> tuple[Mapping[str, Any], Any]:
    """Move an array to its own place; nothing else of such an object has to be there."""
    places = _places(schema)
    for place, name in places.items():
        if sent.get(name) is None and sent.get(place) is not None:
            sent = {**sent, name: sent[place], place: None}
    return ({**schema, "required": []} if places else schema), sent


def _places(schema: Mapping[str, Any]) -> dict[str, str]:
    """The other places of properties, and the names of the properties."""
    parts = schema.get("properties", {}).items()
    return {place: name for name, part in parts for place in part.get("x-python-elsewhere", ())}


def _empties(schema: Mapping[str, Any]) -> set[str]:
    parts = schema["properties"].items()
    return {name for name, part in parts if part.get("x-null-means-empty")}


def _fits(schema: Mapping[str, Any], spec: Spec, value: Any) -> bool:
    whole = {**schema, "components": spec.document["components"]}
    return bool(Draft202012Validator(whole).is_valid(value))


def _seconds(value: Any) -> int:
    if isinstance(value, str) and value.lstrip("+-").isdecimal():
        return int(value)
    return int(_moment(value).timestamp()) if isinstance(value, str) else int(value)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
