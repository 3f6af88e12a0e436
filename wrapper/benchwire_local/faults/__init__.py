"""Faults on purpose: a plan says which requests fail, how, and how often.

With a plan the server stays the exact server it is; what fails is what is put between it and the
network. ``plan`` reads and checks plans, ``layer`` carries them out.
"""

from __future__ import annotations

from benchwire_local.faults.injector import FaultInjector
from benchwire_local.faults.middleware import FaultMiddleware
from benchwire_local.faults.plan import FaultPlan, load_fault_plan

__all__ = ["FaultInjector", "FaultMiddleware", "FaultPlan", "load_fault_plan"]
