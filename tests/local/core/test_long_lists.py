"""Reading a whole list takes time that grows with its length, not with the square of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchwire_local import SCHEMAS, Database
from benchwire_local.data import public_catalogue, public_evaluations, public_tables
from benchwire_local.data.public_tables import BenchmarkRow, ModelRow, PromptRow, ResultRow

PAGE = 50


def database(rows: int) -> Database:
    """A benchmark of so many prompts, answered by two models in one evaluation each."""
    db = Database(None, SCHEMAS)
    with db.write() as connection:
        fill(connection, rows)
    return db


def fill(connection: sqlite3.Connection, rows: int) -> None:
    names = [f"p{number}" for number in range(rows)]
    public_tables.add_benchmarks(connection, [BenchmarkRow(id="b", key="b", name="b")])
    public_tables.add_prompts(
        connection, "b", (PromptRow(id=name, input=f"What is {name}?", truth="1") for name in names)
    )
    for number in (1, 2):
        public_tables.add_models(
            connection, [ModelRow(id=f"m{number}", key=f"m{number}", name="m")]
        )
        public_tables.add_evaluation(
            connection, f"m{number}", "b", id=f"e{number}", submitted_at=number
        )
        answers = (
            ResultRow(name, "1", float(index % (number + 1) == 0))
            for index, name in enumerate(names)
        )
        public_tables.add_results(connection, f"e{number}", answers)
        public_tables.finish_evaluation(connection, f"e{number}", 5)


def prompts(**filters: Any) -> Any:
    return lambda connection, page: public_catalogue.list_prompts(connection, "b", page | filters)[
        "prompts"
    ]


def compared(outcome: str = "all", **filters: Any) -> Any:
    asked = {"evaluation_id_1": "e1", "evaluation_id_2": "e2", "outcome_filter": outcome} | filters
    return lambda connection, page: public_evaluations.compare(connection, asked | page)["results"]


def results(connection: Any, page: Any) -> Any:
    return public_evaluations.list_results(connection, page | {"evaluation_id": "e1"})["results"]


LISTS = {
    "results": results,
    "prompts": prompts(),
    "prompts, newest first": prompts(sort_order="desc"),
    "prompts by text": prompts(sort_by="input"),
    "prompts with a text": prompts(search="input", search_value="IS P"),
    "comparison": compared(),
    "comparison, one fails": compared("reference_fails"),
    "comparison with a text": compared(search="is p"),
}


def steps_of(db: Database, read: Any) -> tuple[int, list[Any]]:
    """Read every page; return how many steps SQLite's machine took, in thousands, and the rows."""
    steps, rows = 0, []

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with db.read() as connection:
        connection.set_progress_handler(count, 100)
        number = 1
        while page := read(connection, {"page": number, "page_size": PAGE}):
            rows += page
            number += 1
        connection.set_progress_handler(None, 0)
    return steps, rows


@pytest.fixture(scope="module")
def sizes() -> Iterator[list[Database]]:
    made = [database(rows) for rows in (1000, 4000)]
    yield made
    for db in made:
        db.close()


@pytest.mark.parametrize("name", LISTS)
def test_four_times_the_rows_are_four_times_the_work(sizes: list[Database], name: str) -> None:
    (less, few), (more, many) = (steps_of(db, LISTS[name]) for db in sizes)
    assert len(many) == pytest.approx(4 * len(few), rel=0.01) != 0
    identity = {"p": "id", "r": "prompt", "c": "result_id_1"}[name[0]]
    assert len({row[identity] for row in many}) == len(many)
    # The square would be 16 times; a sort takes a little more than 4.
    assert more / less < 6


def test_a_change_by_anyone_is_seen(tmp_path: Path) -> None:
    """The keys that are kept are of the database as it was when they were read."""
    path = tmp_path / "d.db"
    with_keys = Database(path, SCHEMAS)
    page = {"page": 1, "page_size": 100}

    def listed() -> list[str]:
        with with_keys.read() as connection:
            asked = page | {"include_deprecated": True}
            return [row["id"] for row in public_catalogue.list_models(connection, asked)["models"]]

    assert listed() == []
    with with_keys.write() as connection:
        public_tables.add_models(connection, [ModelRow(id="own", key="own", name="own")])
    assert listed() == ["own"]
    other = Database(path, SCHEMAS)
    with other.write() as connection:
        public_tables.add_models(connection, [ModelRow(id="other", key="other", name="other")])
    assert listed() == ["other", "own"]
    with with_keys.write() as connection:
        public_tables.add_models(connection, [ModelRow(id="third", key="third", name="third")])
        assert len(public_catalogue.list_models(connection, page)["models"]) == 3
        connection.execute("ROLLBACK")
        connection.execute("BEGIN")
    assert listed() == ["other", "own"]
    with_keys.close()
    other.close()
