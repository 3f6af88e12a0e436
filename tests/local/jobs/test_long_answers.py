"""Work on a long text from outside, such as a model's answer, holds up no other request."""

from __future__ import annotations

import importlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.jobs.conftest import Api
from local.jobs.endpoints import Answer, always, endpoint, in_shape

pytestmark = pytest.mark.usefixtures("short_jobs")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("benchwire_local.jobs.progress", "verdict"),
        ("benchwire_local.jobs.progress", "answer_text"),
        ("benchwire_local.app", "read_body"),
        ("benchwire_local.app", "read_query"),
        ("benchwire_local.demo_model.routes", "judge"),
    ],
)
def test_others_are_served_meanwhile(
    api: Api, module: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, released, slow = threading.Event(), threading.Event(), threading.Semaphore(1)
    owner = importlib.import_module(module)
    original = getattr(owner, name)

    def work(*arguments: Any, **options: Any) -> Any:
        if slow.acquire(blocking=False):  # the first one only
            begun.set()
            assert released.wait(60)
        return original(*arguments, **options)

    monkeypatch.setattr(owner, name, work)
    demo = f"{api.http.base_url}".rstrip("/") + "/demo/v1/chat/completions"
    with ThreadPoolExecutor(1) as first, endpoint(always("SAFE")) as other:
        submission = first.submit(api.submitted, demo)
        try:
            assert begun.wait(60)
            ended = api.ended(api.submitted(other.url()))
            assert ended["status"] == "completed"
        finally:
            released.set()
        assert api.ended(submission.result())["status"] == "completed"


@pytest.mark.parametrize(
    ("piece", "size"),
    [("```", 900_000), ("\n", 400_000), ("key-of-the-endpoint", 900_000), ("```", 10_000_000)],
)
def test_long_answers_are_read_or_refused(api: Api, piece: str, size: int) -> None:
    answer = in_shape("openai", "```" + piece * (size // len(piece)))
    with endpoint(lambda request: answer) as running:
        job = api.ended(api.submitted(running.url()))
    assert job["status"] == "failed"
    expected = "no verdict" if len(answer.body) <= 1_000_000 else "more than 1000000 bytes"
    assert expected in job["error_message"]


def test_a_long_error_is_read(api: Api) -> None:
    with endpoint(lambda request: Answer(b"` " * 400_000, status=400)) as running:
        job = api.ended(api.submitted(running.url()))
    assert job["error_message"] == "The endpoint returned HTTP 400: " + "` " * 100 + "…"
