"""A server in a process of its own, logging everything: `python serve.py DATABASE KEY`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from benchwire_local.server import LocalServer, run_forever
from benchwire_local.settings import Settings


def _say_where(server: LocalServer) -> None:
    print(server.url, flush=True)


logging.basicConfig(level=logging.DEBUG)
run_forever(Settings(db=Path(sys.argv[1]), api_key=sys.argv[2]), _say_where)
