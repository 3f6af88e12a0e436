"""Compares one response with its spec: pure functions, without a client and without state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson
from attrs import field, frozen

from benchwire_drift.findings import Finding, Grade, Kind
from benchwire_drift.redaction import redacted_media_type
from benchwire_drift.specs import DocumentedResponse, StrictOperation, StrictSpec, bundled_spec
from benchwire_drift.walk import Note, NoteKey, Notes, Presence, walk

# Statuses that any gateway may return; they show nothing about the service behind it.
_OF_GATEWAYS = frozenset({429, 502, 503, 504})

_ALWAYS_ADDITIVE = frozenset({Kind.UNKNOWN_FIELD, Kind.UNKNOWN_ENUM_VALUE})


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
    presence: Mapping[str, Presence] = field(factory=dict)
    dropped: int = 0


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

    @property
    def content_type(self) -> str | None:
        """The ``Content-Type`` header, if there is one."""
        stated = (value for name, value in self.headers.items() if name.lower() == "content-type")
        return next(stated, None)


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
    operation = spec.match(response.method, response.path)
    if operation is None:
        return CheckResult(None, list(_unknown_operation(spec, response)))
    documented = operation.documented(response.status)
    if documented is None:
        return CheckResult(operation, [_unknown_status(spec, operation, response.status)])
    check = _Check(spec, operation, response, documented)
    findings = list(check.of_content_type())
    if not documented.media:
        return CheckResult(operation, findings)
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        got = "something else" if response.content.strip() else "no body"
        findings.append(check.finding(Kind.NOT_JSON, path="$", expected="JSON", got=(got,)))
        return CheckResult(operation, findings)
    notes = walk(body, next(iter(documented.media.values())), spec.schemas)
    findings.extend(check.of_notes(notes))
    presence = notes.presence if response.status < 300 else {}
    return CheckResult(operation, findings, presence, notes.dropped)


@frozen
class _Check:
    spec: StrictSpec
    operation: StrictOperation
    response: ObservedResponse
    documented: DocumentedResponse

    def finding(
        self,
        kind: Kind,
        path: str,
        expected: str,
        got: tuple[str, ...] = (),
    ) -> Finding:
        """Return a finding about the response as a whole."""
        return Finding(
            api=self.spec.name,
            operation=self.operation.id,
            kind=kind,
            grade=_grade(kind, self.response.status, harmless=False),
            status=self.documented.status,
            path=path,
            expected=expected,
            got=got,
        )

    def of_content_type(self) -> Iterator[Finding]:
        """Compare the content type with the documented ones."""
        stated = self.response.content_type
        essence = (stated or "").partition(";")[0].strip().lower()
        known = {kind.lower() for kind in self.documented.media}
        if essence in known or (stated is None and not self.response.content):
            return
        expected = " or ".join(self.documented.media) or "no body"
        got = (redacted_media_type(stated),)
        yield self.finding(Kind.UNDOCUMENTED_CONTENT_TYPE, "", expected, got)

    def of_notes(self, notes: Notes) -> Iterator[Finding]:
        """Yield the findings of the notes of a walk."""
        for key, note in notes.found.items():
            yield self._finding_of(key, note)

    def _finding_of(self, key: NoteKey, note: Note) -> Finding:
        return Finding(
            api=self.spec.name,
            operation=self.operation.id,
            kind=key.kind,
            grade=_grade(key.kind, self.response.status, harmless=note.harmless),
            status=self.documented.status,
            path=key.path,
            expected=note.expected,
            got=tuple(sorted(note.got)),
            provenance=note.site.provenance,
            pointer=note.site.pointer,
            count=note.count,
        )


def _unknown_operation(spec: StrictSpec, response: ObservedResponse) -> Iterator[Finding]:
    # An error for a request of what does not exist is no finding.
    if response.status < 400:
        yield Finding(
            api=spec.name,
            operation=f"{response.method.upper()} {spec.redacted(response.path)}",
            kind=Kind.UNDOCUMENTED_OPERATION,
            grade=Grade.ADDITIVE,
            status=str(response.status),
            expected="no such operation",
        )


def _unknown_status(spec: StrictSpec, operation: StrictOperation, status: int) -> Finding:
    return Finding(
        api=spec.name,
        operation=operation.id,
        kind=Kind.UNDOCUMENTED_STATUS,
        grade=_grade(Kind.UNDOCUMENTED_STATUS, status, harmless=False),
        status=str(status),
        expected=", ".join(operation.responses),
        got=(str(status),),
    )


def _grade(kind: Kind, status: int, *, harmless: bool) -> Grade:
    """Grade a difference by what it does to users of the SDK; docs/drift.md has the table."""
    if kind in _ALWAYS_ADDITIVE or status in _OF_GATEWAYS:
        return Grade.ADDITIVE
    if status >= 400:
        # The status alone decides which error is raised; the body is detail.
        is_typed = kind is Kind.UNDOCUMENTED_CONTENT_TYPE
        return Grade.ADDITIVE if is_typed else Grade.SEMANTIC
    if kind is Kind.UNDOCUMENTED_CONTENT_TYPE:
        return Grade.SEMANTIC
    if harmless:
        # Null for an empty list is common; a missing list may have moved.
        return Grade.ADDITIVE if kind is Kind.NULL else Grade.SEMANTIC
    return Grade.BREAKING
