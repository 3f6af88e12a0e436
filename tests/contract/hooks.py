"""Loaded by schemathesis: what a job is submitted with, beyond what its schema can say.

A server decides by more than the schema which endpoints it calls and which texts it sends there
in headers. So every valid value of these is replaced by one that any server takes; an invalid one
stays, and must be refused.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import schemathesis
from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from schemathesis import Case, HookContext

_ENDPOINT = os.environ["BENCHWIRE_CONTRACT_ENDPOINT"]
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
    body = case.body
    if isinstance(body, dict):
        for name, (_, taken) in _TAKEN.items():
            if name in body and _VALIDATORS[name].is_valid(body[name]):
                body[name] = taken
