"""Parsing and validation of fault plans. A plan with any unknown or invalid part is rejected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchwire_local.errors import PlanError
from benchwire_local.faults.kinds import FAULTS, LIST_LAG
from benchwire_local.faults.path_pattern import PathPattern
from benchwire_local.faults.plan_file import read_plan
from benchwire_local.http.operations import operation_names

_EVERYTHING = "*"
_LAGGING = ("v0.listJobs", "v0.getJob")
_PATTERN = re.compile(r"(\*|[A-Z]+) (/[!-~]*)")
_HOW_OFTEN: Final = ("probability", "nth", "count")
_PLAN_KEYS = ("seed", "rules")


@dataclass(frozen=True, slots=True)
class RequestPattern:
    """The requests of a rule: an operation, or a method and a pattern of the path."""

    operation: str | None = None
    method: str = _EVERYTHING
    path: PathPattern | None = None

    def matches(self, operation: str | None, method: str, raw_path: str) -> bool:
        """Return whether a request matches."""
        if self.operation is not None:
            return operation == self.operation
        return self.method in (_EVERYTHING, method) and (
            self.path is None or self.path.matches(raw_path)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a plan.

    Args:
        fault: A name of :data:`~benchwire_local.faults.kinds.FAULTS`.
        targets: The requests that it matches.
        parameters: All parameters of the fault.
        probability: The probability of failing a request; ``None`` means 1.
        nth: The numbers of the matching requests to fail, from 1; ``None`` means all.
        count: The maximum of failed requests; ``None`` means no limit.
    """

    fault: str
    targets: tuple[RequestPattern, ...]
    parameters: Mapping[str, Any]
    probability: float | None = None
    nth: frozenset[int] | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """The rules of a plan, and the seed of its random numbers."""

    rules: tuple[Rule, ...] = ()
    seed: int = 0


def load_fault_plan(source: object) -> FaultPlan:
    """Parse and validate a fault plan.

    Args:
        source: A path, a mapping with ``rules`` and ``seed``, a list of rules, or a parsed plan.

    Raises:
        PlanError: It can't be read or is invalid: the message has file, rule and field, and the
            allowed values.
    """
    if isinstance(source, FaultPlan):
        return source
    try:
        return _plan(*read_plan(source))
    except PlanError:
        raise
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        # Of values that can't be compared or shown: nested too deeply, or with too many digits.
        raise PlanError(f"the fault plan: a value can't be used: {error}") from None


def _plan(name: str, plan: object) -> FaultPlan:
    if isinstance(plan, Sequence) and not isinstance(plan, str | bytes):
        plan = {"rules": plan}
    if not isinstance(plan, Mapping):
        raise PlanError(f"{name}: must be a mapping with rules, or a list of rules")
    _check_fields(name, plan, _PLAN_KEYS)
    seed, rules = plan.get("seed", 0), plan.get("rules")
    if type(seed) is not int:
        raise PlanError(f"{name}: seed: must be a whole number, not {seed!r}")
    if not isinstance(rules, Sequence) or isinstance(rules, str | bytes):
        raise PlanError(f"{name}: rules: must be a list of rules, not {rules!r}")
    return FaultPlan(
        tuple(_rule(f"{name}: rule {number}", rule) for number, rule in enumerate(rules, 1)), seed
    )


def _rule(location: str, rule: object) -> Rule:
    if not isinstance(rule, Mapping):
        raise PlanError(f"{location}: must be a mapping, not {rule!r}")
    name = rule.get("fault")
    if not isinstance(name, str) or name not in FAULTS:
        problem = "missing" if "fault" not in rule else f"there is no fault {name!r}"
        raise PlanError(f"{location}: fault: {problem}; allowed: {', '.join(FAULTS)}")
    parameters = FAULTS[name].parameters
    _check_fields(location, rule, ("fault", "operations", *parameters, *_HOW_OFTEN))
    values = {}
    for key, parameter in parameters.items():
        if key not in rule and parameter.required:
            raise PlanError(f"{location}: {key}: required for {name}: {parameter.allowed}")
        if key in rule and not parameter.is_valid(rule[key]):
            raise PlanError(f"{location}: {key}: must be {parameter.allowed}, not {rule[key]!r}")
        values[key] = rule.get(key, parameter.default)
    return Rule(name, _targets(location, name, rule), values, **_how_often(location, rule))


def _check_fields(location: str, fields: Mapping[Any, Any], allowed: Sequence[str]) -> None:
    for key in fields:
        if key not in allowed:
            raise PlanError(
                f"{location}: there is no field {key!r} here; allowed: {', '.join(allowed)}"
            )


def _how_often(location: str, rule: Mapping[Any, Any]) -> dict[str, Any]:
    if "nth" in rule and (more := [key for key in ("probability", "count") if key in rule]):
        raise PlanError(f"{location}: {more[0]}: not allowed together with nth")
    found: dict[str, Any] = {}
    if "probability" in rule:
        value = rule["probability"]
        if type(value) not in (int, float) or not 0 <= value <= 1:
            raise PlanError(f"{location}: probability: must be a number from 0 to 1, not {value!r}")
        found["probability"] = float(value)
    if "nth" in rule:
        value = rule["nth"]
        numbers = value if isinstance(value, list | tuple) else [value]
        if not numbers or not all(type(number) is int and number > 0 for number in numbers):
            raise PlanError(
                f"{location}: nth: must be a whole number from 1, or a list of them, not {value!r}"
            )
        found["nth"] = frozenset(numbers)
    if "count" in rule:
        value = rule["count"]
        if type(value) is not int or value < 1:
            raise PlanError(f"{location}: count: must be a whole number from 1, not {value!r}")
        found["count"] = value
    return found


def _targets(location: str, fault: str, rule: Mapping[Any, Any]) -> tuple[RequestPattern, ...]:
    location += ": operations"
    lagging = fault == LIST_LAG
    if "operations" not in rule and not lagging:
        raise PlanError(f"{location}: missing; {_TARGETS_ALLOWED}")
    value = rule.get("operations", list(_LAGGING))
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names:
        raise PlanError(f"{location}: must be {_TARGETS_ALLOWED}, not {value!r}")
    targets = tuple(_request_pattern(location, name) for name in names)
    for target, name in zip(targets, names, strict=True):
        if lagging and target.operation not in _LAGGING:
            raise PlanError(
                f"{location}: {fault} is for {' and '.join(_LAGGING)} only, not {name!r}"
            )
    return targets


_TARGETS_ALLOWED = (
    "an operation (submitJob, v0.listBenchmarks), a method and a path (GET /v0/jobs/*; * is any"
    " method, or any text without a slash, ** any text), * for everything, or a list of these"
)


def _request_pattern(location: str, value: object) -> RequestPattern:
    if value == _EVERYTHING:
        return RequestPattern()
    if not isinstance(value, str):
        raise PlanError(f"{location}: must be {_TARGETS_ALLOWED}, not {value!r}")
    if pattern := _PATTERN.fullmatch(value):
        return RequestPattern(method=pattern[1], path=PathPattern(pattern[2]))
    names = operation_names()
    found = [name for name in names if value in (name, name.partition(".")[2])]
    if len(found) == 1:
        return RequestPattern(operation=found[0])
    if found:
        raise PlanError(f"{location}: {value!r} may be {' or '.join(found)}; add the API")
    raise PlanError(
        f"{location}: there is no operation {value!r}, nor is it a method and a path, such as"
        f" GET /v0/jobs/*. Operations: {', '.join(names)}"
    )
