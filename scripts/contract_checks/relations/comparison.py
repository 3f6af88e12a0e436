"""What must hold between two evaluations of one benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .evaluations import EVALUATIONS
from .listing import LARGEST_PAGE, NOWHERE, Item, Listing
from .paged import add_paging
from .public import PUBLIC
from .running import Contradictions, NoDataError

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api

COMPARE = "compareEvaluations"
OUTCOMES = ("both_succeed", "both_fail", "reference_fails", "comparison_fails")
_COUNTS = ("correct_count_1", "total_results_1", "correct_count_2", "total_results_2")
say = PUBLIC.relation


def _two(api: Api) -> tuple[Item, Item]:
    """Two evaluations of one benchmark whose results differ, if there are such."""
    by_benchmark: dict[str, list[Item]] = {}
    for item in EVALUATIONS.some(api, status="success"):
        by_benchmark.setdefault(item["dataset_id"], []).append(item)
    for items in by_benchmark.values():
        for other in items[1:]:
            if other.get("accuracy") != items[0].get("accuracy"):
                return items[0], other
    raise NoDataError("no benchmark has two evaluations that succeeded, with different accuracies")


def _rows(first: Item, second: Item) -> Listing:
    return Listing(
        COMPARE, ("results",), ("total_count",),
        identity=lambda row: (row.get("result_id_1"), row.get("result_id_2"), row["prompt"]),
        always=(("evaluation_id_1", first["id"]), ("evaluation_id_2", second["id"])),
    )  # fmt: skip


def rows_of_two(api: Api) -> Listing:
    """The rows of a comparison there is."""
    return _rows(*_two(api))


add_paging(PUBLIC, COMPARE, rows_of_two, assumed=True)


@say(COMPARE, "the outcomes part the rows")
def _(api: Api) -> Contradictions:
    listing = rows_of_two(api)
    whole = listing.page(api, page_size=LARGEST_PAGE)
    everything = listing.page(api, page_size=LARGEST_PAGE, outcome_filter="all")
    if (everything.total, everything.ids) != (whole.total, whole.ids):
        yield everything.asked, "other rows than without it"
    parts = {
        outcome: listing.page(api, page_size=LARGEST_PAGE, outcome_filter=outcome)
        for outcome in OUTCOMES
    }
    totals = {outcome: page.total for outcome, page in parts.items()}
    if sum(totals.values()) != whole.total:
        yield api.last, f"{totals} of {whole.total} rows"
    ids = [row for page in parts.values() for row in page.ids]
    if len(set(ids)) != len(ids):
        yield api.last, f"{len(ids) - len(set(ids))} rows have two outcomes"


@say(COMPARE, "the counts of right answers are those of the outcomes")
def _(api: Api) -> Contradictions:
    listing = rows_of_two(api)
    whole = listing.page(api, page_size=1)
    right = {outcome: listing.page(api, page_size=1, outcome_filter=outcome).total
             for outcome in OUTCOMES}  # fmt: skip
    first, all_first, second, all_second = (whole.body[name] for name in _COUNTS)
    if not (0 <= first <= all_first and 0 <= second <= all_second):
        yield whole.asked, "more right answers than results"
    if whole.total > min(all_first, all_second):
        yield whole.asked, f"{whole.total} rows of {all_first} and {all_second} results"
    if whole.total < max(all_first, all_second):
        raise NoDataError("not every result has a partner in the other evaluation")
    if first != right["both_succeed"] + right["comparison_fails"]:
        yield whole.asked, f"correct_count_1 {first}, and {right}"
    if second != right["both_succeed"] + right["reference_fails"]:
        yield whole.asked, f"correct_count_2 {second}, and {right}"


@say(COMPARE, "scores are higher where an answer succeeds than where it fails")
def _(api: Api) -> Contradictions:
    listing = rows_of_two(api)
    succeeded: list[float] = []
    failed: list[float] = []
    for outcome in OUTCOMES:
        page = listing.page(api, page_size=LARGEST_PAGE, outcome_filter=outcome)
        for field, fails in (("score1", "reference_fails"), ("score2", "comparison_fails")):
            wrong = outcome in {"both_fail", fails}
            scores = [row[field] for row in page.items if row.get(field) is not None]
            (failed if wrong else succeeded).extend(scores)
    if not succeeded or not failed:
        raise NoDataError("there are no scores of both kinds")
    if max(failed) >= min(succeeded):
        yield api.last, f"a failure scored {max(failed)}, a success {min(succeeded)}"


@say(COMPARE, "the four counts do not depend on page or filter")
def _(api: Api) -> Contradictions:
    listing = rows_of_two(api)
    whole = listing.page(api)
    queries: list[dict[str, Any]] = [
        {"outcome_filter": "both_fail"}, {"search": NOWHERE}, {"page_size": 1, "page": 2},
    ]  # fmt: skip
    for query in queries:
        page = listing.page(api, **query)
        if differs := [name for name in _COUNTS if page.body[name] != whole.body[name]]:
            yield page.asked, f"another {', '.join(differs)}"


@say(COMPARE, "exchanging the two evaluations exchanges all that is said of them")
def _(api: Api) -> Contradictions:
    first, second = _two(api)
    there = _rows(first, second).page(api, page_size=3)
    back = _rows(second, first).page(api, page_size=3)
    if [there.body[name] for name in _COUNTS] != [
        back.body[name] for name in (*_COUNTS[2:], *_COUNTS[:2])
    ]:
        yield back.asked, "other counts than the other way round"
    for one, other in (
        ("result_id_1", "result_id_2"),
        ("result1", "result2"),
        ("score1", "score2"),
    ):
        if [row.get(one) for row in there.items] != [row.get(other) for row in back.items]:
            yield back.asked, f"{other} is not the {one} of the other way round"


@say(COMPARE, "search keeps the rows with the text in the prompt, the truth or an answer")
def _(api: Api) -> Contradictions:
    listing = rows_of_two(api)
    whole = listing.page(api, page_size=LARGEST_PAGE)
    if whole.total != len(whole.items) or not whole.items:
        raise NoDataError(f"there are {whole.total} rows")
    for text in (whole.items[0]["truth"], whole.items[-1]["truth"].swapcase()):
        page = listing.page(api, page_size=LARGEST_PAGE, search=text)
        kept = [listing.identity(row) for row in whole.items if _has(row, text)]
        if len(page.ids) != len(kept) or set(page.ids) != set(kept):
            yield page.asked, f"{len(page.ids)} rows, and {len(kept)} have the text"
    page = listing.page(api, search=NOWHERE)
    if page.items or page.total:
        yield page.asked, f"{len(page.items)} rows, and a total of {page.total}"


def _has(row: Item, text: str) -> bool:
    fields = (row.get(name) for name in ("prompt", "truth", "result1", "result2"))
    return any(text.casefold() in (value or "").casefold() for value in fields)


@say(COMPARE, "the rows are the prompts of the benchmark, in its order")
def _(api: Api) -> Contradictions:
    first, second = _two(api)
    rows = _rows(first, second).page(api, page_size=LARGEST_PAGE)
    prompts = api.get("listBenchmarkPrompts", first["dataset_id"], page_size=LARGEST_PAGE)["data"]
    if prompts["count"] > LARGEST_PAGE:
        raise NoDataError("the benchmark has too many prompts to read them all")
    places: dict[tuple[str, str], int] = {}
    for place, prompt in enumerate(prompts["prompts"]):
        if isinstance(prompt["input"], str):
            places.setdefault((prompt["input"], prompt["truth"]), place)
    found = [places.get((row["prompt"], row["truth"])) for row in rows.items]
    known = [place for place in found if place is not None]
    if len(places) == prompts["count"] and len(known) < len(found):
        yield rows.asked, f"{len(found) - len(known)} rows are no prompts of the benchmark"
    if len(set(known)) == len(known) and known != sorted(known):
        yield rows.asked, "rows in another order than the prompts"
    if not known:
        raise NoDataError("no prompt of the benchmark is a text")


@say(COMPARE, "accuracy is the share of right answers, in percent")
def _(api: Api) -> Contradictions:
    first, second = _two(api)
    page = _rows(first, second).page(api, page_size=1)
    for number, evaluation in (("1", first), ("2", second)):
        right, of = page.body[f"correct_count_{number}"], page.body[f"total_results_{number}"]
        if of and evaluation.get("accuracy") is not None:
            share = 100 * right / of
            if abs(share - evaluation["accuracy"]) > 0.51:
                yield (
                    page.asked,
                    f"{share:.2f} percent are right, and accuracy is {evaluation['accuracy']}",
                )


@say(COMPARE, "an evaluation that does not exist is a 404")
def _(api: Api) -> Contradictions:
    first, _second = _two(api)
    answer = api.ask(COMPARE, evaluation_id_1=first["id"], evaluation_id_2=NOWHERE)
    if answer.status != 404:
        yield answer.asked, f"status {answer.status}"
