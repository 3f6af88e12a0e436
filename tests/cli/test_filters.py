"""The options of a list are the keywords of the client's method, which come from the spec."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import typer

import benchwire
from benchwire._sync.benchmarks import Benchmarks
from benchwire._sync.evaluations import Evaluations
from benchwire._sync.operations.public import ModelsOperations
from benchwire.cli.app import app
from cli.conftest import Run

READING = {"page_size", "max_items", "concurrency", "options"}
LISTS: dict[tuple[str, str], tuple[Callable[..., Any], set[str]]] = {
    ("models", "list"): (ModelsOperations.iter_models, set()),
    ("benchmarks", "list"): (Benchmarks.iter_benchmarks, set()),
    ("benchmarks", "prompts"): (Benchmarks.iter_prompts, {"benchmark_id"}),
    # Models and benchmarks are named by key or name, too.
    ("evaluations", "list"): (Evaluations.iter_evaluations, {"model_ids", "benchmark_ids"}),
}


@pytest.mark.parametrize("path", LISTS)
def test_every_keyword_is_an_option(path: tuple[str, str]) -> None:
    method, other = LISTS[path]
    command: Any = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    keywords = set(inspect.signature(method).parameters) - READING - other - {"self"}
    assert keywords <= {parameter.name for parameter in command.params}
    helps = {parameter.name: parameter.help for parameter in command.params}
    assert all(helps[keyword] for keyword in keywords)


def test_filters_reach_the_service(run: Run, client: benchwire.PublicClient) -> None:
    done = run(
        "models", "list", "--companies", "OpenAI", "--companies", "Anthropic", "--sort-by", "name",
        "--order", "desc", "--include-deprecated", "--format", "quiet",
    )  # fmt: skip
    wanted = client.models.get(
        companies=["OpenAI", "Anthropic"], sort_by="name", order="desc", include_deprecated=True
    )
    assert done.stdout.split() == [model.id for model in wanted.models]
    assert len(wanted.models) > 1


def test_flags_reach_the_service(run: Run, client: benchwire.PublicClient) -> None:
    done = run(
        "evaluations",
        "list",
        "--unique",
        "--status",
        "success",
        "--limit",
        "0",
        "--format",
        "quiet",
    )
    wanted = client.evaluations.iter_evaluations(unique=True, status="success")
    assert done.stdout.split() == [one.id for one in wanted]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("models list --sort-by taste", "'taste' is not one of"),
        ("models list --limit -1", "-1 is not in the range"),
        ("models list --companies A,B", "contains a comma"),
        ("models list --colour red", "No such option: --colour"),
        ("models lost", "No such command 'lost'"),
        ("compare a b --test anova", "'anova' is not one of"),
        ("compare a b --level 1.5", "1.5 is not in the range"),
        ("compare a b --fail-if bad", "not worse, worse-by=PP"),
        ("compare a b --fail-if worse-by=-1", "not worse, worse-by=PP"),
        ("plan --difference 3", "--discordance, or --from"),
        ("plan --difference 30 --discordance 0.1", "larger than discordance"),
    ],
)
def test_a_wrong_argument_is_a_usage_error(run: Run, command: str, told: str) -> None:
    done = run(*command.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
