"""The documentation site: every page, every public name, no broken link."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from docutils.core import publish_doctree
from scripts.docs_site import __main__ as site
from scripts.docs_site import contents
from scripts.docs_site.markup import escape
from sphinx.util.inventory import InventoryFile

import benchwire
from support.shared import REPOSITORY
from support.workers import made_once

# Sphinx warns of changes to come in Sphinx.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, made in a process of its own: what Sphinx leaves would slow down later tests."""
    code = "import sys, pathlib, scripts.docs_site.__main__ as m; sys.exit(m.main(pathlib.Path(sys.argv[1])))"

    def make(folder: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-c", code, folder],
            cwd=REPOSITORY, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "site", make) / "site"


@pytest.mark.parametrize(
    "text",
    [
        "Models such as gpt-*, **kwargs, a|b and |c.",
        "Names like trailing_ or a__ [1]_, and C:\\new.",
        "A role:`x`, `code` and ``a * b`` with an ` alone.",
    ],
)
def test_a_description_of_a_spec_is_no_markup(text: str) -> None:
    lines = [text, "", "Args:", f"    **options: {text}"]
    escape(None, "", "", benchwire.models.Job.from_dict, None, lines)
    tree = publish_doctree(lines[0], settings_overrides={"report_level": 1, "halt_level": 2})
    assert tree.astext().replace("`", "") == text.replace("`", "")
    assert lines[3] == f"    **options: {lines[0]}"
    mine = [text]
    escape(None, "", "", benchwire.PublicClient.close, None, mine)
    assert mine == [text]


def test_every_page_of_docs_is_in_the_navigation(built: Path) -> None:
    index = (built / "index.html").read_text("utf-8")
    pages = list((REPOSITORY / "docs").glob("*.md"))
    assert len(pages) > 10
    for page in pages:
        assert f'href="docs/{page.stem}.html"' in index


def test_every_public_name_is_in_the_reference(built: Path) -> None:
    inventory = InventoryFile.loads((built / "objects.inv").read_bytes(), uri="").data
    names = {
        name.rpartition(".")[2] for name in [*inventory["py:class"], *inventory["py:exception"]]
    }
    wanted = {
        value.__name__  # aliases have those of their classes
        for value in (getattr(benchwire, name) for name in benchwire.__all__)
        if isinstance(value, type) and not value.__name__.startswith("Async")
    }
    assert len(wanted) > 40
    assert wanted - names - {"Stratix"} == set()


def test_programs_find_the_text_of_each_page(built: Path) -> None:
    lines = (built / "llms.txt").read_text("utf-8").splitlines()
    links = [line.partition("](")[2].partition(")")[0] for line in lines if line.startswith("- [")]
    assert "docs/browse.md" in links
    for link in ["index.md", *links]:
        text = (built / link).read_text("utf-8")
        assert text.startswith("# ")
        for target in re.findall(
            r"\]\(([^)#:]+)(?:#[^)]*)?\)", re.sub(r"(?ms)^```.*?^```$", "", text)
        ):
            assert (built / link).parent.joinpath(target).exists(), f"{link}: {target}"
    for line in lines[6:]:
        assert line.partition("): ")[2], line


@pytest.mark.parametrize("link", ["nowhere.md", "glossary.md#nowhere"])
def test_a_link_that_leads_nowhere_fails_the_build(
    link: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for module in (site, contents):
        monkeypatch.setattr(module, "PAGES", {"All": ("docs/glossary", "docs/page")})
    monkeypatch.setattr(site, "reference", dict)
    monkeypatch.setattr(site, "page_text", lambda _: f"# A page\n\nWith a [link]({link}).\n")
    assert site.build(tmp_path) == 1
    assert link.rpartition("#")[2] in capfd.readouterr().err
