"""Collects the findings of many responses: counts, coverage, and fields that were never present."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from attrs import define, evolve, frozen

from benchwire_drift.findings import Finding, Grade, Key, Kind, in_order
from benchwire_drift.judge import CheckResult, ObservedResponse, check_response
from benchwire_drift.renames import likely_renames, owner_of
from benchwire_drift.specs import StrictSpec, bundled_spec

MAX_FINDINGS = 1000
"""The maximum number of different findings kept; the rest is counted."""

MIN_OBJECTS = 10
"""The number of objects that must lack a field before it counts as never present."""


@frozen(kw_only=True)
class Unconfirmed:
    """An inferred name that no response had: neither confirmed nor refuted.

    Attributes:
        api: The API.
        operation: The first operation, by name, whose responses could have it.
        path: Its JSON path there.
        pointer: Its JSON pointer in the spec.
        objects: The number of objects that could have had it.
    """

    api: str
    operation: str
    path: str
    pointer: str
    objects: int


@define
class _OptionalField:
    """How many objects could have had a field, how many had it, and the first place of it."""

    place: tuple[str, str, str]
    objects: int = 0
    present: int = 0
    responses: int = 0


@frozen
class Snapshot:
    """What was collected so far.

    Attributes:
        findings: The findings, the worst first.
        unconfirmed: Inferred names that no response contained.
        responses: The number of successful responses by API and operation.
        dropped: The number of differences beyond the maximum.
    """

    findings: list[Finding]
    unconfirmed: list[Unconfirmed]
    responses: Mapping[tuple[str, str], int]
    dropped: int


class Collector:
    """Collects findings from any thread, in limited memory.

    Args:
        specs: The specs by API, instead of the bundled ones.
    """

    def __init__(self, specs: Mapping[str, StrictSpec] | None = None) -> None:
        self._specs = specs or {}
        self._lock = threading.RLock()
        self._findings: dict[Key, Finding] = {}
        self._fields: dict[tuple[str, str], _OptionalField] = {}
        self._responses: dict[tuple[str, str], int] = {}
        self._dropped = 0

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Acquire the lock; a signal's handler that raises does not leave it so, as `with` may."""
        try:
            self._lock.acquire()
            yield
        finally:
            try:  # noqa: SIM105  a handler could raise before it is released
                self._lock.release()
            except RuntimeError:
                pass  # the handler raised while this thread waited

    def add_response(self, api: str, response: ObservedResponse) -> None:
        """Check a response and add its findings.

        An error of the check becomes a finding of its own; nothing is raised.
        """
        try:
            result = check_response(self._spec(api), response)
        except Exception:  # the caller's result must not depend on the check
            self.add(
                Finding(
                    api=api,
                    operation="",
                    kind=Kind.INTERNAL,
                    grade=Grade.SEMANTIC,
                    expected="a response that can be checked",
                    got=("one that the check can't read, a defect of the check",),
                )
            )
            return
        with self._held():
            self._add_result(api, response.status, result)

    def add(self, finding: Finding) -> None:
        """Add a finding that was made elsewhere."""
        with self._held():
            self._add(finding)

    def findings(self) -> list[Finding]:
        """Return the findings so far, the worst first."""
        return self.snapshot().findings

    def snapshot(self) -> Snapshot:
        """Return what was collected so far."""
        with self._held():
            findings = dict(self._findings)
            renamed = self._renamed()
            unconfirmed: list[Unconfirmed] = []
            for (api, pointer), seen in sorted(self._fields.items()):
                is_renamed = (api, pointer) in renamed
                is_expected = seen.objects >= MIN_OBJECTS and self._was_covered(api, pointer)
                if seen.present or not (is_renamed or is_expected):
                    continue
                finding = self._never_seen(api, pointer, is_renamed=is_renamed)
                if finding.provenance == "inferred" and not is_renamed:
                    unconfirmed.append(
                        Unconfirmed(
                            api=api,
                            operation=finding.operation,
                            path=finding.path,
                            pointer=pointer,
                            objects=finding.count,
                        )
                    )
                else:
                    findings[finding.key] = finding
            for key, finding in findings.items():
                now = renamed.get((finding.api, finding.pointer), "")
                if now and finding.kind in (Kind.MISSING_FIELD, Kind.NEVER_SEEN):
                    findings[key] = evolve(finding, now=now)
            return Snapshot(in_order(findings), unconfirmed, dict(self._responses), self._dropped)

    def _add_result(self, api: str, status: int, result: CheckResult) -> None:
        for finding in result.findings:
            self._add(finding)
        self._dropped += result.dropped
        if result.operation is None:
            return
        operation = result.operation.id
        if status < 300:
            self._responses[api, operation] = self._responses.get((api, operation), 0) + 1
        for pointer, presence in result.presence.items():
            place = (operation, str(status), presence.path)
            seen = self._fields.setdefault((api, pointer), _OptionalField(place))
            seen.place = min(seen.place, place)
            seen.objects += presence.objects
            seen.present += presence.present
            seen.responses += 1

    def _add(self, finding: Finding) -> None:
        known = self._findings.get(finding.key)
        if known is not None:
            self._findings[finding.key] = known.joined(finding)
        elif len(self._findings) < MAX_FINDINGS:
            self._findings[finding.key] = finding
        else:
            self._dropped += finding.count

    def _renamed(self) -> dict[tuple[str, str], str]:
        """Return the likely new names of missing fields, by API and pointer."""
        missing = {at for at, seen in self._fields.items() if not seen.present}
        unknown: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
        for finding in self._findings.values():
            if finding.kind is Kind.MISSING_FIELD:
                missing.add((finding.api, finding.pointer))
            elif finding.kind is Kind.UNKNOWN_FIELD:
                name = finding.path.rpartition(".")[2]
                beside = unknown.setdefault((finding.api, finding.pointer), {})
                beside[name] = tuple({*beside.get(name, ()), *finding.got})
        renamed = {}
        for (api, owner), new in unknown.items():
            old = [at for name, at in missing if (name, owner_of(at)) == (api, owner)]
            pairable = [at for at in old if self._was_covered(api, at)]
            for pointer, now in likely_renames(self._spec(api), old, pairable, new).items():
                renamed[api, pointer] = now
        return renamed

    def _never_seen(self, api: str, pointer: str, *, is_renamed: bool) -> Finding:
        seen = self._fields[api, pointer]
        operation, status, path = seen.place
        schema = self._spec(api).schemas.at(pointer)
        # A service may leave out nulls, in particular of what its reference does not list.
        is_null = schema.provenance is not None and schema.allows_null and not is_renamed
        return Finding(
            api=api,
            operation=operation,
            kind=Kind.NEVER_SEEN,
            grade=Grade.ADDITIVE if is_null else Grade.SEMANTIC,
            status=status,
            path=path,
            expected="a field that is present at times",
            provenance=schema.provenance,
            pointer=pointer,
            count=seen.objects,
            responses=seen.responses,
        )

    def _was_covered(self, api: str, pointer: str) -> bool:
        """Return whether there was a response of each operation that can return a field.

        A list often leaves out what a single item has.
        """
        return all(
            (api, operation) in self._responses
            for operation in self._spec(api).operations_returning(pointer)
        )

    def _spec(self, api: str) -> StrictSpec:
        return self._specs[api] if api in self._specs else bundled_spec(api)


def strict_findings(api: str, responses: Iterable[ObservedResponse]) -> list[Finding]:
    """Return the findings in some responses of an API, the worst first."""
    collector = Collector()
    for response in responses:
        collector.add_response(api, response)
    return collector.findings()


def unseen(snapshot: Snapshot, api: str) -> Iterator[str]:
    """Yield the reading operations of an API that had no response."""
    for operation in bundled_spec(api).operations:
        if operation.method == "GET" and (api, operation.id) not in snapshot.responses:
            yield operation.id
