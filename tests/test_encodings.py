"""Text is read and written in a named encoding: that of Windows is another one than elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from support.shared import REPOSITORY


def unencoded(path: Path) -> Iterator[str]:
    """Yield the calls that read or write text in the encoding of the system."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        arguments = [*map(ast.unparse, node.args), options.get("mode", "")]
        modes = [it for it in arguments if re.fullmatch(r"'[rwax+bt]+'", it)]
        is_text = {
            "read_text": not node.args,
            "write_text": len(node.args) < 2,
            "open": ast.unparse(node.func) != "os.open" and any("b" not in it for it in modes),
            "TextIOWrapper": len(node.args) < 2,
        }.get(name, options.get("text", options.get("universal_newlines")) == "True")
        if is_text and "encoding" not in options:
            yield f"{path.name}:{node.lineno} {name}"


def test_what_reads_unencoded_text_is_found(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(
        "p.read_text()\np.write_text(x)\nopen(p, 'w')\np.open(mode='a')\nrun(c, text=True)\n"
        "p.read_text('utf-8')\np.write_text(x, 'utf-8')\nopen(p, 'wb')\nz.open(p)\n"
        "run(c, text=True, encoding='utf-8')\n",
        encoding="utf-8",
    )
    calls = ("read_text", "write_text", "open", "open", "run")
    assert list(unencoded(path)) == [f"m.py:{line} {it}" for line, it in enumerate(calls, 1)]


def test_text_is_read_and_written_in_a_named_encoding() -> None:
    folders = [REPOSITORY / name for name in ("wrapper", "scripts", "openapi", "generated")]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(paths) > 400
    assert [found for path in paths for found in unencoded(path)] == []
