"""Two pages of the public API, identical in every run."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

ROWS = 500
_TEXT = "a train leaves the station at nine and meets the second one two hours later; "  # 78


def prompt_page() -> bytes:
    """Build a page of prompts of the length of school-book problems."""
    data = {"prompts": prompts(range(ROWS)), "count": 8_000}
    return orjson.dumps({"status": "success", "data": data})


def prompts(numbers: Iterable[int]) -> list[dict[str, str]]:
    """Build prompts."""
    return [
        {"id": f"{number:024x}", "input": f"Problem {number}.\n{_TEXT * 4}?", "truth": f"#### {number}"}
        for number in numbers
    ]  # fmt: skip


def model_page() -> bytes:
    """Build a page of models with every documented property."""
    facets = {name: [f"{name} {n}" for n in range(20)] for name in ("categories", "companies")}
    facets |= {name: [f"{name} {n}" for n in range(6)] for name in ("regions", "licenses", "sizes")}
    page = {"models": [_model(number) for number in range(ROWS)], **facets}
    return orjson.dumps({**page, "count": ROWS, "total_count": 4_000})


def _model(number: int) -> dict[str, object]:
    time = 1_717_200_000 + number * 10_007
    return {
        "id": f"{number:024x}", "key": f"example/model-{number:05}", "name": f"Example model {number}",
        "description": f"{number} {_TEXT}{_TEXT[:34]}", "company": f"Company {number}", "created_at": time,
        "released_at": time + 86_400, "parameters": number * 1e9, "modality": "text",
        "context_length": 131_072, "architecture_type": "transformer", "license": "Apache-2.0",
        "open_weights": True, "region": "usa", "key_takeaways": [_TEXT[:20], _TEXT[20:40]],
        "deprecated": False, "cost_per_input_token": "0.0000005", "cost_per_output_token": None,
    }  # fmt: skip
