"""Arguments: what is taken, what is refused, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchwire._core import checks, v2_calls
from benchwire._core.filters import ComparisonFilters, ModelFilters, settled
from benchwire._core.settings import check_on_error
from benchwire._jobs import payload as payloads
from benchwire._jobs import requests as v0_calls
from benchwire.models import EvaluationStatus, JobStatus
from benchwire_api.types import UNSET

TAKEN: dict[str, tuple[Callable[[], Any], Any]] = {
    "the lowest number": (lambda: checks.whole("n", 1, 1, 10), 1),
    "the highest number": (lambda: checks.whole("n", 10, 1, 10), 10),
    "no page": (lambda: checks.page(None), UNSET),
    "a page": (lambda: checks.page(2**31 - 1), 2**31 - 1),
    "no page size": (lambda: checks.page_size(None), UNSET),
    "the largest page size": (lambda: checks.page_size(500), 500),
    "an int of seconds": (lambda: checks.seconds("t", 2), 2.0),
    "a fraction of a second": (lambda: checks.seconds("t", 1e-9), 1e-9),
    "an empty text": (lambda: checks.text("t", ""), ""),
    "no text": (lambda: checks.text("t", None), UNSET),
    "an id with a slash": (lambda: checks.identifier("id", "a/b"), "a/b"),
    "an id of three dots": (lambda: checks.identifier("id", "..."), "..."),
    "no values": (lambda: checks.values("v", None), UNSET),
    "an empty list of values": (lambda: checks.values("v", []), []),
    "a tuple of values": (lambda: checks.values("v", ("b", "a")), ["b", "a"]),
    "the keys of a dict": (lambda: checks.values("v", {"b": 1}.keys()), ["b"]),
    "no flag": (lambda: checks.flag("f", value=None), UNSET),
    "no": (lambda: checks.flag("f", value=False), False),
    "no choice": (lambda: checks.choice("c", None, JobStatus), UNSET),
    "a choice as text": (lambda: checks.choice("c", "failed", JobStatus), JobStatus.FAILED),
    "how failures are shown": (lambda: check_on_error("none"), "none"),
    "known filters": (
        lambda: settled({"ids": None, "query": ""}, ModelFilters),
        {"ids": None, "query": ""},
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str) -> None:
    call, expected = TAKEN[name]
    given = call()
    assert given == expected
    assert type(given) is type(expected)


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a number too low": (
        lambda: checks.whole("n", 0, 1, 10),
        ValueError,
        "n must be from 1 to 10, not 0",
    ),
    "a number too high": (
        lambda: checks.whole("n", 11, 1, 10),
        ValueError,
        "n must be from 1 to 10, not 11",
    ),
    "a bool is no number": (
        lambda: checks.whole("n", True, 1, 10),
        TypeError,
        "n must be an int, not bool",
    ),
    "a float is no whole number": (
        lambda: checks.whole("n", 1.0, 1, 10),
        TypeError,
        "n must be an int, not float",
    ),
    "digits are no number": (
        lambda: checks.whole("n", "1", 1, 10),
        TypeError,
        "n must be an int, not str",
    ),
    "page 0": (lambda: checks.page(0), ValueError, "page must be from 1 to 2147483647, not 0"),
    "page size 0": (
        lambda: checks.page_size(0),
        ValueError,
        "page_size must be from 1 to 500, not 0",
    ),
    "page size 501": (
        lambda: checks.page_size(501),
        ValueError,
        "page_size must be from 1 to 500, not 501",
    ),
    "no time": (
        lambda: checks.seconds("t", 0),
        ValueError,
        "t must be a positive, finite number of seconds, not 0",
    ),
    "for ever": (
        lambda: checks.seconds("t", float("inf")),
        ValueError,
        "t must be a positive, finite number of seconds, not inf",
    ),
    "a time as text": (
        lambda: checks.seconds("t", "5"),
        TypeError,
        "t must be a number of seconds, not str",
    ),
    "a text that is none": (lambda: checks.text("t", 5), TypeError, "t must be a str, not int"),
    "an empty id": (lambda: checks.identifier("id", ""), ValueError, "id must be an id, not ''"),
    "a dot segment": (
        lambda: checks.identifier("id", ".."),
        ValueError,
        "id must be an id, not '..'",
    ),
    "the other dot segment": (
        lambda: checks.identifier("id", "."),
        ValueError,
        "id must be an id, not '.'",
    ),
    "an id that is none": (
        lambda: checks.identifier("id", 5),
        TypeError,
        "id must be a str, not int",
    ),
    "one value is no list": (
        lambda: checks.values("ids", "m1"),
        TypeError,
        "ids must be a list of str, not one str: 'm1'",
    ),
    "a generator is empty by the second page": (
        lambda: checks.values("ids", (x for x in "ab")),
        TypeError,
        "ids must be a list of str, not a generator",
    ),
    "a value that is no text": (
        lambda: checks.values("ids", ["a", None]),
        TypeError,
        "ids[1] must be a str, not NoneType",
    ),
    "an empty value": (lambda: checks.values("ids", ["a", ""]), ValueError, "ids[1] is empty"),
    "ids with a bad one": (
        lambda: checks.identifiers("job_ids", ["a", ".."]),
        ValueError,
        "job_ids[1] must be an id, not '..'",
    ),
    "a flag that is none": (
        lambda: checks.flag("f", value=1),
        TypeError,
        "f must be a bool, not int",
    ),
    "no such choice": (
        lambda: checks.choice("status", "done", JobStatus),
        ValueError,
        "status must be one of pending, running, completed, failed, not 'done'",
    ),
    "the choice of another list": (
        lambda: checks.choice("status", EvaluationStatus.SUCCESS, JobStatus),
        ValueError,
        (
            "status must be one of pending, running, completed, failed, not "
            "<EvaluationStatus.SUCCESS: 'success'>"
        ),
    ),
    "a choice that is no text": (
        lambda: checks.choice("status", [], JobStatus),
        ValueError,
        "status must be one of pending, running, completed, failed, not []",
    ),
    "how failures are shown": (
        lambda: check_on_error("ignore"),
        ValueError,
        "on_error must be 'raise' or 'none', not 'ignore'",
    ),
    "a filter that is none": (
        lambda: settled({"search": None, "page": 2}, ComparisonFilters),
        TypeError,
        "there is no filter 'page'; there are outcome_filter, search",
    ),
    "an id beyond 64 bits": (
        lambda: v2_calls.get_model(2**63, None),
        ValueError,
        (
            "model_id must be from -9223372036854775808 to 9223372036854775807, not "
            "9223372036854775808"
        ),
    ),
    "a type beyond 32 bits": (
        lambda: v2_calls.list_runs(1, 2**31),
        ValueError,
        "benchmark_type_id must be from -2147483648 to 2147483647, not 2147483648",
    ),
    "a limit of none": (
        lambda: v0_calls.list_jobs(None, 0),
        ValueError,
        "limit must be from 1 to 2147483647, not 0",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, kind, message = REFUSED[name]
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert str(caught.value) == message


def submit(**changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "benchmark_id": "b",
        "endpoint_url": "http://127.0.0.1/v1",
        "api_key": "sk-secret",
        "provider": None,
        "model": None,
        "headers": None,
        "benchmark_count": None,
        "seed": None,
    }
    return payloads.job(**arguments | changes)


def submit_batch(jobs: Any, **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "endpoint_url": "http://127.0.0.1/v1",
        "api_key": "sk-secret",
        "provider": None,
        "model": None,
        "headers": None,
        "seed": None,
    }
    return payloads.batch(jobs, **arguments | changes)


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
        lambda: submit(endpoint_url="localhost:80/v1"),
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
        "jobs is empty: a batch needs at least one job",
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
        lambda: submit_batch(["b1", 2]),
        TypeError,
        "jobs[1] must be a benchmark id or a BatchJobItem, not int",
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
def test_submission_refused(name: str) -> None:
    call, kind, message = SUBMISSIONS[name]
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message
    assert "sk-secret" not in repr(caught.value)


HALF_A_PAIR = "half \ud83d of a pair"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: checks.text("query", HALF_A_PAIR), "query"),
        (lambda: checks.identifier("job_id", HALF_A_PAIR), "job_id"),
        (lambda: checks.values("ids", ["a", HALF_A_PAIR]), r"ids\[1\]"),
    ],
)
def test_a_text_that_utf_8_cannot_carry_is_named_and_not_shown(
    call: Callable[[], object], name: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name} can't be sent as UTF-8: character 6 ") as caught:
        call()
    assert not isinstance(caught.value, UnicodeError)


def test_filters_are_copied_so_that_all_pages_ask_for_the_same() -> None:
    ids = ["a", "b"]
    kept = settled({"ids": ids, "query": "x"}, ModelFilters)
    ids.append("c")
    assert kept == {"ids": ["a", "b"], "query": "x"}


def test_an_endpoint_is_shown_without_its_query() -> None:
    """A key may stand there."""
    with pytest.raises(ValueError, match=r"not 'ftp://host/path'$"):
        submit(endpoint_url="ftp://host/path?key=SECRET")
