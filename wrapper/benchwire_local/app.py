"""The embedded server as one ASGI app: routing, validation and dispatch by the specs."""

from __future__ import annotations

import inspect
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.websockets import WebSocketClose

from benchwire_local import demo_model, sample
from benchwire_local.api import public as public_api
from benchwire_local.api import v0, v2
from benchwire_local.data import is_empty
from benchwire_local.errors import ApiError, DatabaseError
from benchwire_local.faults import FaultMiddleware
from benchwire_local.faults.middleware import JOBS_UNTIL
from benchwire_local.http import request_ids
from benchwire_local.http.authentication import authenticate
from benchwire_local.http.call import ApiResponse, AppState, Call
from benchwire_local.http.hosts import HostMiddleware
from benchwire_local.http.pages import Pages
from benchwire_local.http.request_bodies import BodyLimitError, read_bounded
from benchwire_local.http.request_validation import (
    check_body_headers,
    read_body,
    read_headers,
    read_path,
    read_query,
)
from benchwire_local.http.response_validation import InvalidResponseError, encode_response
from benchwire_local.http.routing import AREAS, Area, Route, Router, area_of
from benchwire_local.jobs import JobRunner
from benchwire_local.loopback import is_loopback
from benchwire_local.specs import load_spec
from benchwire_specs import SpecError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from benchwire_local.data.database import Database
    from benchwire_local.faults import FaultInjector
    from benchwire_local.http.call import Handler
    from benchwire_local.settings import Settings
    from benchwire_local.specs import Spec

logger: logging.Logger = logging.getLogger("benchwire_local")


def create_app(
    settings: Settings,
    db: Database,
    *,
    faults: FaultInjector | None = None,
    middleware: Callable[[ASGIApp], ASGIApp] | None = None,
) -> Starlette:
    """Return the app that serves the three APIs, and the demo model, from a database.

    At startup, the sample data is loaded into an empty database if the settings require it. Jobs
    run from startup to shutdown.

    Args:
        settings: The server's settings.
        db: The open database.
        faults: The fault injector; ``None`` omits the middleware for faults.
        middleware: A factory of the caller's own middleware, inside of the server's middleware.

    Raises:
        SpecError: A spec is missing or invalid, or an operation has no handler.
    """
    state = AppState(settings=settings, db=db, jobs=JobRunner(db, settings))
    specs = {area: load_spec(area.name) for area in AREAS}
    handlers = {"public": public_api.HANDLERS, "v2": v2.HANDLERS, "v0": v0.HANDLERS}
    for area, spec in specs.items():
        _check_handlers(spec, handlers[area.name])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with db.read() as connection:
            fill = settings.sample and is_empty(connection)
        if fill:
            sample.load_sample(db)
        await state.jobs.start()
        try:
            yield
        finally:
            await state.jobs.stop()

    router = Router(specs.items())
    layers = [
        Middleware(request_ids.RequestIdMiddleware),
        Middleware(HostMiddleware, any_host=not is_loopback(settings.host)),
    ]
    if faults is not None:
        layers.append(Middleware(FaultMiddleware, faults, router))
    if middleware is not None:
        layers.append(Middleware(middleware))
    app = Starlette(routes=demo_model.routes(), middleware=layers, lifespan=lifespan)
    app.state.jobs = state.jobs
    app.router.redirect_slashes = False
    # The default, not a route: route patterns match decoded paths, and stop at a line break.
    app.router.default = Pages(specs.values(), db, _Dispatcher(state, router, handlers))
    return app


def _check_handlers(spec: Spec, handlers: Mapping[str, Handler]) -> None:
    documented = {operation.operation_id for operation in spec.operations}
    if missing := documented - handlers.keys():
        raise SpecError(f"{spec.name}: no handler for {', '.join(sorted(missing))}")
    if unknown := handlers.keys() - documented:
        raise SpecError(f"{spec.name}: not in the spec: {', '.join(sorted(unknown))}")


class _Dispatcher:
    """The ASGI app behind the middleware: validates a request, calls its handler, responds."""

    def __init__(
        self, state: AppState, router: Router, handlers: Mapping[str, Mapping[str, Handler]]
    ) -> None:
        self._state = state
        self._router = router
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        try:
            response = await self._respond(Request(scope, receive), scope[request_ids.HEADER])
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request, request_id: str) -> Response:
        raw_path = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
        path = raw_path.decode("ascii", "replace")
        try:
            route = self._router.match(request.method, path)
        except ApiError as error:
            body = area_of(path).error_body(error.status, error.message)
            return _json(error.status, orjson.dumps(body), error.headers)
        operation = route.operation
        try:
            try:
                result, content = await self._handle(route, request)
            except ApiError as error:
                body = route.area.error_body(error.status, error.message)
                result = ApiResponse(error.status, body, error.headers)
                content = encode_response(operation, result)
            return _json(result.status, content, result.headers)
        except ClientDisconnect:
            raise
        except InvalidResponseError as error:
            logger.error(
                "%s: the response does not match the spec: %s (request %s)",
                *(operation.operation_id, error, request_id),
            )
        except DatabaseError as error:
            logger.error("%s: %s (request %s)", operation.operation_id, error, request_id)
        except Exception:
            logger.exception("%s failed (request %s)", operation.operation_id, request_id)
        return _internal_error(route.area, request_id)

    async def _handle(self, route: Route, request: Request) -> tuple[ApiResponse, bytes]:
        authenticate(route.operation.security, request.headers, self._state.settings.api_key)
        content = await _content(route, request)
        handler = self._handlers[route.area.name][route.operation.operation_id]
        # In another thread, because parsing and validating a long text would block the event loop.
        if inspect.iscoroutinefunction(handler):
            call = await run_in_threadpool(self._call, route, request, content)
            result = await handler(call)
            return result, encode_response(route.operation, result)

        def respond() -> tuple[ApiResponse, bytes]:
            result = cast("ApiResponse", handler(self._call(route, request, content)))
            return result, encode_response(route.operation, result)

        return await run_in_threadpool(respond)

    def _call(self, route: Route, request: Request, content: bytes | None) -> Call:
        operation, status = route.operation, route.area.invalid_status
        body = None
        parameters = {
            "path_params": read_path(operation, route.raw_parameters, invalid_status=status),
            "query": read_query(operation, request.scope["query_string"], invalid_status=status),
            "headers": read_headers(operation, request.headers, invalid_status=status),
        }
        if operation.body is not None and content is not None:
            body = read_body(route.spec, operation.body, content, invalid_status=status)
        return Call(
            operation_id=operation.operation_id,
            **parameters,
            body=body,
            state=self._state,
            jobs_until=request.scope.get(JOBS_UNTIL),
        )


async def _content(route: Route, request: Request) -> bytes | None:
    if route.operation.body is None:
        return None
    check_body_headers(request.headers)
    try:
        return await read_bounded(request)
    except BodyLimitError as error:
        raise ApiError(400, str(error)) from None


def _internal_error(area: Area, request_id: str) -> Response:
    message = f"Internal error; see request {request_id} in the server's log."
    return _json(500, orjson.dumps(area.error_body(500, message)), {})


def _json(status: int, content: bytes, headers: Mapping[str, str]) -> Response:
    return Response(content, status, dict(headers), "application/json" if content else None)
