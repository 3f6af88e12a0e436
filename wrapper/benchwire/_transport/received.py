"""A response as operations read it."""

from __future__ import annotations

from attrs import field, frozen

from benchwire._transport.redaction import Redactor
from benchwire_api.types import Response, ResponseInfo


@frozen
class BodyFault:
    """What is wrong with a response body.

    Attributes:
        text: What is said of it.
        is_transient: Whether it broke on its way, so that it may arrive whole the next time.
        is_too_large: Whether it is larger than the limit.
    """

    text: str
    is_transient: bool
    is_too_large: bool = False


@frozen(kw_only=True)
class Received(Response):
    """A response, with what the transport knows of it.

    Attributes:
        url: The URL of the request.
        attempts: How many requests it took.
        fault: What is wrong with the body, if something is; ``content`` then holds its beginning.
        retry_stopped: Why an error was not retried (once more), where there is a reason to report.
        redactor: Redacts the secrets that the service may send back.
    """

    url: str = field(default="", repr=False)
    attempts: int = 1
    fault: BodyFault | None = None
    retry_stopped: str | None = None
    redactor: Redactor = field(factory=Redactor)

    @property
    def break_off(self) -> BodyFault | None:
        """What broke the body of a success off, which may arrive whole the next time."""
        is_broken = self.status_code < 400 and self.fault is not None and self.fault.is_transient
        return self.fault if is_broken else None

    @property
    def info(self) -> ResponseInfo:
        """The ``response_info`` of a result."""
        return ResponseInfo(
            status_code=self.status_code,
            headers={name: self.redactor.text(value) for name, value in self.headers.items()},
            attempts=self.attempts,
        )
