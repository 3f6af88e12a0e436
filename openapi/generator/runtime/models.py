"""The base classes of the response models, and the type of a list of results."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, field

from .notebook import ShortRepr, list_html, list_repr, model_html
from .types import NO_RESPONSE, ResponseInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OpenModel", "ResponseModel", "ResultList", "replaced"]

T = TypeVar("T")


@define(kw_only=True, repr=False)
class OpenModel(ShortRepr):
    """A response model; it keeps the fields that the spec does not name."""

    # None until there is something to keep: an empty dict for each of 500 rows costs time and
    # memory. Left out of the repr, since an unknown field may hold a secret.
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

    def _repr_html_(self) -> str:
        return model_html(self)


class ResponseModel(OpenModel):
    """A response model that is the whole body of a response: it carries that response's metadata.

    The metadata is no field: it is no part of the repr, of comparisons, copies and pickles.
    """

    # A slot costs nothing to leave empty; a field would be one more to set in each of 500 rows,
    # since a model that is a body by itself can be an item of a list, too.
    __slots__ = ("_response_info",)

    @property
    def response_info(self) -> ResponseInfo:
        """The request id, rate limit and headers of the response this is the body of.

        `NO_RESPONSE` for anything else: an item of a list, or a copy.
        """
        return getattr(self, "_response_info", NO_RESPONSE)

    @response_info.setter
    def response_info(self, value: ResponseInfo) -> None:
        self._response_info = value


class ResultList(list[T]):
    """A list of results; it is a `list` in every way.

    Attributes:
        response_info: The request id, rate limit and headers of the response it came in, or `NO_RESPONSE`.
    """

    def __init__(self, items: Iterable[T] = (), response_info: ResponseInfo = NO_RESPONSE) -> None:
        super().__init__(items)
        self.response_info = response_info

    def __repr__(self) -> str:
        return list_repr(self)

    def _repr_html_(self) -> str:
        return list_html(self, "results")


def replaced(model: T, **changes: object) -> T:
    """Return a copy of a model with other attributes.

    Unlike `attrs.evolve` it keeps the unknown fields and the metadata of the response.
    """
    changed = copy(model)
    if isinstance(model, ResponseModel) and isinstance(changed, ResponseModel):
        changed.response_info = model.response_info
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed
