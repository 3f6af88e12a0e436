"""The file of findings that are known and accepted for a while."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from benchwire_drift.findings import Finding, Kind
from benchwire_specs import APIS

_TEXTS = ("api", "operation", "kind", "path", "reason")
_MAY_BE_EMPTY = frozenset({"path"})
_OPTIONAL = frozenset({"status"})


class BaselineError(ValueError):
    """A baseline is invalid; the message names the entry and the reason."""


@frozen(kw_only=True)
class Accepted:
    """A finding that is known.

    Attributes:
        api: The API.
        operation: The operation.
        kind: The kind.
        path: The JSON path; empty where the finding has none.
        status: The status; None for any.
        expires: The last day it counts.
        reason: Why it is accepted.
    """

    api: str
    operation: str
    kind: Kind
    path: str
    status: str | None
    expires: date
    reason: str

    def matches(self, finding: Finding) -> bool:
        """Return whether it is this finding that is accepted."""
        return (
            (self.api, self.operation, self.kind, self.path)
            == (finding.api, finding.operation, finding.kind, finding.path)
        ) and self.status in (None, finding.status)

    def __str__(self) -> str:
        """Name the finding."""
        return " ".join(filter(None, (self.api, self.operation, self.kind, self.path)))


@frozen
class Verdict:
    """What a baseline leaves of the findings.

    Attributes:
        counting: What is not accepted, or no longer.
        accepted: What is, with the entry that says so.
        expired: Of what counts, that which was accepted until a day that is over.
        unmatched: Entries about the APIs that were looked at that match nothing.
    """

    counting: list[Finding]
    accepted: list[tuple[Finding, Accepted]] = field(factory=list)
    expired: list[tuple[Finding, Accepted]] = field(factory=list)
    unmatched: list[Accepted] = field(factory=list)


def apply_baseline(
    findings: Iterable[Finding], baseline: Iterable[Accepted], today: date, apis: Iterable[str]
) -> Verdict:
    """Say which findings count.

    Args:
        findings: The findings.
        baseline: What is accepted.
        today: The day; an entry counts through the day it expires.
        apis: The APIs that were looked at.
    """
    baseline, apis = list(baseline), set(apis)
    verdict = Verdict([])
    used: set[Accepted] = set()
    for finding in findings:
        entry = next((entry for entry in baseline if entry.matches(finding)), None)
        if entry is None:
            verdict.counting.append(finding)
            continue
        used.add(entry)
        if entry.expires < today:
            verdict.counting.append(finding)
            verdict.expired.append((finding, entry))
        else:
            verdict.accepted.append((finding, entry))
    verdict.unmatched.extend(e for e in baseline if e.api in apis and e not in used)
    return verdict


def load_baseline(path: Path) -> list[Accepted]:
    """Read a baseline: TOML, a table ``[[accepted]]`` for each finding.

    Raises:
        BaselineError: It can't be read, or an entry is not sound.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BaselineError(f"{path} can't be read: {problem.strerror}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BaselineError(f"{path} is no TOML: {problem}") from problem
    entries = document.pop("accepted", [])
    if document:
        raise BaselineError(f"{path}: {next(iter(document))!r} is not known; only [[accepted]] is")
    if not isinstance(entries, list):
        raise BaselineError(f"{path}: write [[accepted]] with two brackets, once for each finding")
    accepted: list[Accepted] = []
    for number, entry in enumerate(entries, 1):
        try:
            one = _accepted(entry)
            if any(_same(one, other) for other in accepted):
                raise BaselineError(f"{one} is accepted already")
        except BaselineError as problem:
            raise BaselineError(f"{path}: entry {number}: {problem}") from None
        accepted.append(one)
    return accepted


def _accepted(entry: Any) -> Accepted:
    if not isinstance(entry, dict):
        raise BaselineError("it is no table")
    known = {*_TEXTS, *_OPTIONAL, "expires"}
    for name in entry:
        if name not in known:
            raise BaselineError(f"{name!r} is not known; these are: {', '.join(sorted(known))}")
    for name in (*_TEXTS, *(_OPTIONAL & entry.keys())):
        if not isinstance(entry.get(name), str):
            raise BaselineError(f"{name} must be a text in quotes")
        if not entry[name].strip() and name not in _MAY_BE_EMPTY:
            raise BaselineError(f"{name} must not be empty")
    expires = entry.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise BaselineError("expires must be a date without quotes, such as 2026-01-31")
    if entry["api"] not in APIS:
        raise BaselineError(f"api must be one of {', '.join(APIS)}, not {entry['api']!r}")
    if entry["kind"] not in list(Kind):
        raise BaselineError(f"kind must be one of {', '.join(Kind)}, not {entry['kind']!r}")
    return Accepted(
        api=entry["api"],
        operation=entry["operation"],
        kind=Kind(entry["kind"]),
        path=entry["path"],
        status=entry.get("status"),
        expires=expires,
        reason=entry["reason"],
    )


def _same(one: Accepted, other: Accepted) -> bool:
    return (one.api, one.operation, one.kind, one.path, one.status) == (
        other.api,
        other.operation,
        other.kind,
        other.path,
        other.status,
    )
