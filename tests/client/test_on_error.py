"""``on_error="none"``: a failed request returns ``None``, as the provider documents it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import benchwire
from support import wire
from support.both import Flavour
from support.scripted import Reply, always, in_turn, json_reply

Call = Callable[[Any], Any]
URL = "http://127.0.0.1:9/v1"

NONE: dict[str, Call] = {
    "public.models.get": lambda c: c.models.get(),
    "public.benchmarks.get": lambda c: c.benchmarks.get(),
    "public.benchmarks.get_prompts": lambda c: c.benchmarks.get_prompts("b1"),
    "public.evaluations.get_by_id": lambda c: c.evaluations.get_by_id("e1"),
    "public.evaluations.get_many": lambda c: c.evaluations.get_many(),
    "public.comparisons.compare": lambda c: c.comparisons.compare("e1", "e2"),
    "public.comparisons.compare_models": lambda c: c.comparisons.compare_models("b1", "m1", "m2"),
    "v2.benchmarks.list_types": lambda c: c.benchmarks.list_types(),
    "v2.benchmarks.list_models": lambda c: c.benchmarks.list_models(),
    "v2.benchmarks.get_model": lambda c: c.benchmarks.get_model(1),
    "v2.benchmarks.list_runs": lambda c: c.benchmarks.list_runs(1, 2),
    "v2.benchmarks.get_run": lambda c: c.benchmarks.get_run(1, 2),
    "v0.me": lambda c: c.me(),
    "v0.benchmarks.list": lambda c: c.benchmarks.list(),
    "v0.jobs.list": lambda c: c.jobs.list(),
    "v0.jobs.get": lambda c: c.jobs.get("j1"),
}

RAISES: dict[str, Call] = {
    "v0.jobs.submit": lambda c: c.jobs.submit("b", URL, "k"),
    "v0.jobs.submit_batch": lambda c: c.jobs.submit_batch(["b"], URL, "k"),
    "public.benchmarks.get_all_prompts": lambda c: c.benchmarks.get_all_prompts("b1"),
    "public.evaluations.wait": lambda c: c.evaluations.wait("e1"),
    "v0.jobs.wait": lambda c: c.jobs.wait("j1"),
    "v0.jobs.wait_all": lambda c: c.jobs.wait_all(["j1"]),
    "v0.jobs.run": lambda c: c.jobs.run("b", URL, "k"),
}

ITERATORS: dict[str, Call] = {
    "models": lambda c: c.models.iter_models(),
    "model pages": lambda c: c.models.iter_models().pages(),
    "prompts": lambda c: c.benchmarks.iter_prompts("b1"),
    "evaluations": lambda c: c.evaluations.iter_evaluations(),
    "comparison rows": lambda c: c.comparisons.iter_results("e1", "e2"),
    "comparison rows of models": lambda c: c.comparisons.iter_model_results("b1", "m1", "m2"),
}


def client_of(name: str, flavour: Flavour, url: str) -> Any:
    return getattr(flavour, name.split(".", maxsplit=1)[0])(url, on_error="none")


@pytest.mark.parametrize("reply", [json_reply({"error": "no"}, 500), Reply(b"<html>"), None])
@pytest.mark.parametrize("name", NONE)
def test_a_failure_is_none(name: str, reply: Reply | None, flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(reply))
    assert flavour.result(NONE[name](client_of(name, flavour, service.url))) is None
    assert len(service.requests) == 1


@pytest.mark.parametrize("name", RAISES)
def test_calls_whose_failure_must_not_be_ignored_raise(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply({"error": "no"}, 500)))
    with pytest.raises(benchwire.ServerError):
        flavour.result(RAISES[name](client_of(name, flavour, service.url)))


@pytest.mark.parametrize("name", ITERATORS)
def test_an_iterator_raises(name: str, flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply({"error": "no"}, 500)))
    items, error = flavour.read(ITERATORS[name](flavour.public(service.url, on_error="none")))
    assert (items, type(error)) == ([], benchwire.ServerError)


def test_a_failed_second_request_of_compare_models_is_none(flavour: Flavour, scripted: Any) -> None:
    rows = [wire.evaluation(1, model_id="m1"), wire.evaluation(2, model_id="m2")]
    responses = [json_reply(wire.evaluations(rows)), json_reply({}, 503)]
    service = scripted(in_turn(responses * 2))
    client = flavour.public(service.url)
    with pytest.raises(benchwire.ServerError):
        flavour.result(client.comparisons.compare_models("b1", "m1", "m2"))
    client = client.with_options(on_error="none")
    assert flavour.result(client.comparisons.compare_models("b1", "m1", "m2")) is None
    assert service.requests[1].query == {"evaluation_id_1": "e1", "evaluation_id_2": "e2"}


def test_no_evaluation_to_compare_raises(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply(wire.evaluations([]))))
    for on_error in ("raise", "none"):
        client = flavour.public(service.url, on_error=on_error)
        with pytest.raises(ValueError, match=r"model 'm1' or 'm2' on benchmark 'b1'$"):
            flavour.result(client.comparisons.compare_models("b1", "m1", "m2"))


def test_invalid_arguments_raise(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(None))
    with pytest.raises(ValueError, match="page must be from 1"):
        flavour.result(flavour.public(service.url, on_error="none").models.get(page=0))
    assert service.requests == []


@pytest.mark.parametrize("on_error", ["raise", "none"])
def test_an_unknown_evaluation_is_none(on_error: str, flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply({"error": "no"}, 404)))
    client = flavour.public(service.url, on_error=on_error)
    assert flavour.result(client.evaluations.get_by_id("e1")) is None


@pytest.mark.parametrize("status", [400, 401, 403, 410, 500])
def test_other_failures_to_get_an_evaluation_raise(
    status: int, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply({"error": "no"}, status)))
    with pytest.raises(benchwire.APIStatusError):
        flavour.result(flavour.public(service.url).evaluations.get_by_id("e1"))


def test_an_unknown_value_of_on_error_is_refused(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(None))
    message = "^on_error must be 'raise' or 'none', not 'ignore'$"
    with pytest.raises(ValueError, match=message):
        flavour.public(service.url, on_error="ignore")
    with pytest.raises(ValueError, match=message):
        flavour.public(service.url).with_options(on_error="ignore")
