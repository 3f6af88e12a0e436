"""Compares one response with its spec: pure functions, without a client and without state."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from attrs import field, frozen

from benchwire_drift.availability import GATEWAY_STATUSES
from benchwire_drift.findings import Finding, Grade, Kind
from benchwire_drift.redaction import redacted_media_type
from benchwire_drift.schemas import name_at
from benchwire_drift.specs import StrictOperation, StrictSpec, bundled_spec
from benchwire_drift.walk import Note, Notes, Presence, walk

_ALWAYS_ADDITIVE = frozenset(
    {Kind.UNKNOWN_FIELD, Kind.UNKNOWN_ENUM_VALUE, Kind.UNDOCUMENTED_OPERATION}
)


@frozen
class CheckResult:
    """The result of checking one response.

    Attributes:
        operation: Its operation; None if the spec has none.
        findings: The differences from the spec, each kind at each path once.
        presence: Of a success, for each optional field: how many objects could have had it, and how
            many did.
        dropped: The number of differences beyond the maximum.
    """

    operation: StrictOperation | None
    findings: list[Finding]
    presence: Mapping[str, Presence]
    dropped: int


@frozen(kw_only=True)
class ObservedResponse:
    """A response with the method and path of its request.

    Attributes:
        method: The method of the request.
        path: Its path below the base URL, percent-encoded, without the query.
        status: The status of the response.
        headers: Its headers, names in any case.
        content: Its body, decompressed.
    """

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


def judge(  # noqa: PLR0917  a response has these six parts
    service: str,
    method: str,
    path: str,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
) -> list[Finding]:
    """Compare one response with a strict reading of its spec.

    Args:
        service: The API: ``public``, ``v2`` or ``v0``.
        method: The method of the request.
        path: Its path below the base URL, percent-encoded, without the query.
        status: The status of the response.
        headers: Its headers, in any case.
        content: Its body, decompressed.

    Returns:
        The findings. None of them holds a value of the response.

    Raises:
        SpecError: If the spec can't be read.
        ValueError: If there is no such API.
    """
    response = ObservedResponse(
        method=method, path=path, status=status, headers=headers, content=content
    )
    return check_response(bundled_spec(service), response).findings


def check_response(spec: StrictSpec, response: ObservedResponse) -> CheckResult:
    """Compare one response with a spec, as `judge` does, and return the whole result."""
    notes = Notes()
    status = str(response.status)
    operation = spec.match(response.method, response.path)
    if operation is None:
        # An error for a request of what does not exist is no finding.
        if response.status < 400:
            notes.add(Kind.UNDOCUMENTED_OPERATION, "", Note("no such operation"))
    elif (documented := operation.documented(response.status)) is None:
        note = Note(", ".join(operation.responses), {status})
        notes.add(Kind.UNDOCUMENTED_STATUS, "", note)
    else:
        status = documented
        media = operation.responses[documented]
        _check_content_type(response, media, notes)
        if media:
            _check_body(response, next(iter(media.values())), spec, notes)
    findings = [
        Finding(
            api=spec.name,
            operation=operation.id
            if operation
            else f"{response.method.upper()} {spec.redacted(response.path)}",
            kind=kind,
            grade=_grade(kind, response.status, note.grade),
            status=status,
            path=path,
            expected=note.expected,
            got=tuple(sorted(note.got)),
            provenance=note.provenance,
            pointer=note.pointer,
            count=note.count,
        )
        for (kind, path), note in notes.found.items()
    ]
    presence = notes.presence if response.status < 300 else {}
    return CheckResult(operation, findings, presence, notes.dropped)


def stranger_reason(spec: StrictSpec, response: ObservedResponse) -> str | None:
    """Return why a response is that of another service, or of none; None if it may be this one's.

    A response that breaks the spec may still be this service's if most of its names are in the spec.
    """
    operation = spec.match(response.method, response.path)
    if operation is None or not 200 <= response.status < 300:
        hint = "; is the base URL right?" if response.status == 404 else ""
        return f"it answers {response.path} with the status {response.status}{hint}"
    if not response.content.strip():
        return f"it sends nothing (status {response.status})"
    try:
        names = {*_names(_parsed(response.content))}
    except (ValueError, RecursionError):
        return f"it sends no JSON (status {response.status})"
    if all(one.grade is not Grade.BREAKING for one in check_response(spec, response).findings):
        return None
    schemas = operation.responses[operation.documented(response.status) or "200"].values()
    known = names & {name_at(pointer) for pointer in spec.schemas.fields_below(schemas)}
    return None if known and 2 * len(known) >= len(names) else "it sends the JSON of something else"


def _names(value: Any) -> Iterator[str]:
    """Yield the names of all fields of a value."""
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _names(item)
    yield from value if isinstance(value, dict) else ()


def _check_content_type(response: ObservedResponse, media: Mapping[str, str], notes: Notes) -> None:
    headers = response.headers.items()
    stated = next((value for name, value in headers if name.lower() == "content-type"), None)
    essence = (stated or "").partition(";")[0].strip().lower()
    # Nothing has no type, whatever a server states beside it.
    if essence in map(str.lower, media) or (not response.content and (stated is None or not media)):
        return
    expected = " or ".join(media) or "no body"
    note = Note(expected, {redacted_media_type(stated)})
    notes.add(Kind.UNDOCUMENTED_CONTENT_TYPE, "", note)


def _check_body(response: ObservedResponse, schema: str, spec: StrictSpec, notes: Notes) -> None:
    try:
        body = _parsed(response.content)
    except (ValueError, RecursionError):
        got = "something else" if response.content.strip() else "no body"
        notes.add(Kind.NOT_JSON, "$", Note("JSON", {got}))
    else:
        walk(body, schema, spec.schemas, notes)


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        # It refuses half a pair of surrogates, which the SDK reads.
        return json.loads(content.decode(), parse_float=_finite, parse_constant=_finite)


def _finite(text: str) -> float:
    if math.isfinite(number := float(text)):
        return number
    raise ValueError


def _grade(kind: Kind, status: int, of_success: Grade) -> Grade:
    """Grade a difference by what it does to users of the SDK; docs/drift.md has the table."""
    if kind in _ALWAYS_ADDITIVE or status in GATEWAY_STATUSES:
        return Grade.ADDITIVE
    if status >= 400:
        # The status alone decides which error is raised; the body is detail.
        is_media_type = kind is Kind.UNDOCUMENTED_CONTENT_TYPE
        return Grade.ADDITIVE if is_media_type else Grade.SEMANTIC
    return Grade.SEMANTIC if kind is Kind.UNDOCUMENTED_CONTENT_TYPE else of_success
