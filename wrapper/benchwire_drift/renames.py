"""Pairs missing fields with unknown ones that are likely their new names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from benchwire_drift.redaction import DATA
from benchwire_drift.schemas import name_at
from benchwire_drift.specs import StrictSpec

_MIN_SIMILARITY = 0.8
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def likely_renames(
    spec: StrictSpec,
    missing: Iterable[str],
    pairable: Iterable[str],
    unknown: dict[str, tuple[str, ...]],
) -> dict[str, str]:
    """Pair the missing fields of one object with its unknown ones.

    Two are paired if their names are similar, or if there is no other choice; and only if the new
    one has types that the old one allows.

    Args:
        spec: The spec of the object.
        missing: The pointers of the missing fields in the spec.
        pairable: Those of them that may be paired with a field of another name, if there is one of
            each.
        unknown: The unknown fields by name, with their types.

    Returns:
        The new names by the pointer of the old.
    """
    missing, pairable = list(missing), list(pairable)
    known = {name: got for name, got in unknown.items() if name != DATA and "…" not in name}
    rated = sorted(
        (-_similarity(name_at(pointer), name), pointer, name)
        for pointer in missing
        for name, got in known.items()
        if _has_compatible_types(spec, pointer, got)
    )
    is_only_choice = pairable == missing and len(missing) == len(unknown) == 1
    pairs: dict[str, str] = {}
    for rank, pointer, name in rated:
        is_likely = is_only_choice or -rank >= _MIN_SIMILARITY
        if is_likely and pointer not in pairs and name not in pairs.values():
            pairs[pointer] = name
    return pairs


def owner_of(pointer: str) -> str:
    """Return the pointer of the object that has the field at a pointer."""
    return pointer.rpartition("/properties/")[0]


def _has_compatible_types(spec: StrictSpec, pointer: str, got: tuple[str, ...]) -> bool:
    types = spec.schemas.at(pointer).types
    return types is None or all(
        kind in types or kind == "null" or (kind == "integer" and "number" in types) for kind in got
    )


def _similarity(old: str, new: str) -> float:
    before, after = ({word.lower() for word in _WORDS.findall(name)} for name in (old, new))
    if before <= after or after <= before:
        return 0.9
    return SequenceMatcher(None, old.lower(), new.lower()).ratio()
