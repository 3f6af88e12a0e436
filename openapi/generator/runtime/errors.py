"""The errors the packages raise for a response that is not the documented success."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BenchwireAPIError", "DecodeError", "StatusError"]


class BenchwireAPIError(Exception):
    """The base of every error these packages raise themselves."""


class DecodeError(BenchwireAPIError):
    """A body that does not fit the spec.

    Attributes:
        path: The place in the body, such as `$.models[3].id`.
        expected: What the spec requires there.
        got: The actual value: its type and the beginning of it.
    """

    def __init__(self, path: str, expected: str, got: str) -> None:
        super().__init__(path, expected, got)
        self.path = path
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.got}"

    def within(self, step: str) -> DecodeError:
        """Return the same error as seen from the enclosing level.

        Args:
            step: The step down from there, such as `.models[3]`.
        """
        return DecodeError(f"${step}{self.path[1:]}", self.expected, self.got)


class StatusError(BenchwireAPIError):
    """A status that is not a documented success.

    Attributes:
        status_code: The status, any integer.
        headers: The response's headers, with lower-case names.
        content: The body as it was received.
        parsed: The spec's error model, if the body fits it.
    """

    def __init__(
        self,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes,
        parsed: object | None = None,
    ) -> None:
        super().__init__(f"the response has status {status_code}")
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.parsed = parsed

    def __reduce__(self) -> tuple[type[StatusError], tuple[object, ...]]:
        # The exception's own args hold the message alone, so that a repr never shows the body.
        return type(self), (self.status_code, dict(self.headers), self.content, self.parsed)
