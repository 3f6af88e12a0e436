"""HTTP routes of the demo model, in the four shapes of model endpoints."""

from __future__ import annotations

import asyncio
import hmac
import re
import zlib
from typing import TYPE_CHECKING, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from benchwire_local.demo_model.judge import judge
from benchwire_local.http.request_bodies import BodyLimitError, read_bounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

MODEL = "benchwire-demo"
PATHS = {
    "openai": "/demo/v1/chat/completions",
    "openai_responses": "/demo/v1/responses",
    "gemini": f"/demo/v1beta/models/{MODEL}:generateContent",
    "raw": "/demo/raw",
}
_MAX_LATENCY_MS = 10_000
_WHOLE_NUMBER = re.compile(r"[0-9]{1,5}")


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def routes(*, api_key: str | None = None, latency_ms: int = 0) -> list[Route]:
    """Return the demo model's routes, one for each shape: see :data:`PATHS`.

    Args:
        api_key: The required key; ``None`` accepts any.
        latency_ms: The delay of each response. A request may override it in the query:
            ``?latency_ms=200``, at most 10,000.
    """

    def route(provider: str) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                _check_key(provider, request, api_key)
                delay = _latency(request, latency_ms)
                answer = await run_in_threadpool(_answer, provider, await read_bounded(request))
            except _RefusedError as error:
                return _json(error.status, {"error": {"message": str(error)}})
            except BodyLimitError as error:
                return _json(413, {"error": {"message": str(error)}})
            except ClientDisconnect:
                return Response(status_code=400)  # nobody receives it
            if delay:
                await asyncio.sleep(delay / 1000)
            return _json(200, _WRAPPED[provider](answer))

        path = PATHS[provider].replace(f"{MODEL}:", "{model}:")
        return Route(path, endpoint, methods=["POST"], name=f"demo model: {provider}")

    return [route(provider) for provider in PATHS]


def _check_key(provider: str, request: Request, api_key: str | None) -> None:
    if api_key is None:
        return
    if provider == "gemini":
        key = request.headers.get("x-goog-api-key", "")
    else:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(key.encode(), api_key.encode()):
        raise _RefusedError(401, "The API key is missing or invalid.")


def _latency(request: Request, default: int) -> int:
    value = request.query_params.get("latency_ms")
    if value is None:
        return default
    if not _WHOLE_NUMBER.fullmatch(value) or int(value) > _MAX_LATENCY_MS:
        raise _RefusedError(400, f"latency_ms must be a whole number from 0 to {_MAX_LATENCY_MS}")
    return int(value)


def _prompt_text(provider: str, content: bytes) -> str:
    """Return the text of a request, of all roles."""
    try:
        texts = _TEXTS[provider](orjson.loads(content))
        return "\n".join(text for text in texts if text)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise _RefusedError(
            400, f"The body is not a request of the {provider} shape ({type(error).__name__})."
        ) from None


def _answer(provider: str, content: bytes) -> str:
    text = _prompt_text(provider, content)
    try:
        verdict = judge(text)
    except ValueError as error:
        raise _RefusedError(400, f"The demo model can only judge conversations: {error}.") from None
    answer = orjson.dumps(verdict._asdict()).decode()
    # As with real models, some of the JSON is in a code fence; a checksum makes that deterministic.
    return f"```json\n{answer}\n```" if zlib.crc32(text.encode()) % 4 == 0 else answer


def _openai_texts(body: Any) -> list[str]:
    return [message["content"] for message in body["messages"]]


def _openai_responses_texts(body: Any) -> list[str]:
    content = body["input"]
    texts = [content] if isinstance(content, str) else [each["content"] for each in content]
    return [body.get("instructions") or "", *texts]


def _gemini_texts(body: Any) -> list[str]:
    contents = [body.get("systemInstruction") or {"parts": []}, *body["contents"]]
    return [part["text"] for content in contents for part in content["parts"]]


def _raw_texts(body: Any) -> list[str]:
    return [body["prompt"]]


def _openai_answer(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-demo",
        "object": "chat.completion",
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }


def _openai_responses_answer(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"type": "message", "role": "assistant", "status": "completed", "content": content}
    return {
        "id": "resp-demo",
        "object": "response",
        "status": "completed",
        "model": MODEL,
        "output": [{"type": "reasoning", "summary": []}, message],
    }


def _gemini_answer(text: str) -> dict[str, Any]:
    content = {"role": "model", "parts": [{"text": text}]}
    return {"candidates": [{"index": 0, "content": content, "finishReason": "STOP"}]}


def _raw_answer(text: str) -> str:
    return text


def _json(status: int, body: Any) -> Response:
    if isinstance(body, str):
        return Response(body, status, media_type="text/plain; charset=utf-8")
    return Response(orjson.dumps(body), status, media_type="application/json")


_TEXTS: dict[str, Callable[[Any], list[str]]] = {
    "openai": _openai_texts,
    "openai_responses": _openai_responses_texts,
    "gemini": _gemini_texts,
    "raw": _raw_texts,
}
_WRAPPED: dict[str, Callable[[str], dict[str, Any] | str]] = {
    "openai": _openai_answer,
    "openai_responses": _openai_responses_answer,
    "gemini": _gemini_answer,
    "raw": _raw_answer,
}
