"""Real evaluation results, imported and read back through the SDK over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import benchwire
from benchwire.analysis import statistics
from benchwire.models import OutcomeFilter, PublicModelDetail
from support import gsm8k

Problems = list[dict[str, object]]


@pytest.fixture(scope="module")
def problems() -> Problems:
    return gsm8k.load()


@pytest.fixture(scope="module")
def server(
    problems: Problems, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[benchwire.local.Server]:
    """A server of the imported file, which the command line brought in."""
    folder = tmp_path_factory.mktemp("gsm8k")
    answers, db = folder / "answers.jsonl", folder / "gsm8k.db"
    gsm8k.write_answers(problems, answers)
    benchwire.local.import_file(answers, db)
    with benchwire.local.serve(db=db) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: benchwire.local.Server) -> Iterator[benchwire.PublicClient]:
    with server.public_client() as client:
        yield client


@pytest.fixture(scope="module")
def benchmark_id(client: benchwire.PublicClient) -> str:
    (benchmark,) = client.benchmarks.get(key=gsm8k.BENCHMARK).datasets
    assert benchmark.prompt_count == gsm8k.PROBLEMS
    return benchmark.id


@pytest.fixture(scope="module")
def models(client: benchwire.PublicClient) -> dict[str, PublicModelDetail]:
    models = {model.key: model for model in client.models.iter_models(page_size=3)}
    assert set(models) == set(gsm8k.MODELS)
    return models


def test_the_published_totals(client: benchwire.PublicClient, benchmark_id: str) -> None:
    evaluations = client.evaluations.iter_evaluations(benchmark_ids=[benchmark_id], page_size=2)

    accuracy = {evaluation.model_key: evaluation.accuracy for evaluation in evaluations}

    assert accuracy == {
        model: pytest.approx(100 * correct / gsm8k.PROBLEMS)
        for model, correct in gsm8k.PUBLISHED_CORRECT.items()
    }


def test_all_prompts_in_the_order_of_the_file(
    client: benchwire.PublicClient, benchmark_id: str, problems: Problems
) -> None:
    prompts = client.benchmarks.get_all_prompts(benchmark_id)

    assert [(prompt.input, prompt.truth) for prompt in prompts] == [
        (problem["question"], problem["ground_truth"]) for problem in problems
    ]


@pytest.mark.anyio
async def test_all_prompts_in_the_order_of_the_file_async(
    server: benchwire.local.Server, benchmark_id: str, problems: Problems
) -> None:
    async with server.async_public_client() as client:
        prompts = client.benchmarks.iter_prompts(benchmark_id, page_size=97)

        assert [prompt.input async for prompt in prompts] == [
            problem["question"] for problem in problems
        ]


@pytest.mark.parametrize(("first", "second"), gsm8k.PAIRS)
def test_every_outcome_of_every_pair_equals_the_count_of_the_file(
    client: benchwire.PublicClient,
    benchmark_id: str,
    models: dict[str, PublicModelDetail],
    problems: Problems,
    first: str,
    second: str,
) -> None:
    expected = gsm8k.outcomes(problems, first, second)

    for outcome in OutcomeFilter:
        page = client.comparisons.compare_models(
            benchmark_id, models[first].id, models[second].id, outcome_filter=outcome, page_size=1
        )
        rows = client.comparisons.iter_model_results(
            benchmark_id, models[first].id, models[second].id, outcome_filter=outcome, page_size=500
        )

        assert page.total_count == len(expected[outcome])
        assert [row.prompt for row in rows] == expected[outcome]
        assert (page.correct_count_1, page.total_results_1) == (
            gsm8k.PUBLISHED_CORRECT[first],
            gsm8k.PROBLEMS,
        )
        assert (page.correct_count_2, page.total_results_2) == (
            gsm8k.PUBLISHED_CORRECT[second],
            gsm8k.PROBLEMS,
        )


def test_the_decision_between_two_models(client: benchwire.PublicClient) -> None:
    """The figures of R and of the papers' formulas for this pair."""
    found = client.comparisons.statistics(
        benchmark_key=gsm8k.BENCHMARK,
        model_key_1="6b_verification",
        model_key_2="175b_finetuning",
    )
    table = found.table
    assert (table.both, table.only_1, table.only_2, table.neither) == (306, 209, 152, 652)
    assert statistics.mcnemar(table.only_1, table.only_2).chi2 == pytest.approx(9)
    assert found.test.p == pytest.approx(0.00269, abs=5e-6)
    assert found.accuracy_1.low == pytest.approx(0.3644740968)
    assert found.accuracy_2.high == pytest.approx(0.3733359057)
    assert found.standard_error.paired == pytest.approx(0.0144, abs=5e-5)
    assert found.standard_error.unpaired == pytest.approx(0.0188, abs=5e-5)
    assert found.summary() == (
        "6b_verification is 4.3 percentage points better than 175b_finetuning on gsm8k, 95 % CI 1.5"
        " to 7.1 (McNemar mid-p 0.0027; 209 items only the first answered right, 152 only the second,"
        " of 1,319)."
    )


def test_the_matrix_of_all_models(client: benchwire.PublicClient) -> None:
    found = client.comparisons.matrix([gsm8k.BENCHMARK], gsm8k.MODELS)
    assert [(one.model, one.rank.low, one.rank.high) for one in found.models] == [
        ("175b_verification", 1, 1),
        ("6b_verification", 2, 2),
        ("175b_finetuning", 3, 3),
        ("6b_finetuning", 4, 4),
    ]
    assert len(found.tiers) == 4
    pair = found.pair("6b_finetuning", "6b_verification").statistics
    assert pair.test.exact_p == pytest.approx(3.92887471e-36)
    assert (pair.difference.low, pair.difference.high) == pytest.approx((0.1473533499, 0.20038655))
