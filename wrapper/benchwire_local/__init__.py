"""The embedded server: the three APIs on one machine, driven by their specifications.

``with LocalServer() as server`` runs it beside the caller's code; :func:`run_forever` runs it in
the foreground; :func:`import_results` puts a file of results into its database.
"""

from __future__ import annotations

from benchwire_local.database import Database
from benchwire_local.errors import (
    DatabaseError,
    ImportFailedError,
    LocalServerError,
    PlanError,
    SpecError,
)
from benchwire_local.faults import FaultPlan, load_fault_plan
from benchwire_local.importer import ImportSummary, import_results
from benchwire_local.server import LocalServer, run_forever
from benchwire_local.settings import Settings
from benchwire_local.store import SCHEMAS

__all__ = [
    "SCHEMAS",
    "Database",
    "DatabaseError",
    "FaultPlan",
    "ImportFailedError",
    "ImportSummary",
    "LocalServer",
    "LocalServerError",
    "PlanError",
    "Settings",
    "SpecError",
    "import_results",
    "load_fault_plan",
    "run_forever",
]
