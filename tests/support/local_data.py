"""A small data set for the embedded server's tests, as plain Python and as rows in a database.

The Python side is what the tests compute their expectations from; the server only sees the rows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchwire_local import SCHEMAS, Database
from benchwire_local.data import public_tables
from benchwire_local.data.rows import insert
from benchwire_local.data.v2_tables import dotnet_date

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_750_000_000

_MODELS: list[tuple[Any, ...]] = [
    # name, company, region, size, license, architecture, context, released, created, parameters,
    # categories, deprecated
    ("Zeta", "OpenAI", "usa", "Large", "MIT", "moe", 8192, 300, 3, 7e9, ["moe"], False),
    ("alpha", "Acme, Inc.", "usa", "Small", None, None, 4096, 200, 2, 1e9, [], False),
    ("Beta 100%", "Acme, Inc.", "eu", "Small", "MIT", "moe", None, None, 2, None, ["a,b", "moe"], False),
    ("Beta 100 X", "Mistral", "eu", "Medium", "MIT", "transformer", 4096, 100, 1, 2.5, ["a"], False),
    ("under_score", "OpenAI", "usa", "Extra Large", "Proprietary", "moe", 1, 50, None, 1.0, ["a", "b"], False),
    ("underXscore", "OpenAI", None, None, "Proprietary", "Moe", 2, 50, None, 1.0, ["b"], False),
    ("ÉTOILE", "Étoile", "eu", "Small", "Apache-2.0", "transformer", 3, 50, 9, 0.5, ["é"], False),
    ("STRASSE", None, "eu", "Small", "Apache-2.0", "transformer", 3, 51, 8, 0.5, ["é", "moe"], False),
    ("old one", "Legacy", "mars", "Tiny", "Gone", "rnn", 16, 1, 1, 0.1, ["ancient"], True),
    ("old two", "OpenAI", "usa", "Large", "MIT", "moe", 16, 2, 1, 0.1, ["moe"], True),
]  # fmt: skip


def _model(number: int, columns: tuple[Any, ...]) -> public_tables.ModelRow:
    name, company, region, size, license_name, architecture, context, released = columns[:8]
    created, parameters, categories, deprecated = columns[8:]
    return public_tables.ModelRow(
        id=f"m{number:02d}",
        key=f"maker/{name.lower().replace(' ', '-')}",
        name=name,
        description=f"The model {name}.",
        company=company,
        released_at=released,
        created_at=created,
        parameters=parameters,
        modality="text",
        context_length=context,
        architecture_type=architecture,
        license=license_name,
        open_weights=None if license_name is None else license_name != "Proprietary",
        region=region,
        size=size,
        categories=categories,
        key_takeaways=None if number % 2 else ["Fast.", "Cheap."],
        deprecated=deprecated,
        cost_per_input_token="0.000001",
    )


MODELS = [_model(number, columns) for number, columns in enumerate(_MODELS)]

BENCHMARKS = [
    public_tables.BenchmarkRow(
        id="b1", key="math", name="Maths", language="English", categories=["math", "hard"],
        description="Sums.", characteristics=["short"], created_at=5,
    ),
    public_tables.BenchmarkRow(id="b2", key="talk", name="chat", language="French", categories=["talk"]),
    public_tables.BenchmarkRow(id="b3", key="none", name="Empty", categories=[], is_public=False),
    public_tables.BenchmarkRow(
        id="b4", key="old", name="Old maths", language="Latin", categories=["old", "math"],
        deprecated=True,
    ),
]  # fmt: skip

PROMPTS: dict[str, list[public_tables.PromptRow]] = {
    "b1": [
        public_tables.PromptRow(
            id=f"p{(7 * n) % 45:02d}", input=f"What is {n} + {n}?", truth=str(2 * n)
        )
        for n in range(45)
    ],
    "b2": [
        public_tables.PromptRow(
            id="x1", input=[{"role": "user", "content": "Wie heißt DU?"}], truth="No_1"
        ),
        public_tables.PromptRow(id="x2", input={"question": "100% sure?", "n": 1.5}, truth="NOx1"),
        public_tables.PromptRow(id="x3", input="100 pure", truth="yes"),
    ],
}

STATUSES = ["success", "failure", "pending", "in-progress"]


@dataclass(frozen=True)
class Result:
    """An answer as stored: what it was, its score and its time."""

    text: str | None
    score: float
    duration: float | None


@dataclass
class Evaluation:
    """An evaluation with its answers by prompt id, and the order it was stored in."""

    id: str
    model: public_tables.ModelRow
    benchmark: public_tables.BenchmarkRow
    status: str
    submitted_at: int
    order: int
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        scores = [result.score > 0.5 for result in self.results.values()]
        return 100 * sum(scores) / len(scores) if scores and self.status == "success" else None

    @property
    def average_duration(self) -> float | None:
        times = [r.duration for r in self.results.values() if r.duration is not None]
        return sum(times) / len(times) if times and self.status == "success" else None


def make_evaluations() -> list[Evaluation]:
    """Four evaluations for each of four models: two of b1, one of b2, one without results."""
    rng = random.Random(7)
    found: list[Evaluation] = []
    for model in MODELS[:4]:
        for number, benchmark in enumerate([*BENCHMARKS[:2], BENCHMARKS[0], BENCHMARKS[0]]):
            status = "success" if number < 3 else STATUSES[1 + len(found) // 4 % 3]
            evaluation = Evaluation(
                id=f"e{(11 * len(found)) % 16:02d}",
                model=model,
                benchmark=benchmark,
                status=status,
                submitted_at=NOW + rng.choice([0, 0, 10, 20]),
                order=len(found),
            )
            if status == "success":
                for prompt in PROMPTS[benchmark.id]:
                    if rng.random() < 0.9:
                        evaluation.results[prompt.id] = Result(
                            rng.choice(["Yes", "no_1", "It is 100%", None]),
                            rng.choice([0.0, 0.5, 0.51, 1.0]),
                            rng.choice([None, 12.5, 400.0]),
                        )
            found.append(evaluation)
    return found


EVALUATIONS = make_evaluations()

SUMMARY = {
    "name": "A summary",
    "goal": "To see.",
    "metrics": [{"name": "accuracy", "description": "Share of right answers."}],
    "analysis_summary": {"key_takeaways": ["It works."]},
}


@dataclass(frozen=True)
class Run:
    """A probe run and which of its test cases passed; None is an error."""

    id: int
    model_id: int
    type_id: int
    probe_id: int
    passed: list[bool | None]


V2_TYPES = [
    {"id": 1, "name": "Security", "description": "Attacks."},
    {"id": 2, "name": "Trust"},
]
V2_CATEGORIES = {1: "Injection", 2: "Leakage", 3: "Untested"}
V2_PROBES = {11: ("Jailbreak", 1), 12: ("Hidden text", 1), 21: ("Prompt leak", 2)}
V2_MODELS = [101, 102, 103, 104]
V2_RUNS = [
    Run(number, model, type_id, probe, passed)
    for number, (model, type_id, probe, passed) in enumerate(
        [
            (101, 1, 11, [True, True, False]),
            (101, 1, 12, [True]),
            (101, 2, 21, [False, False]),
            (102, 1, 11, [True, True, True, False]),
            (102, 2, 11, [False]),
            (103, 1, 21, [True]),
            (103, 2, 12, [True, False, None, False]),
        ],
        start=501,
    )
]
RESULTS = {True: "passed", False: "failed", None: "error"}
V2_DATE = datetime(2025, 6, 3, 9, 15, 27, 123456, tzinfo=UTC)


def fill(connection: Any) -> None:
    """Put all of it into a database."""
    public_tables.add_models(connection, MODELS)
    public_tables.add_benchmarks(connection, BENCHMARKS)
    for benchmark_id, prompts in PROMPTS.items():
        public_tables.add_prompts(connection, benchmark_id, prompts)
    for evaluation in EVALUATIONS:
        public_tables.add_evaluation(
            connection,
            evaluation.model.id,
            evaluation.benchmark.id,
            id=evaluation.id,
            submitted_at=evaluation.submitted_at,
            status=evaluation.status,
            summary=SUMMARY if evaluation.id == "e00" else None,
        )
        rows = [
            public_tables.ResultRow(
                prompt_id=key, result=r.text, score=r.score, duration_ms=r.duration
            )
            for key, r in evaluation.results.items()
        ]
        random.Random(evaluation.order).shuffle(rows)
        public_tables.add_results(connection, evaluation.id, rows)
        if evaluation.status == "success":
            public_tables.finish_evaluation(connection, evaluation.id, NOW + 60)
    _fill_v2(connection)


def _fill_v2(connection: Any) -> None:
    for columns in V2_TYPES:
        insert(connection, "v2_types", columns)
    for key, name in V2_CATEGORIES.items():
        insert(connection, "v2_categories", {"id": key, "name": name})
    for key, (name, category) in V2_PROBES.items():
        insert(connection, "v2_probes", {"id": key, "name": name, "category_id": category})
    for key in V2_MODELS:
        model = {
            "id": key,
            "name": f"Model {key}",
            "provider": "Maker" if key != 104 else None,
            "benchmark_date": dotnet_date(V2_DATE) if key != 104 else None,
            "config": {"temperature": 0} if key == 101 else None,
        }
        insert(connection, "v2_models", model)
    for run in V2_RUNS:
        columns = {name: getattr(run, name) for name in ("id", "model_id", "type_id", "probe_id")}
        insert(connection, "v2_runs", columns | {"created_at": dotnet_date(V2_DATE)})
        for index, passed in enumerate(run.passed):
            case = {
                "id": run.id * 100 + index,
                "run_id": run.id,
                "result": RESULTS[passed],
                "explanation": f"Case {index}.",
                "conversation": [{"role": "user", "content": "Hello?"}],
                "metadata": {"durationMs": 5} if index == 0 else None,
            }
            insert(connection, "v2_test_cases", case)


def make_database(path: Path) -> Path:
    """Write a database file with the data set."""
    db = Database(path, SCHEMAS)
    with db.write() as connection:
        fill(connection)
    db.close()
    return path
