"""The benchmark runs, compares what it says, and prints a verdict for every target."""

from __future__ import annotations

import json

import orjson
import pytest
from scripts import bench
from scripts.benchmarks import measure, pages, rivals

from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.models import list_models
from benchwire_api.types import Response


def test_it_prints_all_contenders_and_verdicts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The figures of a few rounds mean nothing; what is tested is that the whole thing runs.
    monkeypatch.setattr(measure, "ROUNDS", 3)
    monkeypatch.setattr(measure, "WARM_UP", 0)
    monkeypatch.setattr(bench, "import_time", lambda module: 1.0)
    assert bench.main() == 0
    output = capsys.readouterr().out
    for name in (
        bench.FLOOR,
        bench.STDLIB,
        bench.PYDANTIC,
        bench.PYDANTIC_JSON,
        bench.STOCK,
        bench.OURS,
    ):
        assert output.count(f"\n  {name} ") == 2
    assert output.count("(target:") == 6


@pytest.mark.parametrize(
    ("page", "size", "parse", "model"),
    [
        (pages.prompt_page, 188, list_benchmark_prompts.parse_response, rivals.PromptPage),
        (pages.model_page, 302, list_models.parse_response, rivals.ModelPage),
    ],
)
def test_the_contenders_read_the_same_from_the_same_bytes(
    page: object, size: int, parse: object, model: object
) -> None:
    body = page()  # type: ignore[operator]
    assert body == page()  # type: ignore[operator]
    assert abs(len(body) / 1000 - size) < 8
    ours = parse(Response(status_code=200, content=body)).to_dict()  # type: ignore[operator]
    theirs = model.model_validate(json.loads(body)).model_dump(exclude_none=True)  # type: ignore[attr-defined]
    assert ours == theirs
    assert len(orjson.dumps(ours)) > 0.95 * len(body)


def test_an_import_is_timed_in_a_fresh_interpreter() -> None:
    assert measure.import_time("json", tries=1) > 0
