"""The client side of the contract: generated responses through the generated models, and back.

`tests/generated/` has the examples of the specifications, and a table of what is rejected; here
thousands of responses are generated from the schemas.
"""

from __future__ import annotations

import ast
import importlib
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_python_client.strings import snake_case

from benchwire_api.errors import DecodeError, StatusError
from benchwire_api.types import Response
from contract.spec_values import (
    DocumentedResponse,
    corrupted,
    documented_responses,
    equivalent,
)

RESPONSES = list(documented_responses())
EXAMPLES = 250

many = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def parse(documented: DocumentedResponse, body: Any) -> Any:
    """Parse a body with the client into a model or a list of models."""
    name = f"benchwire_api.{documented.api}.api.{documented.tag}.{snake_case(documented.operation)}"
    operation = importlib.import_module(name)
    status = int(documented.status.replace("X", "0"))
    response = Response(status_code=status, content=orjson.dumps(body))
    if status < 300:
        return operation.parse_response(response)
    with pytest.raises(StatusError) as caught:
        operation.parse_response(response)
    return caught.value.parsed


def serialize(result: Any) -> Any:
    return [model.to_dict() for model in result] if isinstance(result, list) else result.to_dict()


def test_the_responses_are_those_of_the_specifications() -> None:
    assert len(RESPONSES) > 17
    assert {documented.api for documented in RESPONSES} == {"public", "v2", "v0"}


@pytest.mark.parametrize("documented", RESPONSES, ids=str)
def test_a_valid_response_is_preserved(documented: DocumentedResponse) -> None:
    validator = documented.validator

    @many
    @given(documented.bodies)
    def check(body: Any) -> None:
        assert validator.is_valid(body), list(validator.iter_errors(body))[:1]
        result = parse(documented, body)
        back = serialize(result)
        assert equivalent(documented.schema, documented.spec, body, back), (body, back)
        # What was written is read as the same again, as JSON on the wire too.
        assert parse(documented, orjson.loads(orjson.dumps(back))) == result

    check()


@pytest.mark.parametrize("documented", RESPONSES, ids=str)
def test_an_invalid_response_is_tolerated_or_rejected_with_a_path(
    documented: DocumentedResponse,
) -> None:
    validator = documented.validator
    seen = {"rejected": 0, "tolerated": 0}

    @many
    @given(corrupted(documented.bodies))
    def check(body: Any) -> None:
        try:
            content = orjson.dumps(body)
        except TypeError:
            return  # an integer that no JSON parser of ours returns
        if validator.is_valid(orjson.loads(content)):
            return
        rejection: DecodeError | None = None
        try:
            result = parse(documented, body)
        except DecodeError as error:
            rejection = error
        if rejection is None:
            if result is not None:
                serialize(result)
            seen["tolerated"] += 1
            return
        assert rejection.path.startswith("$")
        assert rejection.expected
        assert rejection.got
        assert leads_somewhere(rejection, body)
        seen["rejected"] += 1

    check()
    assert sum(seen.values()) > EXAMPLES // 10
    if documented.status.startswith("2"):
        assert seen["rejected"] > 0


def leads_somewhere(error: DecodeError, body: Any) -> bool:
    """Check that the path of an error leads to the wrong value, or to where one is missing."""
    text = error.path[1:]
    missing = error.got == "nothing"
    while text:
        if text.startswith("."):
            step, rest = _name(text[1:])
        else:
            step, rest = _bracket(text)
        if missing and not rest:
            return isinstance(body, dict) and step not in body
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return False
        text = rest
    return True


def _name(text: str) -> tuple[str, str]:
    end = next((i for i, character in enumerate(text) if character in ".["), len(text))
    return text[:end], text[end:]


def _bracket(text: str) -> tuple[Any, str]:
    if text[1] in "'\"":
        # A key formatted as by repr(): find the bracket that ends it.
        for end in range(3, len(text) + 1):
            if text[end - 1] == "]":
                try:
                    return ast.literal_eval(text[1 : end - 1]), text[end:]
                except (SyntaxError, ValueError):
                    continue
    end = text.index("]")
    return int(text[1:end]), text[end + 1 :]


@given(st.data())
@settings(max_examples=20, derandomize=True, database=None, deadline=None)
def test_equivalent_detects_a_loss(data: st.DataObject) -> None:
    documented = next(
        documented for documented in RESPONSES if documented.operation == "getEvaluation"
    )
    body = data.draw(documented.bodies)
    for key in ("id", "status", "model_id", "dataset_id"):
        assert not equivalent(documented.schema, documented.spec, body, {**body, key: "another"})
        assert not equivalent(
            documented.schema, documented.spec, body, {k: v for k, v in body.items() if k != key}
        )
