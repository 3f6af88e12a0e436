"""The checks of arguments: what they accept, what they refuse, and the messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchwire_api import arguments as check
from benchwire_api.encoding import header_values, path_segment
from benchwire_api.public import EvaluationStatus
from benchwire_api.public.api.benchmarks import list_benchmark_prompts, list_benchmarks
from benchwire_api.public.api.comparisons import compare_evaluations
from benchwire_api.public.api.evaluations import list_evaluations
from benchwire_api.public.api.models import list_models
from benchwire_api.v0 import (
    BatchJobItem,
    JobStatus,
    Provider,
    SubmitJobBatchRequest,
    SubmitJobRequest,
)
from benchwire_api.v0.api.jobs import list_jobs, submit_job
from benchwire_api.v2.api.benchmarks import get_benchmark_model, list_probe_runs

Call = Callable[[], Any]

ACCEPTED: dict[str, tuple[Call, Any]] = {
    "the lowest integer": (lambda: check.integer("n", 1, 1, 10), 1),
    "the highest integer": (lambda: check.integer("n", 10, 1, 10), 10),
    "an integer without bounds": (lambda: check.integer("n", -(10**30)), -(10**30)),
    "a number beyond all floats": (lambda: check.number("n", 10**400), 10**400),
    "an int is a number": (lambda: check.number("n", 2, 0.5), 2),
    "an empty string": (lambda: check.string("t", ""), ""),
    "the longest string": (lambda: check.string("t", "abc", 1, 3), "abc"),
    "an id with a slash": (lambda: check.identifier("id", "a/b"), "a/b"),
    "an id of three dots": (lambda: check.identifier("id", "..."), "..."),
    "an empty list": (lambda: check.strings("v", []), []),
    "a tuple": (lambda: check.strings("v", ("b", "a")), ["b", "a"]),
    "the keys of a dict": (lambda: check.strings("v", {"b": 1}.keys()), ["b"]),
    "false": (lambda: check.boolean("f", False), False),
    "an enum's value": (lambda: check.enum("c", "failed", JobStatus), JobStatus.FAILED),
    "a mapping": (lambda: check.mapping("h", {"a": ""}, check.string, "str"), {"a": ""}),
    "both or none": (lambda: check.requires("a", None, "b", None), None),
    "the other alone": (lambda: check.requires("a", None, "b", ""), None),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    call, expected = ACCEPTED[name]
    result = call()
    assert result == expected
    assert type(result) is type(expected)


REFUSED: dict[str, tuple[Call, type[Exception], str]] = {
    "too low": (lambda: check.integer("n", 0, 1, 10), ValueError, "n must be from 1 to 10, not 0"),
    "too high": (
        lambda: check.integer("n", 11, 1, 10),
        ValueError,
        "n must be from 1 to 10, not 11",
    ),
    "one bound": (lambda: check.integer("n", 0, 1), ValueError, "n must be at least 1, not 0"),
    "the other bound": (
        lambda: check.number("n", 1.5, high=1),
        ValueError,
        "n must be at most 1, not 1.5",
    ),
    "more digits than Python writes": (
        lambda: check.integer("n", 10**5000, 1, 10),
        ValueError,
        "n must be from 1 to 10, not an integer of 16610 bits",
    ),
    "NaN": (
        lambda: check.number("n", float("nan"), 0, 1),
        ValueError,
        "n must be a finite number, not nan",
    ),
    "a bool is no integer": (
        lambda: check.integer("n", True, 1, 10),
        TypeError,
        "n must be an int, not bool",
    ),
    "a float is no integer": (
        lambda: check.integer("n", 1.0, 1, 10),
        TypeError,
        "n must be an int, not float",
    ),
    "digits are no integer": (
        lambda: check.integer("n", "1", 1, 10),
        TypeError,
        "n must be an int, not str",
    ),
    "a bool is no number": (
        lambda: check.number("n", True),
        TypeError,
        "n must be a float, not bool",
    ),
    "no string": (lambda: check.string("t", 5), TypeError, "t must be a str, not int"),
    "an empty string": (lambda: check.string("t", "", 1), ValueError, "t is empty"),
    "a short string": (
        lambda: check.string("t", "a", 2),
        ValueError,
        "t must have at least 2 characters, not 1",
    ),
    "a long string": (
        lambda: check.string("t", "secret", 0, 2),
        ValueError,
        "t must have at most 2 characters, not 6",
    ),
    "an empty id": (lambda: check.identifier("id", ""), ValueError, "id must be an id, not ''"),
    "a dot segment": (lambda: check.identifier("id", "."), ValueError, "id must be an id, not '.'"),
    "the other dot segment": (
        lambda: check.identifier("id", ".."),
        ValueError,
        "id must be an id, not '..'",
    ),
    "one string is no list": (
        lambda: check.strings("ids", "m1"),
        TypeError,
        "ids must be a list of str, not one str: 'm1'",
    ),
    "a generator can be read only once": (
        lambda: check.strings("ids", (x for x in "ab")),
        TypeError,
        "ids must be a list of str, not a generator",
    ),
    "a mapping is no list": (
        lambda: check.strings("ids", {"a": "secret"}),
        TypeError,
        "ids must be a list of str, not a dict",
    ),
    "a data frame yields the names of its columns": (
        lambda: check.strings("ids", pd.DataFrame({"id": ["m1"]})),
        TypeError,
        "ids must be a list of str, not a DataFrame",
    ),
    "an empty array": (
        lambda: check.items("ids", np.array([]), check.string, "str", fewest=1),
        ValueError,
        "ids is empty",
    ),
    "a bool of NumPy": (
        lambda: check.boolean("f", np.bool_(1)),
        TypeError,
        "f must be a bool, not numpy.bool",
    ),
    "an item that is no string": (
        lambda: check.strings("ids", ["a", None]),
        TypeError,
        "ids[1] must be a str, not NoneType",
    ),
    "an empty item": (lambda: check.strings("ids", ["a", ""]), ValueError, "ids[1] is empty"),
    "too few items": (
        lambda: check.items("jobs", [], check.string, "BatchJobItem", fewest=1),
        ValueError,
        "jobs is empty",
    ),
    "an item of another class": (
        lambda: check.model("jobs[0]", "b", BatchJobItem),
        TypeError,
        "jobs[0] must be a BatchJobItem, not str",
    ),
    "no boolean": (lambda: check.boolean("f", 1), TypeError, "f must be a bool, not int"),
    "not in the enum": (
        lambda: check.enum("status", "done", JobStatus),
        ValueError,
        "status must be one of pending, running, completed, failed, not 'done'",
    ),
    "a member of another enum": (
        lambda: check.enum("status", EvaluationStatus.SUCCESS, JobStatus),
        ValueError,
        (
            "status must be one of pending, running, completed, failed, not "
            "<EvaluationStatus.SUCCESS: 'success'>"
        ),
    ),
    "a list is no member": (
        lambda: check.enum("status", [], JobStatus),
        ValueError,
        "status must be one of pending, running, completed, failed, not []",
    ),
    "no mapping": (
        lambda: check.mapping("headers", [("x-key", "secret")], check.string, "str"),
        TypeError,
        "headers must be a mapping of str to str, not list",
    ),
    "a key that is no string": (
        lambda: check.mapping("headers", {1: "secret"}, check.string, "str"),
        TypeError,
        "the names of headers must be str, not int",
    ),
    "a value that is no string": (
        lambda: check.mapping("headers", {"x-key": b"secret"}, check.string, "str"),
        TypeError,
        "headers['x-key'] must be a str, not bytes",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, kind, message = REFUSED[name]
    check_refused(call, kind, message)


def check_refused(call: Call, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert str(caught.value) == message
    assert "secret" not in repr(caught.value)


# The bounds and the enums are those of the specs.
REQUESTS: dict[str, tuple[Call, type[Exception], str]] = {
    "page 0": (
        lambda: list_models.build_request(page=0),
        ValueError,
        "page must be from 1 to 2147483647, not 0",
    ),
    "page size 501": (
        lambda: list_models.build_request(page_size=501),
        ValueError,
        "page_size must be from 1 to 500, not 501",
    ),
    "a search field alone": (
        lambda: list_benchmark_prompts.build_request("b", search_field="id"),
        ValueError,
        "search_field needs search_value beside it",
    ),
    "a search value alone": (
        lambda: list_benchmark_prompts.build_request("b", search_value=""),
        ValueError,
        "search_value needs search_field beside it",
    ),
    "an id in a query": (
        lambda: compare_evaluations.build_request(evaluation_id_1="e", evaluation_id_2=".."),
        ValueError,
        "evaluation_id_2 must be an id, not '..'",
    ),
    "a boolean that is not sent when false": (
        lambda: list_evaluations.build_request(unique="yes"),  # type: ignore[arg-type]
        TypeError,
        "unique must be a bool, not str",
    ),
    "beyond 64 bits": (
        lambda: get_benchmark_model.build_request(2**63),
        ValueError,
        (
            "model_id must be from -9223372036854775808 to 9223372036854775807, not "
            "9223372036854775808"
        ),
    ),
    "beyond 32 bits": (
        lambda: list_probe_runs.build_request(1, benchmark_type_id=2**31),
        ValueError,
        "benchmark_type_id must be from -2147483648 to 2147483647, not 2147483648",
    ),
    "no required argument": (
        lambda: list_probe_runs.build_request(1, benchmark_type_id=None),  # type: ignore[arg-type]
        TypeError,
        "benchmark_type_id must be an int, not NoneType",
    ),
    "a limit of none": (
        lambda: list_jobs.build_request(limit=0),
        ValueError,
        "limit must be from 1 to 2147483647, not 0",
    ),
    "a wrong argument beside an empty list": (
        lambda: list_models.build_request(ids=[], page_size=501),
        ValueError,
        "page_size must be from 1 to 500, not 501",
    ),
    "a body that is not allowed": (
        lambda: submit_job.build_request(body=job(benchmark_count=11)),
        ValueError,
        "benchmark_count must be from 1 to 10, not 11",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_checked_by_the_bounds_of_the_spec(name: str) -> None:
    check_refused(*REQUESTS[name])


def test_false_is_sent_unless_it_is_the_default_in_python() -> None:
    sent = "page=1&page_size=100"
    models = list_models.build_request(include_deprecated=False)
    assert models.query == f"{sent}&include_deprecated=false"
    assert list_evaluations.build_request(unique=False).query == sent
    assert list_evaluations.build_request(unique=True).query == f"{sent}&unique=true"


def test_the_page_is_sent_where_the_vendors_client_sends_it() -> None:
    for operation in (list_models, list_benchmarks, list_evaluations):
        assert operation.build_request().query == "page=1&page_size=100"
        assert operation.build_request(page=2, page_size=5).query == "page=2&page_size=5"
    assert list_benchmark_prompts.build_request("b").query == ""
    compared = compare_evaluations.build_request(evaluation_id_1="a", evaluation_id_2="b")
    assert "page" not in compared.query


def job(**changes: Any) -> SubmitJobRequest:
    arguments: dict[str, Any] = {
        "benchmark_id": "b", "endpoint_url": "https://e.test", "api_key": "secret"}  # fmt: skip
    return SubmitJobRequest(**arguments | changes)


def batch(*jobs: Any) -> SubmitJobBatchRequest:
    return SubmitJobBatchRequest(endpoint_url="https://e.test", api_key="secret", jobs=list(jobs))


BODIES: dict[str, tuple[Any, type[Exception], str]] = {
    "too many units": (
        job(benchmark_count=11),
        ValueError,
        "benchmark_count must be from 1 to 10, not 11",
    ),
    "an unknown provider": (
        job(provider="own"),
        ValueError,
        "provider must be one of openai, openai_responses, gemini, raw, not 'own'",
    ),
    "a key that is no string": (
        job(api_key=b"secret"),
        TypeError,
        "api_key must be a str, not bytes",
    ),
    "an empty id": (job(benchmark_id=""), ValueError, "benchmark_id must be an id, not ''"),
    "a seed beyond 64 bits": (
        job(seed=-(2**63) - 1),
        ValueError,
        ("seed must be from -9223372036854775808 to 9223372036854775807, not -9223372036854775809"),
    ),
    "a header that is no string": (
        job(headers={"x-key": 5}),
        TypeError,
        "headers['x-key'] must be a str, not int",
    ),
    "None is not absent": (job(model=None), TypeError, "model must be a str, not NoneType"),
    "no jobs": (batch(), ValueError, "jobs is empty"),
    "a nested bound": (
        batch(BatchJobItem(benchmark_id="b", benchmark_count=11)),
        ValueError,
        "jobs[0].benchmark_count must be from 1 to 10, not 11",
    ),
    "a nested id": (
        batch(BatchJobItem(benchmark_id="b"), BatchJobItem(benchmark_id=".")),
        ValueError,
        "jobs[1].benchmark_id must be an id, not '.'",
    ),
    "a nested object of another class": (
        batch({"benchmark_id": "b"}),
        TypeError,
        "jobs[0] must be a BatchJobItem, not dict",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_validated_by_the_bounds_of_the_spec(name: str) -> None:
    body, kind, message = BODIES[name]
    check_refused(body.validate, kind, message)


def test_a_valid_body_is_valid() -> None:
    job(
        provider=Provider.RAW, model="", headers={"a": "b"}, benchmark_count=1, seed=-(2**63)
    ).validate()
    batch(BatchJobItem(benchmark_id="b", benchmark_count=10)).validate()


def test_a_nested_object_is_named_by_its_place() -> None:
    item = BatchJobItem(benchmark_id="b", benchmark_count=0)
    with pytest.raises(
        ValueError, match=r"^jobs\[3\]\.benchmark_count must be from 1 to 10, not 0$"
    ):
        item.validate("jobs[3]")


HALF_A_PAIR = "half \ud83d of a pair"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: check.string("query", HALF_A_PAIR), "query"),
        (lambda: check.identifier("job_id", HALF_A_PAIR), "job_id"),
        (lambda: check.strings("ids", ["a", HALF_A_PAIR]), r"ids\[1\]"),
    ],
)
def test_a_string_that_utf_8_cannot_encode_is_named_and_not_shown(call: Call, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} can't be sent as UTF-8: character 6 ") as caught:
        call()
    assert not isinstance(caught.value, UnicodeError)
    assert caught.value.__context__ is None


def test_list_arguments_are_copied_and_anything_else_is_left_for_the_check() -> None:
    ids = ["a", "b"]
    copy = check.copied(ids)
    ids.append("c")
    assert copy == ["a", "b"]
    assert check.copied({"a": 1}.keys()) == ["a"]
    generator = (x for x in "ab")
    for value in (None, "ab", b"ab", generator):
        assert check.copied(value) is value  # type: ignore[type-var, arg-type]


MEAN_TIME = timezone(timedelta(minutes=19, seconds=32))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check.string("n", "b", pattern="^a"), "n must match ^a"),
        (lambda: check.string("n", "a\n", pattern=r"^a\Z"), r"n must match ^a\Z"),
        (
            lambda: check.identifier("n", "a" * 6, longest=5),
            "n must have at most 5 characters, not 6",
        ),
        (lambda: check.identifier("n", "..", longest=5), "n must be an id, not '..'"),
        (lambda: check.string_or_integer("n", "a", 2), "n must have at least 2 characters, not 1"),
        (lambda: check.moment("n", datetime(2025, 1, 1)), "n needs a time zone"),  # noqa: DTZ001
        (
            lambda: check.moment("n", datetime.min.replace(tzinfo=MEAN_TIME)),
            "n is beyond the years",
        ),
        (lambda: check.header("n", "a\r\nb: c"), "n can't be sent in a header"),
        (lambda: check.header("n", " a"), "n can't be sent in a header"),
        (lambda: check.header("n", "é"), "n can't be sent in a header"),
    ],
)
def test_what_a_spec_forbids_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_what_is_sent_as_text() -> None:
    moment = datetime(2025, 6, 3, 9, 15, tzinfo=UTC)
    assert check.moment("n", moment) == "2025-06-03T09:15:00+00:00"
    assert check.day("n", moment.date()) == "2025-06-03"
    with pytest.raises(TypeError, match="n must be a date, not datetime"):
        check.day("n", moment)
    assert path_segment(value=True) == "true"
    assert header_values(("a", None), ("b", True), ("c", [1, 2]), ("d", []), ("e", 1.5)) == {
        "b": "true", "c": "1,2", "e": "1.5"}  # fmt: skip
