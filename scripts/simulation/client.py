"""A client process that carries out a run, to be killed: `python client.py '{…}'`.

It tells on stderr what it does, so that whoever kills it can choose the moment, and prints what
became of each job.
"""

from __future__ import annotations

import json
import logging
import sys

import benchwire
from benchwire._jobs import reconcile as matching
from benchwire._jobs import submit as submitting
from benchwire.models import JobSpec

asked = json.loads(sys.argv[1])
# The embedded server executes at once or never: there is no minute to be waited for.
window = asked["window"]
vars(submitting).update(WINDOW=window, GRACE=window)
# The Date of an answer is in whole seconds, and may be a second old.
vars(matching).update(EXECUTED_WITHIN=window - 3.0, SKEW=1.5)
logging.basicConfig(level=logging.DEBUG, format="%(message)s")
specs = [
    JobSpec(
        benchmark_id=asked["benchmark_id"],
        endpoint_url=asked["endpoint_url"],
        api_key=asked["endpoint_key"],
        seed=seed,
    )
    for seed in range(asked["jobs"])
]
with benchwire.V0Client(asked["api_key"], asked["base_url"], journal=asked["journal"]) as client:
    outcomes = client.jobs.run_many(specs, run_id="run", poll_interval=0.05, max_concurrency=8)
print(
    json.dumps(
        [
            [outcome.job and outcome.job.id, type(outcome.error).__name__, str(outcome.error)]
            for outcome in outcomes
        ]
    )
)
