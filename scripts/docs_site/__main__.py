"""Build the documentation site: ``make docs``.

The pages are README.md and the Markdown files of the repository as they are; the reference is made from
the docstrings. A link that leads nowhere, or a page that is not in the navigation, fails the build. Beside
each page of the repository is its Markdown, and ``llms.txt`` lists them, for programs that read.
"""

from __future__ import annotations

import gc
import re
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from .contents import PAGES, reference, table_of_contents

ROOT = Path(__file__).resolve().parents[2]
_LINKED = ("examples", "LICENSE", "CITATION.cff")


def gather(folder: Path) -> dict[str, str]:
    """Copy the pages to a folder with the layout of the repository, so that links hold.

    Returns:
        The Markdown pages by name: ``index``, and the others in the order of the navigation.
    """
    made = reference()
    for name, text in made.items():
        _write(folder / f"{name}.rst", text)
    names = [name for names in PAGES.values() for name in names if name not in made]
    pages = {"index": page_text("README"), **{name: page_text(name) for name in names}}
    for name, text in pages.items():
        _write(folder / f"{name}.md", text + (table_of_contents() if name == "index" else ""))
    _copy_linked(folder)
    return pages


def _copy_linked(folder: Path) -> None:
    """Copy the files that pages have links to."""
    for name in _LINKED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)


def write_texts(site: Path, pages: dict[str, str]) -> None:
    """Write the Markdown of each page beside it, and the list of them."""
    _copy_linked(site)
    lines = ["# benchwire", "", f"> {_summary(pages['index'])}", "", "## Pages", ""]
    for name, text in pages.items():
        _write(site / f"{name}.md", text)
        if name != "index":
            lines.append(f"- [{_title(text)}]({name}.md): {_summary(text)}")
    _write(site / "llms.txt", "\n".join(lines) + "\n")


def page_text(name: str) -> str:
    """Return the Markdown of a page."""
    # README.md at the root is the first page; those of folders keep their name.
    return (ROOT / f"{name}.md").read_text("utf-8").replace("](../README.md)", "](../index.md)")


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _summary(text: str) -> str:
    """Return the first sentence of a page."""
    prose = re.sub(r"(?ms)^```.*?^```$", "", text).partition("\n")[2]
    paragraphs = (part.strip() for part in prose.split("\n\n"))
    first = next(part for part in paragraphs if part and part[0] not in "#|")
    return re.split(r"(?<=\.)\s", first)[0].replace("\n", " ").rstrip(":")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def build(folder: Path) -> int:
    """Build the site into the folder ``site`` of a folder; return the exit status."""
    source, site = folder / "pages", folder / "site"
    for earlier in (source, site):
        shutil.rmtree(earlier, ignore_errors=True)
    pages = gather(source)
    options = ["-q", "-W", "--keep-going", "-c", str(Path(__file__).parent)]
    status = build_main([*options, str(source), str(site)])
    if status == 0:
        write_texts(site, pages)
        print(f"docs: wrote {site / 'index.html'}")
    return status


def main(folder: Path) -> int:
    """Build the site in a process that does nothing else."""
    gc.disable()  # Sphinx keeps what it makes: the search for garbage is a third of the time
    status = build(folder)
    gc.freeze()  # nor is it searched when the process ends
    return status


if __name__ == "__main__":
    sys.exit(main(ROOT / "build"))
