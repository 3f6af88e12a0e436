"""A real HTTP endpoint that records what it is sent and answers as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Answer:
    """What to send back; `claimed_length` lies about the body's length."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    claimed_length: int | None = None


Respond = Callable[[Received], Answer]


class Endpoint:
    """A running endpoint: where it is, and what it received."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.received: list[Received] = []

    def url(self, path: str = "/v1/chat/completions") -> str:
        return self.base_url + path

    def conversations(self) -> list[str]:
        """What was put to the model, whichever shape it came in, in a stable order."""
        return sorted(conversation(each.body) for each in self.received)


@contextmanager
def endpoint(respond: Respond) -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one segment
        disable_nagle_algorithm = True  # which waits 40 ms for an ACK between two segments

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.path, headers, json.loads(content))
            running.received.append(request)
            answer = respond(request)
            length = len(answer.body) if answer.claimed_length is None else answer.claimed_length
            try:
                self.send_response(answer.status)
                self.send_header("content-length", str(length))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)
                self.wfile.flush()
            except ConnectionError:
                self.close_connection = True  # the caller gave up, as some tests want
            if answer.claimed_length is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Endpoint(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def conversation(body: dict[str, Any]) -> str:
    """The conversation in a request body of any of the four shapes."""
    if "contents" in body:
        text = body["contents"][0]["parts"][0]["text"]
    elif "input" in body:
        text = body["input"][0]["content"]
    else:
        text = body["messages"][1]["content"]
    assert isinstance(text, str)
    assert text.startswith("Conversation:\n")
    return text


def in_shape(provider: str, text: str) -> Answer:
    """A model's text in the response form of a shape, as the vendors document it."""
    bodies: dict[str, Any] = {
        "openai": {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"total_tokens": 9},
        },
        "openai_responses": {
            "id": "resp_1",
            "object": "response",
            "status": "completed",
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": text, "annotations": []}],
                },
            ],
        },
        "gemini": {
            "candidates": [
                {
                    "content": {
                        "role": "model",
                        "parts": [{"text": "Let me think.", "thought": True}, {"text": text}],
                    },
                    "finishReason": "STOP",
                }
            ]
        },
    }
    if provider == "raw":
        return Answer(text.encode())
    return Answer(
        json.dumps(bodies[provider]).encode(), headers={"content-type": "application/json"}
    )


def says(label: str) -> str:
    return json.dumps({"response": label, "reasoning": "because"})


def always(label: str, provider: str = "openai") -> Respond:
    return lambda request: in_shape(provider, says(label))
