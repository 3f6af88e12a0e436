"""Routing of requests to operations, by method and raw path.

The path is split before it is percent-decoded: an encoded slash is part of a segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from benchwire_local.errors import ApiError
from benchwire_local.http.parameters import PLACES, shorten
from benchwire_specs import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchwire_local.specs import Operation, Spec


def _message_alone(_status: int, message: str) -> dict[str, Any]:
    return {"error": message}


def _message_and_code(status: int, message: str) -> dict[str, Any]:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"  # a status of a fault plan that is no standard one
    code = "".join(filter(str.isalpha, phrase.title()))  # no code is documented; ours: NotFound
    return {"error": {"message": message, "code": code}}


@dataclass(frozen=True, slots=True)
class Area:
    """One of the three APIs: the conventions that its spec does not state.

    Args:
        name: The name of the spec.
        root: The prefix of its paths; unknown paths below it get its form of errors.
        error_body: Returns the body of an error from its status and message.
        invalid_status: The status for an invalid parameter or body.
    """

    name: str
    root: str
    error_body: Callable[[int, str], dict[str, Any]]
    invalid_status: int


AREAS = (
    Area("public", "/api/v1", _message_alone, 400),
    Area("v2", "/api/v2", _message_and_code, 400),
    Area("v0", "/v0", _message_alone, 400),
)


def area_of(path: str) -> Area:
    """Return the API of a path; the public API if the path is of none."""
    for area in AREAS:
        if path == area.root or path.startswith(area.root + "/"):
            return area
    return AREAS[0]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The operation of a request, and its path parameters, still percent-encoded."""

    area: Area
    spec: Spec
    operation: Operation
    raw_parameters: dict[str, str]


class Router:
    """The operations of some specs by path and method."""

    def __init__(self, specs: Iterable[tuple[Area, Spec]]) -> None:
        self._templates: dict[tuple[str, ...], dict[str, tuple[Area, Spec, Operation]]] = {}
        for area, spec in specs:
            for operation in spec.operations:
                if not operation.path.startswith(area.root + "/"):
                    raise SpecError(f"{spec.name}: {operation.path} is not below {area.root}")
                own = [getattr(operation, f"{where}_parameters") for where in PLACES]
                if any(own) and str(area.invalid_status) not in operation.responses:
                    raise SpecError(
                        f"{spec.name}: {operation.operation_id} has parameters and documents no {area.invalid_status} for an invalid one"
                    )
                methods = self._templates.setdefault(tuple(operation.path.split("/")), {})
                methods[operation.method] = (area, spec, operation)
        # Of two matching templates, the one with the earlier literal segment has precedence.
        self._ordered = sorted(self._templates, key=lambda t: [s.startswith("{") for s in t])

    def match(self, method: str, raw_path: str) -> Route:
        """Return the route of a request.

        Raises:
            ApiError: 404 for an unknown path, 405 (with ``Allow``) for an unknown method.
        """
        segments = raw_path.split("/")
        for template in self._ordered:
            parameters = _match(template, segments)
            if parameters is None:
                continue
            methods = self._templates[template]
            if method not in methods:
                allowed = ", ".join(sorted(methods))
                raise ApiError(405, f"This path allows {allowed} only.", {"allow": allowed})
            return Route(*methods[method], parameters)
        raise ApiError(404, f"There is nothing at {shorten(raw_path)}.")


def _match(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for expected, segment in zip(template, segments, strict=True):
        if expected.startswith("{"):
            if not segment:
                return None
            parameters[expected[1:-1]] = segment
        elif unquote(segment) != expected:
            return None
    return parameters
