"""Two pages of the public API, identical in every run."""

from __future__ import annotations

import random

import orjson

ROWS = 500
_TEXT = (
    "a train leaves the station at nine and travels for three hours before it meets the "
    "second one which left two hours later how many apples does each friend get if they share "
    "what is left of the basket equally and every third one is kept for the next day"
)
_WORDS = _TEXT.split()


def prompt_page() -> bytes:
    """Build a page of prompts of the length of school-book problems."""
    source = random.Random(500)  # noqa: S311 - data, not keys
    prompts = [
        {
            "id": _identifier(source),
            "input": f"Problem {number}.\n{_text(source, 297)}?",
            "truth": f"#### {source.randrange(10_000)}",
        }
        for number in range(ROWS)
    ]
    return orjson.dumps({"status": "success", "data": {"prompts": prompts, "count": 8_000}})


def model_page() -> bytes:
    """Build a page of models with every documented property."""
    source = random.Random(302)  # noqa: S311 - data, not keys
    facets = {name: [_text(source, 12) for _ in range(20)] for name in ("categories", "companies")}
    facets |= {name: [_text(source, 8) for _ in range(6)] for name in ("regions", "licenses")}
    page = {"models": [_model(source) for _ in range(ROWS)], **facets, "sizes": ["Small", "Large"]}
    return orjson.dumps({**page, "count": ROWS, "total_count": 4_000})


def _model(source: random.Random) -> dict[str, object]:
    times = {
        name: 1_717_200_000 + source.randrange(10_000_000) for name in ("created_at", "released_at")
    }
    return {
        "id": _identifier(source), "key": f"example/{_text(source, 12)}", "name": _text(source, 18),
        "description": _text(source, 110), "company": _text(source, 10), **times,
        "parameters": source.randrange(1, 400) * 1e9, "modality": "text", "context_length": 131_072,
        "architecture_type": "transformer", "license": "Apache-2.0", "open_weights": True,
        "region": "usa", "key_takeaways": [_text(source, 20), _text(source, 20)],
        "deprecated": False, "cost_per_input_token": "0.0000005", "cost_per_output_token": None,
    }  # fmt: skip


def _identifier(source: random.Random) -> str:
    return f"{source.getrandbits(96):024x}"


def _text(source: random.Random, length: int) -> str:
    return " ".join(source.choices(_WORDS, k=length // 3 + 1))[:length]
