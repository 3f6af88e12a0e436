"""The client side of the contract: generated responses through the generated models, and back.

`tests/generated/` has the examples of the specifications, and a table of what is rejected; here
thousands of responses are generated from the schemas.
"""

from __future__ import annotations

import ast
import importlib
import json
import time
from functools import cache
from random import Random
from typing import Any

import pytest
from openapi_python_client.strings import snake_case

from benchwire_api.errors import DecodeError, StatusError
from benchwire_api.types import Response
from contract.spec_values import (
    DocumentedResponse,
    corrupted,
    documented_responses,
    equivalent,
)
from contract.spelling import as_read, spelled

RESPONSES = list(documented_responses())
SOME = 400
some_or_thousands = pytest.mark.parametrize(
    ("count", "first"),
    [
        pytest.param(SOME, 0, id="some"),
        pytest.param(5_000, time.time_ns(), id="thousands", marks=pytest.mark.long),
    ],
)


@cache
def module(api: str, tag: str, operation: str) -> Any:
    return importlib.import_module(f"benchwire_api.{api}.api.{tag}.{snake_case(operation)}")


def parse(documented: DocumentedResponse, content: bytes) -> Any:
    """Parse a body with the client into a model or a list of models."""
    operation = module(documented.api, documented.tag, documented.operation)
    status = int(documented.status.replace("X", "0"))
    response = Response(status_code=status, content=content)
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


@some_or_thousands
@pytest.mark.parametrize("documented", RESPONSES, ids=str)
def test_a_valid_response_is_preserved(
    documented: DocumentedResponse, count: int, first: int
) -> None:
    validator = documented.validator
    for seed in range(first, first + count):
        random = Random(seed)
        content = spelled(documented.body(random), random)
        sent = as_read(content)
        assert validator.is_valid(sent), (seed, list(validator.iter_errors(sent))[:1])
        result = parse(documented, content)
        back = serialize(result)
        assert equivalent(documented.schema, documented.spec, sent, back), (seed, sent, back)
        # What was written is read as the same again, as JSON on the wire too.
        assert parse(documented, json.dumps(back).encode()) == result, (seed, back)


@some_or_thousands
@pytest.mark.parametrize("documented", RESPONSES, ids=str)
def test_an_invalid_response_is_tolerated_or_rejected_with_a_path(
    documented: DocumentedResponse, count: int, first: int
) -> None:
    validator = documented.validator
    seen = {"rejected": 0, "tolerated": 0}
    for seed in range(first, first + count):
        random = Random(seed)
        body = corrupted(documented.body(random), random)
        content = json.dumps(body).encode()
        body = as_read(content)
        if validator.is_valid(body):
            continue
        rejection = rejected(documented, content)
        seen["rejected" if rejection else "tolerated"] += 1
        if rejection:
            assert rejection.path.startswith("$")
            assert rejection.expected
            assert rejection.got
            assert leads_somewhere(rejection, body), (seed, rejection, body)
    assert sum(seen.values()) > count // 10
    if documented.status.startswith("2"):
        assert seen["rejected"] > 0


def rejected(documented: DocumentedResponse, content: bytes) -> DecodeError | None:
    try:
        result = parse(documented, content)
    except DecodeError as error:
        return error
    if result is not None:
        serialize(result)
    return None


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


def test_equivalent_detects_a_loss() -> None:
    documented = next(
        documented for documented in RESPONSES if documented.operation == "getEvaluation"
    )
    for seed in range(20):
        body = as_read(spelled(documented.body(Random(seed)), Random(seed)))
        for key in ("id", "status", "model_id", "dataset_id"):
            lost = {name: value for name, value in body.items() if name != key}
            assert not equivalent(documented.schema, documented.spec, body, lost)
            lost[key] = "another"
            assert not equivalent(documented.schema, documented.spec, body, lost)
