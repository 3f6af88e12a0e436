"""The types every operation shares: request, response, and the mark of an absent value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, Protocol, TypeVar, final

from attrs import define, field

from .notebook import ShortRepr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "NO_RESPONSE", "UNSET", "EpochSeconds", "ListLike", "RateLimit", "Request", "Response", "ResponseInfo", "Unset",
]  # fmt: skip

T_co = TypeVar("T_co", covariant=True)

EpochSeconds = Annotated[int, "seconds since the epoch"]
"""A time as the service sends it; data frames have it as a timestamp."""


class ListLike(Protocol[T_co]):
    """A list, a tuple, a set or another sized collection of values; to type checkers, a `str` is none.

    A `str` is a `Collection[str]`: of its characters. What it contains can only be a `str`, though.
    """

    def __contains__(self, value: object, /) -> bool:
        """Return whether a value is one of these."""

    def __iter__(self) -> Iterator[T_co]:
        """Yield the values."""

    def __len__(self) -> int:
        """Return their number."""


@final
class Unset:
    """The type of `UNSET`: a property of a request body that is absent, which is not the same as null.

    There is one instance. Copies and pickles of it are that instance, so `is UNSET` always holds.
    """

    __slots__ = ()
    _instance: Unset | None = None

    def __new__(cls) -> Unset:
        """Return the one instance."""
        if cls._instance is None:
            cls._instance = object.__new__(cls)
        return cls._instance

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        # A string makes pickle and copy look the name up in this module instead of building anew.
        return "UNSET"


UNSET: Final = Unset()

# The methods that only read.
_REPEATABLE = frozenset({"GET", "HEAD"})


@define(kw_only=True, frozen=True, repr=False)
class Request(ShortRepr):
    """A request that is ready to be sent below an API's base URL.

    Attributes:
        operation_id: The operation's id in the spec.
        method: The HTTP method, in upper case.
        path: The path below the base URL, percent-encoded.
        template: The path as the spec has it, with names in the place of arguments.
        query: The query string without `?`, percent-encoded.
        body: The JSON body, or None. It may hold a key, so it stays out of the repr.
        header_parameters: The headers of the operation's own; they stay out of the repr, too.
        empty_response: The body of the response to a request that can match nothing, because one
            of its list filters is empty. Such a request need not be sent. Else None.
        needs_key: Whether the key is sent with it.
        idempotent: Whether the spec marks its operation as safe to repeat, with `x-idempotent`.
        identity: The id that the response must have, where the operation returns what has an id.
        ids: The arguments that are ids, by their names.
    """

    operation_id: str
    method: str
    path: str
    template: str = ""
    query: str = ""
    body: bytes | None = field(default=None, repr=False)
    header_parameters: Mapping[str, str] = field(factory=dict, repr=False)
    empty_response: bytes | None = None
    needs_key: bool = True
    idempotent: bool = False
    identity: str | int | None = None
    ids: tuple[str, ...] = ()

    @property
    def once(self) -> bool:
        """Whether it may have an effect that must not happen twice.

        It follows from the method, so that a request is repeated only where that is known to be safe.
        """
        return self.method not in _REPEATABLE and not self.idempotent

    @property
    def target(self) -> str:
        """The path and, if there is one, the query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that belong to this request: its own, and the content type of a body."""
        content = {} if self.body is None else {"content-type": "application/json"}
        return {**self.header_parameters, **content}


@define(kw_only=True, frozen=True, repr=False)
class Response(ShortRepr):
    """A response as it was received.

    Attributes:
        status_code: Any integer a server may send, such as 520.
        headers: The headers, with lower-case names.
        content: The decompressed body.
    """

    status_code: int
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes = field(default=b"", repr=False)


@define(kw_only=True, frozen=True, repr=False)
class RateLimit(ShortRepr):
    """The rate limit of a service, from the headers of a response.

    Attributes:
        limit: The requests allowed in a window.
        remaining: The requests left in it.
        reset: The end of the window as the service sent it: seconds, or an epoch.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: str | None = None


@define(kw_only=True, frozen=True, repr=False)
class ResponseInfo(ShortRepr):
    """The status and headers of a response.

    Attributes:
        status_code: The HTTP status; 0 if there is no response.
        headers: The headers, with lower-case names.
        attempts: The number of attempts it took to get it; 0 if there is no response.
    """

    status_code: int
    headers: Mapping[str, str] = field(factory=dict)
    attempts: int = 1

    @property
    def request_id(self) -> str | None:
        """The service's id of the request, to quote in a support request."""
        return self.headers.get("x-request-id")

    @property
    def rate_limit(self) -> RateLimit | None:
        """The `RateLimit-…` or `X-RateLimit-…` headers; None if there are none."""
        limit, remaining, reset = (
            next(
                (
                    self.headers[name]
                    for name in (f"ratelimit-{part}", f"x-ratelimit-{part}")
                    if name in self.headers
                ),
                None,
            )
            for part in ("limit", "remaining", "reset")
        )
        if limit is remaining is reset is None:
            return None
        return RateLimit(limit=_count(limit), remaining=_count(remaining), reset=reset)


NO_RESPONSE: Final = ResponseInfo(status_code=0, attempts=0)
"""What takes the place of a response's status and headers where there is none."""


def _count(text: str | None) -> int | None:
    # Some services append a policy to the number: `100, 100;w=60`.
    digits = "" if text is None else text.partition(",")[0].partition(";")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
