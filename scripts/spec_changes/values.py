"""Grades what happened to one field or argument.

The two sides of the wire are graded in opposite directions. What a user sends may be let in more
widely; what a user reads may become narrower. In Python's terms: an argument's new type must take
what the old one took, and a field's new type must be one that code for the old one can read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import Grade
from .surface import Value

Graded = tuple[Grade, str]

# The limits by which way is stricter; the others either are there or are not.
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")


def compare_values(
    name: str, old: Value, new: Value, *, sent: bool, enums: frozenset[str]
) -> Iterator[Graded]:
    """Grade every difference between a field or argument before and after.

    Args:
        name: What to call it.
        old: It before.
        new: It after.
        sent: Whether users give it, rather than read it.
        enums: The names of the enums: their members are strings.
    """
    yield from _names(name, old, new)
    if old.place != new.place:
        yield Grade.BREAKING, f"{name} is in the {new.place}, was in the {old.place}"
    types = _sent_type if sent else _read_type
    yield from types(name, old, new, enums)
    if old.secret != new.secret:
        state = "kept out of" if new.secret else "shown in"
        yield Grade.SEMANTIC, f"{name} is {state} its repr and errors"
    if old.default != new.default:
        was, now = (value.default or "not told" for value in (old, new))
        yield Grade.SEMANTIC, f"the service's default of {name} is {now}, was {was}"
    for limit in sorted(old.limits.keys() | new.limits.keys()):
        yield from _limit(name, limit, old.limits.get(limit), new.limits.get(limit), sent=sent)
    if old.open != new.open and _is_enum(old, enums) and _is_enum(new, enums):
        # The clients read unknown values as text, and send none, whatever the spec says.
        state = "open" if new.open else "closed"
        yield Grade.DOCS, f"the enum of {name} is called {state} in the spec"
    if old.docs != new.docs:
        yield Grade.DOCS, f"{name} is described in other words"


def parts(annotation: str) -> frozenset[str]:
    """The members of a union; a union inside brackets stays whole."""
    found, depth, member = set(), 0, ""
    for character in annotation + "|":
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "|" and not depth:
            found.add(member.strip())
            member = ""
        else:
            member += character
    return frozenset(found)


def _names(name: str, old: Value, new: Value) -> Iterator[Graded]:
    if old.python != new.python:
        yield Grade.BREAKING, f"{name} is now called `{new.python}`"
    elif old.wire != new.wire and new.place != "path":  # a path has no names on the wire
        yield Grade.SEMANTIC, f"{name} is `{new.wire}` on the wire, was `{old.wire}`"


def _sent_type(name: str, old: Value, new: Value, enums: frozenset[str]) -> Iterator[Graded]:
    if old.type != new.type:
        wider = _fits(old.type, new.type, enums)
        grade = Grade.ADDITIVE if wider else Grade.BREAKING
        yield grade, f"{name} takes `{new.type}`, took `{old.type}`"
    if new.required and not old.required:
        yield Grade.BREAKING, f"{name} must be given"
    if old.required and not new.required:
        yield Grade.ADDITIVE, f"{name} may be left out"


def _read_type(name: str, old: Value, new: Value, enums: frozenset[str]) -> Iterator[Graded]:
    demanded = new.required and not old.required
    refused = ", and an answer without it is refused" if demanded else ""
    if old.type != new.type:
        # Any can be read as anything, so nothing that follows it can be read alike.
        readable = _fits(new.type, old.type, enums) and (old.type != "Any")
        if not readable:
            grade = Grade.BREAKING
        elif demanded or not _fits(old.type, new.type, enums) or _members_lost(old, new, enums):
            # It reads as before. But an answer that was fine may be refused, so may code that makes
            # such an object itself; and a text that was a member is one no longer.
            grade = Grade.SEMANTIC
        else:
            grade = Grade.ADDITIVE
        yield grade, f"{name} is `{new.type}`, was `{old.type}`{refused}"
    elif demanded:
        yield Grade.SEMANTIC, f"{name} is always there{refused}"
    elif old.required and not new.required:
        yield Grade.ADDITIVE, f"{name} may be absent from an answer, and is `{new.type}` then too"


def _members_lost(old: Value, new: Value, enums: frozenset[str]) -> bool:
    return bool(parts(old.type) & enums - parts(new.type))


def _fits(given: str, taken: str, enums: frozenset[str]) -> bool:
    """Whether a value of one annotation can stand where the other is asked for."""
    into = parts(taken)
    return "Any" in into or all(_takes(part, into, enums) for part in parts(given))


def _takes(part: str, into: frozenset[str], enums: frozenset[str]) -> bool:
    if part in into:
        return True
    if part in enums:  # a StrEnum
        return "str" in into
    return "float" in into and part == "int"


def _limit(name: str, limit: str, was: Any, now: Any, *, sent: bool) -> Iterator[Graded]:
    if was == now:
        return
    after, before = ("none" if value is None else value for value in (now, was))
    text = f"{limit} of {name} is {after}, was {before}"
    if not sent:  # nothing checks the limits of what is read
        yield Grade.DOCS, text
    elif now is None or now is False or _looser(limit.partition(" ")[0], was, now):
        yield Grade.ADDITIVE, text
    else:
        yield Grade.BREAKING, text


def _looser(limit: str, was: Any, now: Any) -> bool:
    if was is None:
        return False
    if limit in _UPPER:
        return bool(now > was)
    return limit in _LOWER and bool(now < was)


def _is_enum(value: Value, enums: frozenset[str]) -> bool:
    return not enums.isdisjoint(parts(value.type))
