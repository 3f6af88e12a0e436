"""Comparison of two public surfaces: operations, models, enums, and their parts.

Our own, because the libraries compare the wire, and an `x-python-name` matters as much to users.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from openapi.generator.plans import ApiPlan, EnumPlan, ModelPlan, OperationPlan, SuccessPlan
from openapi.generator.schemas import TypePlan

from .document import document_changes
from .grades import Change, Grade, Graded, by_severity
from .surface import Enum, Model, Operation, Surface, Value, with_renamed_schemas

Thing = TypeVar("Thing")
# The limits that have a direction; the others are either present or not.
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")


def compare(old: Surface, new: Surface) -> list[Change]:
    """Return every change for users between two states of one API, most severe first."""
    models = _pair(old.models, new.models, _have_same_fields)
    enums = _pair(old.enums, new.enums, lambda a, b: a.members == b.members)
    renamed = {a.plan.name: b.plan.name for pairs in (models, enums) for a, b in pairs.renamed}
    # With the new names in the old state, a rename is one change, not one per use of the class.
    old = with_renamed_schemas(old, renamed)
    graded = (
        *_service(old.plan, new.plan),
        *_operations(old, new),
        *_presence("class", models, lambda model: model.plan.name),
        *_models(_common(old.models, new.models), frozenset(new.enums)),
        *_presence("enum", enums, lambda enum: enum.plan.name),
        *_enums(_common(old.enums, new.enums)),
        *((Grade.DOCS, text) for text in document_changes(old.spec, new.spec)),
    )
    return by_severity(Change(new.api, grade, text) for grade, text in graded)


@dataclass(frozen=True)
class _Pairs(Generic[Thing]):
    """Things on both sides, those of them under another name, and those on one side only."""

    both: list[tuple[Thing, Thing]]
    renamed: list[tuple[Thing, Thing]]
    removed: list[Thing]
    added: list[Thing]


def _pair(
    old: Mapping[str, Thing], new: Mapping[str, Thing], are_alike: Callable[[Thing, Thing], bool]
) -> _Pairs[Thing]:
    """Pair things by name, and the rest by likeness where exactly one fits exactly one."""
    removed = [old[name] for name in old if name not in new]
    added = [new[name] for name in new if name not in old]
    renamed = []
    for before in removed:
        matches = [thing for thing in added if are_alike(before, thing)]
        if len(matches) == 1 and sum(are_alike(thing, matches[0]) for thing in removed) == 1:
            renamed.append((before, matches[0]))
    return _Pairs(
        both=[*_common(old, new), *renamed],
        renamed=renamed,
        removed=[thing for thing in removed if all(thing is not before for before, _ in renamed)],
        added=[thing for thing in added if all(thing is not after for _, after in renamed)],
    )


def _have_same_fields(old: Model, new: Model) -> bool:
    types = [{wire: value.type for wire, value in model.fields.items()} for model in (old, new)]
    return old.plan.strict == new.plan.strict and types[0] == types[1]


def _are_same_value(old: Value, new: Value) -> bool:
    a, b = old.plan, new.plan
    same = (old.type, a.required, old.location) == (new.type, b.required, new.location)
    return same and (a.description == b.description or a.python == b.python)


def _common(old: Mapping[str, Thing], new: Mapping[str, Thing]) -> list[tuple[Thing, Thing]]:
    return [(old[name], new[name]) for name in old if name in new]


def _presence(noun: str, pairs: _Pairs[Thing], name: Callable[[Thing], str]) -> Iterator[Graded]:
    for thing in pairs.removed:
        yield Grade.BREAKING, f"{noun} `{name(thing)}` is gone"
    for thing in pairs.added:
        yield Grade.ADDITIVE, f"{noun} `{name(thing)}` is new"
    for before, after in pairs.renamed:
        yield Grade.BREAKING, f"{noun} `{name(before)}` is now called `{name(after)}`"


def _service(old: ApiPlan, new: ApiPlan) -> Iterator[Graded]:
    if old.base_url != new.base_url:
        yield Grade.SEMANTIC, f"the base URL is {new.base_url}, was {old.base_url}"
    if old.other_servers != new.other_servers:
        was, now = (", ".join(each.other_servers) or "none" for each in (old, new))
        yield Grade.DOCS, f"the other servers are {now}, were {was}"
    was, now = (f"{plan.auth_header} {plan.auth_prefix}".strip() for plan in (old, new))
    if was != now:
        yield Grade.SEMANTIC, f"the key is sent as `{now}`, was sent as `{was}`"


def _operations(old: Surface, new: Surface) -> Iterator[Graded]:
    enums = frozenset(old.enums) | frozenset(new.enums)
    pairs = _pair(old.operations, new.operations, lambda a, b: _request(a.plan) == _request(b.plan))
    yield from _presence("operation", pairs, lambda operation: operation.plan.module)
    for before, after in pairs.both:
        yield from _operation(before, after, enums)


def _request(plan: OperationPlan) -> str:
    """Return the method and path, without the names of path parameters, which are not sent."""
    return f"{plan.method} {re.sub(r'{[^{}]*}', '{}', plan.path)}"


def _result(plan: OperationPlan) -> str:
    (success,) = plan.successes
    return f"list[{success.model}]" if success.is_list else success.model or "None"


def _told_apart(union: SuccessPlan | TypePlan) -> str:
    tag = f"`{union.tag}`: " if union.tag else ""
    return tag + ", ".join(f"`{value}` ({name})" for value, name in union.kinds) or "nothing"


# What is compared of an operation as a whole, the grade of a change, and its text.
_FACTS: tuple[tuple[Callable[[OperationPlan], object], Grade, str], ...] = (
    (lambda plan: plan.tag, Grade.BREAKING, "{name} is in `api.{new}`, was in `api.{old}`"),
    (_request, Grade.SEMANTIC, "{name} sends {new}, sent {old}"),
    (lambda plan: f"`{plan.body}`" if plan.body else "no body", Grade.BREAKING,
     "{name} takes {new}, took {old}"),
    (_result, Grade.BREAKING, "{name} returns `{new}`, returned `{old}`"),
    (lambda plan: plan.successes[0].status, Grade.SEMANTIC,
     "{name} takes status {new} for success, took {old}"),
    (lambda plan: plan.error, Grade.BREAKING, "the errors of {name} hold `{new}`, held `{old}`"),
    (lambda plan: plan.needs_key, Grade.SEMANTIC, "{name} needs a key: {new}, was {old}"),
    (lambda plan: plan.once, Grade.SEMANTIC, "{name} is sent once: {new}, was {old}"),
    (lambda plan: plan.deprecated, Grade.ADDITIVE, "{name} is deprecated: {new}, was {old}"),
    (lambda plan: plan.python.get("x-python-method", "that of its name"), Grade.BREAKING,
     "the SDK's method of {name} is {new}, was {old}"),
    (lambda plan: {k: v for k, v in plan.python.items() if k != "x-python-method"}, Grade.BREAKING,
     "the extensions of {name} are {new}, were {old}"),
    (lambda plan: _told_apart(plan.successes[0]), Grade.SEMANTIC,
     "what {name} returns is told apart by {new}, was by {old}"),
    (lambda plan: (plan.summary, plan.description, plan.successes[0].description), Grade.DOCS,
     "{name} has another description"),
)  # fmt: skip


def _operation(old: Operation, new: Operation, enums: frozenset[str]) -> Iterator[Graded]:
    name = f"`{new.plan.module}`"
    for fact, grade, text in _FACTS:
        was, now = fact(old.plan), fact(new.plan)
        if was != now:
            yield grade, text.format(name=name, old=was, new=now)
    yield from _arguments(name, old, new, enums)
    plans = (old.plan, new.plan)
    before, after = (plan.statuses.keys() - {str(plan.successes[0].status)} for plan in plans)
    for status in sorted(before ^ after):
        state = "no longer documented" if status in before else "documented"
        yield Grade.DOCS, f"status {status} of {name} is {state}"


def _arguments(
    name: str, old: Operation, new: Operation, enums: frozenset[str]
) -> Iterator[Graded]:
    pairs = _pair(old.arguments, new.arguments, _are_same_value)
    for value in pairs.removed:
        yield Grade.BREAKING, f"{name} no longer takes `{value.plan.python}`"
    for value in pairs.added:
        grade, verb = (Grade.BREAKING, "must") if value.plan.required else (Grade.ADDITIVE, "may")
        yield grade, f"{name} {verb} be given `{value.plan.python}: {value.type}`"
    previous = {id(after): id(before) for before, after in pairs.both}
    was, now = (_positional(op.arguments.values()) for op in (old, new))
    is_reordered = [previous.get(id(value)) for value in now] != [id(value) for value in was]
    if is_reordered and not _positional([*pairs.removed, *pairs.added]):
        yield Grade.BREAKING, f"the positional arguments of {name} have another order"
    for before, after in pairs.both:
        argument = f"`{before.plan.python}` of {name}"
        yield from compare_values(argument, before, after, sent=True, enums=enums)


def _positional(arguments: Iterable[Value]) -> list[Value]:
    return [value for value in arguments if value.location == "path"]


def _models(pairs: list[tuple[Model, Model]], enums: frozenset[str]) -> Iterator[Graded]:
    for old, new in pairs:
        if old.plan.strict != new.plan.strict:
            direction = "sent" if new.plan.strict else "received"
            yield Grade.BREAKING, f"class `{new.plan.name}` is {direction} now"
            continue  # the changes of its fields all follow from that
        yield from _fields(old, new, enums)
        yield from _computed(old.plan, new.plan)
        yield from _named(old.plan, new.plan)


def _fields(old: Model, new: Model, enums: frozenset[str]) -> Iterator[Graded]:
    pairs = _pair(old.fields, new.fields, _are_same_value)
    for value in pairs.removed:
        yield Grade.BREAKING, f"`{new.plan.name}.{value.plan.python}` is gone"
    for value in pairs.added:
        text = f"`{new.plan.name}.{value.plan.python}: {value.type}` is new"
        if not value.plan.required:
            yield Grade.ADDITIVE, text
        elif new.plan.strict:
            yield Grade.BREAKING, f"{text} and must be given"
        else:
            yield Grade.SEMANTIC, text + _presence_of(value)
    for before, after in pairs.both:
        field = f"`{new.plan.name}.{before.plan.python}`"
        yield from compare_values(field, before, after, sent=new.plan.strict, enums=enums)


def _computed(old: ModelPlan, new: ModelPlan) -> Iterator[Graded]:
    before, after = ({each.name: each for each in plan.computed} for plan in (old, new))
    for name in sorted(before.keys() | after.keys()):
        was, now, attribute = before.get(name), after.get(name), f"`{new.name}.{name}`"
        if now is None:
            yield Grade.BREAKING, f"{attribute} is gone"
        elif was is None:
            yield Grade.ADDITIVE, f"`{new.name}.{name}: {now.returns}` is new"
        elif was.returns != now.returns:
            yield Grade.BREAKING, f"{attribute} is `{now.returns}`, was `{was.returns}`"
        elif was.expression != now.expression:
            yield Grade.SEMANTIC, f"{attribute} is `{now.expression}`, was `{was.expression}`"
        elif was.description != now.description:
            yield Grade.DOCS, f"{attribute} has another description"


def _enums(pairs: list[tuple[Enum, Enum]]) -> Iterator[Graded]:
    for old, new in pairs:
        for value, member in old.members.items():
            name, now = f"`{new.plan.name}.{member}` (`{value}`)", new.members.get(value)
            if now is None:
                yield Grade.BREAKING, f"{name} is gone"
            elif now != member:
                yield Grade.BREAKING, f"{name} is now called `{now}`"
        for value, member in new.members.items():
            if value not in old.members:
                yield Grade.ADDITIVE, f"`{new.plan.name}.{member}` (`{value}`) is new"
        yield from _named(old.plan, new.plan)


def _named(old: ModelPlan | EnumPlan, new: ModelPlan | EnumPlan) -> Iterator[Graded]:
    was, now = old.python or old.name, new.python or new.name
    if was != now and old.name == new.name:
        yield Grade.BREAKING, f"`benchwire.models.{was}` is now called `{now}`"
    if old.description != new.description:
        yield Grade.DOCS, f"`{new.name}` has another description"


# ---- one field or argument in two states -----------------------------------------------------
#
# The two directions of the wire are graded oppositely: a value that users send may become wider, a
# value that they read may become narrower. In Python's terms, an argument's new type must accept
# every value of the old one, and code for a field's old type must be able to read the new one.


def compare_values(
    name: str, old: Value, new: Value, *, sent: bool, enums: frozenset[str]
) -> Iterator[Graded]:
    """Yield every difference between two states of a field or argument, graded.

    It is sent by users, or read. The members of the named enums are strings.
    """
    if old.plan.python != new.plan.python:
        yield Grade.BREAKING, f"{name} is now called `{new.plan.python}`"
    elif old.plan.wire != new.plan.wire and new.location != "path":  # those names are not sent
        yield Grade.SEMANTIC, f"{name} is `{new.plan.wire}` on the wire, was `{old.plan.wire}`"
    if old.location != new.location:
        yield Grade.BREAKING, f"{name} is in the {new.location}, was in the {old.location}"
    compare_types = _compare_sent if sent else _compare_read
    yield from compare_types(name, old, new, enums)
    if old.plan.secret != new.plan.secret:
        state = "redacted" if new.plan.secret else "shown"
        yield Grade.SEMANTIC, f"{name} is {state} in its repr and errors"
    yield from _compare_flags(name, old, new)
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


def _compare_flags(name: str, old: Value, new: Value) -> Iterator[Graded]:
    was, now = old.plan, new.plan
    if was.deprecated != now.deprecated:
        yield Grade.ADDITIVE, f"{name} is {'' if now.deprecated else 'no longer '}deprecated"
    if was.sent_if_true != now.sent_if_true:
        yield Grade.SEMANTIC, f"{name} is {'not sent' if now.sent_if_true else 'sent'} if false"
    if was.lenient != now.lenient:
        consequence = "leaves it `None`" if now.lenient else "refuses a response"
        yield Grade.SEMANTIC, f"a value of another type than that of {name} {consequence}"
    if was.positional != now.positional and was.required == now.required:
        grade = Grade.ADDITIVE if now.positional else Grade.BREAKING
        yield grade, f"{name} may {'' if now.positional else 'no longer '}be passed by position"
    if was.requires != now.requires:
        grade = Grade.BREAKING if now.requires else Grade.ADDITIVE
        yield grade, f"{name} needs {now.requires or 'nothing'}, needed {was.requires or 'nothing'}"
    if _told_apart(was.type) != _told_apart(now.type):
        text = f"{name} is told apart by {_told_apart(now.type)}, was by {_told_apart(was.type)}"
        yield Grade.SEMANTIC, text
    if old.examples != new.examples:
        yield Grade.DOCS, f"{name} has other examples"


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
    consequence = _presence_of(new) if newly_required else ""
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


def _presence_of(value: Value) -> str:
    """Return what follows from a field that is required of what is read."""
    if value.plan.must_be_present:
        return ", and a response without it is refused"
    return ", and code that builds such an object must give it"


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
    elif now is None or now is False:
        yield Grade.ADDITIVE, text
    else:
        kind = limit.partition(" ")[0]
        low, high = (was, now) if kind in _UPPER else (now, was)
        has_direction = kind in {*_UPPER, *_LOWER} and was is not None
        is_looser = has_direction and low < high
        yield (Grade.ADDITIVE if is_looser else Grade.BREAKING), text
