"""Reports: complete, closed to the network, and every text a text."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchwire.analysis import MatrixStatistics, PairedTable, report, reports
from benchwire.analysis.decision import from_counts
from benchwire.analysis.joint import MatrixSettings, ReferenceComparisons, decide_matrix
from benchwire.analysis.pairs import Counts, DecisionSettings, Subject
from benchwire.models import ComparisonResponse, ComparisonResult, Evaluation
from support import wire
from support.chromium import CONTRASTS, Browser, require_chromium

HOSTILE = (
    "</script><script>window.hostile=1</script><!--<script> </style><img src=x onerror=alert(1)>"
    " </pre></textarea> {{ 7*7 }} {% raw %} \u2028\u2029\u202e\x00 ]]> &lt; \\u003c 'a\"b` https://x.test/"
)
TABLE = PairedTable(6, 5, 3, 4)


def comparison(table: PairedTable = TABLE, name: str = "model", benchmark: str = "Bench") -> Any:
    subject = Subject(benchmark, f"{name} 1", f"{name} 2")
    return from_counts(subject, Counts(table=table), DecisionSettings())


def rows(table: PairedTable = TABLE, text: str = "") -> list[ComparisonResult]:
    kinds = [(1, 1)] * table.both + [(1, 0)] * table.only_1 + [(0, 1)] * table.only_2
    kinds += [(0, 0)] * table.neither
    return [
        ComparisonResult.from_dict(
            wire.comparison_row(
                n,
                prompt=f"What is {n}? {text}",
                result1=f"It is {n} surely {text}",
                result2=None if n == 2 else f"It is {n + 1} surely {text}",
                score1=float(one),
                score2=float(two),
            )
        )
        for n, (one, two) in enumerate(kinds, 1)
    ]


def matrix(name: str = "model") -> MatrixStatistics:
    numbers = range(1, 5)
    names = [f"{name} {n}" for n in numbers]
    evaluations = [
        Evaluation.from_dict(wire.evaluation(n, model_id=f"m{n}", model_key=key))
        for n, key in zip(numbers, names, strict=True)
    ]
    decision = DecisionSettings(resamples=100)
    compared = ReferenceComparisons(evaluations, decision)
    for other, (_, _, add) in enumerate(compared.wanted(), 2):
        found = [
            wire.comparison_row(n, score1=float(n > 4), score2=float(n > 10 * other - 12))
            for n in range(1, 41)
        ]
        add(ComparisonResponse.from_dict(wire.comparison(found, 40)))
    settings = MatrixSettings(["b1"], ["m1", "m2", "m3", "m4"], None, decision, "holm")
    return decide_matrix([compared], settings)


class Page(HTMLParser):
    """The elements of a page, and the text of its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in self.raw:
            self.raw[self.cdata_elem][-1] += data
        else:
            self.text += data


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {
        "comparison": report(comparison(), items=rows()),
        "hostile comparison": report(
            comparison(name=HOSTILE, benchmark=HOSTILE), items=rows(text=HOSTILE), title=HOSTILE
        ),
        "matrix": report(matrix()),
        "hostile matrix": report(matrix(HOSTILE), title=HOSTILE),
    }


@pytest.mark.parametrize("kind", ["comparison", "matrix"])
def test_hostile_texts_add_no_element(pages: dict[str, str], kind: str) -> None:
    plain, hostile = Page(pages[kind]), Page(pages[f"hostile {kind}"])
    ignored = {"mark", "p"}  # how many words differ, and notes
    assert [t for t in hostile.tags if t not in ignored] == [
        t for t in plain.tags if t not in ignored
    ]
    assert {name for name, _ in hostile.attributes} == {name for name, _ in plain.attributes}
    assert hostile.text.count("{{ 7*7 }}") > 1
    data, _ = hostile.raw["script"]
    assert HOSTILE in json.loads(data)["summary"]
    assert not set("<>&\u2028\u2029") & set(data)


@pytest.mark.parametrize("kind", ["comparison", "matrix", "hostile comparison", "hostile matrix"])
def test_the_policy_allows_what_is_in_the_page_and_nothing_else(
    pages: dict[str, str], kind: str
) -> None:
    page = Page(pages[kind])
    (policy,) = [value for _, value in page.attributes if "default-src" in (value or "")]
    (style,), (_, script) = page.raw["style"], page.raw["script"]
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, script)
    ]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}';"
        " base-uri 'none'; form-action 'none'"
    )
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "href", "style", "srcset", "xlink:href"}
    assert not [name for name in names if name.startswith("on")]


def test_the_data_is_that_of_the_result(tmp_path: Path) -> None:
    result = comparison()
    page = report(result, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_bytes().decode() == page
    assert json.loads(Page(page).raw["script"][0]) == result.to_dict()
    assert "Items" not in Page(page).text


def test_at_most_2000_items_are_shown_and_the_page_says_which() -> None:
    many = PairedTable(1_990, 3, 2, 10)
    page = report(comparison(many), items=iter(rows(many)))
    assert page.count("<details") == 2_000
    assert page.count('data-outcome="only_1"') == 3
    assert page.count('data-outcome="only_2"') == 2
    assert "2,000 of 2,005 items are shown: those on which the models differ come first" in page
    assert "All 18 items that were given" in report(comparison(), items=rows())


def test_a_long_text_is_cut_and_says_so() -> None:
    (row,) = rows(PairedTable(1, 0, 0, 0))
    row.result1 = "word " * 5_000
    assert "… (5,000 more characters)" in report(comparison(), items=[row])


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (pd.DataFrame({"score1": [1.0]}), "items must be a list of values, not a DataFrame"),
        ("rows", "items must be a list of values, not a str"),
        (None, "items must be a list of values, not a NoneType"),
        (ComparisonResponse.from_dict(wire.comparison([], 0)), "not a ComparisonResponse"),
        ([{"score1": 1.0}], r"items\[0\] must be a row of iter_results, not a dict"),
    ],
)
def test_items_that_are_no_rows_are_named(items: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        report(comparison(), items=items)


def test_a_report_is_of_one_result() -> None:
    result: Any = [comparison()]
    with pytest.raises(TypeError, match="what statistics or matrix returned, not a list"):
        report(result)


def test_items_of_a_matrix_are_refused() -> None:
    with pytest.raises(ValueError, match="a report of a matrix shows none"):
        report(matrix(), items=rows())


def test_without_the_extra_the_error_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r'pip install "benchwire\[report\]"'):
        report(comparison())


WORDS = st.lists(st.sampled_from(["a", "b", "c", " ", "\n", "\t\t", "dd,"]), max_size=12).map(
    "".join
)


@given(first=WORDS, second=WORDS)
def test_marks_change_no_text(first: str, second: str) -> None:
    one, two = reports.marked_words(first, second)
    assert ("".join(text for text, _ in one), "".join(text for text, _ in two)) == (first, second)
    same = [
        [w for text, marked in parts if not marked for w in text.split()] for parts in (one, two)
    ]
    assert same[0] == same[1]
    if first.split() == second.split():
        assert not any(marked for _, marked in [*one, *two])


def test_texts_too_long_to_compare_word_by_word_are_marked_whole() -> None:
    one, two = (" ".join(f"{side}{n}" for n in range(600)) for side in "ab")
    assert reports.marked_words(f"x {one} y", f"x {two} y")[0] == [
        ("x", False),
        (" ", False),
        (one, True),
        (" y", False),
    ]


@given(low=st.floats(-1, 1), width=st.floats(0, 2), zero=st.booleans())
def test_a_scale_holds_its_values(low: float, width: float, zero: bool) -> None:
    values = [low, low + width, *([0.0] if zero else [])]
    scale = reports._Scale.over(values, "points")
    assert all(99.9 <= scale.x(value) <= 900.1 for value in values)
    assert len(set(scale.ticks)) == 5


@given(st.lists(st.floats(0, 1), min_size=1))
@example([0.97, 0.99])
def test_no_accuracy_is_above_its_scale(values: list[float]) -> None:
    scale = reports._Scale.over(values, "points", end=1.0)
    assert all(99.9 <= scale.x(value) <= 900.1 for value in values)
    assert 0 <= float(scale.ticks[0]) < float(scale.ticks[-1]) <= 100


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(require_chromium(), tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.mark.parametrize("kind", ["comparison", "matrix", "hostile comparison", "hostile matrix"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_without_a_message_or_a_request(
    browser: Browser, pages: dict[str, str], tmp_path: Path, kind: str, scheme: str
) -> None:
    path = tmp_path / "report.html"
    path.write_text(pages[kind], encoding="utf-8", newline="\n")
    for width in (360, 1280):
        browser.open(path, width=width, scheme=scheme)
        assert browser.run("document.documentElement.scrollWidth") <= width
        browser.run("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
        contrast, where = browser.run(CONTRASTS)
        assert contrast >= 4.5, where
        assert browser.run("window.hostile") is None
        assert browser.run("document.images.length + document.scripts.length") == 2
        requests = browser.named("Network.requestWillBeSent")
        assert {event["params"]["request"]["url"] for event in requests} == {path.as_uri()}
        assert not browser.named(
            "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"
        )


SHOWN = "[...document.querySelectorAll('.item')].filter((i) => i.checkVisibility()).length"
COUNT = "document.getElementById('shown').textContent"


def test_filter_search_and_keys_work(
    browser: Browser, pages: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(pages["hostile comparison"], encoding="utf-8", newline="\n")
    browser.open(path)
    assert (browser.run(SHOWN), browser.run(COUNT)) == (18, "18 of 18 shown")
    choose = "(v) => { const s = document.getElementById('outcome'); s.value = v;"
    choose += " s.dispatchEvent(new Event('change')); }"
    for value, expected in (("only_1", 5), ("only_1 only_2", 8), ("unscored", 0), ("all", 18)):
        browser.run(f"({choose})({value!r})")
        assert browser.run(SHOWN) == expected
    browser.press("/", "/")
    assert browser.run("document.activeElement.id") == "search"
    browser.send("Input.insertText", text="IT IS 12 SURELY")
    browser.run("new Promise((resolve) => setTimeout(resolve, 400))")
    # Item 11 of both answers, 12 of the first.
    assert (browser.run(SHOWN), browser.run(COUNT)) == (2, "2 of 18 shown")
    browser.press("Escape")
    assert browser.run(SHOWN) == 18
    browser.run("document.activeElement.blur()")
    browser.press("j", "j")
    assert browser.run("document.activeElement.tagName") == "SUMMARY"
    browser.run("document.getElementById('all').click()")
    assert browser.run("document.querySelectorAll('details[open]').length") == 18
    shown = browser.run("document.querySelector('.item .text').textContent")
    assert shown == f"What is 1? {HOSTILE}".replace("\x00", "\ufffd")
