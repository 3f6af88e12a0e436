"""Invalid arguments are refused before a request is sent; the message names argument and limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from support.both import Flavour
from support.scripted import always

Call = Callable[[Any], Any]
URL = "http://127.0.0.1:9/v1"

_PAGED: dict[str, Callable[..., Any]] = {
    "models.get": lambda c, **o: c.models.get(**o),
    "benchmarks.get": lambda c, **o: c.benchmarks.get(**o),
    "benchmarks.get_prompts": lambda c, **o: c.benchmarks.get_prompts("b1", **o),
    "evaluations.get_many": lambda c, **o: c.evaluations.get_many(**o),
    "comparisons.compare": lambda c, **o: c.comparisons.compare("e1", "e2", **o),
    "comparisons.compare_models": lambda c, **o: c.comparisons.compare_models("b1", "m1", "m2", **o),
}  # fmt: skip
_ITERATORS: dict[str, Callable[..., Any]] = {
    "models.iter_models": lambda c, **o: c.models.iter_models(**o),
    "benchmarks.iter_benchmarks": lambda c, **o: c.benchmarks.iter_benchmarks(**o),
    "benchmarks.iter_prompts": lambda c, **o: c.benchmarks.iter_prompts("b1", **o),
    "evaluations.iter_evaluations": lambda c, **o: c.evaluations.iter_evaluations(**o),
    "comparisons.iter_results": lambda c, **o: c.comparisons.iter_results("e1", "e2", **o),
    "comparisons.iter_model_results": lambda c, **o: c.comparisons.iter_model_results(
        "b1", "m1", "m2", **o
    ),
}

VALUES: dict[str, tuple[Call, str]] = {
    **{
        f"{name}({argument}={value})": (
            lambda c, call=call, argument=argument, value=value: call(c, **{argument: value}),
            f"^{argument} must be from 1 to {limit}, not {value}$",
        )
        for name, call in _PAGED.items()
        for argument, value, limit in [
            ("page", 0, 2147483647),
            ("page", -1, 2147483647),
            ("page_size", 0, 500),
            ("page_size", 501, 500),
        ]
    },
    "models.get(sort_by)": (
        lambda c: c.models.get(sort_by="size"),
        "^sort_by must be one of name,",
    ),
    "models.get(order)": (
        lambda c: c.models.get(order="up"),
        "^order must be one of asc, desc, not 'up'$",
    ),
    **{
        f"a comma in {argument} of {name}": (
            lambda c, call=call, argument=argument: call(c, **{argument: ["x", "A, B"]}),
            rf"^{argument}\[1\] contains a comma: .* would read it as several values$",
        )
        for name, call, arguments in [
            *(
                (name, call, ["ids", "categories", "companies", "regions", "licenses", "sizes"])
                for name, call in [
                    ("models.get", _PAGED["models.get"]),
                    ("models.iter_models", _ITERATORS["models.iter_models"]),
                ]
            ),
            ("benchmarks.get", _PAGED["benchmarks.get"], ["ids", "categories", "languages"]),
            (
                "evaluations.get_many",
                _PAGED["evaluations.get_many"],
                ["model_ids", "benchmark_ids"],
            ),
        ]
        for argument in arguments
    },
    "models.get(empty value)": (
        lambda c: c.models.get(sizes=["Small", ""]),
        r"^sizes\[1\] is empty$",
    ),
    "benchmarks.get(sort_by)": (
        lambda c: c.benchmarks.get(sort_by="createdAt"),
        "^sort_by must be one of name, not 'createdAt'$",
    ),
    "get_prompts('')": (
        lambda c: c.benchmarks.get_prompts(""),
        "^benchmark_id must be an id, not ''$",
    ),
    "get_prompts('..')": (
        lambda c: c.benchmarks.get_prompts(".."),
        r"^benchmark_id must be an id, not '\.\.'$",
    ),
    "get_prompts(search_field alone)": (
        lambda c: c.benchmarks.get_prompts("b1", search_field="id"),
        "^search_field needs search_value beside it$",
    ),
    "get_prompts(search_value alone)": (
        lambda c: c.benchmarks.get_prompts("b1", search_value=""),
        "^search_value needs search_field beside it$",
    ),
    "get_prompts(search_field)": (
        lambda c: c.benchmarks.get_prompts("b1", search_field="name", search_value="x"),
        "^search_field must be one of id, input, truth, not 'name'$",
    ),
    "get_all_prompts('.')": (
        lambda c: c.benchmarks.get_all_prompts("."),
        r"^benchmark_id must be an id, not '\.'$",
    ),
    "get_by_id('')": (lambda c: c.evaluations.get_by_id(""), "^id must be an id, not ''$"),
    "evaluations.wait('..')": (
        lambda c: c.evaluations.wait(".."),
        r"^id must be an id, not '\.\.'$",
    ),
    "evaluations.wait(timeout)": (
        lambda c: c.evaluations.wait("e1", timeout=0),
        "^timeout must be a positive, finite number of seconds, not 0$",
    ),
    "get_many(status)": (
        lambda c: c.evaluations.get_many(status="done"),
        "^status must be one of pending, in-progress, paused, success, failure, timeout, cancelled,",
    ),
    "get_many(sort_by)": (
        lambda c: c.evaluations.get_many(sort_by="name"),
        "^sort_by must be one of submitted_at, accuracy, average_duration, .*, not 'name'$",
    ),
    "compare('')": (
        lambda c: c.comparisons.compare("e1", ""),
        "^evaluation_id_2 must be an id, not ''$",
    ),
    "compare(outcome_filter)": (
        lambda c: c.comparisons.compare("e1", "e2", outcome_filter="none"),
        "^outcome_filter must be one of all, both_succeed, both_fail, reference_fails,",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_an_invalid_value_is_refused(name: str, flavour: Flavour, scripted: Any) -> None:
    call, message = VALUES[name]
    service = scripted(always(None))
    with pytest.raises(ValueError, match=message):
        flavour.result(call(flavour.public(service.url)))
    assert service.requests == []


WRONG_ITERATIONS = {
    "page_size=0": ({"page_size": 0}, ValueError, "^page_size must be from 1 to 500, not 0$"),
    "page_size=501": ({"page_size": 501}, ValueError, "^page_size must be from 1 to 500, not 501$"),
    "max_items=-1": ({"max_items": -1}, ValueError, "^max_items must be from 0 to "),
    "concurrency=0": ({"concurrency": 0}, ValueError, "^concurrency must be from 1 to 64, not 0$"),
    "concurrency=65": (
        {"concurrency": 65},
        ValueError,
        "^concurrency must be from 1 to 64, not 65$",
    ),
    "page=2": ({"page": 2}, TypeError, "^there is no argument 'page': did you mean 'page_size'"),
    "quarry": ({"quarry": "gpt"}, TypeError, "^there is no argument 'quarry'[:;]"),
}


@pytest.mark.parametrize("walk", WRONG_ITERATIONS)
@pytest.mark.parametrize("name", _ITERATORS)
def test_invalid_page_limits_are_refused_by_the_call_itself(
    name: str, walk: str, flavour: Flavour, scripted: Any
) -> None:
    """Not at the first item, which may be read in another place."""
    service = scripted(always(None))
    client = flavour.public(service.url)
    arguments, kind, message = WRONG_ITERATIONS[walk]
    with pytest.raises(kind, match=message):
        _ITERATORS[name](client, **arguments)
    assert service.requests == []


FILTERS: dict[str, Call] = {
    "models": lambda c: c.models.iter_models(order="up"),
    "benchmarks": lambda c: c.benchmarks.iter_benchmarks(sort_by="size"),
    "prompts of nothing": lambda c: c.benchmarks.iter_prompts(""),
    "prompts": lambda c: c.benchmarks.iter_prompts("b1", search_field="id"),
    "evaluations": lambda c: c.evaluations.iter_evaluations(status="done"),
    "comparison of nothing": lambda c: c.comparisons.iter_results("", "e2"),
    "comparison": lambda c: c.comparisons.iter_results("e1", "e2", outcome_filter="none"),
    "models compared": lambda c: c.comparisons.iter_model_results("b1", "..", "m2"),
    "models compared by": lambda c: c.comparisons.iter_model_results(
        "b1", "m1", "m2", outcome_filter="none"
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_an_invalid_filter_of_an_iterator_is_refused_by_the_call_itself(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(None))
    client = flavour.public(service.url)
    with pytest.raises(ValueError, match=r"must be|needs search_value"):
        FILTERS[name](client)
    assert service.requests == []


TYPES: dict[str, tuple[str, Call, str]] = {
    "one id": (
        "public",
        lambda c: c.models.get(ids="m1"),
        "ids must be a list of str, not one str",
    ),
    "a generator": (
        "public",
        lambda c: c.models.get(ids=(x for x in "ab")),
        "ids must be a list of str, not a generator",
    ),
    "a data frame": (
        "public",
        lambda c: c.models.iter_models(ids=pd.DataFrame({"id": ["m1"]})),
        "ids must be a list of str, not a DataFrame",
    ),
    "a number for an id": (
        "public",
        lambda c: c.evaluations.get_by_id(5),
        "id must be a str, not int",
    ),
    "text for a page": ("public", lambda c: c.models.get(page="1"), "page must be an int, not str"),
    "text for a flag": (
        "public",
        lambda c: c.models.get(include_deprecated="true"),
        "include_deprecated must be a bool, not str",
    ),
    "text for unique": (
        "public",
        lambda c: c.evaluations.get_many(unique="no"),
        "unique must be a bool",
    ),
    "text for a v2 id": (
        "v2",
        lambda c: c.benchmarks.get_model("7"),
        "model_id must be an int, not str",
    ),
    "no type for the runs": (
        "v2",
        lambda c: c.benchmarks.list_runs(7, None),
        "benchmark_type_id must be an int, not NoneType",
    ),
    "one job id": (
        "v0",
        lambda c: c.jobs.wait_all("j1"),
        "job_ids must be a list of str, not one str",
    ),
    "a number for a job": ("v0", lambda c: c.jobs.get(5), "job_id must be a str, not int"),
    "one benchmark": ("v0", lambda c: c.jobs.submit_batch("b", URL, "k"), "jobs must be a list"),
    "jobs of a batch without an order": (
        "v0",
        lambda c: c.jobs.resolve("i", job_id={"j1", "j2"}),
        "job_id must be a str or a list of str, not set",
    ),
    "a number for a job that is settled": (
        "v0",
        lambda c: c.jobs.resolve("i", job_id=5),
        "job_id must be a str or a list of str, not int",
    ),
    "a number for a submission": (
        "v0",
        lambda c: c.jobs.resume(5),
        "intent_id must be a str, not int",
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_value_of_another_type_is_refused(name: str, flavour: Flavour, scripted: Any) -> None:
    api, call, message = TYPES[name]
    service = scripted(always(None))
    with pytest.raises(TypeError, match=f"^{message}"):
        flavour.result(call(getattr(flavour, api)(service.url)))
    assert service.requests == []


JOBS: dict[str, tuple[Call, str]] = {
    "units": (
        lambda c: c.jobs.submit("b", URL, "k", benchmark_count=11),
        "^benchmark_count must be from 1 to 10, not 11$",
    ),
    "no units": (
        lambda c: c.jobs.run("b", URL, "k", benchmark_count=0),
        "^benchmark_count must be from 1 to 10, not 0$",
    ),
    "a batch of none": (lambda c: c.jobs.submit_batch([], URL, "k"), "^jobs is empty"),
    "a provider": (
        lambda c: c.jobs.submit("b", URL, "k", provider="x"),
        "^provider must be one of openai, openai_responses, gemini, raw, not 'x'$",
    ),
    "an endpoint": (
        lambda c: c.jobs.run("b", "x", "k"),
        "^endpoint_url must be an http or https URL",
    ),
    "no benchmark": (lambda c: c.jobs.submit("", URL, "k"), "^benchmark_id must be an id, not ''$"),
    "limit": (lambda c: c.jobs.list(limit=0), "^limit must be from 1 to 2147483647, not 0$"),
    "status": (
        lambda c: c.jobs.list(status="done"),
        "^status must be one of pending, running, completed, failed, not 'done'$",
    ),
    "a submission that is no text": (
        lambda c: c.jobs.resume("\ud800"),
        "^intent_id can't be sent as UTF-8: character 1 is half a pair$",
    ),
    "no job": (lambda c: c.jobs.get(""), "^job_id must be an id, not ''$"),
    "no job to wait for": (lambda c: c.jobs.wait(".."), r"^job_id must be an id, not '\.\.'$"),
    "an id among others": (
        lambda c: c.jobs.wait_all(["j1", ""]),
        r"^job_ids\[1\] must be an id, not ''$",
    ),
    "no interval": (
        lambda c: c.jobs.run("b", URL, "k", poll_interval=0),
        "^poll_interval must be a positive, finite number of seconds, not 0$",
    ),
    "waiting for ever": (
        lambda c: c.jobs.wait("j1", timeout=float("inf")),
        "^timeout must be a positive, finite number of seconds, not inf$",
    ),
}


@pytest.mark.parametrize("name", JOBS)
def test_an_invalid_job_is_refused(name: str, flavour: Flavour, scripted: Any) -> None:
    call, message = JOBS[name]
    service = scripted(always(None))
    with pytest.raises(ValueError, match=message):
        flavour.result(call(flavour.v0(service.url)))
    assert service.requests == []
