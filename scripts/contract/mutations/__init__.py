"""Mutations: named deviations of the embedded server, which the contract checks must detect.

The middleware applies them between the network and the app. The app itself is unchanged and
validates its own responses as always.
"""

from __future__ import annotations

from .middleware import MutatingMiddleware, Mutation
from .table import MUTATIONS

__all__ = ["MUTATIONS", "MutatingMiddleware", "Mutation"]
