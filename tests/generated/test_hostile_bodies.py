"""Whatever a body holds, it is decoded or refused with `DecodeError`; no other error is raised."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwire_api import public, v2
from benchwire_api.public import DecodeError, StatusError
from benchwire_api.public.api.evaluations import get_evaluation
from benchwire_api.types import Response

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["2025-06-03T09:15:27Z", "24:00:00", "1717200000", "success", 5.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
EVALUATION = {
    "id": "e", "status": "success", "status_description": "d", "submitted_at": 1, "finished_at": 2,
    "model_id": "m", "model_name": "n", "model_key": "k", "model_company": "c", "dataset_id": "d",
    "dataset_name": "n", "average_duration": 1.5, "accuracy": 2.5, "readability_score": 1.0,
    "toxicity_score": 1.0, "ethics_score": 1.0, "failed_prompt_count": 0, "queue_id": 7,
    "summary": {
        "name": "n", "goal": "g", "metrics": [{"name": "n", "description": "d"}],
        "task_types": [{"name": "n"}], "dataset": {"total_size": 5, "characteristics": ["c"]},
        "model": {"model_name": "m", "performance": 5}, "performance_details": {"strengths": ["s"]},
        "error_analysis": {"common_failure_modes": ["m"], "example": {}},
        "analysis_summary": {"key_takeaways": ["t"]},
    },
}  # fmt: skip
RUN = {
    "id": 1, "passedCount": 1, "failedCount": 0, "totalCount": 1, "score": 1.5, "probeId": 2,
    "probeName": None, "probeCategoryId": 3, "probeCategoryName": None,
    "createdAt": "2025-06-03T09:15:27Z",
    "testCases": [{"id": 1, "result": "passed", "passed": True, "conversation": [{"role": "user", "content": "c"}],
                   "metadata": {"a": 1}}],
}  # fmt: skip
BODIES = [(public.Evaluation, EVALUATION), (v2.BenchmarkProbeRunWithTestCases, RUN)]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body below the body itself."""
    if not isinstance(node, (dict, list)):
        return []
    items = node.items() if isinstance(node, dict) else enumerate(node)
    return [found for key, value in items for found in [(*path, key), *places(value, (*path, key))]]


@st.composite
def mutations(draw: st.DrawFn) -> tuple[Any, Any]:
    model, body = draw(st.sampled_from(BODIES))
    body = copy.deepcopy(body)
    for place in draw(st.lists(st.sampled_from(places(body)), min_size=1, max_size=3)):
        node: Any = body
        for step in place[:-1]:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                break  # an earlier mutation took this part away
        else:
            if isinstance(node, dict) and draw(st.booleans()):
                node.pop(place[-1], None)
            elif isinstance(node, dict) or (
                isinstance(node, list) and place[-1] in range(len(node))
            ):
                node[place[-1]] = draw(JSON)
    return model, body


@settings(max_examples=300)
@given(mutations())
def test_a_body_that_was_tampered_with(case: tuple[Any, Any]) -> None:
    model, body = case
    before = copy.deepcopy(body)
    with contextlib.suppress(DecodeError):
        decoded = model.from_dict(body)
        assert model.from_dict(decoded.to_dict()) == decoded or "nan" in repr(before)
    assert repr(body) == repr(before)  # by repr, since nan is not equal to itself


@settings(max_examples=200)
@given(st.binary() | JSON, st.integers(100, 999))
def test_any_bytes_with_any_status(body: Any, status: int) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = Response(status_code=status, content=content)
    expected = DecodeError if status == 200 else StatusError
    with pytest.raises(expected):  # nothing that is made here has the required fields
        get_evaluation.parse_response(response)
