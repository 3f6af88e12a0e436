"""The export of a long list needs bounded memory: a canned server, and a process that is measured."""

from __future__ import annotations

import json
import multiprocessing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet as pq
import pytest

from benchwire import PublicClient, export
from support.memory import MIB, peak_memory

pytest.importorskip("resource", exc_type=ImportError)

ROWS = 1_000_000  # 10,000,000 take 193 MiB at their peak
LIMIT_MIB = 200
PAGE = 500
MARK = b"@page@"  # differs from page to page, as no page may come twice


def page_bytes(total: int) -> bytes:
    """Return a page of answers in JSON, with a mark for its number."""
    rows = [
        {
            "subset": "main", "prompt": f"@page@: what is the sum of the digits of {number}? " * 3,
            "result": f"The digits add up to {number % 97}. " * 5, "truth": str(number % 97),
            "duration": 1_000_000 * number, "score": float(number % 2), "metrics": {"exact": 1.0},
            "input_tokens": 60, "output_tokens": 40, "latency_ms": 12.5, "latency_content_ms": 3.5,
        }
        for number in range(PAGE)
    ]  # fmt: skip
    body = {"evaluation_id": "canned", "results": rows, "metrics": {"total_count": total}}
    return json.dumps(body).encode()


def serve(pipe: Connection, total: int) -> None:
    """Serve the pages until the process is ended; send the port through a pipe."""
    canned = page_bytes(total)

    class CannedPages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one segment
        disable_nagle_algorithm = True  # which waits 40 ms for an ACK between two segments

        def do_GET(self) -> None:
            [page] = parse_qs(urlsplit(self.path).query)["page"]
            body = canned.replace(MARK, page.encode())
            if (int(page) - 1) * PAGE >= total:  # a full last page is followed by one request
                body = json.dumps({**json.loads(canned), "results": []}).encode()
            self.send_response_only(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), CannedPages)
    pipe.send(server.server_address[1])
    server.serve_forever()


def write(pipe: Connection, port: int, path: str) -> None:
    """Write the list, and send the number of rows and the peak memory in MiB."""
    with PublicClient("key", f"http://127.0.0.1:{port}/api/v1") as client:
        rows = export.write(client.evaluations.iter_results("canned", page_size=PAGE), path)
    pipe.send((rows, peak_memory() / MIB))


@pytest.mark.long
def test_memory_is_bounded(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    server = processes.Process(target=serve, args=(theirs, ROWS), daemon=True)
    server.start()
    path = str(tmp_path / "results.parquet")
    writer = processes.Process(target=write, args=(theirs, ours.recv(), path))
    writer.start()
    rows, peak = ours.recv()
    writer.join()
    server.terminate()
    server.join()
    assert rows == pq.read_metadata(path).num_rows == ROWS
    assert peak <= LIMIT_MIB
