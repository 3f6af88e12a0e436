"""Formatting of a conversation as a prompt for the judging model. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Prompt:
    """The instruction for the model and the conversation it judges."""

    instruction: str
    conversation: str


def judge_prompt(
    question: str, labels: Sequence[str], messages: Sequence[dict[str, str]]
) -> Prompt:
    """Return the prompt for a verdict on a conversation, by a benchmark's question and labels."""
    instruction = (
        f"{question}\n"
        f"Labels: {', '.join(labels)}\n"
        'Answer with JSON only: {"response": "<one of the labels>", "reasoning": "<why, in one '
        'sentence>"}'
    )
    lines = [f"{message['role']}: {message['content']}" for message in messages]
    return Prompt(instruction, "Conversation:\n" + "\n".join(lines))
