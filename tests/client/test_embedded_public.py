"""The public and the v2 API of the embedded server, on a real socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire.models import EvaluationStatus
from support.both import KEY, Flavour

BENCHMARK = "682bddc1e014f9fa440f8a91"
MODELS = ("699f9761e014f9c3072b0513", "699f9761e014f9c3072b0512")
OUTCOMES = {
    "all": lambda row: True,
    "both_succeed": lambda row: row.score1 == 1 and row.score2 == 1,
    "both_fail": lambda row: row.score1 != 1 and row.score2 != 1,
    "reference_fails": lambda row: row.score1 != 1 and row.score2 == 1,
    "comparison_fails": lambda row: row.score1 == 1 and row.score2 != 1,
}


@pytest.fixture
def client(flavour: Flavour, local: benchwire.local.Server) -> Any:
    return flavour.make("PublicClient", local.api_key, local.public_base_url)


@pytest.fixture
def v2(flavour: Flavour, local: benchwire.local.Server) -> Any:
    return flavour.make("V2Client", local.api_key, local.v2_base_url)


def test_models_are_filtered_and_sorted(client: Any, flavour: Flavour) -> None:
    page = flavour.result(client.models.get(page_size=500))
    assert page.total_count == page.count == len(page.models) > 0
    company = page.companies[0]
    some = flavour.result(client.models.get(companies=[company], sort_by="name", order="desc"))
    expected = sorted((m.id for m in page.models if m.company == company), reverse=True)
    assert sorted((model.id for model in some.models), reverse=True) == expected
    assert some.models
    names = [model.name for model in some.models]
    assert names == sorted(names, reverse=True)
    # Deprecated models are listed on request only.
    every = flavour.result(client.models.get(include_deprecated=True))
    assert {m.id for m in every.models if not m.deprecated} == {m.id for m in page.models}


def test_models_by_id_and_by_no_id(client: Any, flavour: Flavour) -> None:
    one = flavour.result(client.models.get(ids=[MODELS[1]]))
    assert [model.id for model in one.models] == [MODELS[1]]
    assert flavour.result(client.models.get(ids=[])).models == []
    assert flavour.result(client.models.get(query="")).total_count > 1


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("page_size", [1, 7, 500])
def test_every_list_is_complete(
    page_size: int, concurrency: int, client: Any, flavour: Flavour
) -> None:
    options = {"page_size": page_size, "concurrency": concurrency}
    found = flavour.result(client.evaluations.get_many(page_size=500))
    assert found.pagination.total_count == len(found.evaluations)
    ids = [row.id for row in flavour.items(client.evaluations.iter_evaluations(**options))]
    assert ids == [evaluation.id for evaluation in found.evaluations]
    models = flavour.result(client.models.get(page_size=500, sort_by="name"))
    pages = flavour.items(client.models.iter_models(sort_by="name", **options).pages())
    assert [m.id for page in pages for m in page.models] == [m.id for m in models.models]
    benchmarks = flavour.result(client.benchmarks.get())
    rows = flavour.items(client.benchmarks.iter_benchmarks(**options))
    assert [row.id for row in rows] == [row.id for row in benchmarks.datasets]


def test_prompts_are_the_same_by_page_and_by_iterator(client: Any, flavour: Flavour) -> None:
    page = flavour.result(client.benchmarks.get_prompts(BENCHMARK, page=2, page_size=10))
    everything = flavour.result(client.benchmarks.get_all_prompts(BENCHMARK))
    assert page.data.count == len(everything)
    assert page.data.prompts == everything[10:20]
    iterator = client.benchmarks.iter_prompts(BENCHMARK, page_size=17)
    assert flavour.items(iterator) == everything
    pages = flavour.items(client.benchmarks.iter_prompts(BENCHMARK, page_size=17).pages())
    assert [prompt for page in pages for prompt in page.data.prompts] == everything
    limited = client.benchmarks.iter_prompts(BENCHMARK, page_size=17, max_items=40)
    assert flavour.items(limited) == everything[:40]
    searched = client.benchmarks.iter_prompts(
        BENCHMARK, search_field="id", search_value=everything[3].id
    )
    assert everything[3] in flavour.items(searched)


def test_evaluations_are_sorted_and_found_by_id(client: Any, flavour: Flavour) -> None:
    best = flavour.result(
        client.evaluations.get_many(
            status=EvaluationStatus.SUCCESS, sort_by="accuracy", order="desc", page_size=10
        )
    )
    accuracies = [evaluation.accuracy for evaluation in best.evaluations]
    assert accuracies == sorted(accuracies, reverse=True)
    assert {evaluation.status for evaluation in best.evaluations} == {EvaluationStatus.SUCCESS}
    total, pages = best.pagination.total_count, best.pagination.total_pages
    assert pages == -(-total // 10)
    one = flavour.result(client.evaluations.get_by_id(best.evaluations[0].id))
    assert one.accuracy == best.evaluations[0].accuracy
    assert one.summary is None or one.summary.goal
    assert flavour.result(client.evaluations.wait(one.id)).id == one.id
    assert flavour.result(client.evaluations.get_by_id("there is none")) is None


def test_unique_evaluations_are_the_latest_of_each_pair(client: Any, flavour: Flavour) -> None:
    every = flavour.items(client.evaluations.iter_evaluations(model_ids=MODELS))
    latest: dict[tuple[str, str], Any] = {}
    for evaluation in sorted(every, key=lambda e: e.submitted_at):
        latest[evaluation.model_id, evaluation.benchmark_id] = evaluation.id
    unique = flavour.items(client.evaluations.iter_evaluations(model_ids=MODELS, unique=True))
    assert sorted(evaluation.id for evaluation in unique) == sorted(latest.values())


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_comparisons_are_filtered_by_outcome(outcome: str, client: Any, flavour: Flavour) -> None:
    comparisons = client.comparisons
    rows = flavour.items(comparisons.iter_model_results(BENCHMARK, *MODELS, page_size=50))
    assert rows
    found = flavour.result(
        comparisons.compare_models(BENCHMARK, *MODELS, outcome_filter=outcome, page_size=500)
    )
    assert found.results == [row for row in rows if OUTCOMES[outcome](row)]
    assert found.total_count == len(found.results)
    assert found.correct_count_1 == sum(row.score1 == 1 for row in rows)
    assert found.correct_count_2 == sum(row.score2 == 1 for row in rows)
    assert found.total_results_1 == found.total_results_2 == len(rows)
    again = comparisons.iter_model_results(BENCHMARK, *MODELS, outcome_filter=outcome, page_size=9)
    assert flavour.items(again) == found.results
    pages = flavour.items(
        comparisons.iter_model_results(
            BENCHMARK, *MODELS, outcome_filter=outcome, page_size=9
        ).pages()
    )
    assert [row for page in pages for row in page.results] == found.results
    assert {page.total_count for page in pages} == {found.total_count}


def test_comparing_evaluations_equals_comparing_their_models(client: Any, flavour: Flavour) -> None:
    ids = []
    for model in MODELS:
        found = flavour.result(
            client.evaluations.get_many(
                model_ids=[model], benchmark_ids=[BENCHMARK], status="success",
                sort_by="submitted_at", order="desc", page_size=1,
            )
        )  # fmt: skip
        ids.append(found.evaluations[0].id)
    by_evaluation = flavour.result(client.comparisons.compare(*ids, page_size=20))
    by_model = flavour.result(client.comparisons.compare_models(BENCHMARK, *MODELS, page_size=20))
    assert by_evaluation == by_model
    pages = flavour.items(client.comparisons.iter_results(*ids, page_size=20, max_items=20).pages())
    assert pages == [by_model]
    rows = flavour.items(client.comparisons.iter_results(*ids, max_items=20))
    assert rows == by_model.results


def test_models_and_benchmarks_are_compared_by_their_keys(client: Any, flavour: Flavour) -> None:
    keys = {
        "benchmark_key": "sample/aime-style-puzzles",
        "model_key_1": "sample/sample-aurora-70b",
        "model_key_2": "sample/sample-aurora-8b",
    }
    compare = client.comparisons.compare_models
    by_id = flavour.result(compare(BENCHMARK, *MODELS))
    assert flavour.result(compare(**keys)) == by_id
    mixed = compare(BENCHMARK, model_id_2=MODELS[1], model_key_1=keys["model_key_1"])
    assert flavour.result(mixed) == by_id
    rows = client.comparisons.iter_model_results(**keys, max_items=5)
    assert flavour.items(rows) == by_id.results[:5]
    for name, kind in (("benchmark_key", "benchmark"), ("model_key_2", "model")):
        # A part of a key is no key, whether or not the service matches parts.
        with pytest.raises(ValueError, match=f"^no {kind} has the key 'sample'$"):
            flavour.result(compare(**{**keys, name: "sample"}))


@pytest.mark.parametrize(
    "ids",
    [{}, {"benchmark_id": "b", "benchmark_key": "k"}, {"benchmark_id": ""}, {"model_key_1": ""}],
)
def test_exactly_one_of_id_and_key_is_given(
    ids: dict[str, str], client: Any, flavour: Flavour
) -> None:
    message = "exactly one of the two$|must be an id, not ''$"
    with pytest.raises(ValueError, match=message):
        flavour.result(client.comparisons.compare_models(**ids))
    with pytest.raises(ValueError, match=message):
        client.comparisons.iter_model_results(**ids)


def test_a_comparison_without_evaluations_is_an_error(client: Any, flavour: Flavour) -> None:
    message = "^no successful evaluation of model 'nobody' on benchmark '682bddc1e014f9fa440f8a91'$"
    with pytest.raises(ValueError, match=message):
        flavour.result(client.comparisons.compare_models(BENCHMARK, MODELS[0], "nobody"))
    rows = client.comparisons.iter_model_results(BENCHMARK, "nobody", MODELS[0])
    items, error = flavour.read(rows)
    assert (items, type(error)) == ([], ValueError)


def test_errors_of_the_service_are_raised(
    client: Any, flavour: Flavour, local: benchwire.local.Server
) -> None:
    with pytest.raises(benchwire.NotFoundError, match="nope") as caught:
        flavour.result(client.benchmarks.get_prompts("nope"))
    assert caught.value.request_id
    items, error = flavour.read(client.benchmarks.iter_prompts("nope"))
    assert (items, type(error)) == ([], benchwire.NotFoundError)
    stranger = flavour.make("PublicClient", KEY, local.public_base_url)
    with pytest.raises(benchwire.AuthenticationError):
        flavour.result(stranger.models.get())


def test_v2_models_types_and_runs_agree(v2: Any, flavour: Flavour) -> None:
    types = flavour.result(v2.benchmarks.list_types())
    models = flavour.result(v2.benchmarks.list_models())
    assert types
    assert models
    detail = flavour.result(v2.benchmarks.get_model(models[0].id))
    assert (detail.id, detail.name, detail.scores) == (
        models[0].id,
        models[0].name,
        models[0].scores,
    )
    assert detail.passed_count + detail.failed_count == detail.total_count
    of_type = flavour.result(v2.benchmarks.list_models(types[0].id))
    assert next(m.scores for m in of_type if m.id == detail.id) != detail.scores
    runs = flavour.result(v2.benchmarks.list_runs(models[0].id, types[0].id))
    run = flavour.result(v2.benchmarks.get_run(models[0].id, runs[0].id))
    assert (run.id, run.score) == (runs[0].id, runs[0].score)
    assert sum(case.passed for case in run.test_cases) == run.passed_count
    assert len(run.test_cases) == run.total_count
    with pytest.raises(benchwire.NotFoundError):
        flavour.result(v2.benchmarks.get_model(-1))


def test_the_server_constructs_clients_for_itself(flavour: Flavour) -> None:
    with benchwire.local.serve(api_key="its-key") as server:
        prefix = "async_" if flavour.name == "async" else ""
        for kind in ("public_client", "v2_client", "v0_client", "client"):
            made = flavour._kept(getattr(server, prefix + kind)(timeout=30))
            client = made if kind != "client" else made.public
            assert client._transport.options.timeouts.read == 30
            call = {"v2_client": lambda c: c.benchmarks.list_types(), "v0_client": lambda c: c.me()}
            assert flavour.result(call.get(kind, lambda c: c.models.get())(client))


def test_answers_agree_with_comparison_accuracy_and_prompts(client: Any, flavour: Flavour) -> None:
    evaluation = flavour.result(client.evaluations.get_by_id("eval-def"))
    answers = flavour.items(client.evaluations.iter_results("eval-def", page_size=17))
    prompts = flavour.result(client.benchmarks.get_all_prompts(evaluation.benchmark_id))
    assert [answer.truth for answer in answers] == [prompt.truth for prompt in prompts]
    correct = sum(answer.score for answer in answers)
    assert evaluation.accuracy == pytest.approx(100 * correct / len(answers))
    rows = flavour.items(client.comparisons.iter_results("eval-def", "eval-abc"))
    compared = [(row.prompt, row.truth, row.result1 or "", row.score1) for row in rows]
    assert [(one.prompt, one.truth, one.result, one.score) for one in answers] == compared
    seconds = [answer.duration_seconds for answer in answers]
    assert evaluation.average_duration_seconds == pytest.approx(sum(seconds) / len(seconds))
    page = flavour.result(client.evaluations.get_results("eval-def", page=2, page_size=7))
    assert page.results == answers[7:14]
    assert (page.metrics.total_count, page.evaluation_id) == (len(answers), "eval-def")
    beyond = flavour.result(client.evaluations.get_results("eval-def", page=99))
    assert (beyond.results, beyond.metrics.total_count) == ([], len(answers))


def test_an_evaluation_that_has_not_ended_has_no_answers(client: Any, flavour: Flavour) -> None:
    (pending, *_) = flavour.result(client.evaluations.get_many(status="pending")).evaluations
    assert flavour.items(client.evaluations.iter_results(pending.id)) == []
    with pytest.raises(benchwire.NotFoundError):
        flavour.items(client.evaluations.iter_results("unknown"))


@pytest.mark.parametrize("text", ['"Stop"', "a\\b", "one\nTWO", "STRASSE", "say", "\\"])
def test_a_search_finds_the_text_of_messages_as_of_plain_prompts(
    flavour: Flavour, tmp_path: Path, text: str
) -> None:
    said = 'Say "stop", then a\\b and\none\ntwo. Straße'
    inputs: list[Any] = [
        said,
        [{"role": "user", "content": said}],
        "nothing of it",
        ["", {"a": "b"}],
    ]
    lines = [
        {"benchmark": "b", "model": m, "input": i, "truth": "", "result": "", "score": 1}
        for m in ("m1", "m2")
        for i in inputs
    ]
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    benchwire.local.import_results(tmp_path / "lines.jsonl", tmp_path / "d.db")
    with benchwire.local.serve(db=tmp_path / "d.db", sample=False) as server:
        client = flavour.make("PublicClient", server.api_key, server.public_base_url)
        benchmark = flavour.result(client.benchmarks.get(key="b")).datasets[0].id
        found = client.benchmarks.iter_prompts(benchmark, search_field="input", search_value=text)
        assert [prompt.input for prompt in flavour.items(found)] == inputs[:2]
        rows = client.comparisons.iter_model_results("b", "m1", "m2", search=text)
        assert len(flavour.items(rows)) == 2
