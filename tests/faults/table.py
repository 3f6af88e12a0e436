"""The outcome of each fault.

The tests check it, and ``docs/what-happens-when.md`` shows it: `page_tables` returns the tables of
that page.
"""

from __future__ import annotations

from dataclasses import dataclass

VALUE = "the value"
AGAIN = "the value, at the second attempt"
ACCEPTED = "accepted"
FOUND = "accepted, found in the list"
UNKNOWN = "`SubmissionUnknown`"
NOT_SENT = "`APIConnectionError`, nothing was sent"
BROKEN = "`APIConnectionError`"
LATE = "`DeadlineExceededError`"
MISFIT = "`APIResponseValidationError`"
STATUS = "`APIStatusError`"
SERVER = "`ServerError`"
NOT_POSSIBLE = "not possible"

WITHOUT_RESPONSE = {NOT_SENT, BROKEN, LATE}
"""The outcomes of reads that get no whole response."""


@dataclass(frozen=True)
class Row:
    """One fault and its outcomes.

    Attributes:
        fault: Its name in `support.fault_kinds.FAULTS`.
        text: What happens, for the page.
        once: The outcome of a read if it happens to the first request.
        always: The outcome of a read if it happens to every request.
        done: The outcome of a submission if it happens to it and the jobs were created.
        undone: The outcome of a submission if it happens to it and no job was created.
        is_held: Whether the connection stays open, so that only a timeout ends the attempt.
    """

    fault: str
    text: str
    once: str = AGAIN
    always: str = BROKEN
    done: str = FOUND
    undone: str = UNKNOWN
    is_held: bool = False


def _held(fault: str, text: str) -> Row:
    return Row(fault, text, always=LATE, is_held=True)


def _right(fault: str, text: str) -> Row:
    return Row(fault, text, VALUE, VALUE, ACCEPTED, NOT_POSSIBLE)


def _wrong(fault: str, text: str, error: str = MISFIT) -> Row:
    return Row(fault, text, error, error)


def _refusal(fault: str, text: str, error: str) -> Row:
    return Row(fault, text, error, error, NOT_POSSIBLE, error)


CONNECTION = [
    Row("refused", "Nothing listens on the port.", AGAIN, NOT_SENT, NOT_POSSIBLE, NOT_SENT),
    Row(
        "closed-on-accept", "The connection is closed as soon as it is accepted.", done=NOT_POSSIBLE
    ),
    Row("reset-unread", "It is reset before the request was read.", done=NOT_POSSIBLE),
    Row("closed-after-request", "It is closed after the request was read, without a response."),
    Row("reset-after-request", "It is reset after the request was read."),
    Row("reset-in-head", "It is reset in the middle of the response's headers."),
    Row("reset-in-body", "It is reset in the middle of the response's body."),
    Row(
        "half-closed",
        "The service shuts down its side without a response and leaves the other open.",
    ),
    Row("half-closed-in-body", "The same in the middle of the body."),
    _right("closed-when-idle", "An idle connection is closed between two requests."),
    Row(
        "stale",
        "An idle connection is closed at the moment the next request arrives on it.",
        AGAIN,
        AGAIN,
        ACCEPTED,
        NOT_POSSIBLE,
    ),
    _right("early-reply", "The response arrives before the request's body was read."),
]

TIME = [
    _right("late", "The response arrives late, within the deadline."),
    _held("silent", "The response never arrives."),
    _held("silent-in-body", "The response stops in the middle of its body."),
    _held("drip-head", "Headers arrive byte by byte, without end."),
    _held("drip-status", "`100 Continue` arrives byte by byte, again and again."),
    _held("drip-body", "The body arrives byte by byte."),
    _held("drip-chunks", "The body arrives in chunks of one byte."),
    _held("drip-gzip", "Compressed bytes arrive one by one and decompress to nothing."),
]

FORM = [
    Row("not-http", "The response is of another protocol."),
    Row("bytes-at-random", "The response is random bytes."),
    Row("truncated", "The body is shorter than its declared length."),
    Row("chunks-cut", "The body breaks off between two chunks."),
    Row("chunks-garbage", "The size of a chunk is not a number."),
    Row("head-without-end", "The headers never end."),
    Row("huge-head", "A header of a megabyte."),
    Row("two-lengths", "Two different lengths are declared."),
    Row("length-not-a-number", "The declared length is negative."),
    _right("no-length", "No length is declared; the end of the connection ends the body."),
    _right("header-not-ascii", "A header holds bytes that are not ASCII."),
    _right("continue-in-front", "`100 Continue` and `103 Early Hints` precede the response."),
    Row("switching-protocols", "`101 Switching Protocols`."),
    _right("second-answer", "A second, unrequested response follows the right one."),
]

SIZE = [
    _wrong("huge-declared", "A body of a terabyte is declared and begins to arrive."),
    _wrong("huge-undeclared", "A body without a length does not end."),
    _wrong("huge-chunked", "Chunks do not end."),
    _wrong("gzip-bomb", "A megabyte that decompresses to a gigabyte."),
    _wrong("gzip-bomb-twice", "Less than a kilobyte that decompresses twice to 300 megabytes."),
    Row("gzip-truncated", "Compressed data breaks off."),
    Row("gzip-damaged", "Compressed data has a wrong checksum."),
    Row("gzip-not", "The body is declared as gzip and is not."),
    _wrong("coding-unknown", "A content coding that was not accepted."),
    _wrong("deep-json", "JSON, 10,000 levels deep."),
]

RESPONSE = [
    _wrong("empty", "200 without a body."),
    _wrong("no-content", "204.", STATUS),
    _wrong("not-json", "200 with a body that is not JSON."),
    _wrong("not-utf8", "200 with JSON that is not UTF-8."),
    _wrong("another-shape", "200 with JSON of another shape."),
    _right("wrong-type", "The right body with the wrong content type."),
    Row("408", "408.", always=STATUS),
    Row("500-html", "500 with a page of HTML.", always=SERVER),
    Row("502-html", "502 with a page of HTML.", always=SERVER),
    Row("503", "503 without `Retry-After`.", always=SERVER),
    Row("503-retry-after", "503 with a `Retry-After` within the deadline.", always=SERVER),
    _wrong("503-come-tomorrow", "503 with a `Retry-After` past the deadline.", SERVER),
    _wrong("520", "520, a non-standard status.", SERVER),
    _wrong("999", "999, an invalid status.", STATUS),
    *(
        _wrong(f"redirect-{status}", f"{status}, a redirect to another host.", STATUS)
        for status in (301, 302, 303, 307, 308)
    ),
    Row("429", "429.", AGAIN, "`RateLimitError`", NOT_POSSIBLE, "`RateLimitError`"),
    Row(
        "429-retry-after",
        "429 with a `Retry-After` within the deadline.",
        AGAIN,
        "`RateLimitError`",
        NOT_POSSIBLE,
        "`RateLimitError`",
    ),
    _refusal("401", "401.", "`AuthenticationError`"),
    _refusal("402", "402.", "`PaymentRequiredError`"),
    _refusal("422", "422.", "`UnprocessableEntityError`"),
]

GROUPS = {
    "The connection": CONNECTION,
    "Time": TIME,
    "The form of the response": FORM,
    "The size and the coding of the response": SIZE,
    "The response itself": RESPONSE,
}
ROWS = [row for rows in GROUPS.values() for row in rows]

_HEADS = (
    "what happens",
    "a read, if once",
    "a read, if each time",
    "a submission, jobs created",
    "a submission, no job created",
)


def page_tables() -> str:
    """Return the tables of the page, in Markdown."""
    parts = []
    for group, rows in GROUPS.items():
        lines = [
            f"### {group}",
            "",
            f"| {' | '.join(_HEADS)} |",
            f"|{' --- |' * len(_HEADS)}",
            *(
                f"| {row.text} | {row.once} | {row.always} | {row.done} | {row.undone} |"
                for row in rows
            ),
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page_tables(), end="")
