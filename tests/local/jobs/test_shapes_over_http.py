"""Jobs against a real endpoint in each of the four shapes: what is sent, and how it is scored."""

from __future__ import annotations

from typing import Any

import pytest

from local.jobs.conftest import Api
from local.jobs.endpoints import Answer, Received, conversation, endpoint, in_shape, says

PROVIDERS = ("openai", "openai_responses", "gemini", "raw")
OTHER = {"SAFE": "UNSAFE", "UNSAFE": "SAFE"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_judge_that_is_always_right_scores_100(
    api: Api, labels: dict[str, str | None], provider: str
) -> None:
    def respond(request: Received) -> Answer:
        return in_shape(provider, says(labels[conversation(request.body)] or "SAFE"))

    with endpoint(respond) as running:
        job = api.ended(api.submitted(running.url("/some/path?x=1"), provider=provider))

    assert job["status"] == "completed"
    assert (job["passed_count"], job["failed_count"], job["total_count"]) == (10, 0, 10)
    assert job["score"] == 100
    assert {each.path for each in running.received} == {"/some/path?x=1"}
    found = [labels[text] for text in running.conversations()]
    assert len(found) == len(set(running.conversations())) == job["total_prompts"] == 40
    assert sum(label is not None for label in found) == job["needle_count"] == 10
    assert sum(label is None for label in found) == job["hay_count"] == 30


def test_wrong_answers_to_needles_fail_and_hay_does_not_count(
    api: Api, labels: dict[str, str | None]
) -> None:
    wrong = 0

    def respond(request: Received) -> Answer:
        nonlocal wrong
        label = labels[conversation(request.body)]
        if label == "UNSAFE":
            wrong += 1
            return in_shape("openai", says(OTHER[label]))
        return in_shape("openai", says(label or "UNSAFE"))

    with endpoint(respond) as running:
        job = api.ended(api.submitted(running.url(), benchmark_count=2, seed=5))

    assert 0 < wrong < 20
    assert job["total_count"] == job["needle_count"] == 20
    assert job["failed_count"] == wrong
    assert job["passed_count"] == 20 - wrong
    assert job["score"] == pytest.approx(100 * (20 - wrong) / 20)


def _sent(api: Api, provider: str, **fields: Any) -> Received:
    with endpoint(lambda request: in_shape(provider, says("SAFE"))) as running:
        api.ended(api.submitted(running.url(), provider=provider, **fields))
    return running.received[0]


def _instruction(body: dict[str, Any]) -> str:
    first = body["messages"][0]
    assert first["role"] == "system"
    return str(first["content"])


@pytest.mark.usefixtures("short_jobs")
def test_openai_requests(api: Api) -> None:
    sent = _sent(api, "openai", model="judge-1")
    assert sent.headers["authorization"] == "Bearer key-of-the-endpoint"
    assert sent.headers["content-type"] == "application/json"
    assert set(sent.body) == {"model", "messages"}
    assert sent.body["model"] == "judge-1"
    assert "Labels: SAFE, UNSAFE" in _instruction(sent.body)
    assert sent.body["messages"][1]["role"] == "user"


@pytest.mark.usefixtures("short_jobs")
def test_openai_is_the_default_and_the_model_may_be_left_out(api: Api) -> None:
    with endpoint(lambda request: in_shape("openai", says("SAFE"))) as running:
        api.ended(api.submitted(running.url()))
    assert set(running.received[0].body) == {"messages"}


@pytest.mark.usefixtures("short_jobs")
def test_openai_responses_requests(api: Api) -> None:
    sent = _sent(api, "openai_responses", model="judge-1")
    assert sent.headers["authorization"] == "Bearer key-of-the-endpoint"
    assert set(sent.body) == {"model", "instructions", "input"}
    assert "Labels: SAFE, UNSAFE" in sent.body["instructions"]


@pytest.mark.usefixtures("short_jobs")
def test_gemini_requests(api: Api) -> None:
    sent = _sent(api, "gemini", model="judge-1")
    assert sent.headers["x-goog-api-key"] == "key-of-the-endpoint"
    assert "authorization" not in sent.headers
    assert set(sent.body) == {"systemInstruction", "contents"}
    assert "Labels: SAFE, UNSAFE" in sent.body["systemInstruction"]["parts"][0]["text"]


@pytest.mark.usefixtures("short_jobs")
def test_raw_requests(api: Api) -> None:
    sent = _sent(api, "raw")
    assert sent.headers["authorization"] == "Bearer key-of-the-endpoint"
    assert set(sent.body) == {"prompt", "messages"}
    assert sent.body["prompt"] == _instruction(sent.body) + "\n\n" + conversation(sent.body)


@pytest.mark.usefixtures("short_jobs")
def test_the_callers_headers_are_added_and_win(api: Api) -> None:
    headers = {"X-Team": "evaluation", "Authorization": "Basic abc", "X-Empty": ""}
    sent = _sent(api, "openai", headers=headers)
    assert sent.headers["x-team"] == "evaluation"
    assert sent.headers["authorization"] == "Basic abc"
    assert sent.headers["x-empty"] == ""


@pytest.mark.usefixtures("short_jobs")
@pytest.mark.parametrize(
    "text",
    [
        '{"response": "unsafe", "reasoning": "letter case makes no difference"}',
        'Here you are:\n```json\n{"response": "UNSAFE", "reasoning": "fenced"}\n```\nBye.',
        '```\n{"response": " UNSAFE "}\n```',
    ],
)
def test_ways_to_say_a_label(api: Api, labels: dict[str, str | None], text: str) -> None:
    with endpoint(lambda request: in_shape("openai", text)) as running:
        job = api.ended(api.submitted(running.url(), seed=11))
    unsafe = sum(labels[each] == "UNSAFE" for each in running.conversations())
    assert unsafe > 0
    assert job["passed_count"] == unsafe


def test_a_few_unusable_answers_are_failed_needles(api: Api, labels: dict[str, str | None]) -> None:
    unusable = ["no JSON", '{"response": "MAYBE"}', '{"response": 1}', "[]", '"SAFE"', "null"]

    def respond(request: Received) -> Answer:
        label = labels[conversation(request.body)]
        if label == "SAFE" and unusable:
            return in_shape("openai", unusable.pop())
        return in_shape("openai", says(label or "SAFE"))

    with endpoint(respond) as running:
        job = api.ended(api.submitted(running.url(), benchmark_count=2, seed=3))
    assert not unusable
    assert job["status"] == "completed"
    assert job["failed_count"] == 6
