"""Starts Python programs as forks of a process that has imported what takes most of their time."""

from __future__ import annotations

import ctypes
import functools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What programs of any copy of the repository import, of which nothing is of a copy.
LIBRARIES = """
import asyncio, sqlite3, ssl
import attrs, httpcore, httpx, jinja2, openapi_python_client, orjson, unasync, yaml
"""
# What programs on the packages import, and read once in a process.
# A client that was used, or the commands once made, would keep alive what a program leaves open, and
# no warning would tell of it.
OURS = """
import benchwire, benchwire.cli.app, benchwire.cli.catalogue, benchwire.export
import benchwire_api.public.models, benchwire_api.v0.models
import benchwire._sync.public, benchwire._sync.operations.public_resources, benchwire._lists.pager
import anyio._backends._asyncio, benchwire._transport.attempts
with benchwire.local.serve():
    pass
"""
SCHEMATHESIS = """
import schemathesis.cli.commands.run.executor, schemathesis.engine.core, schemathesis.engine.run.unit
import schemathesis.generation.hypothesis, schemathesis.specs.openapi.schemas
"""
# A fork leaves the loop: its program ends as one does that a process was started for; but only after
# -W are modules freed at the end. Its parent is gone then, which makes it a child of the process that
# has asked for it.
_LOOP = """
import atexit, gc, importlib, json, os, runpy, socket, sys, types, warnings
ended = []
def leave():
    # To free all that is imported, page by page, costs five times what the rest of a fork does.
    if ended:
        gc.collect()  # what is destroyed may tell of it
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (AttributeError, OSError, ValueError):
            return  # Python tells of it
        os._exit(ended[0])
atexit.register(leave)  # first, to be called last
exec(sys.argv[1], {})
gc.freeze()  # else each fork goes through all of it at its end
asked = socket.socket(fileno=0)
while True:
    length, files, _, _ = socket.recv_fds(asked, 8, 3)
    if not length:
        os._exit(0)
    told = b""
    while len(told) < int(length):
        told += asked.recv(1 << 20)
    reading, writing = os.pipe()
    if not (between := os.fork()):
        if not (program := os.fork()):
            break
        os.write(writing, b"%d" % program)
        os._exit(0)
    os.waitpid(between, 0)
    asked.sendall(os.read(reading, 20))
    for file in (*files, reading, writing):
        os.close(file)
for number, file in enumerate(files):
    os.dup2(file, number)
for file in (*files, reading, writing):
    os.close(file)
asked.detach()
words, folder, environment = json.loads(told)
sys.stdin, sys.stdout = open(0), open(1, "w")
sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")
sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
os.chdir(folder)
os.environ.clear()
os.environ.update(environment)
sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
if words[0] == "-W":
    warnings.simplefilter(words[1])
    words = words[2:]
    atexit.unregister(leave)
    atexit.register(gc.unfreeze)  # at the end it must see what is left open, wherever
if words[0] in ("-c", "-m"):
    program = words.pop(1)
paths = environment.get("PYTHONPATH", "").split(os.pathsep)
first = {"-c": "", "-m": folder}.get(words[0], os.path.dirname(words[0]))
sys.path[:0] = [first, *filter(None, paths)]
importlib.invalidate_caches()
sys.argv = words
try:
    if words[0] == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    elif words[0] != "-c":
        runpy.run_path(words[0], run_name="__main__")
    else:
        sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(program, "<string>", "exec"), sys.modules["__main__"].__dict__)
    ended.append(0)
except SystemExit as left:
    ended.append(left.code & 255 if isinstance(left.code, int) else int(left.code is not None))
    raise
except KeyboardInterrupt:
    raise  # it ends by a signal
except BaseException:
    ended.append(1)
    raise
"""
_BECOME_PARENT_OF_ORPHANS = 36


class Popen(subprocess.Popen[Any]):
    """A process as of `subprocess`, whose program is run by a fork.

    Args:
        words: The command line: ``sys.executable``, then ``-m`` and a module, ``-c`` and a program, or
            a file; before it may stand ``-W error``. That is all it may choose of the interpreter.
        imported: What the process that is forked runs first: see the constants.
        options: Those of `subprocess.Popen` for files, folder, environment and text.
    """

    def __init__(self, words: Sequence[object], *, imported: str = OURS, **options: Any) -> None:
        self._imported = imported
        super().__init__([os.fspath(word) for word in words], **options)

    # Windows has no forks, and on macOS libraries may not be used in one.
    if sys.platform == "linux":

        def _execute_child(self, args: Any, *rest: Any) -> None:
            assert args[0] == sys.executable
            folder, environment, (stdin, _, _, stdout, _, stderr) = rest[4], rest[5], rest[9:15]
            told = json.dumps(
                [args[1:], os.fspath(folder or Path.cwd()), dict(environment or os.environ)]
            )
            files = [
                file if file != -1 else number
                for number, file in enumerate((stdin, stdout, stderr))
            ]
            with _asking:
                asked = _started(self._imported)
                socket.send_fds(asked, [b"%08d" % len(told.encode())], files)
                asked.sendall(told.encode())
                self.pid = int(asked.recv(20))
            self._child_created = True
            self._close_pipe_fds(*rest[9:15])


def run(words: Sequence[object], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program as `subprocess.run` does, with its output as text; see `Popen`."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Popen(words, **{**pipes, "encoding": "utf-8", **options}) as process:
        try:
            output, errors = process.communicate(timeout=300)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(words, process.returncode, output, errors)


_asking = threading.Lock()
_processes: list[tuple[socket.socket, subprocess.Popen[bytes]]] = []


@functools.cache
def _started(imported: str) -> socket.socket:
    ctypes.CDLL(None).prctl(_BECOME_PARENT_OF_ORPHANS, 1, 0, 0, 0)
    ours, theirs = socket.socketpair()
    # -P: its own folder is none of a program's. The path is that of each program's environment.
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-P", "-c", _LOOP, imported]
    with theirs:
        process = subprocess.Popen(command, env=environment, stdin=theirs)
    _processes.append((ours, process))
    return ours


@contextmanager
def ended() -> Iterator[None]:
    """End the processes that are forked."""
    try:
        yield
    finally:
        for asked, process in _processes:
            asked.close()
            process.wait()
