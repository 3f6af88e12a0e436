"""Values that a specification allows, drawn at random with a seed, and corrupted ones.

Hypothesis would shrink a failure, but needs a hundred times as long for values as wide as these.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from jsonschema_rs import Draft202012Validator
from scripts.spec_lint import Spec, load_spec

from benchwire_specs import spec_path

# Names that a model's own members have, and texts that something on the way could take for another.
_NAMES = [
    "", "self", "id", "to_dict", "additional_properties", "_additional_properties", "response_info",
    "a.b", "newField", "\ud83d", "é", "x" * 300,
]  # fmt: skip
_TEXTS = [
    "", " ", "null", "42", "42.0", "+7", "-1e3", "NaN", "0.1", "$1,000.00", "1/2", "\x00", "\ufeff",
    "\u2028", "e\u0301\u202e", "\U0001f469\u200d\U0001f4bb", "\ud83d", "cut \ud83d", "\ude00\ud83d",
    "\\ud83d", '"', "9" * 40, "x" * 5000, "2025", "20250102", "soon", "2025-13-01T00:00:00Z",
]  # fmt: skip
# JSON bounds no integer, and 5.0 is one.
_INTEGERS = [
    0, -1, 1, -0.0, 5.0, -(2**31), 2**31, 2.0**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 + 1,
    -(2**63) - 1, 10**40 + 7, -(10**400) - 7,
]  # fmt: skip
_NUMBERS = [0, -0.0, 0.1, 1e-7, 5e-324, -1.7976931348623157e308, 2**53, 2**64, -(10**22), 1e22]
_OFFSETS = ["Z", "z", "+00:00", "-00:00", "+05:45", "-23:59", "+23:30", "-12:00"]
_DATES = ["2016-12-31T23:59:60Z", "1990-12-31T15:59:60.5-08:00", "0001-01-03T00:00:00+23:59"]


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

    def body(self, random: Random) -> Any:
        """Draw a body that satisfies the specification."""
        return value_of(self.spec, self.schema, random)


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


def value_of(spec: Spec, schema: Mapping[str, Any], random: Random) -> Any:
    """Draw a value of a schema, as far as our specifications use JSON Schema."""
    if "$ref" in schema:
        return value_of(spec, spec.lookup(schema["$ref"]) or {}, random)
    if "enum" in schema:
        return random.choice(schema["enum"])
    if "anyOf" in schema:
        return value_of(spec, random.choice(schema["anyOf"]), random)
    kinds = schema.get("type")
    if kinds is None:
        return any_json(random)
    return _of_type(
        spec, schema, random.choice(kinds) if isinstance(kinds, list) else kinds, random
    )


def _of_type(spec: Spec, schema: Mapping[str, Any], kind: str, random: Random) -> Any:
    match kind:
        case "null":
            return None
        case "boolean":
            return random.random() < 0.5
        case "integer":
            return _integer(random)
        case "number":
            return random.choice(_NUMBERS) if random.random() < 0.3 else random.uniform(-1e3, 1e3)
        case "string":
            return _string(schema, random)
        case "array":
            count = max(random.choice((0, 1, 1, 2, 4)), schema.get("minItems", 0))
            found = [value_of(spec, schema.get("items", {}), random) for _ in range(count)]
            return list(dict.fromkeys(found)) if schema.get("uniqueItems") else found
        case "object":
            return _object(spec, schema, random)
    raise AssertionError(kind)


def any_json(random: Random, depth: int = 3) -> Any:
    """Draw any JSON; its numbers are those that have one spelling in Python."""
    match random.randrange(8 if depth else 6):
        case 0:
            return None
        case 1:
            return random.random() < 0.5
        case 2:
            return random.randint(-(2**53), 2**53)
        case 3:
            return random.uniform(-1e3, 1e3)
        case 4 | 5:
            return text(random)
        case 6:
            return [any_json(random, depth - 1) for _ in range(random.randrange(3))]
    return {name(random): any_json(random, depth - 1) for _ in range(random.randrange(3))}


def text(random: Random) -> str:
    """Draw a text: an odd one, or characters from all of Unicode."""
    if random.random() < 0.4:
        return random.choice(_TEXTS)
    points = ((32, 127), (32, 127), (0, 0x800), (0x800, 0xD800), (0xE000, 0x110000))
    return "".join(
        chr(random.randrange(*random.choice(points))) for _ in range(random.randrange(9))
    )


def name(random: Random) -> str:
    """Draw the name of a property."""
    return random.choice(_NAMES) if random.random() < 0.5 else text(random)


def _integer(random: Random) -> int | float:
    if random.random() < 0.3:
        return random.choice(_INTEGERS)
    return random.randint(*random.choice(((0, 100), (-(2**31), 2**31), (-(2**63), 2**63))))


def _string(schema: Mapping[str, Any], random: Random) -> str:
    if schema.get("format") == "date-time":
        return date_time(random)
    if schema.get("x-python-decode") == "epoch":
        # The schema accepts any string; the extension specifies which is a time.
        return random.choice((str(_integer(random)), date_time(random), text(random)))
    return text(random) or "x" * schema.get("minLength", 0)


def date_time(random: Random) -> str:
    """Draw a date and time of RFC 3339, with up to twelve digits of a second and any offset."""
    if random.random() < 0.1:
        return random.choice(_DATES)
    moment = datetime(1, 1, 3, tzinfo=UTC) + timedelta(seconds=random.randrange(315_500_000_000))
    digits = str(random.randrange(10 ** random.randint(1, 12)))
    fraction = random.choice(("", "." + digits, ".000" + digits[:9]))
    between = random.choice("TTTt")
    whole = f"{moment.year:04}-{moment:%m-%d}{between}{moment:%H:%M:%S}"
    return whole + fraction + random.choice(_OFFSETS)


def _object(spec: Spec, schema: Mapping[str, Any], random: Random) -> dict[str, Any]:
    properties = schema.get("properties", {})
    of_map = schema.get("additionalProperties")
    drawn: dict[str, Any] = {}
    if not properties or random.random() < 0.3:
        # Objects are open: fields of later versions must be preserved.
        for _ in range(random.choice((1, 1, 2))):
            inner = of_map if isinstance(of_map, dict) else {}
            drawn[name(random)] = value_of(spec, inner, random)
    # A row that has every field is decoded in another way than one that lacks some.
    share = random.choice((0.0, 0.5, 0.9, 1.0))
    required = schema.get("required", [])
    for key, part in properties.items():
        drawn.pop(key, None)
        if key in required or random.random() < share:
            drawn[key] = value_of(spec, part, random)
    for key, part in properties.items():
        if any(drawn.get(place) is not None for place in part.get("x-python-elsewhere", ())):
            drawn[key] = None  # of two places only one is read, and the other kept as it is
    return drawn


# ---- corruption ------------------------------------------------------------------------------

_STRANGE = ["", "soon", "2025-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "1e999", 10**400, 1.5,
            float("inf"), True, None, [], {}, [[]]]  # fmt: skip


def paths(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a body."""
    yield path
    if isinstance(body, dict):
        for key, value in body.items():
            yield from paths(value, (*path, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from paths(value, (*path, index))


def corrupted(body: Any, random: Random) -> Any:
    """Return a body with one value replaced or removed."""
    body = copy.deepcopy(body)
    path = random.choice(list(paths(body)))
    strange = random.choice((random.choice(_STRANGE), any_json(random)))
    if not path:
        return strange
    holder = body
    for step in path[:-1]:
        holder = holder[step]
    if random.random() < 0.5:
        del holder[path[-1]]
    else:
        holder[path[-1]] = strange
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
        return bool(_seconds(sent) == actual)
    if schema.get("format") == "date-time":
        return isinstance(actual, str) and _moment(sent) == _moment(actual)
    if "number" in schema.get("type", ()) and type(sent) is int:
        sent, actual = float(sent), float(actual)  # a float has 53 bits
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
    key = spec.name, json.dumps(schema)
    if key not in _COMPILED:
        whole = {**schema, "components": spec.document["components"]}
        _COMPILED[key] = Draft202012Validator(whole)
    return bool(_COMPILED[key].is_valid(value))


# By API and schema: to compile one takes longer than all else that is done with a value.
_COMPILED: dict[tuple[str, str], Draft202012Validator] = {}


def _seconds(value: Any) -> Any:
    """What a time is read as: seconds since the epoch; a text that is none stays as it is."""
    if not isinstance(value, str):
        return int(value)
    if re.fullmatch(r"[+-]?[0-9]{1,19}(\.0*)?", value):
        return int(value.partition(".")[0])
    moment = _moment(value)
    return int(moment.timestamp()) if isinstance(moment, datetime) else value


def _moment(text: str) -> datetime | str:
    """A date and time of RFC 3339, to the microsecond; Python has none with 60 seconds."""
    try:
        return datetime.fromisoformat(text.upper()) if _RFC_3339.fullmatch(text) else text
    except ValueError:
        return text


_RFC_3339 = re.compile(r"(?i)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
