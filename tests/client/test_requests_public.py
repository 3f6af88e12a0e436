"""The public API: every method and parameter, as the bytes of the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from benchwire.models import EvaluationStatus
from support import wire
from support.both import Flavour
from support.scripted import always, in_turn, json_reply

Call = Callable[[Any], Any]

GETS: dict[str, tuple[Call, bytes]] = {
    "models": (lambda c: c.models.get(), b"/models?page=1&page_size=100"),
    "models, everything": (
        lambda c: c.models.get(
            query="gpt 4",
            name="GPT-4",
            key="openai/gpt-4",
            ids=["m1", "m2"],
            categories=["moe", "size-lg"],
            companies=["OpenAI"],
            regions=["usa", "china"],
            licenses=["MIT"],
            sizes=["Small", "Extra Large"],
            sort_by="releasedAt",
            order="desc",
            page=2,
            page_size=5,
            include_deprecated=True,
        ),
        (
            b"/models?query=gpt%204&name=GPT-4&key=openai%2Fgpt-4&ids=m1,m2&categories=moe,size-lg"
            b"&companies=OpenAI&regions=usa,china&licenses=MIT&sizes=Small,Extra%20Large"
            b"&sort_by=releasedAt&order=desc&page=2&page_size=5&include_deprecated=true"
        ),
    ),
    "what has a meaning in URLs": (
        lambda c: c.models.get(query="a&b=c#d?e+f%2C/\\", name="\n\x00"),
        b"/models?query=a%26b%3Dc%23d%3Fe%2Bf%252C%2F%5C&name=%0A%00&page=1&page_size=100",
    ),
    "letters of other languages": (
        lambda c: c.models.get(query="Größe 模型 🙂", companies=["Étoile"]),
        (
            b"/models?query=Gr%C3%B6%C3%9Fe%20%E6%A8%A1%E5%9E%8B%20%F0%9F%99%82&companies=%C3%89toile"
            b"&page=1&page_size=100"
        ),
    ),
    "an empty text is a text": (
        lambda c: c.models.get(query="", name="", key=""),
        b"/models?query=&name=&key=&page=1&page_size=100",
    ),
    "false is sent": (
        lambda c: c.models.get(include_deprecated=False),
        b"/models?page=1&page_size=100&include_deprecated=false",
    ),
    "a list may be a tuple": (
        lambda c: c.models.get(ids=("m2", "m1")),
        b"/models?ids=m2,m1&page=1&page_size=100",
    ),
    "the service's own names to sort by": (
        lambda c: c.models.get(sort_by="context_length"),
        b"/models?sort_by=context_length&page=1&page_size=100",
    ),
    "benchmarks": (lambda c: c.benchmarks.get(), b"/datasets?page=1&page_size=100"),
    "benchmarks, everything": (
        lambda c: c.benchmarks.get(
            query="mm",
            name="MMLU",
            key="mmlu",
            ids=["b1", "b 2"],
            categories=["math"],
            languages=["English", "French"],
            sort_by="name",
            order="asc",
            page=1,
            page_size=500,
            include_deprecated=False,
        ),
        (
            b"/datasets?query=mm&name=MMLU&key=mmlu&ids=b1,b%202&categories=math"
            b"&languages=English,French&sort_by=name&order=asc&page=1&page_size=500"
            b"&include_deprecated=false"
        ),
    ),
    "prompts": (lambda c: c.benchmarks.get_prompts("b1"), b"/datasets/b1/prompts"),
    "prompts, everything": (
        lambda c: c.benchmarks.get_prompts(
            "b1",
            page=3,
            page_size=10,
            search_field="input",
            search_value="what?",
            sort_by="truth",
            sort_order="desc",
        ),
        (
            b"/datasets/b1/prompts?page=3&page_size=10&search=input&search_value=what%3F"
            b"&sort_by=truth&sort_order=desc"
        ),
    ),
    "prompts, by keyword": (
        lambda c: c.benchmarks.get_prompts(
            benchmark_id="b1", search_field="truth", search_value=""
        ),
        b"/datasets/b1/prompts?search=truth&search_value=",
    ),
    "an id stays one segment of the path": (
        lambda c: c.benchmarks.get_prompts("../a b/c?d#e%2F"),
        b"/datasets/..%2Fa%20b%2Fc%3Fd%23e%252F/prompts",
    ),
    "an id of more dots than two": (
        lambda c: c.benchmarks.get_prompts("..."),
        b"/datasets/.../prompts",
    ),
    "an encoded dot segment is no dot segment": (
        lambda c: c.benchmarks.get_prompts("%2e%2e"),
        b"/datasets/%252e%252e/prompts",
    ),
    "evaluations": (lambda c: c.evaluations.get_many(), b"/evaluations?page=1&page_size=100"),
    "evaluations, everything": (
        lambda c: c.evaluations.get_many(
            page=2,
            page_size=7,
            sort_by="accuracy",
            order="desc",
            model_ids=["m1", "m2"],
            benchmark_ids=["b1"],
            status=EvaluationStatus.IN_PROGRESS,
            unique=True,
        ),
        (
            b"/evaluations?page=2&page_size=7&sort_by=accuracy&order=desc&models=m1,m2&datasets=b1"
            b"&status=in-progress&unique=true"
        ),
    ),
    "evaluations, a status as text": (
        lambda c: c.evaluations.get_many(status="success"),
        b"/evaluations?page=1&page_size=100&status=success",
    ),
    "unique is off unless it is on": (
        lambda c: c.evaluations.get_many(unique=False),
        b"/evaluations?page=1&page_size=100",
    ),
    "one evaluation": (lambda c: c.evaluations.get_by_id("e 1/2"), b"/evaluations/e%201%2F2"),
    "one evaluation, by keyword": (
        lambda c: c.evaluations.get_by_id(id="eval_abc123"),
        b"/evaluations/eval_abc123",
    ),
    "answers": (
        lambda c: c.evaluations.get_results("e,1"),
        b"/results?evaluation_id=e%2C1&page=1&page_size=100",
    ),
    "answers, a page of them": (
        lambda c: c.evaluations.get_results(evaluation_id="e1", page=2, page_size=500),
        b"/results?evaluation_id=e1&page=2&page_size=500",
    ),
    "answers, by the vendor's name": (
        lambda c: c.results.get_by_id(evaluation_id="e1", page=2),
        b"/results?evaluation_id=e1&page=2&page_size=100",
    ),
    "a comparison": (
        lambda c: c.comparisons.compare("e1", "e2"),
        b"/results/comparison?evaluation_id_1=e1&evaluation_id_2=e2",
    ),
    "a comparison, everything": (
        lambda c: c.comparisons.compare(
            evaluation_id_1="e,1",
            evaluation_id_2="e2",
            page=1,
            page_size=20,
            outcome_filter="reference_fails",
            search="why & how",
        ),
        (
            b"/results/comparison?evaluation_id_1=e%2C1&evaluation_id_2=e2&page=1&page_size=20"
            b"&outcome_filter=reference_fails&search=why%20%26%20how"
        ),
    ),
    "a comparison, empty search": (
        lambda c: c.comparisons.compare("e1", "e2", search=""),
        b"/results/comparison?evaluation_id_1=e1&evaluation_id_2=e2&search=",
    ),
}

BODIES = {
    b"models": wire.models([wire.model(1)], 1),
    b"datasets": wire.benchmarks([wire.benchmark(1)], 1),
    b"prompts": wire.prompts([wire.prompt(1)], 1),
    b"evaluations": wire.evaluations([wire.evaluation(1)]),
    b"results": wire.comparison([wire.comparison_row(1)], 1),
}


def _body(target: bytes) -> Any:
    segments = target.split(b"?")[0].strip(b"/").split(b"/")
    kind = segments[0]
    if kind == b"datasets" and len(segments) == 3:
        kind = b"prompts"
    if kind == b"results" and len(segments) == 1:
        return wire.results([{"prompt": "p"}], 1)
    if kind == b"evaluations" and len(segments) == 2:
        return wire.evaluation(1, id=unquote(segments[1].decode()))
    return BODIES[kind]


@pytest.mark.parametrize("name", GETS)
def test_each_method_sends_its_request(name: str, flavour: Flavour, scripted: Any) -> None:
    call, target = GETS[name]
    service = scripted(always(json_reply(_body(target))))
    assert flavour.result(call(flavour.public(service.url + "/api/v1"))) is not None
    (request,) = service.requests
    assert (request.method, request.target, request.body) == ("GET", b"/api/v1" + target, b"")


ITERATORS: dict[str, tuple[Call, bytes, Any]] = {
    "models": (
        lambda c, **o: c.models.iter_models(companies=["A B"], include_deprecated=True, **o),
        b"/models?companies=A%20B&page=1&page_size=500&include_deprecated=true",
        wire.models([wire.model(1)], 1),
    ),
    "model pages": (
        lambda c, **o: c.models.iter_models(query="", order="asc", **o).pages(),
        b"/models?query=&order=asc&page=1&page_size=500",
        wire.models([wire.model(1)], 1),
    ),
    "benchmarks": (
        lambda c, **o: c.benchmarks.iter_benchmarks(languages=["English"], **o),
        b"/datasets?languages=English&page=1&page_size=500",
        wire.benchmarks([wire.benchmark(1)], 1),
    ),
    "benchmark pages": (
        lambda c, **o: c.benchmarks.iter_benchmarks(key="mmlu", **o).pages(),
        b"/datasets?key=mmlu&page=1&page_size=500",
        wire.benchmarks([wire.benchmark(1)], 1),
    ),
    "prompts": (
        lambda c, **o: c.benchmarks.iter_prompts("b1", sort_by="id", sort_order="desc", **o),
        b"/datasets/b1/prompts?page=1&page_size=500&sort_by=id&sort_order=desc",
        wire.prompts([wire.prompt(1)], 1),
    ),
    "prompt pages": (
        lambda c, **o: c.benchmarks.iter_prompts(
            "b1", search_field="id", search_value="p", **o
        ).pages(),
        b"/datasets/b1/prompts?page=1&page_size=500&search=id&search_value=p",
        wire.prompts([wire.prompt(1)], 1),
    ),
    "evaluations": (
        lambda c, **o: c.evaluations.iter_evaluations(model_ids=["m1"], unique=True, **o),
        b"/evaluations?page=1&page_size=500&models=m1&unique=true",
        wire.evaluations([wire.evaluation(1)]),
    ),
    "evaluation pages": (
        lambda c, **o: c.evaluations.iter_evaluations(
            status="failure", sort_by="accuracy", **o
        ).pages(),
        b"/evaluations?page=1&page_size=500&sort_by=accuracy&status=failure",
        wire.evaluations([wire.evaluation(1)]),
    ),
    "answers": (
        lambda c, **o: c.evaluations.iter_results("e1", **o),
        b"/results?evaluation_id=e1&page=1&page_size=500",
        wire.results([{"prompt": "p"}], 1),
    ),
    "comparison rows": (
        lambda c, **o: c.comparisons.iter_results("e1", "e2", outcome_filter="both_fail", **o),
        (
            b"/results/comparison?evaluation_id_1=e1&evaluation_id_2=e2&page=1&page_size=500"
            b"&outcome_filter=both_fail"
        ),
        wire.comparison([wire.comparison_row(1)], 1),
    ),
    "comparison pages": (
        lambda c, **o: c.comparisons.iter_results("e1", "e2", search="x", **o).pages(),
        b"/results/comparison?evaluation_id_1=e1&evaluation_id_2=e2&page=1&page_size=500&search=x",
        wire.comparison([wire.comparison_row(1)], 1),
    ),
}


@pytest.mark.parametrize("name", ITERATORS)
def test_each_iterator_sends_its_requests(name: str, flavour: Flavour, scripted: Any) -> None:
    call, target, body = ITERATORS[name]
    service = scripted(always(json_reply(body)))
    client = flavour.public(service.url)
    assert len(flavour.items(call(client))) == 1
    smaller = target.replace(b"page_size=500", b"page_size=7")
    assert len(flavour.items(call(client, page_size=7, concurrency=1))) == 1
    fewest = target.replace(b"page_size=500", b"page_size=1")
    assert len(flavour.items(call(client, max_items=1, page_size=7))) == 1
    assert service.targets() == [target, smaller, fewest]


@pytest.mark.parametrize("name", ITERATORS)
def test_an_iterator_is_lazy(name: str, flavour: Flavour, scripted: Any) -> None:
    call, _, body = ITERATORS[name]
    service = scripted(always(json_reply(body)))
    client = flavour.public(service.url)
    call(client)
    assert flavour.items(call(client, max_items=0)) == []
    assert service.requests == []


def test_requests_of_a_comparison_of_models(flavour: Flavour, scripted: Any) -> None:
    """The evaluations are found when the first row is requested, and then their rows are read."""
    rows = [wire.evaluation(1, model_id="m 1"), wire.evaluation(2, model_id="m2")]
    bodies = [wire.evaluations(rows), wire.comparison([wire.comparison_row(1)], 1)]
    service = scripted(in_turn(map(json_reply, bodies)))
    client = flavour.public(service.url)
    client.comparisons.iter_model_results("b1", "m 1", "m2")
    assert service.requests == []
    iterator = client.comparisons.iter_model_results(
        "b1", "m 1", "m2", page_size=9, search="x", outcome_filter="all"
    )
    assert [row.result_id_2 for row in flavour.items(iterator)] == [100_001]
    assert service.targets() == [
        (
            b"/evaluations?page=1&page_size=100&sort_by=submitted_at&order=desc&models=m%201,m2&datasets=b1"
            b"&status=success&unique=true"
        ),
        (
            b"/results/comparison?evaluation_id_1=e1&evaluation_id_2=e2&page=1&page_size=9"
            b"&outcome_filter=all&search=x"
        ),
    ]


def test_get_all_prompts_requests_the_largest_pages(flavour: Flavour, scripted: Any) -> None:
    service = scripted(wire.paged_prompts(1001))
    prompts = flavour.result(flavour.public(service.url).benchmarks.get_all_prompts("b1"))
    assert [prompt.id for prompt in prompts] == [f"p{number}" for number in range(1001)]
    assert service.targets()[0] == b"/datasets/b1/prompts?page=1&page_size=500"
    assert sorted(service.queries("page")) == ["1", "2", "3"]


NOTHING: dict[str, Call] = {
    **{
        f"models.get({name}=[])": (lambda c, name=name: c.models.get(**{name: []}))
        for name in ("ids", "categories", "companies", "regions", "licenses", "sizes")
    },
    **{
        f"benchmarks.get({name}=[])": (lambda c, name=name: c.benchmarks.get(**{name: []}))
        for name in ("ids", "categories", "languages")
    },
    "an empty set beside a full filter": lambda c: c.models.get(ids=set(), companies=["OpenAI"]),
}


@pytest.mark.parametrize("name", NOTHING)
def test_an_empty_list_sends_no_request(name: str, flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply(wire.models([wire.model(1)], 1))))
    page = flavour.result(NOTHING[name](flavour.public(service.url)))
    rows = page.datasets if name.startswith("benchmarks") else page.models
    assert (rows, page.count, page.total_count) == ([], 0, 0)
    assert service.requests == []


@pytest.mark.parametrize("filters", [{"model_ids": []}, {"benchmark_ids": ()}])
def test_an_empty_list_sends_no_request_for_evaluations(
    filters: Any, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply(wire.evaluations([wire.evaluation(1)]))))
    client = flavour.public(service.url)
    page = flavour.result(client.evaluations.get_many(page=3, page_size=20, **filters))
    assert page.evaluations == []
    assert (page.pagination.page, page.pagination.page_size) == (3, 20)
    assert (page.pagination.total_pages, page.pagination.total_count) == (0, 0)
    assert flavour.items(client.evaluations.iter_evaluations(**filters)) == []
    assert service.requests == []


@pytest.mark.parametrize(
    ("arguments", "total", "expected"),
    [
        ({}, 250, (1, 100, 3, 250)),
        ({"page": 2, "page_size": 10}, 20, (2, 10, 2, 20)),
        ({"page_size": 10}, 21, (1, 10, 3, 21)),
        ({}, 0, (1, 100, 0, 0)),
    ],
)
def test_the_pagination_of_evaluations_is_computed(
    arguments: Any, total: int, expected: Any, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply(wire.evaluations([], total))))
    found = flavour.result(flavour.public(service.url).evaluations.get_many(**arguments))
    pagination = found.pagination
    shown = (pagination.page, pagination.page_size, pagination.total_pages, pagination.total_count)
    assert shown == expected


def test_names_differ_from_the_wire_as_documented(flavour: Flavour, scripted: Any) -> None:
    """On the wire it is dataset, results may be null, and a prompt has an ``input``."""
    row = wire.evaluation(1, dataset_id="b7", dataset_name="Seven", accuracy=81.5)
    service = scripted(always(json_reply(row)))
    client = flavour.public(service.url)
    found = flavour.result(client.evaluations.get_by_id("e1"))
    assert (found.benchmark_id, found.benchmark_name, found.accuracy) == ("b7", "Seven", 81.5)
    service.handler = always(json_reply(wire.comparison(None, 0)))
    assert flavour.result(client.comparisons.compare("e1", "e2")).results == []
    service.handler = always(json_reply(wire.prompts([wire.prompt(4)], 9)))
    page = flavour.result(client.benchmarks.get_prompts("b1"))
    assert (page.data.prompts[0].input, page.data.count, page.status) == (
        "What is 4?",
        9,
        "success",
    )


def test_unknown_fields_of_a_page_of_evaluations_are_kept(flavour: Flavour, scripted: Any) -> None:
    body = {**wire.evaluations([wire.evaluation(1)]), "next_cursor": "abc"}
    service = scripted(always(json_reply(body)))
    page = flavour.result(flavour.public(service.url).evaluations.get_many(page_size=1))
    assert page.additional_properties == {"next_cursor": "abc"}
    assert page.to_dict()["evaluations"] == body["evaluations"]
    assert page.to_dict()["pagination"]["total_count"] == 1
