"""The notebooks of examples/ run cell by cell, and every value they show has an HTML form."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from benchwire.models import PublicModelDetail, ResultList
from support import wire
from support.both import Flavour
from support.scripted import always, json_reply
from support.shared import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "examples").glob("*.ipynb"))
HOSTILE = "</td><script>alert(1)</script>"


def run_cell(source: str, names: dict[str, Any]) -> object:
    """Run a cell as a notebook does, and return the value of its last expression."""
    body = ast.parse(source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_notebook_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    names: dict[str, Any] = {}
    shown = []
    cells = json.loads(path.read_text("utf-8"))["cells"]
    try:
        for cell in cells:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == []
                value: Any = run_cell("".join(cell["source"]), names)
                if value is not None:
                    shown.append(value._repr_html_())
    finally:
        if "server" in names:
            names["server"].close()
    assert len(shown) >= 4
    assert all(html.startswith("<table>") for html in shown)
    assert "items for a difference of" in capsys.readouterr().out


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


def test_a_page_shows_some_rows_and_says_so(flavour: Flavour, scripted: Any) -> None:
    rows = [wire.model(n, description=HOSTILE * 30) for n in range(100)]
    service = scripted(always(json_reply(wire.models(rows, 100, secret="canary"))))
    page = flavour.result(flavour.public(service.url).models.get())
    html = page._repr_html_()
    assert "models: 100, the first 20 shown" in html
    assert "<script" not in html
    assert "canary" not in html
    assert html.count("<tr>") < 40
    assert len(html) < 60_000


def test_one_model_and_a_bare_list_are_tables() -> None:
    model = PublicModelDetail.from_dict(wire.model(1, name=HOSTILE, other="canary"))
    html = model._repr_html_()
    assert html.startswith("<table><caption>PublicModelDetail</caption>")
    assert "&lt;script&gt;" in html
    assert "canary" not in html
    assert "results: 1" in ResultList([model])._repr_html_()
    assert "results: 0" in ResultList([])._repr_html_()
    assert "<td>7</td>" in ResultList([7])._repr_html_()
