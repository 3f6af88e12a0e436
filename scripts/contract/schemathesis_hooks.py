"""Hooks of schemathesis: the fields jobs are submitted with, and the end of a run.

Which endpoints and headers a server accepts depends on more than the schema. So every valid value
is replaced by one that every server accepts; an invalid one stays, and must be rejected.
"""

# ruff: noqa: ARG001 - schemathesis matches hooks by argument names

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import schemathesis
from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from schemathesis import Case, HookContext
    from schemathesis.core.transport import Response

_ENDPOINT = os.environ["BENCHWIRE_CONTRACT_ENDPOINT"]
_GUARD = "x-contract-guard"  # on the guard's own responses; see guard.py
_TEXT = {"type": "string"}
# The schema of a valid value of a field, and the value every server accepts.
_ACCEPTED: dict[str, tuple[dict[str, Any], Any]] = {
    "endpoint_url": (_TEXT | {"format": "uri"}, _ENDPOINT),
    "api_key": (_TEXT, "key-of-the-endpoint"),
    "headers": ({"type": "object", "additionalProperties": _TEXT}, {"x-team": "evaluation"}),
}


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Replace valid values by accepted ones."""
    body = case.body
    if isinstance(body, dict):
        for name, (schema, accepted) in _ACCEPTED.items():
            validator = Draft202012Validator(schema, validate_formats=True)
            if name in body and validator.is_valid(body[name]):
                body[name] = accepted


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """End the run when the guard forwards nothing any more, or gets no usable response."""
    if response.headers.get(_GUARD, ["rejected"]) != ["rejected"]:
        # Ends the run early: the tool reports all failures so far, and not this exception.
        raise KeyboardInterrupt
