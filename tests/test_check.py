"""Which tests `make check` runs, by what has changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from scripts.check import MANY, changed_files, selected

FILES = {
    "tests/client/test_wait.py": "from benchwire.client import Client\n",
    "tests/client/test_other.py": "def test() -> None:\n    from benchwire import _polling\n",
    "tests/conftest.py": "",
    "tests/client/conftest.py": "",
    "tests/local/jobs/test_runner.py": "import benchwire_local.jobs.queue\n",
    "tests/local/jobs/conftest.py": "from support.wire import row\n",
    "tests/regeneration/test_names.py": "from .drill import Copy\n",
    "tests/regeneration/drill.py": "from support.wire import row\n",
    "tests/submission/test_locks.py": "",
    "tests/submission/data/expected.yaml": "",
    "tests/docs/test_pages.py": "",
    "tests/support/wire.py": "",
    "tests/support/everywhere.py": "",
    **{f"tests/unit/test_{n}.py": "from support import everywhere\n" for n in range(MANY)},
    "tests/unit/test_everywhere.py": "from support.everywhere import all_of_it\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("tests/client/test_wait.py", ["tests/client/test_wait.py"]),
        ("wrapper/benchwire/_wait.py", ["tests/client/test_wait.py"]),
        ("wrapper/benchwire/client.py", ["tests/client/test_wait.py"]),
        ("wrapper/benchwire/_polling.py", ["tests/client/test_other.py"]),
        ("wrapper/benchwire_local/jobs/queue.py", ["tests/local/jobs/test_runner.py"]),
        ("wrapper/benchwire_local/jobs/clock.py", ["tests/local/jobs"]),
        ("wrapper/benchwire/_jobs/payload.py", ["tests/submission"]),
        ("tests/client/conftest.py", ["tests/client"]),
        ("tests/support/wire.py", ["tests/regeneration/test_names.py"]),
        ("tests/support/everywhere.py", ["tests/unit/test_everywhere.py"]),
        ("README.md", ["tests/docs"]),
        ("examples/one.ipynb", ["tests/docs"]),
        ("tests/submission/data/expected.yaml", ["tests/submission"]),
        ("LICENSE", []),
    ],
)
def test_the_tests_of_a_changed_file(changed: str, tests: list[str], repository: Path) -> None:
    assert selected([changed], repository)[0] == tests


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("wrapper/benchwire_local/server.py", "tests/local"),
        ("tests/conftest.py", "tests"),
        (
            "tests/support/everywhere.py",
            f"the {MANY + 1} files of tests that import tests/support/everywhere.py",
        ),
    ],
)
def test_what_takes_long_is_named(changed: str, named: str, repository: Path) -> None:
    assert selected([changed], repository)[1] == [named]


def test_changes_of_the_branch_of_the_working_tree_and_new_files(tmp_path: Path) -> None:
    def git(*command: str) -> None:
        who = ["-c", "user.name=n", "-c", "user.email=e@example.com"]
        subprocess.run(["git", *who, *command], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    for name in ("kept", "edited", "committed", "removed"):
        (tmp_path / name).write_text("old")
    git("add", ".")
    git("commit", "-m", "one")
    (tmp_path / "committed").write_text("new")
    git("commit", "-am", "two")
    (tmp_path / "edited").write_text("new")
    (tmp_path / "removed").unlink()
    (tmp_path / "new é").write_text("")
    assert changed_files(tmp_path, "HEAD~1") == ["committed", "edited", "new é", "removed"]
    assert changed_files(tmp_path, "HEAD") == ["edited", "new é", "removed"]
