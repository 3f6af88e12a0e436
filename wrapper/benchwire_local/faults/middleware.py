"""ASGI middleware that applies a fault plan, between the network and the app."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from benchwire_local.clock import utc_now
from benchwire_local.faults.actions import ACTIONS, FaultyExchange
from benchwire_local.http.connection import connection_of
from benchwire_local.http.operations import operation_of
from benchwire_local.http.routing import area_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from benchwire_local.faults.injector import FaultInjector
    from benchwire_local.http.routing import Router

logger: logging.Logger = logging.getLogger("benchwire_local.faults")

# The key in the scope of a request: jobs created later are hidden.
JOBS_UNTIL = "benchwire_local.jobs_until"


class FaultMiddleware:
    """Apply the fault of its rule to each request that the injector selects."""

    def __init__(self, app: ASGIApp, injector: FaultInjector, router: Router) -> None:
        self._app = app
        self._injector = injector
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, or apply a fault to the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], scope["raw_path"].decode("ascii", "replace")
        operation = operation_of(self._router, method, path)
        decision = self._injector.decide(operation, method, path)
        if decision.list_lag is not None:
            scope[JOBS_UNTIL] = utc_now(seconds_ago=decision.list_lag)
        rule = decision.rule
        if rule is None:
            await self._app(scope, receive, send)
            return
        logger.info("rule %d: %s on %s %s", decision.number, rule.fault, method, operation or path)
        exchange = FaultyExchange(
            app=self._app,
            scope=scope,
            receive=receive,
            send=send,
            connection=connection_of(scope),
            pause=self._injector.pause,
            error_body=area_of(path).error_body,
            message=f"A deliberate fault: rule {decision.number} of the plan, {rule.fault}.",
        )
        await ACTIONS[rule.fault](exchange, rule.parameters)
