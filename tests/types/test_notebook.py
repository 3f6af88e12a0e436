"""What IPython shows: few lines of an error, the nearest name for a typo, and completions."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
import traceback
import typing
from collections.abc import Callable, Iterable
from typing import Any

import jedi
import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter
from IPython.core.ultratb import VerboseTB

import benchwire
from benchwire.models import Evaluation, PublicModelDetail
from support import wire
from support.both import Flavour
from support.offered import CLIENTS, methods, resources
from support.scripted import Received, Reply, Scripted, json_reply
from support.shared import REPOSITORY

Call = Callable[[Flavour, Scripted], Any]


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames are hidden, as they are for users; pytest would hide ours of every failed test."""
    monkeypatch.delenv("BENCHWIRE_TRACEBACKS")


def not_found(flavour: Flavour, scripted: Scripted) -> Any:
    service = scripted(lambda _: json_reply({"error": "no"}, 404))
    return flavour.public(service.url).benchmarks.get_prompts("b")


def refused(flavour: Flavour, scripted: Scripted) -> Any:
    return flavour.public("http://127.0.0.1:9").models.get()


def bad_choice(flavour: Flavour, scripted: Scripted) -> Any:
    return flavour.public("http://127.0.0.1:9").models.get(order="up")


def bad_item(flavour: Flavour, scripted: Scripted) -> Any:
    return flavour.public("http://127.0.0.1:9").models.get(companies=["a", 5])


def bad_option(flavour: Flavour, scripted: Scripted) -> Any:
    return flavour.public("http://127.0.0.1:9").models.get(timeout=-1)


def bad_name(flavour: Flavour, scripted: Scripted) -> Any:
    return flavour.public("http://127.0.0.1:9").models.get(company=["a"])


def bad_iteration(flavour: Flavour, scripted: Scripted) -> Any:
    return flavour.public("http://127.0.0.1:9").models.iter_models(order="up")


def failed_job(flavour: Flavour, scripted: Scripted) -> Any:
    service = scripted(lambda _: json_reply(wire.job("j1", "failed")))
    return flavour.v0(service.url).jobs.wait("j1")


def no_evaluation(flavour: Flavour, scripted: Scripted) -> Any:
    service = scripted(lambda _: json_reply({"evaluations": [], "totalCount": 0}))
    return flavour.public(service.url).comparisons.statistics("b", "m", "n")


def late_page(flavour: Flavour, scripted: Scripted) -> Any:
    def respond(received: Received) -> Reply:
        page = int(received.query.get("page", 1))
        if page == 3:
            return json_reply({"error": "no"}, 400)
        return json_reply(wire.models([wire.model(page)], 3))

    pager = flavour.public(scripted(respond).url).models.iter_models(page_size=1)
    return pager.to_list()


def shown(error: BaseException) -> str:
    """What IPython shows of an error, from the user's frame on, which is a test's here."""
    text = VerboseTB(theme_name="nocolor", tb_offset=0).text(
        type(error), error, error.__traceback__
    )
    return str(text)


def frames_of_ours(error: BaseException) -> tuple[int, int]:
    """The number of our frames in the traceback, and of those that IPython shows."""
    ours = re.compile(r"^ *File .*/(?:wrapper/benchwire|generated/benchwire_api)/", re.MULTILINE)
    kept = "".join(traceback.format_exception(error))
    return len(ours.findall(kept)), len(ours.findall(shown(error)))


@pytest.mark.parametrize(
    "call",
    [
        not_found, refused, bad_choice, bad_item, bad_option, bad_name, bad_iteration, failed_job,
        no_evaluation, late_page,
    ],
)  # fmt: skip
@pytest.mark.parametrize("whole", [False, True])
def test_one_frame_of_ours_is_shown_and_all_are_kept(
    call: Call, whole: bool, flavour: Flavour, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    if whole:
        monkeypatch.setenv("BENCHWIRE_TRACEBACKS", "full")
    else:
        monkeypatch.delenv("BENCHWIRE_TRACEBACKS")
    with pytest.raises(Exception) as caught:  # noqa: PT011  of several kinds
        flavour.result(call(flavour, scripted))
    error = caught.value
    kept, seen = frames_of_ours(error)
    assert kept >= 3
    assert seen == (kept if whole else 1)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "test_notebook.py" in shown(error)


def test_the_frames_of_a_users_own_function_are_shown(
    hidden: None, flavour: Flavour, scripted: Scripted
) -> None:
    def broken(job: Any) -> None:
        raise ValueError("of the user")

    client = flavour.v0(scripted(lambda _: json_reply(wire.job("j1", "running"))).url)
    with pytest.raises(ValueError, match="of the user") as caught:
        flavour.result(client.jobs.wait("j1", on_progress=broken))
    assert "in test_the_frames_of_a_users_own_function_are_shown.<locals>.broken" in shown(
        caught.value
    )


def test_a_fault_of_our_own_is_shown_whole(
    hidden: None, flavour: Flavour, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchwire._requests.fetch.parse_received", lambda *_: {}["fault"])
    client = flavour.public(scripted(lambda _: json_reply(wire.models([], 0))).url)
    with pytest.raises(KeyError) as caught:
        flavour.result(client.models.get())
    kept, seen = frames_of_ours(caught.value)
    assert seen == kept >= 5


def options() -> dict[str, tuple[str, str, list[str]]]:
    """Each method that takes options, with its arguments."""
    found = {}
    for name in CLIENTS.values():
        client = getattr(benchwire, name)("k", **({"journal": False} if name == "V0Client" else {}))
        for method, bound in methods(client).items():
            parameters = inspect.signature(bound).parameters
            if "options" in parameters:
                names = [one for one in parameters if one != "options"]
                (kind,) = typing.get_args(typing.get_type_hints(bound)["options"])
                names += kind.__annotations__
                found[f"{name}.{method}"] = (name, method, names)
        client.close()
    return found


OPTIONS = options()


@pytest.mark.parametrize("of", OPTIONS)
def test_a_misspelt_argument_suggests_the_nearest(of: str, flavour: Flavour) -> None:
    name, method, arguments = OPTIONS[of]
    client = flavour.make(
        name, "k", "http://127.0.0.1:9", **({"journal": False} if name == "V0Client" else {})
    )
    holder, _, last = method.rpartition(".")
    bound = getattr(resources(client)[holder], last)
    required = {
        one.name: 1 if one.annotation == "int" else "https://example.com"
        for one in inspect.signature(bound).parameters.values()
        if one.default is one.empty and one.kind is not one.VAR_KEYWORD
    }
    required |= {"benchmarks": ["b"], "models": ["m", "n"]} if last == "matrix" else {}
    if "evaluation" in required:
        required["evaluation"] = Evaluation(
            id="e", status="success", model_id="m", benchmark_id="b"
        )
    required |= {"jobs": ["b"]} if last == "submit_batch" else {}
    for argument in arguments:
        typo = f"{argument}x"
        said = f"^there is no argument '{typo}': did you mean '{argument}'"
        with pytest.raises(TypeError, match=said):
            flavour.result(bound(**required, **{typo: None}))


def test_a_misspelt_option_of_a_copy_suggests_the_nearest(flavour: Flavour) -> None:
    client = flavour.public("http://127.0.0.1:9")
    for copy in (client.copy, client.with_options):
        with pytest.raises(TypeError, match="'hook': did you mean 'hooks'"):
            copy(hook=None)
    with pytest.raises(
        TypeError, match="there is no argument 'zzz'; the call options are timeout,"
    ):
        flavour.result(client.models.get(zzz=1))


def test_a_misspelt_attribute_is_left_to_python_which_suggests_the_nearest() -> None:
    """A `__getattr__` that did would keep IPython from completing what it is defined for."""
    client = benchwire.PublicClient("k")
    model = PublicModelDetail(id="a", key="b", name="c")
    for holder, typo in (
        (client, "modles"),
        (client.models, "iter_model"),
        (model, "contextlength"),
    ):
        assert not hasattr(type(holder), "__getattr__")
        with pytest.raises(AttributeError) as caught:
            getattr(holder, typo)
        assert (caught.value.name, caught.value.obj) == (typo, holder)
        if sys.version_info >= (3, 12):
            assert "Did you mean" in traceback.format_exception_only(caught.value)[-1]
    client.close()


COMPLETED = {
    "client.mod": "models",
    "client.models.it": "iter_models",
    "client.models.iter_models(comp": "companies=",
    "client.models.iter_models(query='x', sort": "sort_by=",
    "client.evaluations.get_many(model_i": "model_ids=",
    "client.comparisons.iter_model_results(outc": "outcome_filter=",
}


@pytest.mark.parametrize("use_jedi", [True, False])
@pytest.mark.parametrize("typed", COMPLETED)
@pytest.mark.parametrize("name", ["PublicClient", "AsyncPublicClient"])
def test_ipython_completes(name: str, typed: str, use_jedi: bool) -> None:
    client = getattr(benchwire, name)("k")
    completer = IPCompleter(namespace={"client": client}, use_jedi=use_jedi)
    with provisionalcompleter():
        found = [one.text.lstrip(".") for one in completer.completions(typed, len(typed))]
    assert COMPLETED[typed] in found


OPENED = [
    "client = benchwire.PublicClient()\nif True:",
    "with benchwire.PublicClient() as client:",
    "with benchwire.Benchwire() as every:\n    client = every.public",
    "with benchwire.PublicClient() as whole:\n    client = whole.with_options(timeout=5)",
    "with benchwire.local.serve() as server, server.public_client() as client:",
]
TYPED = {
    **COMPLETED,
    "client.models.get().mod": "models",
    "client.models.get().models[0].context_l": "context_length",
    "client.models.iter_models().to_l": "to_list",
}


@pytest.mark.parametrize(
    ("opened", "typed"),
    [
        (OPENED[0], TYPED),
        # It is the same client however it was opened.
        *((opened, ["client.models.get().models[0].context_l"]) for opened in OPENED[1:]),
        *(pytest.param(opened, TYPED, marks=pytest.mark.long) for opened in OPENED[1:]),
    ],
)
def test_jedi_completes_what_has_not_run(opened: str, typed: Iterable[str]) -> None:
    project = jedi.Project(
        REPOSITORY, added_sys_path=[REPOSITORY / "generated", REPOSITORY / "wrapper"]
    )
    for text in typed:
        code = f"import benchwire\n{opened}\n{textwrap.indent(text, '    ')}"
        found = [one.name for one in jedi.Script(code, project=project).complete()]
        assert TYPED[text] in found, text


def test_help_and_signatures_show_the_filters() -> None:
    method = benchwire.PublicClient("k").models.iter_models
    signature = str(inspect.signature(method))
    assert "companies: 'ListLike[str] | None' = None" in signature
    assert "order: \"SortOrder | Literal['asc', 'desc'] | None\" = None" in signature.replace(
        '\\"', "'"
    ).replace(
        '\'SortOrder | Literal["asc", "desc"] | None\'',
        "\"SortOrder | Literal['asc', 'desc'] | None\"",
    )
    assert "order: The direction to sort in" in (inspect.getdoc(method) or "")
