"""The columns of a model, and which values fit them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwire import models
from benchwire._frames.arrow import batch_of, schema_of
from benchwire._frames.columns import EXTRA, columns_of, record
from benchwire_api.models import OpenModel

MODELS = [
    found
    for name in models.__all__
    if isinstance(found := getattr(models, name), type) and issubclass(found, OpenModel)
    and attrs.has(found)
]  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text() | st.sampled_from(["2025-01-01T00:00:00Z", "1900-01-01", "\ud800", "10000000000000"]),
    lambda children: st.lists(children, max_size=2) | st.dictionaries(st.text(max_size=3), children, max_size=2),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_attribute_is_a_column(model: type[Any]) -> None:
    names = [field.name for field in attrs.fields(model) if not field.name.startswith("_")]
    assert [column.name for column in columns_of(model)] == [*names, EXTRA]
    schema = schema_of(model)
    assert schema.names == [*names, EXTRA]
    assert batch_of(model, []).schema == schema


def test_kinds_follow_the_types() -> None:
    kinds = {column.name: column.kind for column in columns_of(models.Evaluation)}
    assert kinds["status"] == "text"
    assert kinds["submitted_at"] == kinds["finished_at"] == "time"
    assert kinds["average_duration"] == "integer"
    assert kinds["accuracy"] == "number"
    assert kinds["use_organization_api_key"] == "boolean"
    assert kinds["benchmark_categories"] == "list"
    assert kinds["summary"] == "object"
    assert kinds["queue_id"] == "json"
    [input_column] = [one for one in columns_of(models.BenchmarkPrompt) if one.name == "input"]
    assert input_column.kind == "json"


@given(
    st.dictionaries(st.sampled_from(["created_at", "released_at"]), values, max_size=2), st.data()
)
def test_a_value_is_in_its_column_or_kept_beside_it(times: dict[str, Any], data: Any) -> None:
    """Whatever a response has, nothing is lost and nothing raises."""
    wire: dict[str, Any] = {"id": "m", "key": "k", "name": "n"}
    for name in ("created_at", "released_at", "context_length", "odd"):
        if data.draw(st.booleans()):
            wire[name] = data.draw(values)
    try:
        model = models.PublicModelDetail.from_dict(wire | times)
    except Exception:
        return
    kept = record(model)
    [row] = batch_of(models.PublicModelDetail, [model]).to_pylist()
    extra = json.loads(row[EXTRA] or "{}")
    for column in columns_of(models.PublicModelDetail)[:-1]:
        value = kept[column.name]
        if value is None or row[column.name] is not None:
            continue
        assert column.name in extra
        if "\ud800" not in json.dumps(value, ensure_ascii=False):
            assert extra[column.name] == value
    assert set(kept[EXTRA]) <= set(extra)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (1717200000, datetime(2024, 6, 1, tzinfo=UTC)),
        ("2024-06-01T02:00:00+02:00", datetime(2024, 6, 1, tzinfo=UTC)),
        ("2024-06-01T00:00:00", datetime(2024, 6, 1, tzinfo=UTC)),
        ("soon", None),
        (10**18, None),
        (None, None),
    ],
)
def test_times_are_in_utc(sent: Any, shown: datetime | None) -> None:
    wire = {"id": "m", "key": "k", "name": "n", "created_at": sent}
    batch = batch_of(models.PublicModelDetail, [models.PublicModelDetail.from_dict(wire)])
    [row] = batch.to_pylist()
    assert row["created_at"] == shown
    assert batch.schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    if shown is None and sent is not None:
        assert json.loads(row[EXTRA]) == {"created_at": sent}
