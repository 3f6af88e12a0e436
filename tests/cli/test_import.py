"""``benchwire import``: what it shows, what it imports, and that no text is markup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import Run
from support.eval_logs import json_lines, lm_eval_results, lm_eval_row, lm_eval_run

HOSTILE = "mmlu[/cot][red]\x1b[31m"
LINE = {"benchmark": "b", "model": "m", "input": "1+1", "truth": "2", "result": "2", "score": 1}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    rows = [
        lm_eval_row(0, metrics=["acc", "acc_norm"], acc=1.0, acc_norm=0.0, filter=name)
        for name in ("strict", "loose")
    ]
    figures = {
        f"{metric},{name}": 1.0 for name in ("strict", "loose") for metric in ("acc", "acc_norm")
    }
    results = lm_eval_results("sums[cot]", figures, 5, model_name="org/[bold]one")
    samples = lm_eval_run(tmp_path / "logs", "sums[cot]", rows, results)
    return samples.parent


@pytest.mark.parametrize("form", ["table", "tsv", "csv", "json", "jsonl", "md"])
def test_a_dry_run_shows_what_is_there_and_imports_nothing(
    run: Run, logs: Path, tmp_path: Path, form: str
) -> None:
    done = run("import", str(logs), "--dry-run", "--format", form)
    assert done.exit_code == 0, done.output
    text = done.stdout.replace("\\", "")
    assert "sums[cot]/strict" in text or form == "table"
    assert "2 filters: strict, loose; name one (--filter)" in done.stderr
    assert "2 metrics: acc, acc_norm; name one (--metric)" in done.stderr
    if form == "json":
        (row,) = json.loads(done.stdout)
        assert (row["format"], row["version"]) == ("lm-eval", "0.4.9")
        assert (row["filters"], row["metrics"]) == ("strict, loose", "acc, acc_norm")
        assert (row["rows"], row["unscored"], row["errors"]) == (1, 0, 0)
    assert not list(tmp_path.glob("*.db"))


def test_a_dry_run_shows_the_versions_of_released_tools(run: Run) -> None:
    folder = Path(__file__).parents[1] / "formats" / "released"
    done = run("import", str(folder), "--dry-run", "--format", "json")
    assert done.exit_code == 0, done.output
    versions: dict[str, set[str]] = {}
    for row in json.loads(done.stdout):
        versions.setdefault(row["format"], set()).add(row["version"])
    # OpenAI evals and HELM write no version: the day of the run, and the method, stand in for it.
    assert versions == {
        "lm-eval": {"0.4.13"},
        "inspect": {"0.3.285"},
        "promptfoo": {"export 3, 0.121.20"},
        "openai-evals": {"2026-01-02"},
        "helm": {"multiple_choice_joint", "generation", "multiple_choice_separate_original"},
    }
    assert done.stderr.count("can't be imported") == 1  # a perplexity


def test_a_choice_is_asked_for_and_taken(run: Run, logs: Path, tmp_path: Path) -> None:
    refused = run("import", str(logs))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "has 2 filters: strict, loose" in refused.stderr
    done = run(
        "import", str(logs), "--filter", "loose", "--metric", "acc", "--model", "mine", "--format",
        "json", "--from", "lm-eval", "--db", "x.db",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)
    assert (row["benchmark"], row["model"]) == ("sums[cot]/loose", "mine")
    assert (row["correct"], row["answers"]) == (1, 1)
    assert "1 answers imported. Serve them: benchwire local serve --db x.db" in done.stderr
    assert (tmp_path / "x.db").exists()


@pytest.mark.parametrize("command", [["import"], ["local", "import"]])
def test_no_text_of_a_file_is_markup(run: Run, tmp_path: Path, command: list[str]) -> None:
    line = LINE | {"benchmark": "mmlu[/cot]", "model": "[/red]m", "input": HOSTILE}
    path = json_lines(tmp_path / "[red]a.jsonl", line)
    for form in ("table", "tsv", "json", "md"):
        done = run(*command, str(path), "--format", form, "--db", f"{form}[x].db")
        assert done.exit_code == 0, done.output
        assert "mmlu[/cot]" in done.stdout.replace("\\", "")
        assert f"--db {form}[x].db" in done.stderr
    json_lines(path, LINE | {"benchmark": "[/x]", "score": 2}, LINE)
    failed = run(*command, str(path))
    assert failed.exit_code == 1
    assert "[red]a.jsonl:1: score: must be from 0 to 1" in failed.stderr


def test_what_is_no_format_or_no_file(run: Run) -> None:
    wrong = run("import", "a.jsonl", "--from", "[/x]")
    assert wrong.exit_code == 2
    assert "format must be auto or one of benchwire, lm-eval" in wrong.stderr
    absent = run("import", "[/absent].jsonl")
    assert absent.exit_code == 1
    assert "[/absent].jsonl" in absent.stderr
