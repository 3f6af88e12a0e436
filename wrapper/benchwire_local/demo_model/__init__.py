"""A small model endpoint to try jobs with: on this machine, deterministic, and not always right.

It judges by a few words and numbers it looks for (see :mod:`benchwire_local.demo_model.judge`), so
it fails where a conversation is put in other words, and its scores on the sample benchmarks lie
between poor and perfect. :func:`routes` mounts it in an app; :class:`DemoModel` serves it alone.
"""

from __future__ import annotations

from benchwire_local.demo_model.routes import PATHS, routes
from benchwire_local.demo_model.server import DemoModel

__all__ = ["PATHS", "DemoModel", "routes"]
