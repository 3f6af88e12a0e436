"""What must hold in the v0 API: the account, the benchmarks and the jobs.

The jobs that are there are judged first; where spending is allowed, two submissions follow: one
job of one unit, and a batch of two jobs with one and two units. Together they cost four credits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .listing import NOWHERE, Item, differ
from .running import Contradictions, NoDataError, Relations

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api

V0 = Relations()
say = V0.relation
_JOBS = "listJobs"
_JOB = "getJob"
_ORDER = {"pending": 0, "running": 1, "completed": 2, "failed": 2}
_MOST_WAITED = 300.0
_BATCH = (1, 2)
_EARLIEST = "1970-01-01T00:00:00Z"


@dataclass
class Submitted:
    """A submission, and how its jobs were seen."""

    answer: Item
    before: Item
    after: Item
    job_ids: list[str]
    units: tuple[int, ...]
    benchmark_id: str
    seen: dict[str, list[Item]] = field(default_factory=dict)

    @property
    def jobs(self) -> list[Item]:
        """The jobs as they were seen last."""
        return [states[-1] for states in self.seen.values()]


def _submitted(api: Api, kind: str) -> Submitted:
    """Submit once in a run, and watch until the end."""
    if kind not in api.kept:
        if api.target is None:
            raise NoDataError("submitting is not allowed, or no endpoint is given")
        benchmarks = api.get("listBenchmarks")["benchmarks"]
        if not benchmarks:
            raise NoDataError("there is no benchmark to submit")
        api.kept[kind] = _submit(api, kind, benchmarks[0]["id"])
    found: Submitted = api.kept[kind]
    return found


def _submit(api: Api, kind: str, benchmark_id: str) -> Submitted:
    api.forget()
    before = api.get("getAccount")
    body: dict[str, Any] = {**(api.target or {}), "seed": 7}
    if kind == "job":
        units: tuple[int, ...] = (1,)
        answer = api.post("submitJob", body | {"benchmark_id": benchmark_id, "benchmark_count": 1})
        ids = [answer["job_id"]]
    else:
        units = _BATCH
        jobs = [{"benchmark_id": benchmark_id, "benchmark_count": count} for count in units]
        answer = api.post("submitJobBatch", body | {"jobs": jobs})
        ids = answer["job_ids"]
    api.forget()
    submitted = Submitted(answer, before, api.get("getAccount"), ids, units, benchmark_id)
    for job_id in ids:
        submitted.seen[job_id] = list(_watched(api, job_id))
    return submitted


def _watched(api: Api, job_id: str) -> Iterator[Item]:
    """The states of a job up to its end, and once more after it."""
    deadline = time.monotonic() + _MOST_WAITED
    ended = False
    while True:
        api.forget()
        job = api.get(_JOB, job_id)
        yield job
        if ended or time.monotonic() > deadline:
            return
        ended = _ORDER.get(job["status"], 2) == 2
        time.sleep(api.poll_interval)


def _jobs(api: Api) -> list[Item]:
    if api.target is not None:
        _submitted(api, "job")
        _submitted(api, "batch")
    jobs: list[Item] = api.get(_JOBS)["jobs"]
    if not jobs:
        raise NoDataError("there is no job")
    return jobs


# ---- account and benchmarks ------------------------------------------------------------------


@say("getAccount", "credits are not negative")
def _(api: Api) -> Contradictions:
    left = api.get("getAccount")["available_credits"]
    if left < 0:
        yield api.last, f"{left} credits"


@say("listBenchmarks", "ids are unique")
def _(api: Api) -> Contradictions:
    ids = [item["id"] for item in api.get("listBenchmarks")["benchmarks"]]
    if not ids:
        raise NoDataError("there is no benchmark")
    if len(set(ids)) != len(ids):
        yield api.last, f"{len(ids) - len(set(ids))} ids twice"


@say("listBenchmarks", "nothing was changed before it was made")
def _(api: Api) -> Contradictions:
    for item in api.get("listBenchmarks")["benchmarks"]:
        made, changed = item.get("created_at"), item.get("updated_at")
        if made and changed and _time(changed) < _time(made):
            yield api.last, f"{item['id']} was changed before it was made"


# ---- the list of jobs ------------------------------------------------------------------------


@say(_JOBS, "there are no more jobs than limit, and they are the first of the whole list")
def _(api: Api) -> Contradictions:
    whole = [job["id"] for job in _jobs(api)]
    if len(whole) < 2:
        raise NoDataError("there is only one job")
    for limit in (1, 2, len(whole)):
        ids = [job["id"] for job in api.get(_JOBS, limit=limit)["jobs"]]
        if len(ids) > limit:
            yield api.last, f"{len(ids)} jobs"
        elif ids != whole[:limit]:
            yield api.last, f"{len(ids)} jobs that are not the first {limit} of the whole list"


@say(_JOBS, "jobs come newest first, each once")
def _(api: Api) -> Contradictions:
    jobs = _jobs(api)
    times = [_time(job["created_at"]) for job in jobs if job.get("created_at")]
    if len(times) < 2:
        raise NoDataError("fewer than two jobs say when they were made")
    if times != sorted(times, reverse=True):
        yield api.last, f"{len(times)} jobs, not newest first"
    ids = [job["id"] for job in jobs]
    if len(set(ids)) != len(ids):
        yield api.last, f"{len(ids) - len(set(ids))} ids twice"


@say(_JOBS, "status keeps the jobs with it, and the statuses part the list")
def _(api: Api) -> Contradictions:
    whole = _jobs(api)
    ids = []
    for status in _ORDER:
        jobs = api.get(_JOBS, status=status)["jobs"]
        if strays := [job["id"] for job in jobs if job["status"] != status]:
            yield api.last, f"{len(strays)} of {len(jobs)} have another, such as {strays[0]}"
        ids += [job["id"] for job in jobs]
    if difference := differ([job["id"] for job in whole if job["status"] in _ORDER], ids):
        yield api.last, difference


@say(_JOBS, "limit is refused below 1")
def _(api: Api) -> Contradictions:
    answer = api.ask(_JOBS, limit=0)
    if answer.status not in {400, 422}:
        yield answer.asked, f"status {answer.status}"


@say(_JOBS, "status and limit hold together")
def _(api: Api) -> Contradictions:
    status = _jobs(api)[0]["status"]
    jobs = api.get(_JOBS, status=status, limit=1)["jobs"]
    if len(jobs) > 1 or any(job["status"] != status for job in jobs):
        yield api.last, f"{len(jobs)} jobs"


# ---- one job ---------------------------------------------------------------------------------


@say(_JOB, "get(id).id is id, and all else is as in the list")
def _(api: Api) -> Contradictions:
    ended = [job for job in _jobs(api) if _ORDER.get(job["status"]) == 2]
    if not ended:
        raise NoDataError("no job has ended")
    for listed in ended[:3]:
        got = api.get(_JOB, listed["id"])
        if got["id"] != listed["id"]:
            yield api.last, f"the job {got['id']}"
        differs = [
            name for name, value in listed.items() if value is not None and got.get(name) != value
        ]
        if differs:
            yield api.last, f"other values than in the list: {', '.join(differs)}"


@say(_JOB, "an id that nothing has is a 404")
def _(api: Api) -> Contradictions:
    answer = api.ask(_JOB, NOWHERE)
    if answer.status != 404:
        yield answer.asked, f"status {answer.status}"


@say(_JOB, "needles and hay are all prompts")
def _(api: Api) -> Contradictions:
    yield from _sums(api, ("needle_count", "hay_count"), "total_prompts")


@say(_JOB, "passed and failed are the total")
def _(api: Api) -> Contradictions:
    yield from _sums(api, ("passed_count", "failed_count"), "total_count")


def _sums(api: Api, parts: tuple[str, str], whole: str) -> Contradictions:
    judged = False
    for job in _jobs(api):
        got = api.get(_JOB, job["id"])
        values = [got.get(name) for name in (*parts, whole)]
        if None in values:
            continue
        judged = True
        first, second, total = values
        if first + second != total or min(first, second) < 0:
            yield api.last, f"{parts[0]} {first}, {parts[1]} {second}, {whole} {total}"
    if not judged:
        raise NoDataError(f"no job has {parts[0]}, {parts[1]} and {whole}")


@say(_JOB, "a completed job has counts and a score, the share passed in percent")
def _(api: Api) -> Contradictions:
    completed = [job for job in _jobs(api) if job["status"] == "completed"][:5]
    if not completed:
        raise NoDataError("no job is completed")
    for job in completed:
        got = api.get(_JOB, job["id"])
        missing = [
            name for name in ("passed_count", "failed_count", "total_count", "score")
            if got.get(name) is None
        ]  # fmt: skip
        if missing:
            yield api.last, f"no {', '.join(missing)}"
        elif got["total_count"]:
            share = 100 * got["passed_count"] / got["total_count"]
            if abs(share - got["score"]) > 0.51:
                yield api.last, f"score {got['score']}, and {share:.2f} percent passed"


@say(_JOB, "total_count is needle_count: what is scored are the needles", assumed=True)
def _(api: Api) -> Contradictions:
    completed = [job for job in _jobs(api) if job["status"] == "completed"][:5]
    counted = [job for job in completed if job.get("needle_count") is not None]
    if not counted:
        raise NoDataError("no completed job has a needle_count")
    for job in counted:
        got = api.get(_JOB, job["id"])
        if got.get("total_count") != got["needle_count"]:
            yield api.last, f"{got.get('total_count')} scored of {got['needle_count']} needles"


@say(_JOB, "completed_at is null until the end, and not before created_at")
def _(api: Api) -> Contradictions:
    for job in _jobs(api)[:10]:
        ended = _ORDER.get(job["status"])
        if ended is None:
            continue
        if (job.get("completed_at") is not None) != (ended == 2):
            yield api.last, f"{job['id']} is {job['status']}, and completed_at says otherwise"
        elif ended == 2 and _time(job["completed_at"]) < _time(job.get("created_at") or _EARLIEST):
            yield api.last, f"{job['id']} ended before it was made"


@say(_JOB, "no more prompts are processed than there are")
def _(api: Api) -> Contradictions:
    judged = False
    for states in [[job] for job in _jobs(api)] + list(_all_seen(api)):
        for job in states:
            done, of = job.get("processed_prompts"), job.get("prompts_to_process")
            if done is not None and of is not None:
                judged = True
                if not 0 <= done <= of:
                    yield f"job {job['id']}", f"{done} of {of} prompts"
    if not judged:
        raise NoDataError("no job was seen running")


def _all_seen(api: Api) -> Iterator[list[Item]]:
    for kind in _SUBMISSIONS:
        if kind in api.kept:
            yield from api.kept[kind].seen.values()


# ---- what was submitted ----------------------------------------------------------------------


_SUBMISSIONS = {"job": "submitJob", "batch": "submitJobBatch"}
_Judge = Callable[["Api", str], Contradictions]


def _of(judge: _Judge, kind: str) -> Callable[[Api], Contradictions]:
    return lambda api: judge(api, kind)


def _submission(sentence: str) -> Callable[[_Judge], _Judge]:
    """Register a relation of both submissions, of a job and of a batch."""

    def register(judge: _Judge) -> _Judge:
        for kind, operation in _SUBMISSIONS.items():
            V0.add(operation, sentence, _of(judge, kind))
        return judge

    return register


@_submission("credits are deducted at once, one per unit")
def _(api: Api, kind: str) -> Contradictions:
    submitted = _submitted(api, kind)
    spent = submitted.before["available_credits"] - submitted.after["available_credits"]
    if spent != sum(submitted.units):
        yield _SUBMISSIONS[kind], f"{spent} credits for {sum(submitted.units)} units"


@_submission("there is a job for each one asked for, all different")
def _(api: Api, kind: str) -> Contradictions:
    submitted = _submitted(api, kind)
    if len(set(submitted.job_ids)) != len(submitted.units):
        yield (
            _SUBMISSIONS[kind],
            f"{len(set(submitted.job_ids))} ids for {len(submitted.units)} jobs",
        )


@_submission("what was submitted is in the list")
def _(api: Api, kind: str) -> Contradictions:
    submitted = _submitted(api, kind)
    listed = {job["id"] for job in api.get(_JOBS)["jobs"]}
    if lost := set(submitted.job_ids) - listed:
        yield api.last, f"{len(lost)} are missing, such as {min(lost)}"


@_submission("a job is what was asked for: benchmark, endpoint, credits")
def _(api: Api, kind: str) -> Contradictions:
    submitted = _submitted(api, kind)
    endpoint = (api.target or {})["endpoint_url"]
    for job, units in zip(submitted.jobs, submitted.units, strict=False):
        expected = {
            "benchmark_id": submitted.benchmark_id,
            "endpoint_url": endpoint,
            "credits_used": units,
        }
        differs = [
            name for name, value in expected.items()
            if job.get(name) is not None and job[name] != value
        ]  # fmt: skip
        if differs:
            yield f"job {job['id']}", f"another {', '.join(differs)}"


@_submission("the answer says pending")
def _(api: Api, kind: str) -> Contradictions:
    status = _submitted(api, kind).answer.get("status")
    if status not in {"pending", None}:
        yield _SUBMISSIONS[kind], f"status {status}"


@_submission("a status never goes back, nor does the progress")
def _(api: Api, kind: str) -> Contradictions:
    for job_id, states in _submitted(api, kind).seen.items():
        statuses = [state["status"] for state in states]
        places = [_ORDER.get(status, -1) for status in statuses]
        if places != sorted(places) or statuses[-1] != statuses[-2]:
            yield f"job {job_id}", " -> ".join(dict.fromkeys(statuses))
        done = [state["processed_prompts"] for state in states
                if state["status"] == "running" and state.get("processed_prompts") is not None]  # fmt: skip
        if done != sorted(done):
            yield f"job {job_id}", "fewer prompts processed than before"


@_submission("a job whose endpoint works is completed")
def _(api: Api, kind: str) -> Contradictions:
    for job in _submitted(api, kind).jobs:
        if job["status"] != "completed":
            yield f"job {job['id']}", f"status {job['status']}"


@say("submitJobBatch", "the jobs of a batch name it, and no other")
def _(api: Api) -> Contradictions:
    submitted = _submitted(api, "batch")
    batch = submitted.answer.get("batch_id")
    named = {job.get("batch_id") for job in submitted.jobs}
    if batch is None or named == {None}:
        raise NoDataError("there is no batch_id")
    if named != {batch}:
        yield "submitJobBatch", f"{len(named)} batches are named"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
