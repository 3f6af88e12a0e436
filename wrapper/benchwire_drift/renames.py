"""Pairs missing fields with unknown ones that are likely their new names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from benchwire_drift.redaction import DATA
from benchwire_drift.specs import StrictSpec

_ALIKE = 0.8
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def likely_renames(
    spec: StrictSpec,
    gone: Iterable[str],
    alone: Iterable[str],
    unknown: dict[str, tuple[str, ...]],
) -> dict[str, str]:
    """Pair the missing fields of one object with its unknown ones.

    Two are paired if their names are similar, or if there is no other choice; and only if the new
    one has types that the old one allows.

    Args:
        spec: The spec of the object.
        gone: The pointers of the missing fields in the spec.
        alone: Those of them that may be paired with a field of another name, if there is one of
            each.
        unknown: The unknown fields by name, with their types.

    Returns:
        The new names by the pointer of the old.
    """
    gone, alone = list(gone), list(alone)
    known = {name: got for name, got in unknown.items() if name != DATA and "…" not in name}
    rated = sorted(
        (-_likeness(name_at(pointer), name), pointer, name)
        for pointer in gone
        for name, got in known.items()
        if _may_be(spec, pointer, got)
    )
    pairs: dict[str, str] = {}
    for likeness, pointer, name in rated:
        sure = -likeness >= _ALIKE or (alone == gone == [pointer] and len(unknown) == 1)
        if sure and pointer not in pairs and name not in pairs.values():
            pairs[pointer] = name
    return pairs


def owner_of(pointer: str) -> str:
    """Return the pointer of the object that has the field at a pointer."""
    return pointer.rpartition("/properties/")[0]


def name_at(pointer: str) -> str:
    """Return the name of the field or schema at a pointer."""
    return pointer.removesuffix("/items").rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _may_be(spec: StrictSpec, pointer: str, got: tuple[str, ...]) -> bool:
    types = spec.schemas.at(pointer).types
    return types is None or all(
        kind in types or kind == "null" or (kind == "integer" and "number" in types) for kind in got
    )


def _likeness(old: str, new: str) -> float:
    before, after = ({word.lower() for word in _WORDS.findall(name)} for name in (old, new))
    if before <= after or after <= before:
        return 0.9
    return SequenceMatcher(None, old.lower(), new.lower()).ratio()
