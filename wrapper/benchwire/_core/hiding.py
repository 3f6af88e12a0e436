"""Hides keys in what a service sends back."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

_SHOWN = "**********"

_SHORTEST = 4
"""The letters of a secret worth hiding at all: fewer stand in any sentence."""
_LEAST_TO_HIDE = 8
"""The letters of a secret whose end was cut off that are worth hiding: fewer may be any word."""


def forms(*secrets: str) -> tuple[str, ...]:
    """Give what secrets look like where they are sent back: plain, in JSON, in a URL, as Python has it."""
    found: set[str] = set()
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            found |= {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
            found |= {quote(secret, safe=""), quote_plus(secret)}
    return tuple(sorted(found, key=len, reverse=True))


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """Put stars in place of every secret that stands in a text."""
    for secret in secrets:
        text = text.replace(secret, _SHOWN)
    return text


def hidden_at_the_end(text: str, secrets: tuple[str, ...]) -> str:
    """Put stars in place of a secret that was cut off where a text ends."""
    for secret in secrets:
        for length in range(min(len(secret), len(text)), _LEAST_TO_HIDE - 1, -1):
            if text.endswith(secret[:length]):
                return text[:-length] + _SHOWN
    return text


def hidden_in(value: object, secrets: tuple[str, ...]) -> object:
    """Put stars in place of every secret that stands in a text of a JSON-like value."""
    if isinstance(value, str):
        return hidden(value, secrets)
    if isinstance(value, list):
        return [hidden_in(item, secrets) for item in value]
    if isinstance(value, dict):
        return {hidden(str(key), secrets): hidden_in(item, secrets) for key, item in value.items()}
    return value
