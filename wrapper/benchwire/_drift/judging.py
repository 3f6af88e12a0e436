"""Judges one answer: the pure core of the drift watch. It knows no client and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson
from attrs import field, frozen

from benchwire._drift.findings import Finding, Grade, Kind
from benchwire._drift.names import shown_media_type
from benchwire._drift.specs import Documented, Operation, Spec, bundled_spec
from benchwire._drift.walking import Note, NoteKey, Notes, Presence, walk

# What any gateway may answer; it says nothing about the service behind it.
_OF_GATEWAYS = frozenset({429, 502, 503, 504})

_ALWAYS_ADDITIVE = frozenset({Kind.UNKNOWN_FIELD, Kind.UNKNOWN_ENUM_VALUE})


@frozen
class Judgement:
    """What an answer says.

    Attributes:
        operation: The operation it is of; None where the spec has none.
        findings: What disagrees with the spec, each kind at each path once.
        presence: Of a success, for each optional field: how many objects could have had it, and how
            many did.
        dropped: Disagreements there was no room for.
    """

    operation: Operation | None
    findings: list[Finding]
    presence: Mapping[str, Presence] = field(factory=dict)
    dropped: int = 0


@frozen(kw_only=True)
class Answer:
    """An answer, and the request it is to.

    Attributes:
        method: The method of the request.
        path: Its path below the base URL, percent-encoded, without the query.
        status: The status of the answer.
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
        """What it says its body is."""
        stated = (value for name, value in self.headers.items() if name.lower() == "content-type")
        return next(stated, None)


def judge(  # noqa: PLR0917  an answer has these six parts
    service: str,
    method: str,
    path: str,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
) -> list[Finding]:
    """Hold one answer to the spec, read strictly.

    Args:
        service: The API: ``public``, ``v2`` or ``v0``.
        method: The method of the request.
        path: Its path below the base URL, percent-encoded, without the query.
        status: The status of the answer.
        headers: Its headers, in any case.
        content: Its body, decompressed.

    Returns:
        The findings. None of them holds a value of the answer.

    Raises:
        SpecError: The spec can't be read.
        ValueError: There is no such API.
    """
    answer = Answer(method=method, path=path, status=status, headers=headers, content=content)
    return examine(bundled_spec(service), answer).findings


def examine(spec: Spec, answer: Answer) -> Judgement:
    """Hold one answer to a spec, as `judge` does, and give all that it says."""
    operation = spec.match(answer.method, answer.path)
    if operation is None:
        return Judgement(None, list(_unknown_operation(spec, answer)))
    documented = operation.documented(answer.status)
    if documented is None:
        return Judgement(operation, [_unknown_status(spec, operation, answer.status)])
    judging = _Judging(spec, operation, answer, documented)
    findings = list(judging.of_content_type())
    if not documented.media:
        return Judgement(operation, findings)
    try:
        body = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        got = "something else" if answer.content.strip() else "no body"
        findings.append(judging.finding(Kind.NOT_JSON, path="$", expected="JSON", got=(got,)))
        return Judgement(operation, findings)
    notes = walk(body, next(iter(documented.media.values())), spec.shapes)
    findings.extend(judging.of_notes(notes))
    presence = notes.presence if answer.status < 300 else {}
    return Judgement(operation, findings, presence, notes.dropped)


@frozen
class _Judging:
    spec: Spec
    operation: Operation
    answer: Answer
    documented: Documented

    def finding(
        self,
        kind: Kind,
        path: str,
        expected: str,
        got: tuple[str, ...] = (),
    ) -> Finding:
        """Make a finding about the answer as a whole."""
        return Finding(
            api=self.spec.name,
            operation=self.operation.id,
            kind=kind,
            grade=_grade(kind, self.answer.status, harmless=False),
            status=self.documented.status,
            path=path,
            expected=expected,
            got=got,
        )

    def of_content_type(self) -> Iterator[Finding]:
        """Compare the content type with those that are documented."""
        stated = self.answer.content_type
        essence = (stated or "").partition(";")[0].strip().lower()
        known = {kind.lower() for kind in self.documented.media}
        if essence in known or (stated is None and not self.answer.content):
            return
        expected = " or ".join(self.documented.media) or "no body"
        got = (shown_media_type(stated),)
        yield self.finding(Kind.UNDOCUMENTED_CONTENT_TYPE, "", expected, got)

    def of_notes(self, notes: Notes) -> Iterator[Finding]:
        """Make findings of what a walk through the body noted."""
        for key, note in notes.found.items():
            yield self._of_note(key, note)

    def _of_note(self, key: NoteKey, note: Note) -> Finding:
        return Finding(
            api=self.spec.name,
            operation=self.operation.id,
            kind=key.kind,
            grade=_grade(key.kind, self.answer.status, harmless=note.harmless),
            status=self.documented.status,
            path=key.path,
            expected=note.expected,
            got=tuple(sorted(note.got)),
            mark=note.site.mark,
            place=note.site.place,
            count=note.count,
        )


def _unknown_operation(spec: Spec, answer: Answer) -> Iterator[Finding]:
    # Who asks for what is not there and is told so has found nothing.
    if answer.status < 400:
        yield Finding(
            api=spec.name,
            operation=f"{answer.method.upper()} {spec.shown(answer.path)}",
            kind=Kind.UNDOCUMENTED_OPERATION,
            grade=Grade.ADDITIVE,
            status=str(answer.status),
            expected="no such operation",
        )


def _unknown_status(spec: Spec, operation: Operation, status: int) -> Finding:
    return Finding(
        api=spec.name,
        operation=operation.id,
        kind=Kind.UNDOCUMENTED_STATUS,
        grade=_grade(Kind.UNDOCUMENTED_STATUS, status, harmless=False),
        status=str(status),
        expected=", ".join(operation.answers),
        got=(str(status),),
    )


def _grade(kind: Kind, status: int, *, harmless: bool) -> Grade:
    """Grade a disagreement by what it does to who uses the SDK; docs/drift.md has the table."""
    if kind in _ALWAYS_ADDITIVE or status in _OF_GATEWAYS:
        return Grade.ADDITIVE
    if status >= 400:
        # The status alone decides which error is raised; the body only says more about it.
        is_typed = kind is Kind.UNDOCUMENTED_CONTENT_TYPE
        return Grade.ADDITIVE if is_typed else Grade.SEMANTIC
    if kind is Kind.UNDOCUMENTED_CONTENT_TYPE:
        return Grade.SEMANTIC
    if harmless:
        # Null for an empty list is a habit of services; a list that is gone has gone somewhere.
        return Grade.ADDITIVE if kind is Kind.NULL else Grade.SEMANTIC
    return Grade.BREAKING
