"""Redacts keys in what a service sends back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_REDACTED = "**********"

_MIN_SECRET = 4
"""The shortest secret that is redacted: shorter ones occur in any sentence."""
_MIN_TRUNCATED = 8
"""The shortest beginning of a truncated secret that is redacted: a shorter one may be any word."""


def secret_forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return each secret in its plain, JSON-escaped, URL-encoded and ``repr`` form, longest first."""
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) >= _MIN_SECRET:
            forms |= {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
            forms |= {quote(secret, safe=""), quote_plus(secret)}
    return tuple(sorted(forms, key=len, reverse=True))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """Replace every secret in a text by stars; ``secrets`` comes from `secret_forms`."""
    for secret in secrets:
        text = text.replace(secret, _REDACTED)
    return text


def redact_truncated(text: str, secrets: tuple[str, ...]) -> str:
    """Replace a secret that was truncated at the end of a text by stars."""
    for secret in secrets:
        for length in range(min(len(secret), len(text)), _MIN_TRUNCATED - 1, -1):
            if text.endswith(secret[:length]):
                return text[:-length] + _REDACTED
    return text


def redact_json(value: object, secrets: tuple[str, ...]) -> object:
    """Replace every secret in the texts of a JSON-like value by stars, keys of objects included."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, list):
        return [redact_json(item, secrets) for item in value]
    if isinstance(value, dict):
        return {
            redact(str(key), secrets): redact_json(item, secrets) for key, item in value.items()
        }
    return value
