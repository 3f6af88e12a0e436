"""Reads the verdict out of a model's text: JSON with ``response`` and ``reasoning``. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)


class UnusableAnswerError(Exception):
    """The model answered something that is no verdict.

    Attributes:
        problem: What is wrong with it.
        seen: The text in question, whole and as it came: it may echo a secret, so it is shown to
            nobody before that is taken out.
    """

    def __init__(self, problem: str, seen: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.seen = seen


def verdict(text: str, labels: Sequence[str]) -> str:
    """Find which label a model's text gives.

    Args:
        text: JSON such as ``{"response": "SAFE", "reasoning": "…"}``, bare or in a code fence.
        labels: The benchmark's labels; letter case and outer blanks make no difference.

    Returns:
        The label as the benchmark writes it.

    Raises:
        UnusableAnswerError: No JSON object, no ``response``, or a label the benchmark lacks.
    """
    answer = _json_object(text)
    response = answer.get("response")
    if not isinstance(response, str):
        raise UnusableAnswerError("the answer has no text in `response`", text)
    wanted = response.strip().casefold()
    for label in labels:
        if label.casefold() == wanted:
            return label
    raise UnusableAnswerError(f"the answer's label is not one of {', '.join(labels)}", response)


def _json_object(text: str) -> dict[str, Any]:
    fence = _FENCE.search(text)
    for candidate in (text, fence.group(1) if fence else None):
        if candidate is None:
            continue
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            return value
    raise UnusableAnswerError("the answer is not a JSON object", text)
