"""What comes of each fault: the one statement of it.

The tests hold the SDK to it, and ``docs/what-happens-when.md`` shows it: `page_tables` is what has to
stand there.
"""

from __future__ import annotations

from dataclasses import dataclass

VALUE = "the value"
AGAIN = "the value, at the second attempt"
ACCEPTED = "accepted"
FOUND = "accepted, found in the list"
UNKNOWN = "`SubmissionUnknown`"
REFUSED = "`APIConnectionError`, nothing was sent"
BROKEN = "`APIConnectionError`"
LATE = "`DeadlineExceededError`"
MISFIT = "`APIResponseValidationError`"
STATUS = "`APIStatusError`"
SERVER = "`ServerError`"
NOT_POSSIBLE = "not possible"


@dataclass(frozen=True)
class Row:
    """One fault and what comes of it.

    Attributes:
        fault: Its name in `support.fault_kinds.FAULTS`.
        says: What happens, for the page.
        once: What a read gives if it happens to the first request.
        always: What a read gives if it happens to every request.
        done: What a submission gives if it happens to that and the jobs were made.
        undone: What a submission gives if it happens to that and no job was made.
        is_held: Whether the connection stays open, so that only time ends the attempt.
    """

    fault: str
    says: str
    once: str = AGAIN
    always: str = BROKEN
    done: str = FOUND
    undone: str = UNKNOWN
    is_held: bool = False


def _held(fault: str, says: str) -> Row:
    return Row(fault, says, always=LATE, is_held=True)


def _right(fault: str, says: str) -> Row:
    return Row(fault, says, VALUE, VALUE, ACCEPTED, NOT_POSSIBLE)


def _wrong(fault: str, says: str, error: str = MISFIT) -> Row:
    return Row(fault, says, error, error)


def _refusal(fault: str, says: str, error: str) -> Row:
    return Row(fault, says, error, error, NOT_POSSIBLE, error)


CONNECTION = [
    Row("refused", "Nobody listens.", AGAIN, REFUSED, NOT_POSSIBLE, REFUSED),
    Row("closed-on-accept", "The connection is closed as soon as it is there.", done=NOT_POSSIBLE),
    Row("reset-unread", "It is reset before the request was read.", done=NOT_POSSIBLE),
    Row("closed-after-request", "It is closed after the request was read, without an answer."),
    Row("reset-after-request", "It is reset after the request was read."),
    Row("reset-in-head", "It is reset in the middle of the answer's headers."),
    Row("reset-in-body", "It is reset in the middle of the answer's body."),
    Row("half-closed", "The service ends its side without an answer and leaves the other open."),
    Row("half-closed-in-body", "The same in the middle of the body."),
    _right("closed-when-idle", "A kept connection is closed between two requests."),
    Row(
        "stale",
        "A kept connection is closed at the moment the next request arrives on it.",
        AGAIN,
        AGAIN,
        ACCEPTED,
        NOT_POSSIBLE,
    ),
    _right("early-reply", "The answer comes before the request's body was read."),
]

TIME = [
    _right("late", "The answer comes late, and in time."),
    _held("silent", "The answer never comes."),
    _held("silent-in-body", "The answer stops in the middle of its body."),
    _held("drip-head", "Headers drip in byte by byte, without an end."),
    _held("drip-status", "`100 Continue` drips in again and again."),
    _held("drip-body", "The body drips in byte by byte."),
    _held("drip-chunks", "The body drips in in chunks of one byte."),
    _held("drip-gzip", "Compressed bytes drip in and nothing comes out of them."),
]

FORM = [
    Row("not-http", "The answer is another protocol's."),
    Row("bytes-at-random", "The answer is bytes at random."),
    Row("truncated", "The body is shorter than its declared length."),
    Row("chunks-cut", "The body breaks off between two chunks."),
    Row("chunks-garbage", "The size of a chunk is no number."),
    Row("head-without-end", "The headers never end."),
    Row("huge-head", "A header has a megabyte."),
    Row("two-lengths", "Two different lengths are declared."),
    Row("length-not-a-number", "The declared length is negative."),
    _right("no-length", "No length is declared; the end of the connection ends the body."),
    _right("header-not-ascii", "A header holds bytes that are not ASCII."),
    _right(
        "continue-in-front", "`100 Continue` and `103 Early Hints` stand in front of the answer."
    ),
    Row("switching-protocols", "`101 Switching Protocols`."),
    _right("second-answer", "A second answer, which nobody asked for, follows the right one."),
]

SIZE = [
    _wrong("huge-declared", "A body of a terabyte is declared and begins to arrive."),
    _wrong("huge-undeclared", "A body without a length does not end."),
    _wrong("huge-chunked", "Chunks do not end."),
    _wrong("gzip-bomb", "A megabyte that decompresses to a gigabyte."),
    _wrong("gzip-bomb-twice", "Less than a kilobyte that decompresses twice to 300 megabytes."),
    Row("gzip-truncated", "Compressed data breaks off."),
    Row("gzip-damaged", "Compressed data has a wrong checksum."),
    Row("gzip-not", "What is called gzip is none."),
    _wrong("coding-unknown", "A content coding that was not asked for."),
    _wrong("deep-json", "JSON, 10,000 levels deep."),
]

ANSWER = [
    _wrong("empty", "200 without a body."),
    _wrong("no-content", "204.", STATUS),
    _wrong("not-json", "200 with a body that is no JSON."),
    _wrong("not-utf8", "200 with JSON that is not UTF-8."),
    _wrong("another-shape", "200 with JSON of another shape."),
    _right("wrong-type", "The right body with the wrong content type."),
    Row("408", "408.", always=STATUS),
    Row("500-html", "500 with a page of HTML.", always=SERVER),
    Row("502-html", "502 with a page of HTML.", always=SERVER),
    Row("503", "503 without `Retry-After`.", always=SERVER),
    Row("503-retry-after", "503 with a `Retry-After` within the deadline.", always=SERVER),
    _wrong("503-come-tomorrow", "503 with a `Retry-After` beyond the deadline.", SERVER),
    _wrong("520", "520, which is no standard status.", SERVER),
    _wrong("999", "999, which is no status at all.", STATUS),
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
    "The form of the answer": FORM,
    "The size and the coding of the answer": SIZE,
    "The answer itself": ANSWER,
}
ROWS = [row for rows in GROUPS.values() for row in rows]

_HEADS = (
    "what happens",
    "a read, if once",
    "a read, if each time",
    "a submission, jobs made",
    "a submission, no job made",
)


def page_tables() -> str:
    """The tables as they stand on the page, in Markdown."""
    parts = []
    for group, rows in GROUPS.items():
        lines = [
            f"### {group}",
            "",
            f"| {' | '.join(_HEADS)} |",
            f"|{' --- |' * len(_HEADS)}",
            *(
                f"| {row.says} | {row.once} | {row.always} | {row.done} | {row.undone} |"
                for row in rows
            ),
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page_tables(), end="")
