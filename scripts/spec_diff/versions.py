"""The version that changes require, by semantic versioning."""

from __future__ import annotations

from collections.abc import Collection

from .model import Grade


def required_version(released: str, grades: Collection[Grade]) -> str:
    """Return the lowest version that may contain changes of these grades.

    Args:
        released: The released version, as `1.2.3`.
        grades: The grades of the changes since; without any, no new version is required.
    """
    if not grades:
        return released
    major, minor, patch = version_numbers(released)
    is_risky = not {Grade.BREAKING, Grade.SEMANTIC}.isdisjoint(grades)
    if major == 0:
        return f"0.{minor + 1}.0" if is_risky else f"0.{minor}.{patch + 1}"
    if Grade.BREAKING in grades:
        return f"{major + 1}.0.0"
    if is_risky or Grade.ADDITIVE in grades:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def rule(released: str) -> str:
    """Return the rule behind the version: semantic versioning promises nothing before 1.0."""
    if version_numbers(released)[0]:
        return "a breaking change raises the major version, another change of code the minor"
    return "before 1.0 a breaking or semantic change raises the minor version, another the patch"


def version_numbers(version: str) -> tuple[int, int, int]:
    """Parse a version into its three numbers, for comparison.

    Raises:
        ValueError: If it is not of the form `1.2.3`.
    """
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch
