"""The v0 API's operations as plans: arguments checked, request built, answer read.

Submitting jobs is more than one request: see ``submission/``.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime

from attrs import define, frozen

from benchwire._core import checks
from benchwire._core.plan import Plan, send, then
from benchwire._core.replies import reader
from benchwire.errors import BadRequestError, UnprocessableEntityError
from benchwire.models import Listed
from benchwire_api.types import UNSET, Response
from benchwire_api.v0.api.account import get_account as get_account_operation
from benchwire_api.v0.api.benchmarks import list_benchmarks as list_benchmarks_operation
from benchwire_api.v0.api.jobs import get_job as get_job_operation
from benchwire_api.v0.api.jobs import list_jobs as list_jobs_operation
from benchwire_api.v0.models import Account, Benchmark, Job, JobStatus

_LISTED_AT_LEAST = 100


def get_account(within: float | None = None) -> Plan[Account]:
    """The account and its credits."""
    request = get_account_operation.build_request()
    return send(request, reader(request, get_account_operation.parse_response), within)


def list_benchmarks(within: float | None = None) -> Plan[Listed[Benchmark]]:
    """Every benchmark a job can run."""
    request = list_benchmarks_operation.build_request()
    read = reader(request, list_benchmarks_operation.parse_response)
    return then(
        send(request, read, within),
        lambda listed: Listed(listed.benchmarks, listed.response_info),
    )


def list_jobs(status: JobStatus | str | None, limit: int | None) -> Plan[Listed[Job]]:
    """Jobs, newest first."""
    return then(_look(status, limit, None), lambda look: look.jobs)


def get_job(job_id: str, within: float | None = None) -> Plan[Job]:
    """One job."""
    request = get_job_operation.build_request(checks.identifier("job_id", job_id))
    return send(request, reader(request, get_job_operation.parse_response), within)


@frozen
class Look:
    """What one request of the list showed.

    Attributes:
        jobs: The jobs.
        service_time: The service's time when it answered, in seconds since 1970, if it gave one.
    """

    jobs: Listed[Job]
    service_time: float | None


@define
class Lister:
    """Lists jobs of every status, with as many rows as are wanted.

    The reference gives no maximum, so a service that refuses the number is asked without one from
    then on.
    """

    _limited: bool = True

    def look(self, rows: int, within: float | None) -> Plan[Look]:
        """Make the plan of one look."""
        if self._limited:
            try:
                return (yield from _look(None, rows, within))
            except (BadRequestError, UnprocessableEntityError):
                self._limited = False
        return (yield from _look(None, None, within))


def list_for_wait() -> Callable[[int, float], Plan[list[Job]]]:
    """Make the plans that list the jobs of a wait, one a round.

    They ask for as many rows as are waited for, with room for jobs that others submit meanwhile.
    What the list leaves out is asked for one by one.
    """
    lister = Lister()

    def ask(waited_for: int, within: float) -> Plan[list[Job]]:
        look = lister.look(max(waited_for, _LISTED_AT_LEAST), within)
        return then(look, lambda seen: seen.jobs)

    return ask


def _look(status: JobStatus | str | None, limit: int | None, within: float | None) -> Plan[Look]:
    request = list_jobs_operation.build_request(
        status=checks.choice("status", status, JobStatus),
        limit=UNSET if limit is None else checks.whole("limit", limit, 1, 2**31 - 1),
    )
    read = reader(request, list_jobs_operation.parse_response)

    def look(response: Response) -> Look:
        listed = read(response)
        return Look(Listed(listed.jobs, listed.response_info), _date(response))

    return send(request, look, within)


def _date(response: Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
