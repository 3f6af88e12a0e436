"""Collects what many responses say: counts, coverage, and the fields that were never there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from attrs import define, evolve, frozen

from benchwire_drift.coverage import operations_returning
from benchwire_drift.findings import Finding, Grade, Key, Kind, in_order
from benchwire_drift.judge import CheckResult, ObservedResponse, check_response
from benchwire_drift.renames import likely_renames, owner_of
from benchwire_drift.specs import StrictSpec, bundled_spec

MAX_FINDINGS = 1000
"""How many different findings are kept; what is beyond them is counted."""

MIN_OBJECTS = 10
"""How many objects must lack a field before it is said to be never there."""


@frozen(kw_only=True)
class Unconfirmed:
    """An inferred name that no response has had: nothing is known to be wrong, and nothing right.

    Attributes:
        api: The API.
        operation: The first operation, by name, whose responses could have had it.
        path: Its JSON path there.
        pointer: Where in the spec it stands, as a JSON pointer.
        objects: In how many objects it could have been.
    """

    api: str
    operation: str
    path: str
    pointer: str
    objects: int


@define
class _Field:
    """An optional field: where it was looked for, how often, and how often it was there."""

    provenance: str | None
    where: tuple[str, str, str]
    objects: int = 0
    present: int = 0
    responses: int = 0

    def finding(self, api: str, pointer: str) -> Finding:
        """Say that it was never there."""
        operation, status, path = self.where
        return Finding(
            api=api,
            operation=operation,
            kind=Kind.NEVER_SEEN,
            grade=Grade.SEMANTIC,
            status=status,
            path=path,
            expected="a field that is there at times",
            provenance=self.provenance,
            pointer=pointer,
            count=self.objects,
            responses=self.responses,
        )

    def unconfirmed(self, api: str, pointer: str) -> Unconfirmed:
        """Say that nothing is known of it."""
        operation, _, path = self.where
        return Unconfirmed(
            api=api, operation=operation, path=path, pointer=pointer, objects=self.objects
        )


@frozen
class Snapshot:
    """All that was collected so far.

    Attributes:
        findings: The findings, the worst first.
        unconfirmed: Inferred names that no response has had.
        responses: By API and operation, how many responses there were.
        dropped: How often something disagreed that there was no room to keep.
    """

    findings: list[Finding]
    unconfirmed: list[Unconfirmed]
    responses: Mapping[tuple[str, str], int]
    dropped: int


class Collector:
    """Takes responses from any thread and keeps what they say, bounded in memory.

    Args:
        specs: The specs by API, in pointer of the bundled ones.
    """

    def __init__(self, specs: Mapping[str, StrictSpec] | None = None) -> None:
        self._specs = specs or {}
        self._lock = threading.Lock()
        self._findings: dict[Key, Finding] = {}
        self._fields: dict[tuple[str, str], _Field] = {}
        self._answers: dict[tuple[str, str], int] = {}
        self._dropped = 0

    def take(self, api: str, response: ObservedResponse) -> None:
        """Judge a response and keep what it says.

        Whatever goes wrong in that becomes a finding of its own; nothing is raised.
        """
        try:
            result = check_response(self._spec(api), response)
        except Exception as problem:  # the caller's response must not depend on the watch
            self.add(_internal(api, problem))
            return
        with self._lock:
            self._keep(api, response.status, result)

    def add(self, finding: Finding) -> None:
        """Keep a finding that was made elsewhere."""
        with self._lock:
            self._add(finding)

    def findings(self) -> list[Finding]:
        """Return the findings so far, the worst first."""
        return self.snapshot().findings

    def snapshot(self) -> Snapshot:
        """Return all that was collected so far."""
        with self._lock:
            findings = dict(self._findings)
            renamed = self._renamed()
            unconfirmed: list[Unconfirmed] = []
            for (api, pointer), seen in sorted(self._fields.items()):
                if seen.present or not (
                    (api, pointer) in renamed
                    or (seen.objects >= MIN_OBJECTS and self._is_looked_for(api, pointer))
                ):
                    continue
                if seen.provenance == "inferred" and (api, pointer) not in renamed:
                    unconfirmed.append(seen.unconfirmed(api, pointer))
                else:
                    finding = seen.finding(api, pointer)
                    findings[finding.key] = finding
            for key, finding in findings.items():
                now = renamed.get((finding.api, finding.pointer), "")
                if now and finding.kind in (Kind.MISSING_FIELD, Kind.NEVER_SEEN):
                    findings[key] = evolve(finding, now=now)
            return Snapshot(in_order(findings), unconfirmed, dict(self._answers), self._dropped)

    def _keep(self, api: str, status: int, result: CheckResult) -> None:
        for finding in result.findings:
            self._add(finding)
        self._dropped += result.dropped
        if result.operation is None:
            return
        operation = result.operation.id
        if status < 300:
            self._answers[api, operation] = self._answers.get((api, operation), 0) + 1
        for pointer, presence in result.presence.items():
            where = (operation, str(status), presence.path)
            seen = self._fields.setdefault((api, pointer), _Field(presence.provenance, where))
            seen.where = min(seen.where, where)
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
        """Guess which fields that are gone have another name now."""
        gone = {at for at, seen in self._fields.items() if not seen.present}
        unknown: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
        for finding in self._findings.values():
            if finding.kind is Kind.MISSING_FIELD:
                gone.add((finding.api, finding.pointer))
            elif finding.kind is Kind.UNKNOWN_FIELD:
                name = finding.path.rpartition(".")[2]
                beside = unknown.setdefault((finding.api, finding.pointer), {})
                beside[name] = tuple({*beside.get(name, ()), *finding.got})
        renamed = {}
        for (api, owner), new in unknown.items():
            old = [at for of, at in gone if of == api and owner_of(at) == owner]
            alone = [at for at in old if self._is_looked_for(api, at)]
            for pointer, now in likely_renames(self._spec(api), old, alone, new).items():
                renamed[api, pointer] = now
        return renamed

    def _is_looked_for(self, api: str, pointer: str) -> bool:
        """Return whether there was a response of each operation that can give a field.

        The list of a thing often leaves out what the thing by itself has.
        """
        return all(
            (api, operation) in self._answers
            for operation in operations_returning(self._spec(api), pointer)
        )

    def _spec(self, api: str) -> StrictSpec:
        return self._specs[api] if api in self._specs else bundled_spec(api)


def unseen(snapshot: Snapshot, api: str, spec: StrictSpec | None = None) -> Iterator[str]:
    """Return the reading operations of an API that no response was of."""
    for operation in (spec or bundled_spec(api)).operations:
        if operation.method == "GET" and (api, operation.id) not in snapshot.responses:
            yield operation.id


def _internal(service: str, problem: Exception) -> Finding:
    return Finding(
        api=service,
        operation="",
        kind=Kind.INTERNAL,
        grade=Grade.SEMANTIC,
        expected="a response that can be judged",
        got=(type(problem).__name__,),
    )
