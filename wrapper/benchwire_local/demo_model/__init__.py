"""A model endpoint for trying jobs: local, deterministic, and not always right.

It judges by a few words and numbers (see :mod:`benchwire_local.demo_model.judge`), so it fails on
other wordings and its scores on the sample benchmarks are between poor and perfect.
:func:`routes` returns its routes for an app; :class:`DemoModel` serves it alone.
"""

from __future__ import annotations

from benchwire_local.demo_model.routes import PATHS, routes
from benchwire_local.demo_model.server import DemoModel

__all__ = ["PATHS", "DemoModel", "routes"]
