"""The version that changes ask for."""

from __future__ import annotations

from collections.abc import Collection

from .model import Grade

_RULE_BEFORE_1 = (
    "before 1.0 a breaking or semantic change raises the minor version and anything else the patch"
)
_RULE = (
    "a breaking change raises the major version, a semantic or additive one the minor, and other"
    " words the patch"
)


def version_after(released: str, grades: Collection[Grade]) -> str:
    """Give the lowest version that may have changes of these grades.

    Args:
        released: The version users have, as `1.2.3`.
        grades: The grades of the changes since; none ask for nothing.
    """
    if not grades:
        return released
    major, minor, patch = numbers(released)
    risky = not {Grade.BREAKING, Grade.SEMANTIC}.isdisjoint(grades)
    if major == 0:
        return f"0.{minor + 1}.0" if risky else f"0.{minor}.{patch + 1}"
    if Grade.BREAKING in grades:
        return f"{major + 1}.0.0"
    if risky or Grade.ADDITIVE in grades:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def rule(released: str) -> str:
    """Say why it is that version: semantic versioning itself promises nothing before 1.0."""
    return _RULE if numbers(released)[0] else _RULE_BEFORE_1


def numbers(version: str) -> tuple[int, int, int]:
    """The three numbers of a version, for comparing.

    Raises:
        ValueError: If it is not of the form `1.2.3`.
    """
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch
