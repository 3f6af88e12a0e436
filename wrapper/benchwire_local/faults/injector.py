"""Decides which requests fail: the rules of a plan, and how often each was met.

Every rule counts every request it is for, whether another rule failed it or not, so that plans can
be read as scripts: the first submission does this, the second that. Draws come from the plan's seed
and the rule's place; the same requests in the same order fail the same way.
"""

from __future__ import annotations

import asyncio
import random
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchwire_local.faults.kinds import LIST_LAG

if TYPE_CHECKING:
    from benchwire_local.faults.plan import FaultPlan, Rule


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to a request: the first rule that fires, and by how far the lists lag."""

    number: int = 0
    rule: Rule | None = None
    list_lag: float | None = None


@dataclass(slots=True)
class _Counted:
    """A rule, with how many requests it met and failed."""

    rule: Rule
    rng: random.Random
    met: int = 0
    fired: int = field(default=0)

    def fires(self) -> bool:
        self.met += 1
        # Drawn for every request, so that what one rule does shifts no later draw.
        drawn = self.rule.probability is None or self.rng.random() < self.rule.probability
        return (
            drawn
            and (self.rule.nth is None or self.met in self.rule.nth)
            and (self.rule.count is None or self.fired < self.rule.count)
        )


class FaultInjector:
    """The plan of one server; it can be changed while the server runs."""

    def __init__(self, plan: FaultPlan) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Counted] = []
        self._stopping = asyncio.Event()
        self.load(plan)

    def load(self, plan: FaultPlan) -> None:
        """Go by another plan from the next request on, with all counts at zero."""
        rules = [
            _Counted(rule, random.Random(f"{plan.seed} {number}"))  # noqa: S311  repeatable
            for number, rule in enumerate(plan.rules, 1)
        ]
        with self._lock:
            self._rules = rules

    @property
    def fired(self) -> tuple[int, ...]:
        """How many requests each rule of the plan has failed so far."""
        with self._lock:
            return tuple(counted.fired for counted in self._rules)

    def decide(self, operation: str | None, method: str, raw_path: str) -> Decision:
        """Count a request, and say what happens to it."""
        number, chosen, lag = 0, None, None
        with self._lock:
            for place, counted in enumerate(self._rules, 1):
                rule = counted.rule
                if not any(t.matches(operation, method, raw_path) for t in rule.targets):
                    continue
                if not counted.fires():
                    continue
                if rule.fault == LIST_LAG:
                    # Beside the others, not instead of them: a list lags and fails, too.
                    if lag is None:
                        lag = rule.parameters["seconds"]
                        counted.fired += 1
                elif chosen is None:
                    number, chosen = place, rule
                    counted.fired += 1
        return Decision(number, chosen, lag)

    async def pause(self, seconds: float) -> bool:
        """Wait; whether the server is still to serve afterwards."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return True
        return False

    def stop(self) -> None:
        """End all pauses: the server stops. To be called in its event loop."""
        self._stopping.set()
