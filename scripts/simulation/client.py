"""A client process that executes a run and is killed: ``python client.py '{…}'``.

It logs to stderr, so that the parent can kill it after a certain line, and prints the outcomes.
"""

from __future__ import annotations

import json
import logging
import sys

import benchwire
from benchwire._jobs import lookup, reconcile
from benchwire.models import JobSpec

settings = json.loads(sys.argv[1])
# The embedded server executes at once or never: there is no need to look for a job for a minute.
window = settings["window"]
vars(lookup).update(WINDOW=window, MIN_WINDOW=window)
# The Date of a response is in whole seconds, and may be a second old.
vars(reconcile).update(MAX_EXECUTION_DELAY=window - 3.0, CLOCK_TOLERANCE=1.5)
logging.basicConfig(level=logging.DEBUG, format="%(message)s")
names = ("benchmark_id", "endpoint_url")
job = {name: settings[name] for name in names} | {"api_key": settings["endpoint_key"]}
specs = [JobSpec(**job, seed=seed) for seed in range(settings["jobs"])]
with benchwire.V0Client(
    settings["api_key"], settings["base_url"], journal=settings["journal"]
) as client:
    outcomes = client.jobs.run_many(specs, run_id="run", poll_interval=0.05, max_concurrency=8)
rows = [
    [outcome.job and outcome.job.id, type(outcome.error).__name__, str(outcome.error)]
    for outcome in outcomes
]
print(json.dumps(rows))
