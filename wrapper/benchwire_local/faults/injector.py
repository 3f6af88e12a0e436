"""Selection of the requests that fail: the rules of a plan, with their counts.

Every rule counts every request that it matches, whether or not another rule fails it, so that plans
can be read as scripts: the first submission does this, the second that. Random numbers depend only
on the plan's seed and the rule's position: the same requests in the same order fail the same way.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchwire_local.faults.kinds import LIST_LAG

if TYPE_CHECKING:
    from benchwire_local.faults.plan import FaultPlan, Rule


@dataclass(frozen=True, slots=True)
class Decision:
    """The first rule that fires for a request, and the lag of the job lists in seconds."""

    number: int = 0
    rule: Rule | None = None
    list_lag: float | None = None


@dataclass(slots=True)
class _Counted:
    """A rule, with the numbers of requests that it matched and failed."""

    rule: Rule
    rng: random.Random
    matched: int = 0
    fired: int = 0

    def fires(self) -> bool:
        self.matched += 1
        # Drawn for every request, so that later draws do not depend on the outcome.
        drawn = self.rule.probability is None or self.rng.random() < self.rule.probability
        return (
            drawn
            and (self.rule.nth is None or self.matched in self.rule.nth)
            and (self.rule.count is None or self.fired < self.rule.count)
        )


class FaultInjector:
    """The fault plan of a server; it can be replaced while the server runs.

    It has no lock, which a signal's handler could meet, or leave acquired by raising: the event loop
    alone counts, and the rules are replaced in one step.
    """

    def __init__(self, plan: FaultPlan) -> None:
        self._rules: list[_Counted] = []
        self._stopping = asyncio.Event()
        self.load(plan)

    def load(self, plan: FaultPlan) -> None:
        """Replace the plan from the next request on; all counts restart at zero."""
        self._rules = [
            _Counted(rule, random.Random(f"{plan.seed} {number}"))  # noqa: S311  repeatable
            for number, rule in enumerate(plan.rules, 1)
        ]

    @property
    def fired(self) -> tuple[int, ...]:
        """The number of requests that each rule has failed so far."""
        return tuple(counted.fired for counted in self._rules)

    def decide(self, operation: str | None, method: str, raw_path: str) -> Decision:
        """Count a request, and return the decision about it."""
        number, chosen, lag = 0, None, None
        for position, counted in enumerate(self._rules, 1):
            rule = counted.rule
            if not any(t.matches(operation, method, raw_path) for t in rule.targets):
                continue
            if not counted.fires():
                continue
            if rule.fault == LIST_LAG:
                # In addition to other faults: a list can lag and fail.
                if lag is None:
                    lag = rule.parameters["seconds"]
                    counted.fired += 1
            elif chosen is None:
                number, chosen = position, rule
                counted.fired += 1
        return Decision(number, chosen, lag)

    async def pause(self, seconds: float) -> bool:
        """Wait; return whether the server is still running."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return True
        return False

    def stop(self) -> None:
        """End all pauses, because the server stops. Call it in the server's event loop."""
        self._stopping.set()
