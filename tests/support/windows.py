"""What Python on Windows lacks and what Windows refuses, for code that runs elsewhere.

Modules that were imported before keep what they have: the standard library and other packages have
code of their own for Windows, which would not run here.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

PACKAGES = (
    "benchwire", "benchwire_api", "benchwire_drift", "benchwire_local", "benchwire_specs",
)  # fmt: skip
ABSENT_MODULES = (
    "crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline",
    "resource", "spwd", "syslog", "termios", "tty",
)  # fmt: skip
_ABSENT = {
    "os": ["EX_OK", "O_ASYNC", "O_CLOEXEC", "O_DIRECT", "O_DIRECTORY", "O_DSYNC", "O_EXLOCK", "O_NOATIME", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "O_SHLOCK", "O_SYNC", "O_TMPFILE", "P_PID", "RTLD_NOW", "WNOHANG", "WEXITSTATUS", "WIFEXITED", "WIFSIGNALED", "chown", "chroot", "confstr", "copy_file_range", "ctermid", "eventfd", "fchdir", "fchown", "fdatasync", "fork", "forkpty", "fpathconf", "fwalk", "getegid", "geteuid", "getgid", "getgrouplist", "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getrandom", "getresuid", "getsid", "getuid", "getxattr", "initgroups", "killpg", "lchown", "listxattr", "lockf", "major", "makedev", "memfd_create", "mkfifo", "mknod", "nice", "openpty", "pathconf", "pipe2", "posix_fadvise", "posix_fallocate", "posix_spawn", "pread", "preadv", "pwrite", "pwritev", "readv", "register_at_fork", "removexattr", "sched_getaffinity", "sched_setaffinity", "sched_yield", "sendfile", "setegid", "seteuid", "setgid", "setgroups", "setpgid", "setpriority", "setsid", "setuid", "setxattr", "splice", "statvfs", "sync", "sysconf", "tcgetpgrp", "tcsetpgrp", "ttyname", "uname", "unshare", "wait", "wait3", "wait4", "waitid", "writev"],
    "signal": ["ITIMER_REAL", "SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGIO", "SIGKILL", "SIGPIPE", "SIGPROF", "SIGQUIT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGWINCH", "alarm", "getitimer", "pause", "pthread_kill", "pthread_sigmask", "setitimer", "siginterrupt", "sigpending", "sigtimedwait", "sigwait", "sigwaitinfo"],
    "socket": ["AF_UNIX", "CMSG_LEN", "MSG_DONTWAIT", "MSG_NOSIGNAL", "SCM_RIGHTS", "SO_REUSEPORT", "TCP_DEFER_ACCEPT", "TCP_QUICKACK", "TCP_USER_TIMEOUT", "recv_fds", "send_fds", "sethostname"],
    "time": ["CLOCK_BOOTTIME", "CLOCK_MONOTONIC", "CLOCK_REALTIME", "clock_gettime", "clock_settime", "tzset"],
}  # fmt: skip

_THERE = {("os", "name"): "nt", ("signal", "SIGBREAK"): 21}


def modules() -> Iterator[str]:
    """Yield the name of every module that is shipped."""
    for package in PACKAGES:
        yield package
        path = importlib.import_module(package).__path__
        for found in pkgutil.walk_packages(path, f"{package}.", onerror=lambda name: None):
            yield found.name


def emulate() -> None:
    """Hide from all modules of ours, and from those that are not imported yet, what Windows lacks."""
    for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
        del sys.modules[name]
    for name in ABSENT_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module in (os, signal, socket, time):
        sys.modules[module.__name__] = _Hiding(module)
    # uvicorn asks for it by sys.platform.
    asyncio.ProactorEventLoop = asyncio.SelectorEventLoop  # type: ignore[attr-defined]
    for method in ("add_signal_handler", "remove_signal_handler", "create_unix_server"):
        setattr(asyncio.SelectorEventLoop, method, _not_implemented)
    for name in ("unlink", "remove", "rename", "replace"):
        setattr(os, name, _refusing_open_files(getattr(os, name), name))
    sys.platform = "win32"


class _Hiding(ModuleType):
    """A module without the names that Windows does not have."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name in _ABSENT[self._module.__name__]:
            raise AttributeError(f"module {self._module.__name__!r} has no {name!r} on Windows")
        there = _THERE.get((self._module.__name__, name))
        return getattr(self._module, name) if there is None else there


def _not_implemented(*arguments: Any, **options: Any) -> None:
    raise NotImplementedError


def _refusing_open_files(change: Callable[..., None], name: str) -> Callable[..., None]:
    """Return a function that does not touch a file that is open, and renames it to a new name only."""

    def refusing(*paths: Any, **options: Any) -> None:
        found = [os.path.realpath(path) for path in paths]
        if options.get("dir_fd") is None and (is_open := _opened() & set(found)):
            raise PermissionError(13, "it is used by another process", is_open.pop())
        if name == "rename" and os.path.exists(paths[1]):
            raise FileExistsError(17, "it exists already", paths[1])
        change(*paths, **options)

    return refusing


def _opened() -> set[str]:
    links = set()
    for entry in os.scandir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            links.add(os.readlink(entry.path))
        except OSError:
            continue
    return links
