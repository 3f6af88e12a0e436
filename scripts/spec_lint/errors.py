"""Rules for error responses: their statuses, body and headers."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Operation, Problems, Spec

# The error statuses of an API, by the input of an operation: "always", one that addresses a single
# resource ("identifier": by a required parameter, or one of `OPTIONAL_IDENTIFIERS`), one with any
# parameter or a body, and one with a body.
# The sources: public: the vendor's client; v2: the vendor's documentation, and 404 inferred; v0: the
# vendor's documentation, and 402, 415, 422 and 429 inferred. An API that reports a status as "5xx" has the range, the others the code.
STATUSES = {
    "public": {"always": {"400", "401", "403", "409", "422", "429", "5XX"}, "identifier": {"404"}},
    "v2": {"always": {"400", "401", "403", "500"}, "identifier": {"404"}},
    "v0": {
        "always": {"401", "429", "5XX"},
        "identifier": {"404"},
        "parameters": {"400"},
        "body": {"402", "404", "415", "422"},
    },
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
        known = ", ".join(STATUSES)
        yield spec.root, f"no error statuses are defined for {spec.name}, only for {known}"
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
    for _, status, site in spec.all_responses():
        schema = site.child("content", "application/json", "schema")
        if status[0] != "2" and schema.node.get("$ref") != expected:
            yield site, f"its application/json body is not {expected}"


def request_id(spec: Spec) -> Problems:
    """Check that every response, success or error, has the header x-request-id."""
    for _, _, site in spec.all_responses():
        if "x-request-id" not in {name.lower() for name in site.node.get("headers", {})}:
            yield site, "header x-request-id is missing"


def _expected(spec: Spec, table: Mapping[str, set[str]], operation: Operation) -> set[str]:
    parameters = [site.node for site in spec.parameters(operation)]
    body = spec.body(operation)
    inputs = {
        "always": True,
        "identifier": any(
            node.get("required") or node.get("name") in OPTIONAL_IDENTIFIERS for node in parameters
        ),
        "parameters": parameters or body,
        "body": body,
    }
    expected: set[str] = set()
    expected.update(*(table.get(name, ()) for name, is_given in inputs.items() if is_given))
    return expected - ({"401", "403"} if operation.node.get("security") == [] else set())
