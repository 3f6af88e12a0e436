"""The names of operations in fault plans, such as ``v0.submitJob``."""

from __future__ import annotations

from functools import cache

from benchwire_local.errors import ApiError
from benchwire_local.http.routing import AREAS, Router
from benchwire_local.specs import load_spec


@cache
def operation_names() -> tuple[str, ...]:
    """Return every operation as ``api.operationId``, in the order of the specs."""
    return tuple(
        f"{area.name}.{operation.operation_id}"
        for area in AREAS
        for operation in load_spec(area.name).operations
    )


def operation_of(router: Router, method: str, raw_path: str) -> str | None:
    """Return the name of a request's operation; ``None`` if it has none."""
    try:
        route = router.match(method, raw_path)
    except ApiError:
        return None
    return f"{route.area.name}.{route.operation.operation_id}"
