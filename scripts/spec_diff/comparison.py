"""Comparison of two public surfaces: operations, models, enums, and their parts.

Our own, because no library does it. On PyPI, openapispecdiff is a command that prompts for its files,
and jsoncompat 0.3 compares single JSON schemas; oasdiff and openapi-changes are Go programs. All of
them compare the wire. Whether code that uses the package still works depends on more: a changed
`x-python-name` breaks it, a changed wire name under the same Python name does not, and an enum of a
response is open whatever its schema declares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from openapi.generator.plan import ApiPlan, OperationPlan

from .model import Change, Enum, Grade, Graded, Model, Operation, Surface, Value, by_severity
from .surface import with_renamed_schemas
from .values import compare_values

Thing = TypeVar("Thing")


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
    )
    return by_severity(Change(new.api, grade, text) for grade, text in graded)


@dataclass(frozen=True)
class _Pairs(Generic[Thing]):
    """Things before and after: under the same name, under another, and on one side only."""

    kept: list[tuple[Thing, Thing]]
    renamed: list[tuple[Thing, Thing]]
    removed: list[Thing]
    added: list[Thing]

    @property
    def both(self) -> list[tuple[Thing, Thing]]:
        """The things on both sides."""
        return [*self.kept, *self.renamed]


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
        kept=_common(old, new),
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
    return f"{plan.method} {re.sub(r'{[^}]*}', '{}', plan.path)}"


def _result(plan: OperationPlan) -> str:
    (success,) = plan.successes
    return f"list[{success.model}]" if success.is_list else success.model


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
    (lambda plan: (plan.summary, plan.description), Grade.DOCS, "{name} has another description"),
)  # fmt: skip


def _operation(old: Operation, new: Operation, enums: frozenset[str]) -> Iterator[Graded]:
    name = f"`{new.plan.module}`"
    for fact, grade, text in _FACTS:
        was, now = fact(old.plan), fact(new.plan)
        if was != now:
            yield grade, text.format(name=name, old=was, new=now)
    yield from _arguments(name, old, new, enums)
    before, after = (
        op.plan.statuses.keys() - {str(op.plan.successes[0].status)} for op in (old, new)
    )
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
            yield (
                Grade.BREAKING,
                f"class `{new.plan.name}` is {'sent' if new.plan.strict else 'received'} now",
            )
            continue  # the changes of its fields all follow from that
        yield from _fields(old, new, enums)
        if old.plan.description != new.plan.description:
            yield Grade.DOCS, f"class `{new.plan.name}` has another description"


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
            yield Grade.SEMANTIC, f"{text}, and a response without it is refused"
    for before, after in pairs.both:
        field = f"`{new.plan.name}.{before.plan.python}`"
        yield from compare_values(field, before, after, sent=new.plan.strict, enums=enums)


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
        if old.plan.description != new.plan.description:
            yield Grade.DOCS, f"enum `{new.plan.name}` has another description"
