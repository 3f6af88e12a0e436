"""Find what the user names on the command line: by id, by key or by exact name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from benchwire import PublicClient
from benchwire.cli.exits import CommandError
from benchwire.models import Evaluation, PublicBenchmarkDetail, PublicModelDetail

Item = TypeVar("Item", PublicModelDetail, PublicBenchmarkDetail)


def find_model(client: PublicClient, reference: str) -> PublicModelDetail:
    """Return the model with an id, a key or a name; one to three requests.

    Raises:
        CommandError: If there is none, or more than one; the message lists them.
    """
    models = client.models
    return _one(
        "model",
        reference,
        lambda ids: models.iter_models(ids=ids, include_deprecated=True),
        lambda key: models.iter_models(key=key, include_deprecated=True),
        lambda name: models.iter_models(name=name, include_deprecated=True),
    )


def find_benchmark(client: PublicClient, reference: str) -> PublicBenchmarkDetail:
    """Return the benchmark with an id, a key or a name; one to three requests.

    Raises:
        CommandError: If there is none, or more than one; the message lists them.
    """
    benchmarks = client.benchmarks
    return _one(
        "benchmark",
        reference,
        lambda ids: benchmarks.iter_benchmarks(ids=ids, include_deprecated=True),
        lambda key: benchmarks.iter_benchmarks(key=key, include_deprecated=True),
        lambda name: benchmarks.iter_benchmarks(name=name, include_deprecated=True),
    )


def find_evaluation(client: PublicClient, evaluation_id: str) -> Evaluation:
    """Return the evaluation with an id.

    Raises:
        CommandError: If there is none.
    """
    found = client.evaluations.get_by_id(evaluation_id)
    if found is None:
        raise CommandError(f"no evaluation has the id {evaluation_id!r}")
    return found


def _one(
    kind: str,
    reference: str,
    by_ids: Callable[[list[str]], Iterable[Item]],
    by_key: Callable[[str], Iterable[Item]],
    by_name: Callable[[str], Iterable[Item]],
) -> Item:
    # A list filter can't carry a comma, and no id has one.
    found = [] if "," in reference else list(by_ids([reference]))
    # Whether a service matches a part of a key or name is not documented: compared here.
    found = found or [item for item in by_key(reference) if item.key == reference]
    found = found or [item for item in by_name(reference) if item.name == reference]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"no {kind} has the id, key or name {reference!r}")
    each = "".join(f"\n  {item.id}  {item.key}  {item.name}" for item in found)
    raise CommandError(f"{len(found)} {kind}s are called {reference!r}; name one by its id:{each}")
