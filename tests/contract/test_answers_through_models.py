"""The client side of the contract: generated answers through the generated models, and back.

`tests/generated/` has the examples of the specifications, and a table of what is refused; here
thousands of answers are made from the schemas.
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
from contract.spec_values import Answer, answers, same, spoilt

ANSWERS = list(answers())
EXAMPLES = 250

many = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def read(answer: Answer, body: Any) -> Any:
    """What the client makes of a body: the model, or the list of them."""
    name = f"benchwire_api.{answer.api}.api.{answer.tag}.{snake_case(answer.operation)}"
    operation = importlib.import_module(name)
    status = int(answer.status.replace("X", "0"))
    response = Response(status_code=status, content=orjson.dumps(body))
    if status < 300:
        return operation.parse_response(response)
    with pytest.raises(StatusError) as caught:
        operation.parse_response(response)
    return caught.value.parsed


def written(result: Any) -> Any:
    return [model.to_dict() for model in result] if isinstance(result, list) else result.to_dict()


def test_the_answers_are_those_of_the_specifications() -> None:
    assert len(ANSWERS) > 17
    assert {answer.api for answer in ANSWERS} == {"public", "v2", "v0"}


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_what_satisfies_the_specification_comes_back_without_loss(answer: Answer) -> None:
    validator = answer.validator

    @many
    @given(answer.bodies)
    def check(body: Any) -> None:
        assert validator.is_valid(body), list(validator.iter_errors(body))[:1]
        result = read(answer, body)
        back = written(result)
        assert same(answer.schema, answer.spec, body, back), (body, back)
        # What was written is read as the same again, as JSON on the wire too.
        assert read(answer, orjson.loads(orjson.dumps(back))) == result

    check()


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_what_does_not_satisfy_it_is_tolerated_or_refused_with_a_path(answer: Answer) -> None:
    validator = answer.validator
    seen = {"refused": 0, "tolerated": 0}

    @many
    @given(spoilt(answer.bodies))
    def check(body: Any) -> None:
        try:
            content = orjson.dumps(body)
        except TypeError:
            return  # an integer no JSON reader of ours would give
        if validator.is_valid(orjson.loads(content)):
            return
        refusal: DecodeError | None = None
        try:
            result = read(answer, body)
        except DecodeError as error:
            refusal = error
        if refusal is None:
            if result is not None:
                written(result)
            seen["tolerated"] += 1
            return
        assert refusal.path.startswith("$")
        assert refusal.expected
        assert refusal.got
        assert leads_somewhere(refusal, body)
        seen["refused"] += 1

    check()
    assert sum(seen.values()) > EXAMPLES // 10
    if answer.status.startswith("2"):
        assert seen["refused"] > 0


def leads_somewhere(error: DecodeError, body: Any) -> bool:
    """Whether the path of an error leads to what is wrong, or to where it is missing."""
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
        # A key as Python writes it: find the bracket that ends it.
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
def test_the_comparison_of_this_file_sees_a_loss(data: st.DataObject) -> None:
    answer = next(answer for answer in ANSWERS if answer.operation == "getEvaluation")
    body = data.draw(answer.bodies)
    for key in ("id", "status", "model_id", "dataset_id"):
        assert not same(answer.schema, answer.spec, body, {**body, key: "another"})
        assert not same(
            answer.schema, answer.spec, body, {k: v for k, v in body.items() if k != key}
        )
