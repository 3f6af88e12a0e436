"""Deliberate faults: a plan defines which requests fail, how, and how often.

The app itself is unchanged; ``middleware`` between it and the network causes the faults. ``plan``
parses and validates plans.
"""

from __future__ import annotations

from benchwire_local.faults.injector import FaultInjector
from benchwire_local.faults.middleware import FaultMiddleware
from benchwire_local.faults.plan import FaultPlan, load_fault_plan

__all__ = ["FaultInjector", "FaultMiddleware", "FaultPlan", "load_fault_plan"]
