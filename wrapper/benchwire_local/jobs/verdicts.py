"""Parsing of a model's verdict: JSON with ``response`` and ``reasoning``. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence


class UnusableAnswerError(Exception):
    """The model's answer is not a verdict.

    Attributes:
        problem: The reason.
        text: The unmodified text; it may contain a secret and must be redacted before it is shown.
    """

    def __init__(self, problem: str, text: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.text = text


def verdict(text: str, labels: Sequence[str]) -> str:
    """Return the label in a model's answer.

    Args:
        text: JSON such as ``{"response": "SAFE", "reasoning": "…"}``, bare or in a code fence.
        labels: The benchmark's labels; letter case and surrounding whitespace are ignored.

    Returns:
        The label in the benchmark's spelling.

    Raises:
        UnusableAnswerError: No JSON object, no ``response``, or an unknown label.
    """
    answer = _json_object(text)
    response = answer.get("response")
    if not isinstance(response, str):
        raise UnusableAnswerError("the answer has no text in `response`", text)
    folded = response.strip().casefold()
    for label in labels:
        if label.casefold() == folded:
            return label
    raise UnusableAnswerError(f"the answer's label is not one of {', '.join(labels)}", response)


def _json_object(text: str) -> dict[str, Any]:
    for candidate in (text, _fenced(text)):
        if candidate is None:
            continue
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            return value
    raise UnusableAnswerError("the answer is not a JSON object", text)


def _fenced(text: str) -> str | None:
    """Return the content of the first code fence whose opening ends its line, if there is one.

    Each character is read once: a pattern with two quantifiers would take the square of the length.
    """
    for part in text.split("```")[1:-1]:
        content = part.lstrip("`")  # a longer fence
        content = content[4:] if content[:4].lower() == "json" else content
        stripped = content.lstrip()
        if "\n" in content[: len(content) - len(stripped)]:
            return stripped
    return None
