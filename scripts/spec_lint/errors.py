"""Rules for error responses: their statuses, body and headers."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Operation, Problems, Spec


@dataclass(frozen=True)
class ErrorStatuses:
    """The error statuses of an API, by the input of an operation.

    Attributes:
        always: Every operation.
        identifier: One that addresses a single resource: by a required parameter, or by one of
            `OPTIONAL_IDENTIFIERS`.
        parameters: One with any parameter or a body.
        body: One with a body.
    """

    always: frozenset[str]
    identifier: frozenset[str] = frozenset({"404"})
    parameters: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()


# The sources: public: the vendor's client; v2: the vendor's documentation, and 404 inferred; v0:
# inferred. An API that reports a status as "5xx" has the range, the others the code.
STATUSES = {
    "public": ErrorStatuses(frozenset({"400", "401", "403", "409", "422", "429", "5XX"})),
    "v2": ErrorStatuses(frozenset({"400", "401", "403", "500"})),
    "v0": ErrorStatuses(
        always=frozenset({"401", "429", "5XX"}),
        parameters=frozenset({"400"}),
        body=frozenset({"402", "404", "415"}),
    ),
}

# The optional parameters that address a single resource, which may not exist. Any other optional
# parameter is a filter: without a match the list is empty, which is no error.
OPTIONAL_IDENTIFIERS = (
    # Selects the benchmark type whose scores are returned instead of the aggregate over all.
    "benchmarkTypeId",
)


def statuses(spec: Spec) -> Problems:
    """Check that an operation documents exactly the error statuses it can return."""
    table = STATUSES.get(spec.name)
    if table is None:
        yield (
            spec.root,
            f"no error statuses are defined for {spec.name}, only for {', '.join(STATUSES)}",
        )
        return
    for operation in spec.operations():
        site = operation.child("responses")
        documented = {status for status, _ in spec.responses(operation) if status[0] != "2"}
        expected = _expected(spec, table, operation)
        for status in sorted(expected - documented):
            yield site, f"{status} is missing"
        for status in sorted(documented - expected):
            yield site.child(status), f"{status} is not expected of this operation"


def bodies(spec: Spec) -> Problems:
    """Check that an error is an ErrorResponse, as JSON."""
    expected = "#/components/schemas/ErrorResponse"
    for operation in spec.operations():
        for status, site in spec.responses(operation):
            schema = site.child("content", "application/json", "schema")
            if status[0] != "2" and schema.node.get("$ref") != expected:
                yield site, f"its application/json body is not {expected}"


def request_id(spec: Spec) -> Problems:
    """Check that every response, success or error, has the header x-request-id."""
    for operation in spec.operations():
        for _, site in spec.responses(operation):
            if "x-request-id" not in {name.lower() for name in site.node.get("headers", {})}:
                yield site, "header x-request-id is missing"


def _expected(spec: Spec, table: ErrorStatuses, operation: Operation) -> frozenset[str]:
    parameters = [site.node for site in spec.parameters(operation)]
    body = spec.body(operation)
    expected = table.always
    if any(node.get("required") or node.get("name") in OPTIONAL_IDENTIFIERS for node in parameters):
        expected |= table.identifier
    if parameters or body:
        expected |= table.parameters
    if body:
        expected |= table.body
    if operation.node.get("security") == []:
        expected -= {"401", "403"}
    return expected
