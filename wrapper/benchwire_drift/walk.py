"""Walks a body along its schema and notes each difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, field, frozen

from benchwire_drift.findings import Kind
from benchwire_drift.formats import Mismatch, epoch_mismatch, mismatch
from benchwire_drift.redaction import DATA, redacted_name
from benchwire_drift.schemas import Schema, Schemas

MAX_NOTES = 500
"""The maximum number of different notes of one response; the rest is counted."""

_PYTHON_TYPES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@frozen
class Site:
    """The schema of a value in the spec, and the provenance of the property around it."""

    pointer: str
    provenance: str | None


@frozen
class NoteKey:
    """What distinguishes notes: what differs, and where in the response."""

    kind: Kind
    path: str


@define
class Note:
    """A difference within one body.

    Attributes:
        site: Where in the spec.
        expected: What the spec states.
        harmless: Whether the SDK reads it like what the spec states.
        got: The types found.
        count: How often.
    """

    site: Site
    expected: str
    harmless: bool
    got: set[str]
    count: int = 0


@define
class Presence:
    """How many objects could have had a field, and how many had it."""

    path: str
    provenance: str | None
    objects: int = 0
    present: int = 0


@define
class Notes:
    """The result of a walk.

    Attributes:
        found: The notes.
        presence: For each optional field of an object, by its pointer in the spec.
        dropped: The number of notes beyond the maximum.
    """

    found: dict[NoteKey, Note] = field(factory=dict)
    presence: dict[str, Presence] = field(factory=dict)
    dropped: int = 0

    def add(
        self,
        kind: Kind,
        path: str,
        site: Site,
        *,
        expected: str,
        got: Iterable[str] = (),
        harmless: bool = False,
        count: int = 1,
    ) -> None:
        """Note a difference, or count it if it is noted already."""
        key = NoteKey(kind, path)
        note = self.found.get(key)
        if note is None:
            if len(self.found) >= MAX_NOTES:
                self.dropped += count
                return
            note = self.found[key] = Note(site, expected, harmless, set())
        note.got.update(got)
        note.harmless = note.harmless and harmless
        note.count += count

    def merge(self, other: Notes) -> None:
        """Add the notes of another walk."""
        for key, note in other.found.items():
            self.add(
                key.kind,
                key.path,
                note.site,
                expected=note.expected,
                got=note.got,
                harmless=note.harmless,
                count=note.count,
            )
        for pointer, seen in other.presence.items():
            mine = self.presence.setdefault(pointer, Presence(seen.path, seen.provenance))
            mine.objects += seen.objects
            mine.present += seen.present
        self.dropped += other.dropped


def walk(body: Any, pointer: str, schemas: Schemas) -> Notes:
    """Compare a body with the schema at a pointer, strictly.

    Args:
        body: JSON values.
        pointer: The JSON pointer of the schema.
        schemas: The schemas of the document.

    Raises:
        SpecError: If a schema uses something that is not supported.
    """
    notes = Notes()
    _Walk(schemas, notes).visit(body, (pointer,), "$", Site(pointer, None))
    return notes


def json_type(value: Any) -> str:
    """Return the JSON type of a value."""
    return _PYTHON_TYPES[type(value)]


class _Walk:
    def __init__(self, schemas: Schemas, notes: Notes) -> None:
        self._shapes = schemas
        self._notes = notes

    def visit(self, value: Any, pointers: tuple[str, ...], path: str, around: Site) -> None:
        """Compare a value with all the schemas that apply to it."""
        for pointer in pointers:
            schema = self._shapes.at(pointer)
            is_field = pointer.rpartition("/")[0].endswith("/properties")
            site = Site(pointer, schema.provenance if is_field else around.provenance)
            if not self._matches_type(value, schema, path, site):
                continue
            for branches in schema.branches:
                self._branches(value, [self._shapes.at(at) for at in branches], path, site)
            if isinstance(value, dict):
                self._object(value, schema, path, site)
            elif isinstance(value, list):
                for item in value if schema.items else ():
                    self.visit(item, schema.items, path + "[*]", site)
            else:
                self._scalar(value, schema, path, site)

    def _matches_type(self, value: Any, schema: Schema, path: str, site: Site) -> bool:
        if schema.types is None or _accepts(schema.types, value):
            return True
        self._mistyped(value, schema.types, path, site, harmless=schema.null_means_empty)
        return False

    def _mistyped(
        self, value: Any, types: tuple[str, ...], path: str, site: Site, *, harmless: bool = False
    ) -> None:
        kind = Kind.NULL if value is None else Kind.TYPE
        self._notes.add(
            kind,
            path,
            site,
            expected=_either(types),
            got=[json_type(value)],
            harmless=harmless and value is None,
        )

    def _branches(self, value: Any, branches: list[Schema], path: str, site: Site) -> None:
        values = [one for branch in branches for one in branch.values or ()]
        if isinstance(value, str) and values and any(b.is_plain_string for b in branches):
            # An enum beside a plain string is an open enum.
            if value not in values:
                self._notes.add(Kind.UNKNOWN_ENUM_VALUE, path, site, expected=_values(values))
            return
        fitting = [b for b in branches if b.types is None or _accepts(b.types, value)]
        if not fitting:
            types = tuple(dict.fromkeys(one for branch in branches for one in branch.types or ()))
            self._mistyped(value, types, path, site)
            return
        tries = []
        for branch in fitting:
            notes = Notes()
            _Walk(self._shapes, notes).visit(value, (branch.pointer,), path, site)
            tries.append(notes)
        self._notes.merge(min(tries, key=lambda notes: len(notes.found)))

    def _object(self, value: dict[str, Any], schema: Schema, path: str, site: Site) -> None:
        for name, pointers in schema.properties.items():
            below = f"{path}.{name}"
            if name in value:
                self.visit(value[name], pointers, below, site)
            if name in schema.required:
                self._required(pointers[0], below, there=name in value)
            else:
                self._optional(pointers[0], below, there=name in value)
        if not schema.closed and schema.keys is None:
            return  # free: its keys and values are data
        for name in value.keys() - schema.properties.keys():
            if schema.keys is not None and not schema.closed:
                self.visit(value[name], (schema.keys,), f"{path}.{DATA}", site)
                continue
            self._notes.add(
                Kind.UNKNOWN_FIELD,
                f"{path}.{redacted_name(name)}",
                Site(schema.pointer, site.provenance),
                expected="no such field",
                got=[json_type(value[name])],
            )

    def _required(self, pointer: str, path: str, *, there: bool) -> None:
        if not there:
            schema = self._shapes.at(pointer)
            self._notes.add(
                Kind.MISSING_FIELD,
                path,
                Site(pointer, schema.provenance),
                expected="a required field",
                harmless=schema.null_means_empty,
            )

    def _optional(self, pointer: str, path: str, *, there: bool) -> None:
        seen = self._notes.presence.get(pointer)
        if seen is None:
            seen = self._notes.presence[pointer] = Presence(
                path, self._shapes.at(pointer).provenance
            )
        seen.objects += 1
        seen.present += there

    def _scalar(self, value: Any, schema: Schema, path: str, site: Site) -> None:
        if schema.values is not None and value not in schema.values:
            self._notes.add(Kind.UNKNOWN_ENUM_VALUE, path, site, expected=_values(schema.values))
        elif schema.epoch:
            self._format(epoch_mismatch(value), "seconds since the epoch", path, site)
        elif schema.format is not None:
            self._format(mismatch(schema.format, value), schema.format, path, site)

    def _format(self, wrong: Mismatch | None, name: str, path: str, site: Site) -> None:
        if wrong is not None:
            self._notes.add(Kind.FORMAT, path, site, expected=name, harmless=wrong.readable)


def _accepts(types: tuple[str, ...], value: Any) -> bool:
    kind = json_type(value)
    if kind == "integer":
        return "integer" in types or "number" in types
    if kind == "number":
        return "number" in types or ("integer" in types and value.is_integer())
    return kind in types


def _either(types: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(types[:-1]), *types[-1:])))


def _values(values: Iterable[Any]) -> str:
    return "one of " + ", ".join(str(value) for value in values)
