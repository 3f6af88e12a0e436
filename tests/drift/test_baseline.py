"""The file of accepted findings: which findings count, until when, and errors of the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import attrs
import pytest

from benchwire_drift.baseline import BaselineError, apply_baseline, load_baseline
from benchwire_drift.findings import Finding, Grade, Kind

ENTRY = {
    "api": '"v0"',
    "operation": '"listJobs"',
    "kind": '"unknown field"',
    "path": '"$.jobs[*].region"',
    "expires": "2026-03-31",
    "reason": '"Reported to the provider, ticket 12."',
}


def write_baseline(folder: Path, *entries: dict[str, str]) -> Path:
    path = folder / "baseline.toml"
    lines = ["[[accepted]]\n" + "".join(f"{k} = {v}\n" for k, v in one.items()) for one in entries]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def finding(path: str = "$.jobs[*].region", **other: object) -> Finding:
    fields = {"kind": Kind.UNKNOWN_FIELD, "grade": Grade.ADDITIVE, "status": "200", **other}
    return Finding(api="v0", operation="listJobs", path=path, **fields)


def test_an_accepted_finding_does_not_count_through_the_day_its_entry_expires(
    tmp_path: Path,
) -> None:
    baseline = load_baseline(write_baseline(tmp_path, ENTRY))
    found = [finding(), finding("$.jobs[*].zone")]
    result = apply_baseline(found, baseline, date(2026, 3, 31), ["v0"])
    assert result.counting == [found[1]]
    assert result.accepted == [(found[0], baseline[0])]
    assert result.expired == result.unmatched == []


def test_an_expired_entry_counts_again_and_is_listed(tmp_path: Path) -> None:
    baseline = load_baseline(write_baseline(tmp_path, ENTRY))
    result = apply_baseline([finding()], baseline, date(2026, 4, 1), ["v0"])
    assert result.counting == [finding()]
    assert result.expired == [(finding(), baseline[0])]
    assert result.accepted == result.unmatched == []


def test_of_two_entries_the_one_that_applies_longer_counts(tmp_path: Path) -> None:
    narrow = ENTRY | {"status": '"200"', "expires": "2026-05-31"}
    for entries in ([ENTRY, narrow], [narrow, ENTRY]):
        baseline = load_baseline(write_baseline(tmp_path, *entries))
        result = apply_baseline([finding()], baseline, date(2026, 4, 1), ["v0"])
        assert [entry.status for _, entry in result.accepted] == ["200"]
        assert result.counting == result.expired == result.unmatched == []


@pytest.mark.parametrize(
    "other",
    [
        {"path": "$.jobs[*].zone"},
        {"kind": Kind.MISSING_FIELD},
        {"api": "v2"},
        {"operation": "getJob"},
    ],
)
def test_an_entry_matches_one_finding_only(other: dict[str, object], tmp_path: Path) -> None:
    baseline = load_baseline(write_baseline(tmp_path, ENTRY))
    different = attrs.evolve(finding(), **other)
    result = apply_baseline([different], baseline, date(2026, 1, 1), ["v0"])
    assert result.counting == [different]
    assert result.unmatched == baseline


def test_entries_of_an_unchecked_api_are_not_listed_as_unmatched(tmp_path: Path) -> None:
    baseline = load_baseline(write_baseline(tmp_path, ENTRY))
    assert apply_baseline([], baseline, date(2026, 1, 1), ["public"]).unmatched == []
    assert apply_baseline([], baseline, date(2026, 1, 1), ["v0"]).unmatched == baseline


def test_a_status_narrows_an_entry(tmp_path: Path) -> None:
    narrow = load_baseline(write_baseline(tmp_path, ENTRY | {"status": '"404"'}))
    result = apply_baseline([finding()], narrow, date(2026, 1, 1), ["v0"])
    assert result.counting == [finding()]
    result = apply_baseline([finding(status="404")], narrow, date(2026, 1, 1), ["v0"])
    assert result.counting == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expires": '"2026-03-31"'}, "entry 1: expires must be a date without quotes"),
        ({"expires": "2026-03-31T00:00:00"}, "entry 1: expires must be a date without quotes"),
        ({"expires": None}, "entry 1: expires must be a date without quotes"),
        ({"reason": None}, "entry 1: reason must be a string in quotes"),
        ({"reason": '"  "'}, "entry 1: reason must not be empty"),
        ({"status": "404"}, "entry 1: status must be a string in quotes"),
        ({"kind": '"odd"'}, "entry 1: kind must be one of unknown field, .*, not 'odd'"),
        ({"api": '"v1"'}, "entry 1: api must be one of public, v2, v0, not 'v1'"),
        ({"until": '"x"'}, "entry 1: 'until' is not known; these are: api, expires"),
        ({"path": '"a'}, "is not TOML: .*line 5"),
    ],
)
def test_an_invalid_entry_is_an_error_with_the_reason(
    change: dict[str, str | None], message: str, tmp_path: Path
) -> None:
    entry = {key: value for key, value in (ENTRY | change).items() if value is not None}
    with pytest.raises(BaselineError, match=message):
        load_baseline(write_baseline(tmp_path, entry))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accepted = 1", "write \\[\\[accepted\\]\\] with two brackets"),
        ("[accepted]\napi = 'v0'", "write \\[\\[accepted\\]\\] with two brackets"),
        ("[[accept]]", "'accept' is not known; only"),
        ("accepted = [1]", "entry 1: it is not a table"),
    ],
)
def test_an_invalid_file_is_an_error_with_the_reason(
    text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError, match=message):
        load_baseline(path)


def test_the_same_entry_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"entry 2: v0 listJobs .* is accepted already"):
        load_baseline(write_baseline(tmp_path, ENTRY, ENTRY | {"expires": "2027-01-01"}))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"none\.toml can't be read: No such file"):
        load_baseline(tmp_path / "none.toml")


def test_an_empty_file_accepts_nothing(tmp_path: Path) -> None:
    assert load_baseline(write_baseline(tmp_path)) == []
