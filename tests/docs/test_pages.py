"""What README.md and the pages of docs/ show runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

import benchwire
from support.local_environment import environment_of
from support.shared import REPOSITORY

PAGES = {
    path.name: path.read_text(encoding="utf-8")
    for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
}
README = PAGES["README.md"]


def blocks(language: str) -> list[tuple[str, str]]:
    """Every code block of a language, with the page it stands on."""
    fence = re.compile(rf"^```{language}\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    return [(page, code) for page, text in PAGES.items() for code in fence.findall(text)]


SNIPPETS = blocks("python")


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with benchwire.local.serve() as server:
        yield environment_of(server)


def test_there_are_snippets() -> None:
    assert [page for page, _ in SNIPPETS].count("README.md") >= 6


@pytest.mark.parametrize(("page", "code"), SNIPPETS)
def test_the_snippet_runs_and_prints(page: str, code: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout


def test_the_first_snippet_is_ten_lines() -> None:
    lines = [line for line in SNIPPETS[0][1].splitlines() if line.strip()]
    assert len(lines) <= 10


def test_every_make_target_named_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, flags=re.MULTILINE))
    texts = [*PAGES.values(), (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", "\n".join(texts), flags=re.MULTILINE))

    assert {"demo", "test"} <= named
    assert named <= targets


def test_every_command_line_option_named_exists() -> None:
    lines = [line.split("#")[0] for _, code in blocks("console") for line in code.splitlines()]
    calls = [line.split() for line in lines if line.startswith("benchwire ")]
    assert calls
    for _, group, command, *arguments in calls:
        shown = subprocess.run(
            [
                sys.executable,
                "-c",
                "from benchwire.cli import main; main()",
                group,
                command,
                "--help",
            ],
            capture_output=True,
            text=True,
            check=True,
            env={"COLUMNS": "200"},
        ).stdout
        for option in re.findall(r"--[a-z-]+", " ".join(arguments)):
            assert option in shown


def test_every_link_to_a_file_leads_somewhere() -> None:
    pages = {REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "README.md"}
    pages |= {REPOSITORY / "docs" / name for name in PAGES if name != "README.md"}
    pages |= {REPOSITORY / "openapi" / "README.md", REPOSITORY / "openapi/generator/README.md"}
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
