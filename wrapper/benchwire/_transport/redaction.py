"""Redacts keys in what a service sends back."""

from __future__ import annotations

import html
import json
import re
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
    _pattern: re.Pattern[str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, secrets: Iterable[Secret]) -> Redactor:
        """Return the redactor of these secrets."""
        values = [secret.reveal() for secret in secrets if len(secret.reveal()) >= _MIN_SECRET]
        return cls(secret_forms(values), _pattern(values))

    def occurs_in(self, text: str) -> bool:
        """Return whether a text holds a secret."""
        return self.text(text) != text

    def text(self, text: str) -> str:
        """Redact every secret in a text."""
        for form in self._forms:
            text = text.replace(form, _REDACTED)
        return text if self._pattern is None else self._pattern.sub(_REDACTED, text)

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
        forms |= {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        forms |= {quote(secret, safe=""), quote_plus(secret)}
    return tuple(sorted(forms, key=len, reverse=True))


def _pattern(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Return what matches secrets of which services may escape some characters, each in its own way."""
    escaped = [secret for secret in secrets if not re.fullmatch(r"[\w.~-]*", secret, re.ASCII)]
    patterns = ["".join(map(_escapes, secret)) for secret in sorted(escaped, key=len, reverse=True)]
    return re.compile("|".join(patterns)) if patterns else None


def _escapes(character: str) -> str:
    """Return what matches a character as it is, and escaped in a URL, JSON or HTML."""
    plain = re.escape(character)
    if re.fullmatch(r"\w", character, re.ASCII):
        return plain
    code, named = ord(character), html.escape(character)
    in_url = "".join(f"%(?:25)?{byte:02x}" for byte in character.encode())
    return (
        rf"(?:\\?{plain}|{re.escape(named)}|(?i:{in_url}|\\u{code:04x}|&#0*{code};|&#x0*{code:x};))"
    )
