"""Processes forked while another thread imports what is imported when it is first used: none hangs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from support.scripted import PATIENCE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

PROGRAM = """
import json, os, signal, sys, threading
import benchwire

patience, *cases = json.loads(sys.argv[1])
key, url = "key-for-tests", "http://127.0.0.1:99"

class Slow:
    def __init__(self, module):
        self.module, self.reached, self.is_forked = module, threading.Event(), threading.Event()

    def find_spec(self, name, path=None, target=None):
        if name == self.module:
            self.reached.set()
            self.is_forked.wait(0.3)

def use(code):
    try:
        exec(code)
    except benchwire.APIConnectionError:
        pass

def run(module, first, in_the_child):
    slow = Slow(module)
    sys.meta_path.insert(0, slow)
    thread = threading.Thread(target=use, args=[first])
    thread.start()
    if not slow.reached.wait(patience):
        return "the module is not imported"
    child = os.fork()
    if not child:
        signal.alarm(patience)  # ends it, whatever it waits for
        use(in_the_child)
        os._exit(0)
    slow.is_forked.set()
    thread.join()
    status = os.waitpid(child, 0)[1]
    return f"the child ended with {status}" if status else ""

for with_clients, *case in cases:
    if with_clients:  # which all later cases have, too
        client = benchwire.PublicClient(key, url, max_retries=0)
        jobs = benchwire.V0Client(key, url, max_retries=0, journal=False)
    # Each in a process of its own, in which nothing but the clients has been imported.
    if os.fork() == 0:
        problem = run(*case)
        print(f"{case}: {problem}" if problem else "", flush=True)
        os._exit(0)
    os.wait()
"""
MAKE = "benchwire.PublicClient(key, url)"
USER_CLIENT = "import httpx\nbenchwire.PublicClient(key, url, http_client=httpx.Client())"
REQUEST = "assert benchwire.APIError('no', operation='listModels').request is None"

# Whether there are clients already, the module that is imported slowly, and what imports it in the
# thread and is run in the child.
OF_THE_SAME_MODULE = [
    (False, "benchwire._sync.public", MAKE),
    (False, "benchwire._transport.sync", MAKE),
    (True, "benchwire_api.public.models", "client.models"),
    (True, "benchwire._jobs.sqlite_journal", "jobs.jobs"),
    (True, "benchwire._sync.resource", "jobs.health()"),
    (True, "benchwire._requests.raw", "client.get_raw('/x')"),
    (True, "benchwire._transport.attempts", "client.get_raw('/x')"),
    (True, "benchwire.events", "benchwire.PublicClient(key, url, hooks=benchwire.Hooks())"),
    (True, "benchwire._transport.user_client", USER_CLIENT),
    (True, "httpx", "benchwire.PublicClient(key, 'https://192.0.2.1:443')"),
    (True, "httpx", REQUEST),
]
# A program may import httpx and never use it: errors of a client of our own are none of httpx.
OF_HTTPX = (True, "httpx._client", "import httpx", "client.get_raw('/x')")


def test_no_child_hangs() -> None:
    cases = [*((*case, case[-1]) for case in OF_THE_SAME_MODULE), OF_HTTPX]
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PROGRAM]
    done = subprocess.run(
        [*command, json.dumps([int(PATIENCE), *cases])],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout == "\n" * len(cases)
