"""Processes forked while another thread imports what is imported when it is first used: none hangs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.scripted import PATIENCE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

PROGRAM = """
import os, signal, sys, threading
import benchwire

with_clients, module, first, in_the_child, patience = sys.argv[1:]
key, url = "key-for-tests", "http://127.0.0.1:99"
if with_clients:
    client = benchwire.PublicClient(key, url, max_retries=0)
    jobs = benchwire.V0Client(key, url, max_retries=0, journal=False)
reached, is_forked = threading.Event(), threading.Event()

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            reached.set()
            is_forked.wait(0.3)

def use(code):
    try:
        exec(code)
    except benchwire.APIConnectionError:
        pass

sys.meta_path.insert(0, Slow())
thread = threading.Thread(target=use, args=[first])
thread.start()
reached.wait(int(patience)) or sys.exit("the module is not imported")
child = os.fork()
if not child:
    signal.alarm(int(patience))  # ends it, whatever it waits for
    use(in_the_child)
    os._exit(0)
is_forked.set()
thread.join()
sys.exit(os.waitpid(child, 0)[1])
"""
USER_CLIENT = "import httpx\nbenchwire.PublicClient(key, url, http_client=httpx.Client())"
REQUEST = "assert benchwire.APIError('no', operation='listModels').request is None"


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("benchwire_api.public.models", "client.models"),
        ("benchwire._jobs.sqlite_journal", "jobs.jobs"),
        ("benchwire._sync.resource", "jobs.health()"),
        ("benchwire._requests.raw", "client.get_raw('/x')"),
        ("benchwire._transport.attempts", "client.get_raw('/x')"),
        ("benchwire.events", "benchwire.PublicClient(key, url, hooks=benchwire.Hooks())"),
        ("benchwire._transport.user_client", USER_CLIENT),
        ("httpx", "benchwire.PublicClient(key, 'https://192.0.2.1:443')"),
        ("httpx", REQUEST),
    ],
)
def test_of_the_same_module(module: str, use: str) -> None:
    run("with clients", module, use, use)


@pytest.mark.parametrize("module", ["benchwire._sync.public", "benchwire._transport.sync"])
def test_while_the_first_client_is_made(module: str) -> None:
    run("", module, "benchwire.PublicClient(key, url)", "benchwire.PublicClient(key, url)")


def test_while_the_program_imports_httpx() -> None:
    """It may never use it: errors of a client of our own are none of httpx."""
    run("with clients", "httpx._client", "import httpx", "client.get_raw('/x')")


def run(*arguments: str) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PROGRAM, *arguments]
    subprocess.run([*command, str(int(PATIENCE))], check=True)
