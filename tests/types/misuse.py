# pyright: standard
"""What mypy and pyright must refuse: each marked line, with the error of each in this order.

A line without a mark must pass. It is never run.
"""

from __future__ import annotations

from benchwire import AsyncPublicClient, AsyncV0Client, PublicClient, V0Client, V2Client, export
from benchwire.local import read_results, serve
from benchwire.models import JobOutcome, OutcomeFilter, SortOrder


def lists(client: PublicClient, jobs: V0Client, ids: tuple[str, ...], orders: set[str]) -> None:
    client.models.get(companies="OpenAI")  # E: arg-type reportArgumentType
    client.models.get(companies=b"OpenAI")  # E: arg-type reportArgumentType
    client.models.iter_models(ids="m1")  # E: arg-type reportArgumentType
    client.evaluations.get_many(model_ids="m1")  # E: arg-type reportArgumentType
    client.models.get(ids=[1])  # E: list-item reportArgumentType
    client.comparisons.matrix("b1", ["m1", "m2"])  # E: arg-type reportArgumentType
    client.comparisons.matrix(["b1"], "m1")  # E: arg-type reportArgumentType
    client.comparisons.statistics(evaluation_ids="e1")  # E: arg-type reportArgumentType
    jobs.jobs.wait_all("j1")  # E: arg-type reportArgumentType
    client.models.get(companies=["OpenAI"], ids=ids, sizes=orders, regions={"EU": 1}.keys())
    client.comparisons.matrix(ids, list(ids))
    jobs.jobs.wait_all(ids)


def choices(client: PublicClient, jobs: V0Client, text: str) -> None:
    client.models.get(order="descending")  # E: arg-type reportArgumentType
    client.models.get(sort_by="context_lenght")  # E: arg-type reportArgumentType
    client.models.iter_models(order=text)  # E: arg-type reportArgumentType
    client.benchmarks.iter_benchmarks(sort_by="key")  # E: arg-type reportArgumentType
    client.benchmarks.get_prompts("b", search_field="name")  # E: arg-type reportArgumentType
    client.evaluations.get_many(status="done")  # E: arg-type reportArgumentType
    client.comparisons.compare("a", "b", outcome_filter="fail")  # E: arg-type reportArgumentType
    client.comparisons.compare_models("b", outcome_filter="fail")  # E: arg-type reportArgumentType
    client.comparisons.iter_model_results(outcome_filter="fail")  # E: arg-type reportArgumentType
    client.comparisons.statistics(test="z")  # E: arg-type reportArgumentType
    client.comparisons.matrix(["b"], ["m"], adjust="x")  # E: arg-type reportArgumentType
    jobs.jobs.list(status="done")  # E: arg-type reportArgumentType
    jobs.jobs.submit("b", "u", "k", provider="opneai")  # E: arg-type reportArgumentType
    jobs.jobs.run("b", "u", "k", provider="opneai")  # E: arg-type reportArgumentType
    read_results("logs", format="lmeval")  # E: arg-type reportArgumentType
    PublicClient(on_error="ignore")  # E: arg-type reportArgumentType
    client.models.get(order="desc", sort_by="context_length")
    client.models.get(order=SortOrder.DESC)
    client.models.get(order=SortOrder(text))
    client.comparisons.compare("a", "b", outcome_filter=OutcomeFilter.BOTH_FAIL)
    client.comparisons.statistics(test="t")
    read_results("logs", format="lm-eval")


def names(client: PublicClient, redteam: V2Client) -> None:
    client.models.get(company=["OpenAI"])  # E: call-arg reportCallIssue
    client.models.iter_models(company=["OpenAI"])  # E: call-arg reportCallIssue
    client.models.get(time_out=5)  # E: call-arg reportCallIssue
    client.comparisons.statistics(alpha=0.05)  # E: call-arg reportCallIssue
    client.modles.get()  # E: attr-defined reportAttributeAccessIssue
    client.models.iter_model()  # E: attr-defined reportAttributeAccessIssue
    print(client.models.get().model)  # E: attr-defined reportAttributeAccessIssue
    print(client.models.get().models[0].contex)  # E: attr-defined reportAttributeAccessIssue
    client.with_options(retries=3)  # E: call-arg reportCallIssue
    PublicClient(api_ky="k")  # E: call-arg reportCallIssue
    serve(sampel=False)  # E: call-arg reportCallIssue
    serve().public_client(retries=3)  # E: call-arg reportCallIssue
    serve().public_client(max_retries=3, timeout=5)
    redteam.benchmarks.list_runs(1, 2, pages=3)  # E: call-arg reportCallIssue


def kinds(client: PublicClient, redteam: V2Client, jobs: V0Client) -> None:
    client.evaluations.get_by_id(5)  # E: arg-type reportArgumentType
    redteam.benchmarks.get_model("7")  # E: arg-type reportArgumentType
    jobs.jobs.get(7)  # E: arg-type reportArgumentType
    client.models.get(page_size="100")  # E: arg-type reportArgumentType
    client.models.get(timeout="5")  # E: arg-type reportArgumentType
    export.write([], "models.parquet")  # E: arg-type reportArgumentType
    print(client.evaluations.get_by_id("e").accuracy)  # E: union-attr reportOptionalMemberAccess


async def waits(client: PublicClient, others: AsyncPublicClient, jobs: AsyncV0Client) -> None:
    await client.models.get()  # E: misc reportGeneralTypeIssues
    others.models.get()  # E: unused-coroutine reportUnusedCoroutine
    print(others.models.get().models)  # E: attr-defined reportAttributeAccessIssue
    jobs.jobs.submit("b", "u", "k")  # E: unused-coroutine reportUnusedCoroutine
    for _ in others.models.iter_models():  # E: attr-defined reportGeneralTypeIssues
        pass
    async for _ in client.models.iter_models():  # E: attr-defined reportGeneralTypeIssues
        pass
    await others.models.iter_models()  # E: misc reportGeneralTypeIssues
    with others:  # E: attr-defined reportGeneralTypeIssues
        pass
    async with client:  # E: attr-defined reportGeneralTypeIssues
        pass
    async for model in others.models.iter_models():
        print(model.name)


def outcomes(all_outcomes: list[JobOutcome]) -> None:
    for outcome in all_outcomes:
        print(outcome.job.score)  # E: union-attr reportOptionalMemberAccess
        print(outcome.error.message)  # E: union-attr reportOptionalMemberAccess
        if outcome.error is None:
            print(outcome.job.score, outcome.ok)
        else:
            print(outcome.error.message)
        if outcome.ok is True:
            print(outcome.job.score)
            continue
        print(outcome.error.message)
