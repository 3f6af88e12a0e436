"""What the response models share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from .types import ResponseInfo

__all__ = ["Answer", "OpenModel"]


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


class Answer(OpenModel):
    """A response model that is the whole body of an answer: it can tell of the answer it came in.

    What it tells is no field: it is no part of the repr, of comparisons, copies and pickles.
    """

    # A slot costs nothing to leave empty; a field would be one more to set in each of 500 rows,
    # since what is an answer by itself stands in lists too.
    __slots__ = ("_response_info",)

    @property
    def response_info(self) -> ResponseInfo | None:
        """The request id, rate limit and headers of the answer this is the whole of.

        None in what did not come from a service by itself: an item of a list, or a copy.
        """
        return getattr(self, "_response_info", None)

    @response_info.setter
    def response_info(self, value: ResponseInfo | None) -> None:
        self._response_info = value
