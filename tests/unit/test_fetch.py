"""Responses: the error of each status, its message, and invalid bodies."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from benchwire import errors
from benchwire._requests.fetch import parse_received
from benchwire._transport.received import Received
from benchwire_api.types import Request
from benchwire_api.v0.api.account import get_account
from benchwire_api.v0.api.jobs import get_job
from support import wire

REQUEST = Request(operation_id="getJob", method="GET", path="/v0/jobs/j1", query="a=secret")


def read(status: int, content: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Received(status_code=status, headers=named, content=content)
    return parse_received(REQUEST, response, get_job.parse_response)


STATUSES: list[tuple[int, type[errors.APIStatusError]]] = [
    (100, errors.APIStatusError),
    (201, errors.APIStatusError),
    (204, errors.APIStatusError),
    (302, errors.APIStatusError),
    (400, errors.BadRequestError),
    (401, errors.AuthenticationError),
    (402, errors.PaymentRequiredError),
    (403, errors.PermissionDeniedError),
    (404, errors.NotFoundError),
    (405, errors.APIStatusError),
    (409, errors.ConflictError),
    (415, errors.APIStatusError),
    (418, errors.APIStatusError),
    (422, errors.UnprocessableEntityError),
    (429, errors.RateLimitError),
    (499, errors.APIStatusError),
    (500, errors.ServerError),
    (503, errors.ServerError),
    (520, errors.ServerError),
    (599, errors.ServerError),
    (600, errors.APIStatusError),
    (999, errors.APIStatusError),
]


@pytest.mark.parametrize(("status", "kind"), STATUSES)
def test_each_status_is_an_error_of_its_class(
    status: int, kind: type[errors.APIStatusError]
) -> None:
    with pytest.raises(errors.APIStatusError) as caught:
        read(status, b'{"error": "No such job."}', x_request_id="r1", retry_after="5")
    error = caught.value
    assert type(error) is kind
    assert str(error) == f"GET /v0/jobs/j1 returned status {status}: No such job."
    assert (error.status_code, error.operation, error.request_id) == (status, "getJob", "r1")
    assert error.body == {"error": "No such job."}
    assert error.headers["retry-after"] == "5"
    assert error.__cause__ is None
    assert error.__context__ is None


MESSAGES: dict[str, tuple[bytes, str]] = {
    "error": (b'{"error": "no"}', ": no"),
    "message": (b'{"message": "no"}', ": no"),
    "detail": (b'{"detail": "no"}', ": no"),
    "title": (b'{"title": "no", "status": 404}', ": no"),
    "nested": (b'{"error": {"code": 5, "message": "no"}}', ": no"),
    "nested twice": (b'{"error": {"error": {"message": "no"}}}', ": no"),
    "the first that is not empty": (b'{"error": "", "message": null, "detail": "no"}', ": no"),
    "error before message": (b'{"message": "b", "error": "a"}', ": a"),
    "a JSON text": (b'"no"', ": no"),
    "HTML": (b"<html>\n  <h1>Bad  gateway</h1></html>", ": <html> <h1>Bad gateway</h1></html>"),
    "cut-off JSON": (b'{"error": "n', ': {"error": "n'),
    "bytes that are no text": (b"\xff\xfe", ": \ufffd\ufffd"),
    "nothing": (b"", ""),
    "an empty object": (b"{}", ""),
    "a list": (b'[{"error": "no"}, {"error": "nor"}]', ": no; nor"),
    "a number": (b'{"error": 5}', ""),
    "too long": (orjson.dumps({"error": "x" * 600}), ": " + "x" * 499 + "…"),
    "deeper than is kept": (
        b'{"error":' * 200 + b"1" + b"}" * 200,
        ": " + ('{"error":' * 200)[:499] + "…",
    ),
    "deeper than a parser goes": (b'{"error":' * 9000, ": " + ('{"error":' * 9000)[:499] + "…"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_message_is_found_in_any_documented_form(name: str) -> None:
    content, message = MESSAGES[name]
    with pytest.raises(errors.NotFoundError) as caught:
        read(404, content)
    assert str(caught.value) == "GET /v0/jobs/j1 returned status 404" + message


CODES: dict[str, tuple[bytes, str | None]] = {
    "beside the message": (b'{"error": {"message": "no", "code": "NotFound"}}', "NotFound"),
    "a number": (b'{"error": {"message": "no", "code": 5}}', "5"),
    "of the whole body": (b'{"message": "no", "code": "E1"}', "E1"),
    "beside a text": (b'{"error": "no", "code": "E1"}', "E1"),
    "the inner one first": (b'{"error": {"code": "inner"}, "code": "outer"}', "inner"),
    "the outer one, if the inner is empty": (b'{"error": {"code": ""}, "code": "o"}', "o"),
    "too long": (orjson.dumps({"code": "x" * 600}), "x" * 499 + "…"),
    "null": (b'{"error": {"message": "no", "code": null}}', None),
    "a boolean": (b'{"code": true}', None),
    "an object": (b'{"error": {"code": {"code": "x"}}}', None),
    "none": (b'{"error": "no"}', None),
    "a list": (b'[{"code": "x"}]', None),
    "HTML": (b"<p>", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize("name", CODES)
def test_the_code_is_found_in_any_known_form(name: str) -> None:
    content, code = CODES[name]
    with pytest.raises(errors.NotFoundError) as caught:
        read(404, content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("content", "body"),
    [(b"", None), (b"[1]", [1]), (b"<p>", "<p>"), (b"null", None), (b"\xff", "\ufffd")],
)
def test_the_body_is_kept(content: bytes, body: object) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        read(404, content)
    assert caught.value.body == body


INVALID: dict[str, tuple[bytes, str, str]] = {
    "HTML": (b"<html>hello</html>", "$", "JSON"),
    "nothing": (b"", "$", "JSON"),
    "cut off": (orjson.dumps(wire.completed("j1"))[:-5], "$", "JSON"),
    "another type": (b"[]", "$", "an object"),
}


@pytest.mark.parametrize("name", INVALID)
def test_a_body_that_does_not_match_the_spec_is_an_error_with_its_path(name: str) -> None:
    content, path, expected = INVALID[name]
    with pytest.raises(errors.APIResponseValidationError) as caught:
        read(200, content, x_request_id="r1")
    error = caught.value
    assert error.path == path
    assert error.expected.startswith(expected)
    assert (error.status_code, error.operation, error.request_id) == (200, "getJob", "r1")
    assert str(error) == (
        "GET /v0/jobs/j1 returned status 200 with a body that does not match the spec: at"
        f" {path} expected {error.expected}, got {error.got}"
    )
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("content", "path", "expected"),
    [
        (b'{"available_credits": {}}', "$.available_credits", ""),
        (b'{"account_id": "a"}', "$.available_credits", "a required field"),
    ],
)
def test_a_field_that_does_not_match_the_spec_is_named(
    content: bytes, path: str, expected: str
) -> None:
    response = Received(status_code=200, headers={}, content=content)
    with pytest.raises(errors.APIResponseValidationError) as caught:
        parse_received(get_account.build_request(), response, get_account.parse_response)
    assert caught.value.path == path
    assert caught.value.expected.startswith(expected)


def test_unknown_values_and_fields_are_kept() -> None:
    job = read(200, orjson.dumps(wire.job("j1", "asleep", colour="red")))
    assert (job.status, job.additional_properties) == ("asleep", {"colour": "red"})
