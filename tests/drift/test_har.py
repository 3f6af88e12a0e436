"""HAR files: hand-made ones with the variants that recorders write, and one by schemathesis."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from scripts.drift.__main__ import main

import benchwire
from benchwire_drift.collector import Collector
from benchwire_drift.findings import Kind
from benchwire_drift.har import HarError, Recording, read_har
from benchwire_drift.specs import bundled_spec
from support import forks
from support.shared import REPOSITORY
from support.wire import model, models

CANARY = "CANARY-4f9a1c"
API = "https://api.layerlens.ai/api/v1"
CONFORMING = json.dumps(models([model(1)], 1))
DIFFERENT = json.dumps(models([model(1, tier=CANARY)], 1))


GZIPPED = base64.b64encode(gzip.compress(CONFORMING.encode())).decode()


def pairs(name: str, value: object) -> list[dict[str, object]]:
    return [{"name": name, "value": value}]


def entry(url: object = f"{API}/models", **changes: Any) -> dict[str, Any]:
    content = {"size": 9, "mimeType": "application/json", "text": changes.pop("text", CONFORMING)}
    response = {
        "status": changes.pop("status", 200),
        "headers": [
            {"name": "Content-Type", "value": "application/json"},
            *changes.pop("headers", []),
        ],
        "content": content | changes.pop("content", {}),
    }
    return {"request": {"method": "GET", "url": url} | changes, "response": response}


def base64_body(body: bytes, encoding: str = "") -> dict[str, Any]:
    """Return the content as recorders write it that store the bytes of the wire."""
    return {
        "content": {"text": base64.b64encode(body).decode(), "encoding": "base64"},
        "headers": [{"name": "content-encoding", "value": encoding}] if encoding else [],
    }


def wrapped(body: bytes, separator: str) -> str:
    """Return base64 with line breaks, as in mail."""
    text = base64.b64encode(body).decode()
    return separator.join(text[at : at + 76] for at in range(0, len(text), 76)) + separator


def write_har(folder: Path, *entries: Any) -> Path:
    path = folder / "traffic.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}))
    return path


def read_entries(folder: Path, *entries: Any, base_url: str = "", api: str = "public") -> Recording:
    bases = [base_url] if base_url else []
    return read_har(write_har(folder, *entries), bundled_spec(api), bases)


def paths(recording: Recording) -> list[str]:
    return [response.path for response in recording.responses]


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
@pytest.mark.parametrize("encoding", ["", "base64"])
def test_a_body_that_the_recorder_cut_is_not_judged(
    kept: int, encoding: str, tmp_path: Path
) -> None:
    part = CONFORMING.encode()[:kept]
    text = base64.b64encode(part).decode() if encoding else part.decode()
    cut = {"text": text, "encoding": encoding, "size": len(CONFORMING), "compression": 40}
    recording = read_entries(tmp_path, entry(), entry(content=cut))
    assert len(recording.responses) == 1
    assert recording.skipped == {"whose body the recorder cut": 1}


def test_a_file_name_with_spaces_is_read_and_cut_bodies_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = entry(content={"text": CONFORMING[:50], "size": len(CONFORMING)})
    path = write_har(tmp_path, entry(), cut).rename(tmp_path / "my traffic (1).har")
    assert main(["--api=public", f"--har={path}"]) == 0
    printed = capsys.readouterr().out
    assert "No findings in 1 successful response" in printed
    assert "- entries left out, whose body the recorder cut: 1" in printed


@pytest.mark.parametrize(
    "stored",
    [
        {"text": DIFFERENT},
        base64_body(DIFFERENT.encode()),
        base64_body(gzip.compress(DIFFERENT.encode()), "gzip"),
        base64_body(zlib.compress(DIFFERENT.encode()), "deflate"),
        base64_body(DIFFERENT.encode(), "gzip"),  # decompressed already, as the format wants it
        base64_body(DIFFERENT.encode(), "br"),
        {"content": {"text": wrapped(DIFFERENT.encode(), "\n"), "encoding": "base64"}},
        {"content": {"text": wrapped(DIFFERENT.encode(), "\r\n "), "encoding": "base64"}},
        # sizes as recorders state them: with a byte order mark, and of the compressed body
        {"text": DIFFERENT, "content": {"size": len(DIFFERENT) + 3}},
        {"text": DIFFERENT, "content": {"size": len(DIFFERENT) + 20, "compression": -20}},
    ],
    ids=[
        "text",
        "base64",
        "gzip",
        "deflate",
        "gzip, decompressed",
        "br, decompressed",
        "wrapped",
        "wrapped with CR",
        "byte order mark",
        "compressed size",
    ],
)
def test_bodies_in_every_encoding(stored: dict[str, Any], tmp_path: Path) -> None:
    (response,) = read_entries(tmp_path, entry(**stored)).responses
    assert response.content == DIFFERENT.encode()
    collector = Collector()
    collector.add_response("public", response)
    (finding,) = collector.findings()
    assert (finding.kind, finding.path) == (Kind.UNKNOWN_FIELD, "$.models[*].tier")


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (
            base64_body(gzip.compress(CONFORMING.encode())[:-9], "gzip"),
            "whose body is too large or cut short",
        ),
        (base64_body(b"\x1f\x8bnot gzip", "gzip"), "whose body can't be decoded"),
        (base64_body(b"\x0b\x02\x80{}", "br"), "whose body can't be decoded"),
        ({"content": {"encoding": "base64", "text": "???"}}, "whose body can't be decoded"),
        ({"content": {"text": None}}, "whose body was not recorded"),
        ({"status": 0}, "without a response"),
        ({"status": 304}, "served from a cache"),
        ({"method": "OPTIONS"}, "OPTIONS requests"),
        ({"url": "https://www.example.com/api/v1/models"}, "of other hosts"),
        ({"url": "https://api.layerlens.ai:8443/api/v1/models"}, "of other hosts"),
        ({"url": "https://api.layerlens.ai/login"}, "outside the API"),
        ({"url": 5}, "malformed"),
        ({"headers": [5]}, "malformed"),
    ],
)
def test_entries_that_can_not_be_checked_are_counted_by_reason(
    stored: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    recording = read_entries(tmp_path, entry(**stored))
    assert recording.responses == []
    assert dict(recording.skipped) == {reason: 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        # Chromium: HTTP/2 pseudo headers, private fields; what was evicted has no text.
        ({"_fromCache": "memory", "_transferSize": 300, "headers": pairs(":status", "200")}, ""),
        ({"content": {"size": 500}}, "whose body was not recorded"),
        ({"content": {"size": 0}, "bodySize": 600}, "whose body was not recorded"),
        ({"content": {"size": 0}, "headers": pairs("Content-Length", "600")}, "whose body was not recorded"),
        ({"status": 0, "_error": "net::ERR_ABORTED", "content": None}, "without a response"),
        # Firefox: no size, a comment where it cut the text.
        ({"content": {"text": CONFORMING}}, ""),
        ({"content": {"text": CONFORMING[:50], "comment": "Response body truncated"}}, "whose body the recorder cut"),
        ({"content": {"text": CONFORMING[:50]}, "headers": pairs("Content-Length", str(len(CONFORMING)))},
         "whose body the recorder cut"),
        # Charles, mitmproxy, Proxyman: bytes of the wire, sizes and headers of all sorts.
        ({"content": {"text": GZIPPED, "encoding": "base64", "size": len(CONFORMING)}}, ""),
        ({"content": {"text": GZIPPED, "encoding": "BASE64"}, "headers": pairs("content-encoding", "gzip, identity")}, ""),
        ({"content": {"text": CONFORMING, "size": float(len(CONFORMING)), "compression": -10}}, ""),
        ({"content": {"text": CONFORMING[:9], "size": float(len(CONFORMING))}}, "whose body the recorder cut"),
        ({"content": {"text": CONFORMING, "size": -1}}, ""),
        ({"headers": None}, ""),
        ({"headers": pairs("content-type", None)}, ""),
        ({"headers": pairs("content-length", 5)}, ""),
        *(({"status": status, "redirectURL": "https://login.example/"}, "redirected elsewhere") for status in (301, 302, 307, 308)),
    ],
)  # fmt: skip
def test_what_recorders_write(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    recorded = entry()
    recorded["response"] |= changes
    if isinstance(changes.get("content"), dict):
        recorded["response"]["content"] = {"mimeType": "application/json"} | changes["content"]
    recording = read_entries(tmp_path, recorded)
    assert dict(recording.skipped) == ({reason: 1} if reason else {})
    collector = Collector()
    for response in recording.responses:
        collector.add_response("public", response)
    assert collector.findings() == []
    assert len(recording.responses) == (not reason)


def test_a_decompression_bomb_is_skipped(tmp_path: Path) -> None:
    bomb = gzip.compress(b"[" + b" " * (65 * 2**20) + b"]")
    recording = read_entries(tmp_path, entry(**base64_body(bomb, "gzip")))
    assert dict(recording.skipped) == {"whose body is too large or cut short": 1}


def test_an_empty_body_is_checked(tmp_path: Path) -> None:
    (response,) = read_entries(tmp_path, entry(content={"text": None, "size": 0})).responses
    assert response.content == b""


def test_paths_are_found_below_any_base_path(tmp_path: Path) -> None:
    recording = read_entries(
        tmp_path,
        entry("https://api.layerlens.ai/api/v1/evaluations/a%2Fb?x=1"),
        entry("https://api.layerlens.ai/proxy/stratix/datasets/b1/prompts"),
        entry("https://gateway.example.com/one/models?page=1"),
        entry("http://127.0.0.1:8765/one/models"),
        base_url="https://gateway.example.com/one",
    )
    assert paths(recording) == ["/evaluations/a%2Fb", "/datasets/b1/prompts", "/models"]
    assert dict(recording.skipped) == {"of other hosts": 1}


def test_an_undocumented_operation_is_found(tmp_path: Path) -> None:
    recording = read_entries(tmp_path, entry(f"{API}/leaderboards/{CANARY}"))
    collector = Collector()
    collector.add_response("public", recording.responses[0])
    assert [finding.operation for finding in collector.findings()] == ["GET /leaderboards/*"]


def test_paths_of_another_api_of_the_host_are_skipped(tmp_path: Path) -> None:
    recording = read_entries(
        tmp_path,
        entry("https://api.probe.splx.ai/api/v2/workspaces"),
        entry("https://us.api.probe.splx.ai/api/v2/benchmarks/extras"),
        api="v2",
    )
    assert paths(recording) == ["/api/v2/benchmarks/extras"]
    assert dict(recording.skipped) == {"outside the API": 1}


@pytest.mark.parametrize("status", [200, "200", 200.0])
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json", "x-request-id": None},
        {"content-type": ["application/json"]},
        pairs("content-type", "application/json"),
        None,
    ],
    ids=["object", "lists", "pairs", "null"],
)
def test_headers_and_statuses_as_recorders_write_them(
    headers: object, status: object, tmp_path: Path
) -> None:
    one = entry()
    one["response"] |= {"headers": headers, "status": status}
    recording = read_entries(tmp_path, one)
    (response,) = recording.responses
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert recording.skipped == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("[]", "it has no log.entries"),
        ('{"log": {"entries": {}}}', "it has no log.entries"),
        ("[" * 100_000, "it is not JSON"),
    ],
)
def test_a_file_that_is_not_a_har_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "traffic.har"
    path.write_text(text)
    with pytest.raises(HarError, match=message):
        read_har(path, bundled_spec("public"))


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = write_har(tmp_path, entry())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_har(path, bundled_spec("public")).responses) == 1


def test_the_command_reads_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = entry("https://www.example.com/")
    path = write_har(tmp_path, entry(text=DIFFERENT), entry(text=DIFFERENT), other)
    assert main(["--har", str(path), "--api", "public"]) == 0  # nothing worse than additive
    printed = capsys.readouterr().out
    assert "1 finding (0 breaking, 0 semantic, 1 additive) in 2 successful responses" in printed
    assert "entries left out, of other hosts: 1" in printed
    assert "+        tier: {type: [string, " in printed
    assert CANARY not in printed


def test_a_recording_without_a_response_of_the_api_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_har(tmp_path, entry("http://127.0.0.1:1/models"))
    assert main(["--har", str(path), "--api", "public"]) == 2
    assert capsys.readouterr().err == (
        "error: there was no response of the public API to check\n"
        "  entries left out, of other hosts: 1\n"
    )


@pytest.mark.parametrize("preserve", [False, True], ids=["text", "bytes"])
def test_a_recording_by_schemathesis_of_the_embedded_server_has_no_drift(
    preserve: bool, local: benchwire.local.Server, tmp_path: Path
) -> None:
    har = tmp_path / "traffic.har"
    done = forks.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("run", str(REPOSITORY / "openapi" / "public.yaml")),
            *("--url", local.public_base_url, "--header", f"x-api-key: {local.api_key}"),
            *("--phases", "examples", "--mode", "positive", "--report-har-path", str(har)),
            *(["--report-preserve-bytes"] if preserve else []),
        ],
        imported=forks.SCHEMATHESIS,
        cwd=tmp_path,
    )
    assert har.exists(), done.stdout + done.stderr
    recording = read_har(har, bundled_spec("public"), [local.public_base_url])
    assert len(recording.responses) >= 6
    assert dict(recording.skipped) == {}
    collector = Collector()
    for response in recording.responses:
        collector.add_response("public", response)
    assert collector.findings() == []
