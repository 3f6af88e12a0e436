"""Comparison of one field or argument in two states.

The two directions of the wire are graded oppositely: a value that users send may become wider, a
value that they read may become narrower. In Python's terms, an argument's new type must accept
every value of the old one, and code for a field's old type must be able to read the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import Grade, Graded, Value

# The limits that have a direction; the others are either present or not.
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")


def compare_values(
    name: str, old: Value, new: Value, *, sent: bool, enums: frozenset[str]
) -> Iterator[Graded]:
    """Yield every difference between two states of a field or argument, graded.

    Args:
        name: Its name for the texts.
        old: Its state before.
        new: Its state after.
        sent: Whether users send it, rather than read it.
        enums: The names of the enums: their members are strings.
    """
    if old.plan.python != new.plan.python:
        yield Grade.BREAKING, f"{name} is now called `{new.plan.python}`"
    elif (
        old.plan.wire != new.plan.wire and new.location != "path"
    ):  # names of path parameters are not sent
        yield Grade.SEMANTIC, f"{name} is `{new.plan.wire}` on the wire, was `{old.plan.wire}`"
    if old.location != new.location:
        yield Grade.BREAKING, f"{name} is in the {new.location}, was in the {old.location}"
    compare_types = _compare_sent if sent else _compare_read
    yield from compare_types(name, old, new, enums)
    if old.plan.secret != new.plan.secret:
        state = "redacted" if new.plan.secret else "shown"
        yield Grade.SEMANTIC, f"{name} is {state} in its repr and errors"
    if old.default != new.default:
        was, now = (value.default or "undocumented" for value in (old, new))
        yield Grade.SEMANTIC, f"the service's default of {name} is {now}, was {was}"
    for limit in sorted(old.limits.keys() | new.limits.keys()):
        yield from _limit(name, limit, old.limits.get(limit), new.limits.get(limit), sent=sent)
    if old.open != new.open and all(enums & parts(value.type) for value in (old, new)):
        # The clients read unknown values as text, and send none, whatever the spec declares.
        state = "open" if new.open else "closed"
        yield Grade.DOCS, f"the enum of {name} is {state} in the spec"
    if old.plan.description != new.plan.description:
        yield Grade.DOCS, f"{name} has another description"


def parts(annotation: str) -> frozenset[str]:
    """Return the members of a union; a union inside brackets is not split."""
    members, depth, member = set(), 0, ""
    for character in annotation + "|":
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "|" and not depth:
            members.add(member.strip())
            member = ""
        else:
            member += character
    return frozenset(members)


def _compare_sent(name: str, old: Value, new: Value, enums: frozenset[str]) -> Iterator[Graded]:
    if old.type != new.type:
        grade = Grade.ADDITIVE if _accepts(new.type, old.type, enums) else Grade.BREAKING
        yield grade, f"{name} takes `{new.type}`, took `{old.type}`"
    if new.plan.required and not old.plan.required:
        yield Grade.BREAKING, f"{name} must be given"
    if old.plan.required and not new.plan.required:
        yield Grade.ADDITIVE, f"{name} may be left out"


def _compare_read(name: str, old: Value, new: Value, enums: frozenset[str]) -> Iterator[Graded]:
    newly_required = new.plan.required and not old.plan.required
    consequence = ", and a response without it is refused" if newly_required else ""
    if old.type != new.type:
        # Code for Any may read anything, so no other type is safe for it.
        if not _accepts(old.type, new.type, enums) or old.type == "Any":
            grade = Grade.BREAKING
        elif (
            newly_required
            or not _accepts(new.type, old.type, enums)
            or parts(old.type) & enums - parts(new.type)
        ):
            # Code reads it as before. But a response that was valid may be refused, code that
            # builds such an object may fail, and what was an enum member may be a plain string.
            grade = Grade.SEMANTIC
        else:
            grade = Grade.ADDITIVE
        yield grade, f"{name} is `{new.type}`, was `{old.type}`{consequence}"
    elif newly_required:
        yield Grade.SEMANTIC, f"{name} is always present{consequence}"
    elif old.plan.required and not new.plan.required:
        yield Grade.ADDITIVE, f"{name} may be absent from a response, and is then also `{new.type}`"


def _accepts(expected: str, actual: str, enums: frozenset[str]) -> bool:
    """Whether every value of the actual annotation is one of the expected annotation."""
    members = parts(expected)
    return "Any" in members or all(
        part in members
        or (part in enums and "str" in members)  # an enum is a StrEnum
        or (part == "int" and "float" in members)
        for part in parts(actual)
    )


def _limit(name: str, limit: str, was: Any, now: Any, *, sent: bool) -> Iterator[Graded]:
    if was == now:
        return
    after, before = ("none" if value is None else value for value in (now, was))
    text = f"{limit} of {name} is {after}, was {before}"
    if not sent:  # limits of what is read are not checked
        yield Grade.DOCS, text
    elif now is None or now is False or _is_looser(limit.partition(" ")[0], was, now):
        yield Grade.ADDITIVE, text
    else:
        yield Grade.BREAKING, text


def _is_looser(limit: str, was: Any, now: Any) -> bool:
    if was is None:
        return False
    return bool(now > was) if limit in _UPPER else limit in _LOWER and bool(now < was)
