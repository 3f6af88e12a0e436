"""What the response models share."""

from __future__ import annotations

from typing import Any

from attrs import define, field

__all__ = ["OpenModel"]


@define(kw_only=True)
class OpenModel:
    """A response model: it keeps what the spec does not name."""

    # None until there is something to keep: an empty dict for each of 500 rows costs time and
    # memory. Left out of the repr, since nobody has said what an unknown field may show.
    _additional_properties: dict[str, Any] | None = field(
        default=None, init=False, repr=False, eq=lambda value: value or None
    )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """The fields that the spec does not name, by their names on the wire."""
        if self._additional_properties is None:
            self._additional_properties = {}
        return self._additional_properties

    @additional_properties.setter
    def additional_properties(self, value: dict[str, Any]) -> None:
        self._additional_properties = value
