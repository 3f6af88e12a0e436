"""The four API shapes of model endpoints: request body and location of the answer text.

Pure functions over JSON. The body names the model only if the job does (the ``gemini`` shape has it
in the URL).

============================ ==================================== ================================
shape                        request body                         answer text
============================ ==================================== ================================
``openai``                   ``model``, ``messages``              ``choices[0].message.content``
``openai_responses``         ``model``, ``instructions``,         text parts of the ``message``
                             ``input``                            items in ``output``
``gemini``                   ``systemInstruction``, ``contents``  ``candidates[0].content.parts``
``raw``                      ``model``, ``prompt`` (all of it as  the whole body: the verdict's
                             one text), ``messages`` (the same    JSON itself, or a text with it
                             as a list)                           in a code fence
============================ ==================================== ================================

The key is sent as ``Authorization: Bearer``, for ``gemini`` as ``x-goog-api-key``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.jobs.verdicts import UnusableAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchwire_local.jobs.prompts import Prompt


def key_header(provider: str, api_key: str) -> tuple[str, str]:
    """Return the header for the endpoint's key: lower-case name, and value."""
    if provider == "gemini":
        return "x-goog-api-key", api_key
    return "authorization", f"Bearer {api_key}"


def request_body(provider: str, model: str | None, prompt: Prompt) -> bytes:
    """Return the JSON body that sends a prompt to an endpoint of this shape."""
    body = _BODIES[provider](prompt)
    if model is not None and provider != "gemini":
        body = {"model": model, **body}
    return orjson.dumps(body)


def answer_text(provider: str, content: bytes) -> str:
    """Return the model's answer in a response body of this shape.

    Raises:
        UnusableAnswerError: The body is not of this shape.
    """
    raw = content.decode("utf-8", "replace")
    if provider == "raw":
        return raw
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise UnusableAnswerError("the response is not JSON", raw) from None
    location, extract = _ANSWERS[provider]
    try:
        text = extract(body)
    except (KeyError, IndexError, TypeError, AttributeError):
        text = None
    if not isinstance(text, str) or not text:
        raise UnusableAnswerError(f"the response has no text at {location}", raw)
    return text


def _chat_messages(prompt: Prompt) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": prompt.instruction},
        {"role": "user", "content": prompt.conversation},
    ]


def _openai(prompt: Prompt) -> dict[str, Any]:
    return {"messages": _chat_messages(prompt)}


def _openai_responses(prompt: Prompt) -> dict[str, Any]:
    return {
        "instructions": prompt.instruction,
        "input": [{"role": "user", "content": prompt.conversation}],
    }


def _gemini(prompt: Prompt) -> dict[str, Any]:
    return {
        "systemInstruction": {"parts": [{"text": prompt.instruction}]},
        "contents": [{"role": "user", "parts": [{"text": prompt.conversation}]}],
    }


def _raw(prompt: Prompt) -> dict[str, Any]:
    return {
        "prompt": f"{prompt.instruction}\n\n{prompt.conversation}",
        "messages": _chat_messages(prompt),
    }


def _openai_answer(body: Any) -> Any:
    content = body["choices"][0]["message"]["content"]
    if isinstance(content, list):  # some compatible servers send the text in parts
        return "".join(part["text"] for part in content if part["type"] == "text")
    return content


def _openai_responses_answer(body: Any) -> str:
    # `output` may also contain reasoning and tool items, which have no answer text.
    messages = [item for item in body["output"] if item["type"] == "message"]
    parts = [part for message in messages for part in message["content"]]
    return "".join(part["text"] for part in parts if part["type"] == "output_text")


def _gemini_answer(body: Any) -> str:
    parts = body["candidates"][0]["content"]["parts"]
    # Parts marked as thoughts are the model's reasoning, not its answer.
    return "".join(part["text"] for part in parts if not part.get("thought", False))


_BODIES: dict[str, Callable[[Prompt], dict[str, Any]]] = {
    "openai": _openai,
    "openai_responses": _openai_responses,
    "gemini": _gemini,
    "raw": _raw,
}
_ANSWERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "openai": ("choices[0].message.content", _openai_answer),
    "openai_responses": ("output[].content[].text", _openai_responses_answer),
    "gemini": ("candidates[0].content.parts[].text", _gemini_answer),
}
