"""Reduces a plan to the names that openapi-python-client lays out.

It decides on files and renders the templates; all that they print is in the plan. So it is given no
property, parameter or response, for which it would have names and limits of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .plans import ApiPlan


def skeleton(plan: ApiPlan) -> dict[str, Any]:
    """Return an OpenAPI document with the operations, models and enums of a plan, all empty."""
    return {
        "openapi": "3.1.0",
        "info": {"title": plan.title, "version": "1"},
        "paths": {
            f"/{module}": {
                "get": {
                    "operationId": module,
                    "tags": [operation.tag],
                    "responses": {"204": {"description": "Nothing."}},
                }
            }
            for module, operation in plan.operations.items()
        },
        "components": {
            "schemas": {
                **{name: {"type": "object", "properties": {}} for name in plan.models},
                **{name: {"type": "string", "enum": ["A"]} for name in plan.enums},
            }
        },
    }
