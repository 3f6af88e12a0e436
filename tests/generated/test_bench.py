"""The benchmark runs, compares equal results, and prints whether each target is reached."""

from __future__ import annotations

import json

import orjson
import pytest
from scripts.bench import __main__ as bench
from scripts.bench import alternatives, canned, pages, speed

from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.models import list_models
from benchwire_api.types import Response


def test_it_prints_all_decoders_and_targets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The figures of a few rounds are meaningless; the test is that it runs to the end.
    monkeypatch.setattr(bench, "ROUNDS", 3)
    monkeypatch.setattr(bench, "WARM_UP", 0)
    few = {"ROUNDS": 1, "LATENCY": 0, "SMALL_CALLS": 2, "LINES": 20, "FEW": 10, "MANY": 20}
    for name, value in few.items():
        monkeypatch.setattr(speed, name, value)
    monkeypatch.setattr(canned, "PROMPTS", 2_000)
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
    assert output.count("(target:") == 6 + 10


@pytest.mark.parametrize(
    ("page", "size", "parse", "model"),
    [
        (pages.prompt_page, 188, list_benchmark_prompts.parse_response, alternatives.PromptPage),
        (pages.model_page, 302, list_models.parse_response, alternatives.ModelPage),
    ],
)
def test_the_decoders_return_equal_values(
    page: object, size: int, parse: object, model: object
) -> None:
    body = page()  # type: ignore[operator]
    assert body == page()  # type: ignore[operator]
    assert abs(len(body) / 1000 - size) < 8
    ours = parse(Response(status_code=200, content=body)).to_dict()  # type: ignore[operator]
    expected = model.model_validate(json.loads(body)).model_dump(exclude_none=True)  # type: ignore[attr-defined]
    assert ours == expected
    assert len(orjson.dumps(ours)) > 0.95 * len(body)
