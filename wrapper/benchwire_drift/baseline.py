"""The file of findings that are known and accepted until a date."""

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
_KNOWN = frozenset({*_TEXTS, "status", "expires"})


class BaselineError(ValueError):
    """A baseline is invalid; the message names the entry and the reason."""


@frozen(kw_only=True)
class AcceptedFinding:
    """An entry of a baseline: a finding that is accepted. Two are equal if they accept the same.

    Attributes:
        api: The API.
        operation: The operation.
        kind: The kind.
        path: The JSON path; empty where the finding has none.
        status: The status; None for any.
        expires: The last day of the entry.
        reason: Why it is accepted.
    """

    api: str
    operation: str
    kind: Kind = field(converter=Kind)
    path: str
    status: str | None = None
    expires: date = field(eq=False)
    reason: str = field(eq=False)

    def matches(self, finding: Finding) -> bool:
        """Return whether the entry accepts a finding."""
        status = finding.status if self.status is None else self.status
        return finding.key == (self.api, self.operation, self.kind, status, self.path)

    def __str__(self) -> str:
        """Return what identifies the finding."""
        return " ".join(filter(None, (self.api, self.operation, self.kind, self.path)))


@frozen
class BaselineResult:
    """Findings after a baseline was applied.

    Attributes:
        counting: Those that are not accepted, or no longer.
        accepted: Those that are, with their entries.
        expired: Those of the counting ones whose entry has expired.
        unmatched: The entries of the checked APIs that match no finding.
    """

    counting: list[Finding]
    accepted: list[tuple[Finding, AcceptedFinding]] = field(factory=list)
    expired: list[tuple[Finding, AcceptedFinding]] = field(factory=list)
    unmatched: list[AcceptedFinding] = field(factory=list)


def apply_baseline(
    findings: Iterable[Finding],
    baseline: Iterable[AcceptedFinding],
    today: date,
    apis: Iterable[str],
) -> BaselineResult:
    """Return which findings count.

    Args:
        findings: The findings.
        baseline: The entries.
        today: The date; an entry applies through the day it expires.
        apis: The APIs that were checked.
    """
    baseline, apis = list(baseline), set(apis)
    result = BaselineResult([])
    used: set[AcceptedFinding] = set()
    for finding in findings:
        matching = [entry for entry in baseline if entry.matches(finding)]
        entry = max(matching, key=lambda entry: entry.expires, default=None)
        if entry is None:
            result.counting.append(finding)
            continue
        used.update(matching)
        if entry.expires < today:
            result.counting.append(finding)
            result.expired.append((finding, entry))
        else:
            result.accepted.append((finding, entry))
    result.unmatched.extend(e for e in baseline if e.api in apis and e not in used)
    return result


def load_baseline(path: Path) -> list[AcceptedFinding]:
    """Load a baseline: TOML with a table ``[[accepted]]`` for each finding.

    Raises:
        BaselineError: If it can't be read, or an entry is invalid.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BaselineError(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path} is not TOML: {error}") from error
    entries = document.pop("accepted", [])
    if document:
        raise BaselineError(f"{path}: {next(iter(document))!r} is not known; only [[accepted]] is")
    if not isinstance(entries, list):
        raise BaselineError(f"{path}: write [[accepted]] with two brackets, once for each finding")
    accepted: list[AcceptedFinding] = []
    for number, entry in enumerate(entries, 1):
        try:
            one = _accepted(entry)
            if one in accepted:
                raise BaselineError(f"{one} is accepted already")
        except BaselineError as error:
            raise BaselineError(f"{path}: entry {number}: {error}") from None
        accepted.append(one)
    return accepted


def _accepted(entry: Any) -> AcceptedFinding:
    if not isinstance(entry, dict):
        raise BaselineError("it is not a table")
    for name in entry:
        if name not in _KNOWN:
            raise BaselineError(f"{name!r} is not known; these are: {', '.join(sorted(_KNOWN))}")
    for name in (*_TEXTS, *({"status"} & entry.keys())):
        if not isinstance(entry.get(name), str):
            raise BaselineError(f"{name} must be a string in quotes")
        if not entry[name].strip() and name != "path":
            raise BaselineError(f"{name} must not be empty")
    expires = entry.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise BaselineError("expires must be a date without quotes, such as 2026-01-31")
    if entry["api"] not in APIS:
        raise BaselineError(f"api must be one of {', '.join(APIS)}, not {entry['api']!r}")
    if entry["kind"] not in list(Kind):
        raise BaselineError(f"kind must be one of {', '.join(Kind)}, not {entry['kind']!r}")
    return AcceptedFinding(**entry)
