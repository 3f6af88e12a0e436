"""Loaded by schemathesis: what a job is submitted with, and when a run is over.

A server decides by more than the schema which endpoints it calls and which texts it sends there
in headers. So every valid value of these is replaced by one that any server takes; an invalid one
stays, and must be refused.
"""

# ruff: noqa: ARG001 - the tool knows its hooks by the names of their arguments

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import schemathesis
from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from schemathesis import Case, HookContext
    from schemathesis.core.transport import Response

_ENDPOINT = os.environ["BENCHWIRE_CONTRACT_ENDPOINT"]
_GUARD = "x-contract-guard"  # on answers that are the guard's and not the server's; see guard.py
_TAKEN: dict[str, tuple[dict[str, Any], Any]] = {
    "endpoint_url": ({"type": "string", "format": "uri"}, _ENDPOINT),
    "api_key": ({"type": "string"}, "key-of-the-endpoint"),
    "headers": (
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"x-team": "evaluation"},
    ),
}
_VALIDATORS = {
    name: Draft202012Validator(schema, validate_formats=True)
    for name, (schema, _) in _TAKEN.items()
}


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Put values that any server takes in place of valid ones."""
    body = case.body
    if isinstance(body, dict):
        for name, (_, taken) in _TAKEN.items():
            if name in body and _VALIDATORS[name].is_valid(body[name]):
                body[name] = taken


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """End the run when the guard passes nothing on any more."""
    if response.headers.get(_GUARD) == ["used up"]:
        # The tool's own way to end early: what it found so far is reported, and this is not.
        raise KeyboardInterrupt
