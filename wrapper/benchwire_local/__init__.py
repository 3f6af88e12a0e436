"""The embedded server: the three APIs on one machine, driven by their specs.

``with LocalServer() as server`` runs it in a thread; :func:`run_forever` runs it in the foreground;
:func:`import_results` imports results into its database.
"""

from __future__ import annotations

from benchwire_local.data import SCHEMAS
from benchwire_local.data.database import Database
from benchwire_local.errors import (
    DatabaseError,
    ImportFailedError,
    LocalServerError,
    PlanError,
)
from benchwire_local.faults import FaultPlan, load_fault_plan
from benchwire_local.results.catalogue import ImportSummary
from benchwire_local.results.into_file import import_results
from benchwire_local.server import LocalServer, run_forever
from benchwire_local.settings import Settings

__all__ = [
    "SCHEMAS", "Database", "DatabaseError", "FaultPlan", "ImportFailedError", "ImportSummary",
    "LocalServer", "LocalServerError", "PlanError", "Settings", "import_results",
    "load_fault_plan", "run_forever",
]  # fmt: skip
