"""The message of an error, in the shapes of common frameworks."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchwire._requests.messages import error_message
from benchwire._transport.redaction import Redactor
from benchwire.secret import Secret

SHAPES: dict[str, tuple[Any, list[str]]] = {
    "FastAPI": (
        {"detail": [
            {"loc": ["query", "page"], "msg": "not an integer", "type": "int_parsing"},
            {"loc": ["body", "rows", 0], "msg": "Field required", "type": "missing"},
        ]},
        ["query.page: not an integer", "body.rows.0: Field required"],
    ),
    "FastAPI, a text": ({"detail": "Not authenticated"}, ["Not authenticated"]),
    "FastAPI, an object": ({"detail": {"message": "no", "code": 3}}, ["no"]),
    "JSON:API": (
        {"errors": [{"status": "422", "source": {"pointer": "/data/name"}, "title": "Invalid",
                     "detail": "too short"}]},
        ["/data/name: too short"],
    ),
    "JSON:API, title alone": ({"errors": [{"status": "404", "title": "Gone"}]}, ["Gone"]),
    "Rails": ({"errors": {"name": ["can't be blank"], "base": ["is full"]}},
              ["name: can't be blank", "base: is full"]),
    "Rails, whole sentences": ({"errors": ["Name can't be blank"]}, ["Name can't be blank"]),
    "Rails, nested": ({"errors": {"owner": {"name": ["is bad"]}}}, ["owner: name: is bad"]),
    "fields of texts": ({"errors": {"owner": {"name": "is bad"}, "age": "is odd"}},
                        ["owner: name: is bad", "age: is odd"]),
    "DRF": ({"name": ["This field is required."], "non_field_errors": ["No."]},
            ["name: This field is required.", "non_field_errors: No."]),
    "DRF, nested": ({"rows": [{}, {"age": ["A valid integer is required."]}]},
                    ["rows: age: A valid integer is required."]),
    "DRF, a list": (["Too many rows."], ["Too many rows."]),
    "OAuth": ({"error": "invalid_grant", "error_description": "The code has expired."},
              ["The code has expired."]),
    "RFC 9457": (
        {"type": "about:blank", "title": "No credit", "status": 403, "detail": "Balance is 30."},
        ["Balance is 30."],
    ),
    "RFC 9457, extended": (
        {"title": "Invalid.", "invalid-params": [{"name": "age", "reason": "must be positive"}]},
        ["Invalid.", "age: must be positive"],
    ),
    "ASP.NET": ({"title": "One or more errors.", "status": 400, "errors": {"Name": ["Required."]}},
                ["One or more errors.", "Name: Required."]),
    "ASP.NET, old": ({"Message": "An error.", "ExceptionMessage": "x"}, ["An error."]),
    "Laravel": ({"message": "Invalid data.", "errors": {"email": ["Taken."]}},
                ["Invalid data.", "email: Taken."]),
    "Spring": ({"status": 400, "error": "Bad Request", "message": "page is 0", "path": "/v1"},
               ["page is 0"]),
    "Google": (
        {"error": {"code": 400, "message": "Bad name", "status": "INVALID_ARGUMENT",
                   "details": [{"fieldViolations": [], "reason": "NAME"}]}},
        ["Bad name", "NAME"],
    ),
    "GraphQL": ({"data": None, "errors": [{"message": "no field", "path": ["user", 0, "age"]}]},
                ["user.0.age: no field"]),
    "AWS": ({"__type": "ValidationException", "message": "no"}, ["no"]),
    "Apigee": ({"fault": {"faultstring": "Quota", "detail": {"errorcode": "x"}}}, ["Quota"]),
    "camel case": ({"errorMessage": "no"}, ["no"]),
    "plain text": ("upstream  timed\nout", ["upstream timed out"]),
    "a page": ("\n<!DOCTYPE html><html><head><title>502 Bad &amp; Gateway</title><p>x",
               ["502 Bad & Gateway"]),
    "a page whose title has attributes": ("<html><TITLE lang='en'>no</TITLE>", ["no"]),
    "CDATA": ("<error><message><![CDATA[a <b> is bad]]></message></error>", ["a <b> is bad"]),
    "a namespace": ("<e:error xmlns:e='x'><e:message>no</e:message></e:error>", ["no"]),
    "SOAP 1.2": ("<s:Fault><s:Reason><s:Text xml:lang='en'>No</s:Text></s:Reason></s:Fault>", ["No"]),
    "OData": ({"error": {"code": "", "message": {"lang": "en", "value": "No."}}}, ["No."]),
    "S3": ("<?xml version='1.0'?><Error><Code>X</Code><Message>Denied</Message>", ["Denied"]),
    "nothing": ({}, []),
    "what is no message": ({"id": 5, "ok": False, "data": {"rows": [1, 2.5, None]}}, []),
}  # fmt: skip


def message(body: object, *keys: str) -> str:
    return error_message(body, Redactor.of(map(Secret, keys)).text)


@pytest.mark.parametrize("name", SHAPES)
def test_the_message_of(name: str) -> None:
    body, expected = SHAPES[name]
    assert message(body) == "; ".join(expected)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("canary-7"),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(
        st.sampled_from(["error", "errors", "detail", "message", "loc", "source", "name", "x"])
        | st.text(), inner, max_size=12,
    ),
    max_leaves=12,
)  # fmt: skip


KEY = "abCD/ef+gh/IJ==k&l"
ESCAPED = {
    "in the path of a URL": quote(KEY),
    "in a query": quote_plus(KEY),
    "in lower case": "abCD%2fef%2bgh%2fIJ%3d%3dk%26l",
    "in part": "abCD/ef%2Bgh/IJ==k&l",
    "twice": quote(quote(KEY, safe="")),
    "in JSON of PHP": KEY.replace("/", r"\/"),
    "in JSON of Go": KEY.replace("&", r"\u0026"),
    "in HTML": html.escape(KEY),
    "in HTML, by numbers": KEY.replace("+", "&#43;").replace("=", "&#x3D;"),
}


@pytest.mark.parametrize("how", ESCAPED)
def test_a_key_is_redacted_that_is_escaped(how: str) -> None:
    redactor = Redactor.of([Secret("another key"), Secret(KEY)])
    assert redactor.text(f"<{ESCAPED[how]}>") == "<**********>"
    assert redactor.occurs_in(ESCAPED[how])
    assert not redactor.occurs_in(ESCAPED[how][1:])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_any_body_has_a_bounded_message_without_a_key(body: Any) -> None:
    found = message(body, "canary-7")
    assert len(found) <= 500
    assert "canary-7" not in found
    assert found == " ".join(found.split())


def test_a_key_that_markup_escapes() -> None:
    assert "a<b&c" not in message("<title>a&lt;b&amp;c is unknown</title>", "a<b&c")


@pytest.mark.parametrize(
    "tag", ["<title", "<title>", "<message ", "<", "<a:text><![CDATA[", "<a" * 80]
)
def test_hostile_markup(tag: str) -> None:
    assert len(message(tag * 10_000)) <= 500
    assert len(message(json.loads('{"errors":' * 90 + '"x"' + "}" * 90))) <= 500
