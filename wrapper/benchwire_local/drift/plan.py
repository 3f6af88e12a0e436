"""Reads a drift plan: the names of the changes that a server makes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchwire_local.drift.changes import CHANGES
from benchwire_local.errors import PlanError
from benchwire_local.faults.plan_file import read_plan

if TYPE_CHECKING:
    from benchwire_local.drift.messages import Change


@dataclass(frozen=True, slots=True)
class DriftPlan:
    """The changes a server makes; of two that concern one request, the first sees it first."""

    changes: tuple[Change, ...] = ()


def load_drift_plan(source: object) -> DriftPlan:
    """Read a plan from a file, or take one that was built in code.

    Args:
        source: A path, a mapping whose ``drift`` is a list of names, such a list, or a plan that
            was read before.

    Raises:
        PlanError: It can't be read, or names a change that there is not.
    """
    if isinstance(source, DriftPlan):
        return source
    place, plan = read_plan(source, kind="drift plan")
    if isinstance(plan, Mapping):
        if list(plan) != ["drift"]:
            fields = ", ".join(repr(key) for key in plan) or "nothing"
            raise PlanError(f"{place}: must hold drift, and no more; it holds {fields}")
        plan = plan["drift"]
    if not isinstance(plan, Sequence) or isinstance(plan, str | bytes):
        raise PlanError(f"{place}: drift: must be a list of names of changes, not {plan!r}")
    for number, name in enumerate(plan, 1):
        if not isinstance(name, str) or name not in CHANGES:
            near = difflib.get_close_matches(str(name), CHANGES, n=3)
            hint = f"; do you mean {' or '.join(near)}?" if near else ""
            raise PlanError(
                f"{place}: drift {number}: there is no change {name!r}{hint}"
                " `benchwire local drifts` lists them all"
            )
        if name in plan[: number - 1]:
            raise PlanError(f"{place}: drift {number}: {name} is named twice")
    return DriftPlan(tuple(CHANGES[name] for name in plan))
