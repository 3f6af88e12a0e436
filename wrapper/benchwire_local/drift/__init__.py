"""Drift on purpose: single changes of what the server sends or accepts, by name.

``CHANGES`` lists them all. A drift plan names some; the layer then makes them, between the network
and the real app, which stays as it is and goes on holding itself to the specifications.
"""

from __future__ import annotations

from benchwire_local.drift.changes import CHANGES
from benchwire_local.drift.layer import DriftLayer, DriftSwitch
from benchwire_local.drift.messages import Change
from benchwire_local.drift.plan import DriftPlan, load_drift_plan

__all__ = ["CHANGES", "Change", "DriftLayer", "DriftPlan", "DriftSwitch", "load_drift_plan"]
