"""Runs the relations of one API, the pytest functions in `relations`, and collects the results."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from benchwire_drift.look import CannotCheckError

from .http_client import ApiClient, UnexpectedResponseError

_FOLDER = Path(__file__).parent / "relations"
_MODULES = {
    "public": ("paging", "catalogue", "evaluations", "common"),
    "v2": ("v2_benchmarks", "common"),
    "v0": ("account", "jobs", "common"),
}
_MAX_REQUESTS_SHOWN = 3
_MAX_REPETITIONS = 4  # of a relation that fails, while the data change


@dataclass(frozen=True)
class Finding:
    """A relation that does not hold."""

    relation: str  # the test function with its parameters
    assumed: bool  # whether the reference is silent and the relation is our reading of it
    message: str  # the contradiction, in ids and counts
    requests: tuple[str, ...]  # the last requests before it

    def __str__(self) -> str:
        reading = " (our reading; the reference is silent)" if self.assumed else ""
        return "\n    ".join([f"{self.relation}{reading}", *self.requests, self.message])


@dataclass
class RelationResults:
    """The results of all relations of an API, by the names of the test functions."""

    held: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    not_judged: dict[str, str] = field(default_factory=dict)
    selected: int = 0  # the number of all of them


def run_relations(api: ApiClient, keyword: str = "") -> RelationResults:
    """Run the relations of an API, or those that a keyword selects as ``pytest -k`` does."""
    plugin = _Plugin(api)
    arguments = ["-c", str(_FOLDER / "pytest.ini")]
    arguments += ["--rootdir", str(_FOLDER), "--confcutdir", str(_FOLDER)]
    arguments += [str(_FOLDER / f"{module}.py") for module in _MODULES[api.name]]
    with mock.patch.dict(os.environ):
        os.environ.pop("PYTEST_ADDOPTS", None)  # options for other tests
        status = pytest.main([*arguments, "-k", keyword], plugins=[plugin])
    nothing_selected = bool(keyword) and status == pytest.ExitCode.NO_TESTS_COLLECTED
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED} and not nothing_selected:
        reason = plugin.errors or f"is {keyword!r} an expression as for pytest -k?"
        raise CannotCheckError(f"no relations were run: {reason}")
    return plugin.results


class _Plugin:
    """Provides the client, repeats what fails, and collects the results."""

    def __init__(self, api: ApiClient) -> None:
        self.results = RelationResults()
        self.errors: list[str] = []
        self._api = api
        self._repeating = False
        self._left = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the relations, and render no tracebacks: pytest would parse our modules for each."""
        session.config.option.tbstyle = "value"
        self._left = self.results.selected = len(session.items)

    @pytest.fixture(scope="session", name="api")
    def provide_api(self) -> ApiClient:
        """Return the client."""
        return self._api

    def pytest_runtest_logfinish(self) -> None:
        """Report the progress, every tenth relation."""
        self._left -= 1
        if self._left % 10 == 0:
            done = f"{len(self._api.exchanges)} responses, {self._left} relations left"
            print(f"{self._api.name}: {done}", file=sys.stderr, flush=True)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a module that can't be imported."""
        if report.failed:
            self.errors.append(report.longreprtext)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Forget the requests of the relation before."""
        self._api.requests.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(
        self, pyfuncitem: pytest.Function
    ) -> Generator[None, object | None, object | None]:
        """Run a failing relation again with new requests; its last result counts.

        The data of a live server may change between two requests; a deviation is there both times.
        While they change, so that even the second result shows nothing, it is repeated.
        """
        try:
            return (yield)
        except Exception as error:
            if self._repeating:
                raise
            self._repeating = True
            try:
                for _ in range(_MAX_REPETITIONS):
                    start = len(self._api.exchanges)
                    self._api.clear_cache()
                    try:
                        pyfuncitem.runtest()
                    except pytest.skip.Exception:
                        raise error from None  # it can't be repeated, so the first result counts
                    except Exception:
                        if not self._api.saw_changes(start):
                            raise
                    else:
                        return True
                pytest.skip("the data changed while they were read")
            finally:
                self._repeating = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Collect the result of a relation."""
        report = yield
        if call.excinfo is None:
            if report.when == "call":
                self.results.held.append(item.name)
        elif report.skipped:
            self.results.not_judged[item.name] = str(call.excinfo.value)
        else:
            assumed = item.get_closest_marker("assumed") is not None
            requests = tuple(dict.fromkeys(map(str, self._api.requests)))[-_MAX_REQUESTS_SHOWN:]
            message = _message(call.excinfo.value)
            self.results.findings.append(Finding(item.name, assumed, message, requests))
        return report


def _message(error: BaseException) -> str:
    if isinstance(error, AssertionError | UnexpectedResponseError):
        return str(error)
    if isinstance(error, KeyError):
        return f"a response lacks the field {error.args[0]}"
    return "a response, or a field of it, is of another type than the specification states"
