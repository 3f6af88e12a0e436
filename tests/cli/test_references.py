"""Models and benchmarks are named by id, key or exact name."""

from __future__ import annotations

import pytest

import benchwire
from cli.conftest import Run
from support import wire
from support.scripted import Received, Reply, Scripted, json_reply


@pytest.mark.parametrize("by", ["id", "key", "name"])
def test_a_reference_is_an_id_a_key_or_a_name(
    run: Run, client: benchwire.PublicClient, by: str
) -> None:
    model = client.models.get(page_size=1).models[0]
    assert (
        run("models", "get", str(getattr(model, by)), "--format", "quiet").stdout.strip()
        == model.id
    )
    benchmark = client.benchmarks.get(page_size=1).datasets[0]
    shown = run("benchmarks", "prompts", str(getattr(benchmark, by)), "--limit", "0")
    assert len(shown.stdout.splitlines()) == 1 + int(benchmark.prompt_count or 0)
    listed = run("evaluations", "list", "--model", str(getattr(model, by)), "--fields", "model_id")
    assert set(listed.stdout.split()) == {"model_id", model.id}


@pytest.mark.parametrize("reference", ["nope", "a,b", "", " ", "[/x]", "GPT-style"])
def test_an_unknown_reference_is_an_error(run: Run, reference: str) -> None:
    done = run("models", "get", reference)
    assert done.exit_code in (1, 2)
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")


def test_two_matches_are_listed(run: Run, scripted: Scripted) -> None:
    """A name may occur twice."""
    rows = [wire.model(number, name="Twin") for number in (1, 2)]

    def answer(received: Received) -> Reply:
        found = rows if "name" in received.query else []
        return json_reply(wire.models(found, len(found)))

    done = run("models", "get", "Twin", LAYERLENS_STRATIX_BASE_URL=scripted(answer).url + "/api/v1")
    assert done.exit_code == 1
    assert "2 models are called 'Twin'; name one by its id:" in done.stderr
    assert all(str(row["id"]) in done.stderr for row in rows)


def test_a_part_of_a_name_is_no_match(run: Run, scripted: Scripted) -> None:
    """Whether a service matches parts is not documented; the command takes whole names alone."""

    def answer(received: Received) -> Reply:
        found = [wire.model(1, name="Twin of twins")] if "name" in received.query else []
        return json_reply(wire.models(found, len(found)))

    done = run("models", "get", "Twin", LAYERLENS_STRATIX_BASE_URL=scripted(answer).url + "/api/v1")
    assert (done.exit_code, done.stdout) == (1, "")
