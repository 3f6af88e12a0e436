"""Compares a body with its schema, value by value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import define, field

from benchwire_drift.findings import Grade, Kind
from benchwire_drift.formats import epoch_mismatch, mismatch
from benchwire_drift.redaction import DATA, redacted_name
from benchwire_drift.schemas import Schema, Schemas, json_type

MAX_NOTES = 500
"""The maximum number of different notes of one response; the rest is counted."""


class Site(NamedTuple):
    """The schema of a value in the spec, and the provenance of the property around it."""

    pointer: str
    provenance: str | None


@define
class Note:
    """A difference within one response.

    Attributes:
        expected: What the spec states.
        got: What the response had: types, a status or a media type.
        pointer: The JSON pointer of the schema; empty for the response as a whole.
        provenance: The provenance of the property around it.
        grade: What it does to users where it is in a success.
        count: How often.
    """

    expected: str
    got: set[str] = field(factory=set)
    pointer: str = ""
    provenance: str | None = None
    grade: Grade = Grade.BREAKING
    count: int = 1


@define
class Presence:
    """How many objects could have had a field, and how many had it."""

    path: str
    objects: int = 0
    present: int = 0


@define
class Notes:
    """The differences of one response.

    Attributes:
        found: The notes by kind and JSON path.
        presence: For each optional field of an object, by its pointer in the spec.
        dropped: The number of notes beyond the maximum.
    """

    found: dict[tuple[Kind, str], Note] = field(factory=dict)
    presence: dict[str, Presence] = field(factory=dict)
    dropped: int = 0

    def add(self, kind: Kind, path: str, note: Note) -> None:
        """Add a note, or count it if there is one of its kind at its path."""
        known = self.found.get((kind, path))
        if known is not None:
            known.got |= note.got
            known.grade = max(known.grade, note.grade, key=lambda grade: grade.weight)
            known.count += note.count
        elif len(self.found) < MAX_NOTES:
            self.found[kind, path] = note
        else:
            self.dropped += note.count

    def count_objects(self, pointer: str, path: str, objects: int, present: int) -> None:
        """Count objects that could have had an optional field, and those that had it."""
        seen = self.presence.get(pointer) or self.presence.setdefault(pointer, Presence(path))
        seen.objects += objects
        seen.present += present

    def merge(self, other: Notes) -> None:
        """Add the notes of another walk."""
        for (kind, path), note in other.found.items():
            self.add(kind, path, note)
        for pointer, seen in other.presence.items():
            self.count_objects(pointer, seen.path, seen.objects, seen.present)
        self.dropped += other.dropped


def walk(body: Any, pointer: str, schemas: Schemas, notes: Notes) -> None:
    """Compare a body with the schema at a pointer, strictly, and add notes of the differences.

    Raises:
        SpecError: If a schema uses something that is not supported.
    """
    _Walk(schemas, notes).visit(body, (pointer,), "$", Site(pointer, None))


class _Walk:
    def __init__(self, schemas: Schemas, notes: Notes) -> None:
        self._schemas = schemas
        self._notes = notes

    def visit(
        self,
        value: Any,
        pointers: Sequence[str],
        path: str,
        around: Site,
        *,
        if_null: Grade = Grade.BREAKING,
    ) -> None:
        """Compare a value with all the schemas that apply to it; `if_null` grades a null where none may be."""
        for pointer in pointers:
            schema = self._schemas.at(pointer)
            site = Site(pointer, schema.provenance if schema.is_field else around.provenance)
            grade = if_null if value is None else Grade.BREAKING
            if schema.types is not None and not _accepts(schema.types, value):
                grade = Grade.ADDITIVE if value is None and schema.null_means_empty else grade
                self._add_mistyped(value, schema.types, path, site, grade)
                continue
            for branches in schema.branches:
                if isinstance(value, dict) and (told := self._schemas.kinds(branches))[1]:
                    self._tagged(value, *told, path, site)
                else:
                    among = [self._schemas.at(at) for at in branches]
                    self._branches(value, among, path, site, grade)
            if isinstance(value, dict):
                self._object(value, schema, path, site)
            elif isinstance(value, list):
                for item in value if schema.items else ():
                    self.visit(item, schema.items, path + "[*]", site)
            else:
                self._scalar(value, schema, path, site)

    def _add_mistyped(
        self, value: Any, types: tuple[str, ...], path: str, site: Site, grade: Grade
    ) -> None:
        kind = Kind.NULL if value is None else Kind.TYPE
        self._add(kind, path, site, _either(types), got={json_type(value)}, grade=grade)

    def _branches(
        self, value: Any, branches: list[Schema], path: str, site: Site, grade: Grade
    ) -> None:
        values = [one for branch in branches for one in branch.values or ()]
        if isinstance(value, str) and values and any(b.is_plain_string for b in branches):
            # An enum beside a plain string is an open enum.
            if value not in values:
                self._add(Kind.UNKNOWN_ENUM_VALUE, path, site, _values(values))
            return
        accepting = [b for b in branches if b.types is None or _accepts(b.types, value)]
        if not accepting:
            types = tuple(dict.fromkeys(one for branch in branches for one in branch.types or ()))
            self._add_mistyped(value, types, path, site, grade)
            return
        results = []
        for branch in accepting:
            notes = Notes()
            _Walk(self._schemas, notes).visit(value, (branch.pointer,), path, site)
            results.append(notes)
        self._notes.merge(min(results, key=lambda notes: len(notes.found)))

    def _tagged(
        self, value: dict[str, Any], tag: str, kinds: Mapping[str, str], path: str, site: Site
    ) -> None:
        if not tag:
            found = [pointer for name, pointer in kinds.items() if name in value]
            self.visit(value, (found or [*kinds.values()])[:1], path, site)
            return
        told = value.get(tag)
        if isinstance(told, str) and told in kinds:
            self.visit(value, (kinds[told],), path, site)
            return
        # The SDK has no class for it, so that even a new value of an enum breaks it.
        kind = Kind.TYPE if tag in value else Kind.MISSING_FIELD
        got = {json_type(told)} if tag in value else ()
        self._add(kind, f"{path}.{tag}", Site(site.pointer, None), _values(kinds), got=got)

    def _object(self, value: dict[str, Any], schema: Schema, path: str, site: Site) -> None:
        for name, pointers in schema.properties.items():
            below = f"{path}.{name}"
            if name in value:
                # The SDK reads a null like an absent field, as None.
                if_null = Grade.BREAKING if name in schema.required else Grade.SEMANTIC
                self.visit(value[name], pointers, below, site, if_null=if_null)
            if name in schema.places:
                continue  # one of several places of another field, which is present in any of them
            if name not in schema.required:
                others = self._schemas.at(pointers[0]).elsewhere
                present = name in value or any(place in value for place in others)
                self._notes.count_objects(pointers[0], below, 1, present)
            elif name not in value:
                missing = self._schemas.at(pointers[0])
                is_read = missing.null_means_empty or self._schemas.allow_null(pointers[0])
                self._add(
                    Kind.MISSING_FIELD,
                    below,
                    Site(pointers[0], missing.provenance),
                    "a required field",
                    grade=Grade.SEMANTIC if is_read else Grade.BREAKING,
                )
        if not schema.closed and schema.keys is None:
            return  # free: its keys and values are data
        for name in value.keys() - schema.properties.keys():
            if schema.keys is not None and not schema.closed:
                self.visit(value[name], (schema.keys,), f"{path}.{DATA}", site)
                continue
            owner = Site(schema.pointer, site.provenance)
            below = f"{path}.{redacted_name(name)}"
            got = {json_type(value[name])}
            self._add(Kind.UNKNOWN_FIELD, below, owner, "no such field", got=got)

    def _scalar(self, value: Any, schema: Schema, path: str, site: Site) -> None:
        if schema.values is not None and value not in schema.values:
            self._add(Kind.UNKNOWN_ENUM_VALUE, path, site, _values(schema.values))
            return
        name, wrong = schema.format, None
        if schema.epoch:
            name, wrong = "seconds since the epoch", epoch_mismatch(value)
        elif name is not None:
            wrong = mismatch(name, value)
        if name is not None and wrong is not None:
            grade = Grade.SEMANTIC if wrong.readable else Grade.BREAKING
            self._add(Kind.FORMAT, path, site, name, grade=grade)

    def _add(
        self,
        kind: Kind,
        path: str,
        site: Site,
        expected: str,
        *,
        got: Iterable[str] = (),
        grade: Grade = Grade.BREAKING,
    ) -> None:
        note = Note(expected, set(got), site.pointer, site.provenance, grade)
        self._notes.add(kind, path, note)


def _accepts(types: tuple[str, ...], value: Any) -> bool:
    kind = json_type(value)
    if kind in types:
        return True
    if kind == "integer":
        return "number" in types
    return kind == "number" and "integer" in types and value.is_integer()


def _either(types: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(types[:-1]), *types[-1:])))


def _values(values: Iterable[Any]) -> str:
    return "one of " + ", ".join(str(value) for value in values)
