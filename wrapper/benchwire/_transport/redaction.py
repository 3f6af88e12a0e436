"""Redacts keys in what a service sends back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from attrs import field, frozen

from benchwire.secret import Secret

_REDACTED = "**********"

_MIN_SECRET = 4
"""The shortest secret that is redacted: shorter ones occur in any sentence."""
_MIN_TRUNCATED = 8
"""The shortest beginning of a truncated secret that is redacted: a shorter one may be any word."""


@frozen
class Redactor:
    """Replaces secrets by stars in every form in which a service may send them back.

    Its repr shows none of them: tools that print the variables of a traceback must not find any.
    """

    _forms: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, secrets: Iterable[Secret]) -> Redactor:
        """Return the redactor of these secrets."""
        return cls(secret_forms(secret.reveal() for secret in secrets))

    def occurs_in(self, text: str) -> bool:
        """Return whether a text holds a secret."""
        return any(form in text for form in self._forms)

    def text(self, text: str) -> str:
        """Redact every secret in a text."""
        for form in self._forms:
            text = text.replace(form, _REDACTED)
        return text

    def truncated(self, text: str) -> str:
        """Redact a secret that was truncated at the end of a text."""
        for form in self._forms:
            for length in range(min(len(form), len(text)), _MIN_TRUNCATED - 1, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + _REDACTED
        return text

    def json(self, value: object) -> object:
        """Redact every secret in the texts of a JSON-like value, names of properties included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return {self.text(str(key)): self.json(item) for key, item in value.items()}
        return value


def secret_forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return each secret in its plain, JSON-escaped, URL-encoded and ``repr`` form, longest first."""
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) >= _MIN_SECRET:
            forms |= {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
            forms |= {quote(secret, safe=""), quote_plus(secret)}
    return tuple(sorted(forms, key=len, reverse=True))
