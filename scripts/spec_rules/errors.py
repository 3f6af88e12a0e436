"""Rules for error responses: which statuses, which body, which headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .model import Finding, Operation, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


@dataclass(frozen=True)
class ErrorStatuses:
    """The error statuses of an API, by what an operation takes.

    Args:
        always: Every operation.
        named: One that names a thing: by a required parameter, or by one of `NAMES_ONE`.
        parameters: One with any parameter or a body.
        body: One with a body.
    """

    always: frozenset[str]
    named: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()


# The statuses are those the vendors' documentation and clients name (public: read from the client;
# v2: the vendor's documentation, and 404 inferred; v0: inferred). An API that reports a status as
# "5xx" has the range, the others the code.
STATUSES = {
    "public": ErrorStatuses(
        always=frozenset({"400", "401", "403", "409", "422", "429", "5XX"}),
        named=frozenset({"404"}),
    ),
    "v2": ErrorStatuses(
        always=frozenset({"400", "401", "403", "500"}),
        named=frozenset({"404"}),
    ),
    "v0": ErrorStatuses(
        always=frozenset({"401", "429", "5XX"}),
        named=frozenset({"404"}),
        parameters=frozenset({"422"}),
        body=frozenset({"400", "402", "404", "415"}),
    ),
}

# The optional parameters that name one thing, which may not be there. Any other optional parameter
# is a filter: where it matches nothing, the list is empty and that is no error.
NAMES_ONE = frozenset(
    {
        # It chooses the type whose scores are given in place of the aggregate over all of them; of
        # a type that does not exist there are none to give.
        "benchmarkTypeId",
    }
)


def statuses(spec: Spec) -> Iterator[Finding]:
    """An operation lists exactly the error statuses it can answer with."""
    table = STATUSES.get(spec.name)
    if table is None:
        known = ", ".join(STATUSES)
        message = f"no error statuses are known for {spec.name}, only for {known}"
        yield Finding("#", "error-status", message)
        return
    for operation in spec.operations():
        site = operation.child("responses")
        listed = {status for status, _ in spec.responses(operation) if not status.startswith("2")}
        expected = _expected(spec, table, operation)
        for status in sorted(expected - listed):
            yield Finding(site.location, "error-status", f"{status} is missing")
        for status in sorted(listed - expected):
            place = site.child(status).location
            yield Finding(place, "error-status", f"{status} is not an answer of this operation")


def bodies(spec: Spec) -> Iterator[Finding]:
    """An error is an ErrorResponse, as JSON."""
    wanted = "#/components/schemas/ErrorResponse"
    for operation in spec.operations():
        for status, site in spec.responses(operation):
            if status.startswith("2"):
                continue
            schema = site.child("content", "application/json", "schema")
            if schema.node.get("$ref") != wanted:
                message = f"its application/json body is not {wanted}"
                yield Finding(site.location, "error-body", message)


def request_id(spec: Spec) -> Iterator[Finding]:
    """Every response, of success or error, has the header x-request-id."""
    for operation in spec.operations():
        for _, site in spec.responses(operation):
            if "x-request-id" not in {name.lower() for name in site.node.get("headers", {})}:
                message = "it has no header x-request-id"
                yield Finding(site.location, "request-id", message)


def _expected(spec: Spec, table: ErrorStatuses, operation: Operation) -> frozenset[str]:
    parameters = [site.node for site in spec.parameters(operation)]
    body = spec.body(operation)
    expected = table.always
    if any(_names_one(parameter) for parameter in parameters):
        expected |= table.named
    if parameters or body:
        expected |= table.parameters
    if body:
        expected |= table.body
    return expected


def _names_one(parameter: Mapping[str, Any]) -> bool:
    """Whether a parameter names one thing, which may not be there."""
    return bool(parameter.get("required")) or parameter.get("name") in NAMES_ONE
