"""Models and benchmarks of comparisons by their keys and exact names, where ids are expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import benchwire
from support import wire
from support.both import Flavour
from support.scripted import Received, Reply, json_reply

BENCHMARK = "682bddc1e014f9fa440f8a91"
MODELS = ("699f9761e014f9c3072b0513", "699f9761e014f9c3072b0512")


@pytest.fixture
def client(flavour: Flavour, local: benchwire.local.Server) -> Any:
    return flavour.make("PublicClient", local.api_key, local.public_base_url)


def called(client: Any, flavour: Flavour, field: str) -> list[str]:
    """Return the keys, or names, of the benchmark and both models."""
    benchmark = flavour.result(client.benchmarks.get(ids=[BENCHMARK])).datasets[0]
    models = [flavour.result(client.models.get(ids=[one])).models[0] for one in MODELS]
    return [str(getattr(one, field)) for one in (benchmark, *models)]


@pytest.mark.parametrize("field", ["key", "name"])
def test_keys_and_names_are_taken_where_ids_are(client: Any, flavour: Flavour, field: str) -> None:
    names = called(client, flavour, field)
    comparisons = client.comparisons
    by_id = flavour.result(comparisons.compare_models(BENCHMARK, *MODELS))
    assert flavour.result(comparisons.compare_models(*names)) == by_id
    assert flavour.result(comparisons.compare_models(BENCHMARK, names[1], MODELS[1])) == by_id
    rows = comparisons.iter_model_results(*names, max_items=5)
    assert flavour.items(rows) == by_id.results[:5]
    found = flavour.result(comparisons.statistics(*names))
    assert found.table == flavour.result(comparisons.statistics(BENCHMARK, *MODELS)).table
    matrix = flavour.result(comparisons.matrix(names[:1], names[1:], resamples=100))
    assert matrix.pairs[0].statistics.n_paired == found.n_paired


def test_a_key_may_have_a_comma(flavour: Flavour, tmp_path: Path) -> None:
    """A comma separates the ids of a filter, and is part of the keys of HELM's benchmarks."""
    benchmark, models = "mmlu:subject=anatomy,method=joint", ("hf,dtype=auto", "m")
    lines = [
        {
            "benchmark": benchmark,
            "model": model,
            "input": str(n),
            "truth": "",
            "result": "",
            "score": 1,
        }
        for model in models
        for n in range(3)
    ]
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    benchwire.local.import_results(tmp_path / "lines.jsonl", tmp_path / "d.db")
    with benchwire.local.serve(db=tmp_path / "d.db", sample=False) as server:
        client = flavour.make("PublicClient", server.api_key, server.public_base_url)
        comparisons = client.comparisons
        assert flavour.result(comparisons.compare_models(benchmark, *models)).total_count == 3
        assert len(flavour.items(comparisons.iter_model_results(benchmark, *models))) == 3
        assert flavour.result(comparisons.statistics(benchmark, *models)).n_paired == 3
        for call in (
            lambda: comparisons.compare_models(benchmark, "m", "no,thing"),
            lambda: comparisons.statistics("no,thing", *models),
            lambda: comparisons.matrix([benchmark], ["m", "no,thing"]),
        ):
            with pytest.raises(ValueError, match=r"^no \w+ has the key or name 'no,thing'$"):
                flavour.result(call())


def test_what_is_called_by_nothing_is_an_error(client: Any, flavour: Flavour) -> None:
    with pytest.raises(ValueError, match=r"^no successful evaluation of model 'nobody' on bench"):
        flavour.result(client.comparisons.compare_models(BENCHMARK, MODELS[0], "nobody"))


@pytest.mark.parametrize("field", ["key", "name"])
def test_two_of_one_name_are_listed(flavour: Flavour, scripted: Any, field: str) -> None:
    def handler(received: Received) -> Reply:
        if received.path.endswith("/evaluations"):
            return json_reply(wire.evaluations([]))
        if received.path.endswith("/datasets"):
            return json_reply(wire.benchmarks([], 0))
        is_asked = field in received.query
        rows = [wire.model(n, **{field: "twice"}) for n in (1, 2)] if is_asked else []
        return json_reply(wire.models(rows, len(rows)))

    comparisons = flavour.public(scripted(handler).url).comparisons
    with pytest.raises(ValueError, match=r"^'twice' is the key or name of 2 models: m1, m2$"):
        flavour.result(comparisons.compare_models("b1", "twice", "m3"))


def test_ids_are_looked_up_no_further(flavour: Flavour, scripted: Any) -> None:
    rows = [wire.evaluation(n, model_id=f"m{n}") for n in (1, 2)]
    paths: list[str] = []

    def handler(received: Received) -> Reply:
        paths.append(received.path.rpartition("/")[2])
        if paths[-1] == "evaluations":
            return json_reply(wire.evaluations(rows))
        return json_reply(wire.comparison([wire.comparison_row(1)], 1))

    comparisons = flavour.public(scripted(handler).url).comparisons
    flavour.result(comparisons.compare_models("b1", "m1", "m2"))
    assert paths == ["evaluations", "comparison"]


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda client: client.benchmarks.get_prompts("gsm8k"), "benchmark_id"),
        (lambda client: client.evaluations.get_results("gsm8k"), "evaluation_id"),
        (
            lambda client: client.comparisons.compare("a", "b"),
            "evaluation_id_1 and evaluation_id_2",
        ),
    ],
)
def test_elsewhere_the_error_says_that_an_id_is_expected(
    client: Any, flavour: Flavour, call: Any, names: str
) -> None:
    with pytest.raises(benchwire.NotFoundError) as caught:
        flavour.result(call(client))
    assert str(caught.value).endswith(f"({names}: an id is expected, not a key or a name)")


def test_iterations_say_it_too(client: Any, flavour: Flavour) -> None:
    for pager in (
        client.benchmarks.iter_prompts("gsm8k"),
        client.evaluations.iter_results("gsm8k"),
    ):
        with pytest.raises(benchwire.NotFoundError, match="_id: an id is expected"):
            flavour.items(pager)
