"""The ASGI layer that carries out a fault plan, between the network and the real app."""

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

logger = logging.getLogger("benchwire_local.faults")

# In the scope of a request: jobs created later are not to be seen.
JOBS_UNTIL = "benchwire_local.jobs_until"


class FaultMiddleware:
    """ASGI middleware that fails the requests an injector picks, each in its rule's way."""

    def __init__(self, app: ASGIApp, injector: FaultInjector, router: Router) -> None:
        self._app = app
        self._injector = injector
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or let it fail."""
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
            error_key=area_of(path).error_key,
            said=f"A fault on purpose: rule {decision.number} of the plan, {rule.fault}.",
        )
        await ACTIONS[rule.fault](exchange, rule.parameters)
