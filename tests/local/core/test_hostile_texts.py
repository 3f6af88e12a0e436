"""Nothing that reads a text from outside takes longer than in proportion to its length."""

from __future__ import annotations

import ast
import importlib
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwire_local.demo_model.judge import judge
from benchwire_local.faults.path_pattern import PathPattern
from benchwire_local.jobs.verdicts import UnusableAnswerError, verdict

ROOT = Path(__file__).parents[3]
SOURCES = [*(ROOT / "wrapper").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
METHODS = {"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
LENGTH = 50_000
# Far above what all texts take together in linear time, far below what a single one takes otherwise.
CPU_SECONDS = 8

Read = Callable[[str], object]


def uses(source: str, module: str) -> Iterator[tuple[str, re.Pattern[str], str]]:
    """Yield the place, pattern and method of each use of a regular expression in a module."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        method, value = node.func.attr, node.func.value
        if method not in METHODS:
            continue
        if isinstance(value, ast.Name) and value.id == "re":
            if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield f"{module}:{node.lineno}", re.compile(node.args[0].value), method
        elif (name := ast.unparse(value).partition("[")[0]).isidentifier() and name.isupper():
            found = getattr(importlib.import_module(module), name, None)
            every = found.values() if isinstance(found, dict) else found
            every = every if isinstance(found, dict | tuple | list) else [found]
            for pattern in every:
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    yield f"{module}.{name}", pattern, method


def hostile_texts(pattern: str, count: int = 15) -> Iterator[str]:
    """Yield long texts of repeated pieces of a pattern, each with an end that matches nothing."""
    words = [word for word in re.findall(r"[\w /:;,.\"'`@-]+", pattern) if len(word) < 30]
    pieces = [*words, *"aA0 \n\t", *(set(pattern) - set("\\[](){}?*+|^"))]
    choose = random.Random(pattern)
    for unit in [*words[:5], "a", "A", "0", " ", "\n"]:
        for start in ("", *words[:3]):
            yield start + unit * (LENGTH // len(unit)) + "\0"
    for _ in range(count):
        start = "".join(choose.choices(pieces, k=choose.randint(0, 2)))
        unit = "".join(choose.choices(pieces, k=choose.randint(1, 3)))
        yield start + unit * (LENGTH // len(unit)) + choose.choice(["\0", "", "\n\0"])


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[parts[0] == "wrapper" :])


def run_patterns() -> None:
    """Match each regular expression of ours, by the methods it is used by, with hostile texts."""
    seen = set()
    for path in SOURCES:
        if "__main__" in path.name or not re.search(r"\bre\.", source := path.read_text("utf-8")):
            continue
        for place, pattern, method in uses(source, module_of(path)):
            seen.add(place)
            run_pattern(place, pattern, method)
    assert len(seen) > 30, seen


def run_pattern(place: str, pattern: re.Pattern[str], method: str) -> None:
    print(place, method, flush=True)
    for text in hostile_texts(pattern.pattern):
        if method in ("sub", "subn"):
            pattern.sub("", text)
        elif method == "finditer":
            list(pattern.finditer(text))
        else:
            getattr(pattern, method)(text)


def json_verdict(text: str) -> object:
    try:
        return verdict(text, ["A"])
    except UnusableAnswerError:
        return None


READERS: dict[str, Read] = {
    "verdict": json_verdict,
    "judge": lambda text: judge("Labels: RESISTED, OBEYED\nuser: " + text + "\nassistant: " + text),
    "refund": lambda text: judge(
        f"Labels: COMPLIANT, VIOLATION, UNCLEAR\nuser: {text}\nassistant: approved {text}"
    ),
    **{
        f"path {pattern}": PathPattern(pattern).matches
        for pattern in ("/**a**a**a**b", "/*a*a*a*b", "/**/**/**/x", "**" * 4 + "x", "/*/**a*/*b")
    },
}
PIECES = [
    "```",
    "```\n",
    "\n",
    "```json\n",
    "`",
    "0",
    '"a',
    '"',
    "a",
    "/",
    "a/",
    " days",
    "{",
    "[",
    "a/a",
]


def run_readers() -> None:
    for name, read in READERS.items():
        for piece in PIECES:
            print(name, repr(piece), flush=True)
            for start in ("```", "/"):
                read(start + piece * (2 * LENGTH // len(piece)) + "z")


def limited(function: str, seconds: int = CPU_SECONDS) -> subprocess.CompletedProcess[str]:
    """Run a function of this module in a process that may use a bounded time of the processor."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))"
    code = f"{limit}; from tests.local.core import test_hostile_texts as t; t.{function}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of the processor's time")
@pytest.mark.parametrize("function", ["run_patterns()", "run_readers()"])
def test_hostile_texts_take_linear_time(function: str) -> None:
    result = limited(function)
    assert result.returncode == 0, (result.stdout[-200:], result.stderr[-2000:])


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of the processor's time")
@pytest.mark.long
@pytest.mark.parametrize(
    "pattern", [r"(?s)```(?:json)?\s*\n(.*?)```", r"(\d+) days", r"[^/]*a[^/]*a[^/]*b", r"\s+\Z"]
)
def test_the_texts_find_patterns_that_are_not_linear(pattern: str) -> None:
    code = f"run_pattern('', __import__('re').compile({pattern!r}), 'search')"
    assert limited(code, 5).returncode != 0


@given(
    st.text("/*a", max_size=8),
    st.text("/a", max_size=10),
)
def test_a_path_pattern_is_the_regular_expression_of_its_stars(pattern: str, path: str) -> None:
    parts = re.split(r"(\*\*|\*)", pattern)
    stars = {"**": ".*", "*": "[^/]*"}
    expected = re.fullmatch("".join(stars.get(part) or re.escape(part) for part in parts), path)
    assert PathPattern(pattern).matches(path) is (expected is not None)
