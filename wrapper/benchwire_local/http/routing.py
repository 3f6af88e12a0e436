"""Finds the operation a request is for, from its method and its raw path.

The path is split before it is percent-decoded: an encoded slash belongs to an id, it does not
start a new segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from benchwire_local.errors import ApiError
from benchwire_local.http.parameters import shorten
from benchwire_specs import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchwire_local.specs import Operation, Spec


@dataclass(frozen=True, slots=True)
class Area:
    """One of the three APIs, in what their specifications leave to convention.

    Args:
        name: The specification's name.
        root: Where its paths begin; what is asked for below is answered in its error shape.
        error_key: The property of an error body that holds the message.
        invalid_status: The status for a parameter or body that does not fit its schema.
    """

    name: str
    root: str
    error_key: str
    invalid_status: int


AREAS = (
    Area("public", "/api/v1", "error", 400),
    Area("v2", "/api/v2", "message", 400),
    Area("v0", "/v0", "error", 400),
)


def area_of(path: str) -> Area:
    """Return the API of a path; the public API for a path of none."""
    for area in AREAS:
        if path == area.root or path.startswith(area.root + "/"):
            return area
    return AREAS[0]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """Where a request goes, with its path parameters still percent-encoded."""

    area: Area
    spec: Spec
    operation: Operation
    raw_parameters: dict[str, str]


class Router:
    """All operations of some specifications by path and method."""

    def __init__(self, specs: Iterable[tuple[Area, Spec]]) -> None:
        self._templates: dict[tuple[str, ...], dict[str, tuple[Area, Spec, Operation]]] = {}
        for area, spec in specs:
            for operation in spec.operations:
                if not operation.path.startswith(area.root + "/"):
                    raise SpecError(f"{spec.name}: {operation.path} is not below {area.root}")
                refusable = operation.path_parameters or operation.query_parameters
                if refusable and str(area.invalid_status) not in operation.responses:
                    raise SpecError(
                        f"{spec.name}: {operation.operation_id} has parameters and documents no"
                        f" {area.invalid_status} for one that does not fit"
                    )
                methods = self._templates.setdefault(tuple(operation.path.split("/")), {})
                methods[operation.method] = (area, spec, operation)
        # Of two templates that fit, the one with the earlier literal segment is meant.
        self._ordered = sorted(self._templates, key=lambda t: [s.startswith("{") for s in t])

    def match(self, method: str, raw_path: str) -> Route:
        """Find the operation for a request.

        Raises:
            ApiError: 404 for a path no specification has, 405 (with ``Allow``) for a method that
                the path does not have.
        """
        segments = raw_path.split("/")
        for template in self._ordered:
            parameters = _match(template, segments)
            if parameters is None:
                continue
            methods = self._templates[template]
            if method not in methods:
                allowed = ", ".join(sorted(methods))
                raise ApiError(405, f"This path takes {allowed} only.", {"allow": allowed})
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
