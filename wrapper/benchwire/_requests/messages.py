"""Finds what an error body says, wherever services and their frameworks put it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from http import HTTPStatus
from itertools import islice

_MAX_MESSAGE = 500
_MAX_DEPTH = 5
_MAX_TEXTS = 10
"""Messages of one body that are shown; a form may have one for each of its fields."""

# As they are compared: in lower case, without separators. The first that has a text counts.
_MESSAGES = (
    *("errordescription", "error", "errormessage", "message", "msg", "detail", "faultstring"),
    *("title", "description", "reason", "fault", "exception", "value"),
)
_DETAILS = ("errors", "details", "invalidparams", "violations", "fielderrors", "errorlist")
_PLACES = ("loc", "path", "field", "param", "name", "property", "source")
_PHRASES = frozenset(status.phrase for status in HTTPStatus)
_TAGS = ("title", "message", "faultstring", "text")
_ELEMENT = re.compile(
    r"<(?:[\w.-]{1,80}:)?(title|message|faultstring|text)\b[^<>]*>\s*(?:<!\[cdata\[([^\]]*)|([^<]*))",
    re.IGNORECASE,
)


def error_message(body: object, redact: Callable[[str], str]) -> str:
    """Return the messages of an error body in one line, redacted again: markup may escape a key."""
    texts = [body] if isinstance(body, str) else islice(_texts(body, _MAX_DEPTH), _MAX_TEXTS)
    unique = dict.fromkeys(shortened(redact(_plain(text))) for text in texts)
    return shortened("; ".join(filter(None, unique)))


def shortened(text: str) -> str:
    """Return a text in one line of bounded length."""
    text = " ".join(text.split())
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 1] + "…"


def _texts(body: object, depth: int) -> Iterator[str]:
    """Yield the messages in a body, each with the field that it is about."""
    if isinstance(body, str):
        yield body
    elif not depth:
        return
    elif isinstance(body, list):
        for each in body[:_MAX_TEXTS]:
            yield from _texts(each, depth - 1)
    elif isinstance(body, dict):
        yield from _of_object(body, depth)


def _of_object(body: dict[str, object], depth: int) -> Iterator[str]:
    named = {"".join(filter(str.isalnum, name)).lower(): value for name, value in body.items()}
    found = False
    for name in _MESSAGES:
        texts = [text for text in _texts(named.get(name), depth - 1) if text.strip()]
        if texts and not (name == "error" and texts[0] in _PHRASES and "message" in named):
            place = _place(named) if depth < _MAX_DEPTH else ""
            yield from (f"{place}: {text}" if place else text for text in texts)
            found = True
            break
    for name in _DETAILS:
        details = named.get(name)
        within = _of_fields if isinstance(details, dict) else _texts
        for text in within(details, depth - 1):
            yield text
            found = True
    if not found:
        yield from _of_fields({k: v for k, v in body.items() if not isinstance(v, str)}, depth - 1)


def _of_fields(fields: object, depth: int) -> Iterator[str]:
    """Yield the messages of an object that has them by the names of the fields."""
    if not isinstance(fields, dict):
        return
    for name, value in islice(fields.items(), _MAX_TEXTS if depth > 0 else 0):
        texts = list(_texts(value, depth))
        if not texts and isinstance(value, dict):
            texts = list(_of_fields(value, depth - 1))
        yield from (f"{name}: {text}" for text in texts)


def _place(named: dict[str, object]) -> str:
    """Return the field that a message is about, as the object that has the message names it."""
    for name in _PLACES:
        place = named.get(name)
        if isinstance(place, dict):
            place = next((place[key] for key in ("pointer", "parameter") if key in place), None)
        if isinstance(place, list):
            place = ".".join(str(each) for each in place[:_MAX_TEXTS])
        elif name == "path":  # of the request
            continue
        if isinstance(place, str) and place:
            return place[:80]
    return ""


def _plain(text: str) -> str:
    """Return a text, or what a page or an XML document in its place has as its title or message."""
    if text.lstrip()[:1] != "<":
        return text
    found: dict[str, str] = {}
    for tag, verbatim, escaped in _ELEMENT.findall(text):
        if said := (verbatim or unescape(escaped)).strip():
            found.setdefault(tag.lower(), said)
    return next((found[tag] for tag in _TAGS if tag in found), text)
