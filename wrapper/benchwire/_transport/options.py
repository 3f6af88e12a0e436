"""Validates the options of a client and of a call."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import cast

from attrs import field, frozen

from benchwire._transport.own_frames import public_arguments
from benchwire.options import CopyOptions, OnError
from benchwire.secret import Secret, concealed
from benchwire_api.arguments import header, integer, string
from benchwire_api.processes import fork_waits

DEFAULT_TIMEOUT = 600.0
"""Seconds an attempt may take (the reference states 10 minutes)."""
CONNECT_TIMEOUT = 5.0
"""Seconds of these that connecting may take."""
_LONGEST_WAIT = 2e6
"""Seconds, 23 days: a socket waits for at most 2**31 milliseconds."""

DEFAULT_MAX_RETRIES = 2
_MAX_RETRIES_LIMIT = 100

DEFAULT_MAX_BODY = 16 * 2**20
"""Bytes of a body, decompressed."""

_COPY_OPTIONS = ("api_key", "base_url", "hooks", "on_error")
_CALL_OPTIONS = ("timeout", "deadline", "max_retries", "extra_headers")
"""The keys of `benchwire.options.CallOptions`."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
    }
    | {"host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
_SECRET_OPTIONS = frozenset({"api_key", "base_url", "extra_headers"})


@frozen
class Timeouts:
    """The limits of one attempt, in seconds; ``None`` is no limit.

    Attributes:
        total: The whole attempt.
        connect: Connecting.
        read: Waiting for the next bytes.
        write: Waiting until bytes are accepted.
        pool: Waiting for a free connection.
    """

    total: float | None
    connect: float | None
    read: float | None
    write: float | None
    pool: float | None

    def capped(self, seconds: float) -> dict[str, float | None]:
        """Return the limits of the parts as httpx and httpcore take them, none above ``seconds``."""
        parts = {
            "connect": self.connect,
            "read": self.read,
            "write": self.write,
            "pool": self.pool,
        }
        longest = min(seconds, _LONGEST_WAIT)
        unlimited = None if math.isinf(seconds) else longest
        return {n: unlimited if part is None else min(part, longest) for n, part in parts.items()}


@frozen
class Options:
    """The validated options of every call of a client."""

    timeouts: Timeouts
    deadline: float | None = None
    max_retries: int = DEFAULT_MAX_RETRIES
    max_body: int = DEFAULT_MAX_BODY
    extra_headers: Mapping[str, str | Secret] = field(factory=dict, repr=False)

    def changed(self, options: Mapping[str, object], others: Iterable[str] = ()) -> Options:
        """Return a copy with the options of a call.

        Args:
            options: The options.
            others: Other options that the method takes, for a message about one that it does not.

        Raises:
            TypeError: If there is no such option.
            ValueError: If a value is out of range.
        """
        if not options:
            return self
        unknown = set(options) - set(_CALL_OPTIONS)
        if unknown:
            raise _unknown_argument(min(unknown), public_arguments(), others)
        timeout, deadline = options.get("timeout"), options.get("deadline")
        max_retries, extra = options.get("max_retries"), options.get("extra_headers")
        return Options(
            timeouts=self.timeouts if timeout is None else parse_timeout(timeout),
            deadline=self.deadline if deadline is None else seconds("deadline", deadline),
            max_retries=self.max_retries if max_retries is None else _retries(max_retries),
            max_body=self.max_body,
            extra_headers={**self.extra_headers, **({} if extra is None else _headers(extra))},
        )


@fork_waits()
def _unknown_argument(name: str, arguments: Iterable[str], others: Iterable[str] = ()) -> TypeError:
    from difflib import get_close_matches  # noqa: PLC0415  only for this message

    near = get_close_matches(name, [*arguments, *others, *_CALL_OPTIONS], 1)
    options = f"; the call options are {', '.join((*_CALL_OPTIONS, *others))}"
    hint = f": did you mean {near[0]!r}?" if near else options
    return TypeError(f"there is no argument {name!r}{hint}")


def parse_options(
    timeout: object, deadline: object, max_retries: object, max_body: object
) -> Options:
    """Validate the options of a client; ``None`` is the default."""
    return Options(
        timeouts=parse_timeout(timeout),
        deadline=None if deadline is None else seconds("deadline", deadline),
        max_retries=DEFAULT_MAX_RETRIES if max_retries is None else _retries(max_retries),
        max_body=DEFAULT_MAX_BODY
        if max_body is None
        else integer("max_body", max_body, 1, 2**31 - 1),
    )


def _headers(headers: object) -> dict[str, str | Secret]:
    """Validate headers of a call, and return them with names in lower case."""
    if not isinstance(headers, Mapping):
        raise TypeError(
            f"extra_headers must be a mapping of str to str, not {type(headers).__name__}"
        )
    checked: dict[str, str | Secret] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ValueError("extra_headers has a name that can't be the name of a header")
        place = f"extra_headers[{name!r}]"
        if name.lower() in _OWN_HEADERS:
            raise ValueError(f"{place} can't be set: it belongs to the connection or the body")
        text = concealed(value.reveal()) if isinstance(value, Secret) else string(place, value)
        header(place, text)
        checked[name.lower()] = value
    return checked


def _retries(value: object) -> int:
    return integer("max_retries", value, 0, _MAX_RETRIES_LIMIT)


def parse_timeout(value: object) -> Timeouts:
    """Validate a timeout; ``None`` is the default of 10 minutes.

    A number limits the attempt as a whole, even while bytes keep arriving. An ``httpx.Timeout``
    limits each of its parts, as it does in httpx.
    """
    parts = getattr(value, "as_dict", None)
    if parts is not None:
        return Timeouts(total=None, **parts())
    total = DEFAULT_TIMEOUT if value is None else seconds("timeout", value)
    connect = min(CONNECT_TIMEOUT, total)
    return Timeouts(total=total, connect=connect, read=total, write=total, pool=total)


def conceal_options(options: Mapping[str, object]) -> None:
    """Conceal, in the caller's frame too, what may be a key."""
    values = cast("dict[str, object]", options)
    for name in _SECRET_OPTIONS & values.keys():
        values[name] = concealed(values[name])


def call_options(options: CopyOptions) -> dict[str, object]:
    """Return those options of a copy that a call takes, too.

    Raises:
        TypeError: If there is no such option.
    """
    own = {name: value for name, value in options.items() if name not in _COPY_OPTIONS}
    unknown = own.keys() - set(_CALL_OPTIONS)
    if unknown:
        raise _unknown_argument(min(unknown), _COPY_OPTIONS)
    return own


def parse_on_error(value: str) -> OnError:
    """Validate ``on_error``."""
    if value == "raise":
        return "raise"
    if value == "none":
        return "none"
    raise ValueError(f"on_error must be 'raise' or 'none', not {value!r}")


def seconds(name: str, value: object) -> float:
    """Validate a positive, finite number of seconds."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not 0 < value <= sys.float_info.max:
        raise ValueError(f"{name} must be a positive, finite number of seconds, not {value}")
    return float(value)
