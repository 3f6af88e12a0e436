"""Arguments: accepted and refused values, and the messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchwire._jobs.payload import batch_payload, job_payload
from benchwire._transport.options import parse_on_error, seconds
from benchwire.models import EvaluationStatus, JobSpec, JobStatus
from benchwire.secret import Secret
from benchwire_api import arguments
from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.models import list_models
from benchwire_api.v0.api.jobs import list_jobs
from benchwire_api.v2.api.benchmarks import get_benchmark_model, list_probe_runs

ACCEPTED: dict[str, tuple[Callable[[], Any], Any]] = {
    "the lowest number": (lambda: arguments.integer("n", 1, 1, 10), 1),
    "the highest number": (lambda: arguments.integer("n", 10, 1, 10), 10),
    "a page": (
        lambda: list_models.build_request(page=2**31 - 1).query,
        "page=2147483647&page_size=100",
    ),
    "the largest page size": (
        lambda: list_models.build_request(page_size=500).query,
        "page=1&page_size=500",
    ),
    "an int of seconds": (lambda: seconds("t", 2), 2.0),
    "a fraction of a second": (lambda: seconds("t", 1e-9), 1e-9),
    "an empty text": (lambda: arguments.string("t", ""), ""),
    "an id with a slash": (lambda: arguments.identifier("id", "a/b"), "a/b"),
    "an id of three dots": (lambda: arguments.identifier("id", "..."), "..."),
    "an empty list of values": (lambda: arguments.strings("v", []), []),
    "a tuple of values": (lambda: arguments.strings("v", ("b", "a")), ["b", "a"]),
    "the keys of a dict": (lambda: arguments.strings("v", {"b": 1}.keys()), ["b"]),
    "no": (lambda: arguments.boolean("f", False), False),
    "a choice as text": (lambda: arguments.enum("c", "failed", JobStatus), JobStatus.FAILED),
    "how failures are shown": (lambda: parse_on_error("none"), "none"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_valid_arguments_are_accepted(name: str) -> None:
    call, expected = ACCEPTED[name]
    actual = call()
    assert actual == expected
    assert type(actual) is type(expected)


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a number too low": (
        lambda: arguments.integer("n", 0, 1, 10),
        ValueError,
        "n must be from 1 to 10, not 0",
    ),
    "a number too high": (
        lambda: arguments.integer("n", 11, 1, 10),
        ValueError,
        "n must be from 1 to 10, not 11",
    ),
    "a bool is no number": (
        lambda: arguments.integer("n", True, 1, 10),
        TypeError,
        "n must be an int, not bool",
    ),
    "a float is no whole number": (
        lambda: arguments.integer("n", 1.0, 1, 10),
        TypeError,
        "n must be an int, not float",
    ),
    "digits are no number": (
        lambda: arguments.integer("n", "1", 1, 10),
        TypeError,
        "n must be an int, not str",
    ),
    "page 0": (
        lambda: list_models.build_request(page=0),
        ValueError,
        "page must be from 1 to 2147483647, not 0",
    ),
    "page size 0": (
        lambda: list_models.build_request(page_size=0),
        ValueError,
        "page_size must be from 1 to 500, not 0",
    ),
    "page size 501": (
        lambda: list_models.build_request(page_size=501),
        ValueError,
        "page_size must be from 1 to 500, not 501",
    ),
    "no time": (
        lambda: seconds("t", 0),
        ValueError,
        "t must be a positive, finite number of seconds, not 0",
    ),
    "for ever": (
        lambda: seconds("t", float("inf")),
        ValueError,
        "t must be a positive, finite number of seconds, not inf",
    ),
    "a time as text": (
        lambda: seconds("t", "5"),
        TypeError,
        "t must be a number of seconds, not str",
    ),
    "a text that is none": (
        lambda: arguments.string("t", 5),
        TypeError,
        "t must be a str, not int",
    ),
    "an empty id": (lambda: arguments.identifier("id", ""), ValueError, "id must be an id, not ''"),
    "a dot segment": (
        lambda: arguments.identifier("id", ".."),
        ValueError,
        "id must be an id, not '..'",
    ),
    "the other dot segment": (
        lambda: arguments.identifier("id", "."),
        ValueError,
        "id must be an id, not '.'",
    ),
    "an id that is none": (
        lambda: arguments.identifier("id", 5),
        TypeError,
        "id must be a str, not int",
    ),
    "one value is no list": (
        lambda: arguments.strings("ids", "m1"),
        TypeError,
        "ids must be a list of str, not one str: 'm1'",
    ),
    "a generator is empty by the second page": (
        lambda: arguments.strings("ids", (x for x in "ab")),
        TypeError,
        "ids must be a list of str, not a generator",
    ),
    "a value that is no text": (
        lambda: arguments.strings("ids", ["a", None]),
        TypeError,
        "ids[1] must be a str, not NoneType",
    ),
    "an empty value": (lambda: arguments.strings("ids", ["a", ""]), ValueError, "ids[1] is empty"),
    "ids with a bad one": (
        lambda: arguments.items("job_ids", ["a", ".."], arguments.identifier, "str"),
        ValueError,
        "job_ids[1] must be an id, not '..'",
    ),
    "a flag that is none": (
        lambda: arguments.boolean("f", 1),
        TypeError,
        "f must be a bool, not int",
    ),
    "no such choice": (
        lambda: arguments.enum("status", "done", JobStatus),
        ValueError,
        "status must be one of pending, running, completed, failed, not 'done'",
    ),
    "the choice of another list": (
        lambda: arguments.enum("status", EvaluationStatus.SUCCESS, JobStatus),
        ValueError,
        (
            "status must be one of pending, running, completed, failed, not "
            "<EvaluationStatus.SUCCESS: 'success'>"
        ),
    ),
    "a choice that is no text": (
        lambda: arguments.enum("status", [], JobStatus),
        ValueError,
        "status must be one of pending, running, completed, failed, not []",
    ),
    "how failures are shown": (
        lambda: parse_on_error("ignore"),
        ValueError,
        "on_error must be 'raise' or 'none', not 'ignore'",
    ),
    "an id beyond 64 bits": (
        lambda: get_benchmark_model.build_request(2**63),
        ValueError,
        (
            "model_id must be from -9223372036854775808 to 9223372036854775807, not "
            "9223372036854775808"
        ),
    ),
    "a type beyond 32 bits": (
        lambda: list_probe_runs.build_request(1, benchmark_type_id=2**31),
        ValueError,
        "benchmark_type_id must be from -2147483648 to 2147483647, not 2147483648",
    ),
    "a limit of none": (
        lambda: list_jobs.build_request(limit=0),
        ValueError,
        "limit must be from 1 to 2147483647, not 0",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_invalid_arguments_are_refused(name: str) -> None:
    call, kind, message = REFUSED[name]
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert str(caught.value) == message


def submit(**changes: Any) -> Any:
    fields: dict[str, Any] = {
        "benchmark_id": "b",
        "endpoint_url": "http://127.0.0.1/v1",
        "api_key": "sk-secret",
    }
    return job_payload(JobSpec(**fields | changes))


def submit_batch(jobs: Any) -> Any:
    return batch_payload(
        jobs,
        "http://127.0.0.1/v1",
        "sk-secret",
        provider=None,
        model=None,
        headers=None,
        seed=None,
    )


SUBMISSIONS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "no units": (
        lambda: submit(benchmark_count=0),
        ValueError,
        "benchmark_count must be from 1 to 10, not 0",
    ),
    "too many units": (
        lambda: submit(benchmark_count=11),
        ValueError,
        "benchmark_count must be from 1 to 10, not 11",
    ),
    "a provider there is not": (
        lambda: submit(provider="anthropic"),
        ValueError,
        "provider must be one of openai, openai_responses, gemini, raw, not 'anthropic'",
    ),
    "an endpoint that is no URL": (
        lambda: submit(endpoint_url="localhost:80/v1#sk-secret"),
        ValueError,
        "endpoint_url must be an http or https URL, not 'localhost:80/v1'",
    ),
    "an endpoint without a host": (
        lambda: submit(endpoint_url="https:///v1"),
        ValueError,
        "endpoint_url must be an http or https URL, not 'https:///v1'",
    ),
    "an endpoint that can't be read": (
        lambda: submit(endpoint_url="http://[::1"),
        ValueError,
        "endpoint_url must be an http or https URL, not 'http://[::1'",
    ),
    "an endpoint with the line break of its file": (
        lambda: submit(endpoint_url="http://127.0.0.1/v1\n"),
        ValueError,
        r"endpoint_url must be an http or https URL, not 'http://127.0.0.1/v1\n'",
    ),
    "a key with the line break of its file": (
        lambda: submit(api_key=Secret("sk-secret\n")),
        ValueError,
        "api_key has white space or an invisible character around it",
    ),
    "a key with the byte order mark of its file": (
        lambda: submit(api_key="\ufeffsk-secret"),
        ValueError,
        "api_key has white space or an invisible character around it",
    ),
    "a key with a space of no width, as from a web page": (
        lambda: submit(api_key="sk-secret\u200b"),
        ValueError,
        "api_key has white space or an invisible character around it",
    ),
    "a header with a space after it": (
        lambda: submit(headers={"x-key": "sk-secret "}),
        ValueError,
        "headers['x-key'] has white space or an invisible character around it",
    ),
    "a key that is no text": (
        lambda: submit(api_key=b"sk-secret"),
        TypeError,
        "api_key must be a str, not bytes",
    ),
    "a header that is no text": (
        lambda: submit(headers={"x-key": b"sk-secret"}),
        TypeError,
        "headers['x-key'] must be a str, not bytes",
    ),
    "headers that are no mapping": (
        lambda: submit(headers=[("x-key", "sk-secret")]),
        TypeError,
        "headers must be a mapping of str to str, not list",
    ),
    "a header's name that is no text": (
        lambda: submit(headers={1: "sk-secret"}),
        TypeError,
        "the names of headers must be str, not int",
    ),
    "a seed beyond 64 bits": (
        lambda: submit(seed=2**63),
        ValueError,
        "seed must be from -9223372036854775808 to 9223372036854775807, not 9223372036854775808",
    ),
    "no benchmark": (
        lambda: submit(benchmark_id=""),
        ValueError,
        "benchmark_id must be an id, not ''",
    ),
    "an empty batch": (
        lambda: submit_batch([]),
        ValueError,
        "jobs is empty",
    ),
    "one id is no batch": (
        lambda: submit_batch("b1"),
        TypeError,
        "jobs must be a list, not one str",
    ),
    "one dict is no batch": (
        lambda: submit_batch({"benchmark_id": "b1"}),
        TypeError,
        "jobs must be a list, not one dict",
    ),
    "a number in a batch": (
        lambda: submit_batch(["b1", 2.5]),
        TypeError,
        "jobs[1] must be a benchmark id or a BatchJobItem, not float",
    ),
    "a batch with an empty id": (
        lambda: submit_batch(["b1", ""]),
        ValueError,
        "jobs[1].benchmark_id must be an id, not ''",
    ),
    "a batch with too many units": (
        lambda: submit_batch([{"benchmark_id": "b1", "benchmark_count": 11}]),
        ValueError,
        "jobs[0].benchmark_count must be from 1 to 10, not 11",
    ),
    "a batch with an unknown field": (
        lambda: submit_batch([{"benchmark_id": "b1", "count": 2}]),
        ValueError,
        "jobs[0] must have benchmark_id and may have benchmark_count, not 'benchmark_id', 'count'",
    ),
}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_an_invalid_submission_is_refused(name: str) -> None:
    call, kind, message = SUBMISSIONS[name]
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message
    assert "sk-secret" not in repr(caught.value)


HALF_A_PAIR = "half \ud83d of a pair"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: arguments.string("query", HALF_A_PAIR), "query"),
        (lambda: arguments.identifier("job_id", HALF_A_PAIR), "job_id"),
        (lambda: arguments.strings("ids", ["a", HALF_A_PAIR]), r"ids\[1\]"),
    ],
)
def test_a_string_that_is_not_utf_8_is_named_and_not_shown(
    call: Callable[[], object], name: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name} can't be sent as UTF-8: character 6 ") as caught:
        call()
    assert not isinstance(caught.value, UnicodeError)


def test_list_arguments_are_copied_so_that_all_pages_have_the_same() -> None:
    ids = ["a", "b"]
    copy = arguments.copied(ids)
    ids.append("c")
    assert copy == ["a", "b"]
    assert arguments.copied("ab") == "ab"  # refused by the check that follows


def test_search_arguments_need_each_other() -> None:
    with pytest.raises(ValueError, match=r"^search_field needs search_value beside it$"):
        list_benchmark_prompts.build_request("b1", search_field="id")


def test_an_endpoint_is_shown_without_its_query() -> None:
    """A query may hold a key."""
    with pytest.raises(ValueError, match=r"not 'ftp://host/path'$"):
        submit(endpoint_url="ftp://host/path?key=SECRET")
