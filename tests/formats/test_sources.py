"""What is read as a file, packed or not, and what is refused: with its place and the reason."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchwire.local import ImportFailedError, read_results
from benchwire_local.results.formats import document, source
from benchwire_local.results.formats.source import zstd
from support.eval_logs import inspect_archive, inspect_log, inspect_sample, json_lines, read
from support.systems import needs_posix

LINE = {"benchmark": "b", "model": "m", "input": "1+1", "truth": "2", "result": "2", "score": 1}
TEXT = json.dumps(LINE).encode() + b"\n"


def pack(data: bytes, kind: str) -> bytes:
    return {"plain": bytes, "gzip": gzip.compress, "zstd": zstd.compress}[kind](data)


@pytest.mark.parametrize("kind", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a"])
def test_compression_is_told_by_the_content_whatever_the_name(
    tmp_path: Path, kind: str, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(pack(TEXT * 3, kind))
    assert len(read(path)[0]) == 3


def test_several_members_of_gzip_and_frames_of_zstd(tmp_path: Path) -> None:
    for kind in ("gzip", "zstd"):
        path = tmp_path / kind
        path.write_bytes(pack(TEXT, kind) + pack(TEXT, kind))
        assert len(read(path)[0]) == 2


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    for name in ("x/a.jsonl", "x/y/b.jsonl", "x/[c].jsonl"):
        json_lines(tmp_path / name, LINE)
    (tmp_path / "x" / "notes.txt").write_text("hello", "utf-8")
    rows, results = read(tmp_path / "x")
    assert len(rows) == 3
    assert "notes.txt: is not recognised" in results.notes[0]
    assert len(list(read_results(f"{tmp_path}/x/*.jsonl"))) == 2
    assert len(list(read_results(f"{tmp_path}/**/*.jsonl"))) == 3
    assert len(list(read_results(f"{tmp_path}/x/[c].jsonl"))) == 1, "the file, not the pattern"
    both = [tmp_path / "x" / "a.jsonl", tmp_path / "x"]
    assert len(list(read_results(both))) == 3, "each file once"
    for nothing in ("no.jsonl", "*.nothing"):
        with pytest.raises(ImportFailedError, match=r"can't be read: No such|no file matches"):
            read(tmp_path / nothing)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImportFailedError, match="no files"):
        read(tmp_path / "empty")


def test_an_empty_path_or_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a variable that is not set: a path would be the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(TEXT)
    with pytest.raises(ImportFailedError, match=r"^'': is empty, and no path$"):
        list(read_results(""))
    for model in ("", " ", "a\nb"):
        with pytest.raises(ValueError, match="model: must be 1 to 1000 printable characters"):
            read_results("a.jsonl", model=model)


def test_a_file_with_two_names_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    json_lines(tmp_path / "x" / "a.jsonl", LINE)
    monkeypatch.chdir(tmp_path)
    names = ["x/a.jsonl", tmp_path / "x/a.jsonl", "x/../x/a.jsonl", "./x"]
    for given in (names, names[::-1]):
        assert len(list(read_results(given))) == 1


@pytest.mark.parametrize("wrong", [None, 3, {"logs/": 1}, pd.DataFrame({"logs": ["a.jsonl"]})])
def test_what_names_no_paths_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"or a list of paths, not a {type(wrong).__name__}"):
        read_results(wrong)


def test_names_in_a_set_have_no_first(tmp_path: Path) -> None:
    for name in ("metric", "filter"):
        with pytest.raises(TypeError, match="metric and filter take names in an order"):
            read_results(tmp_path, **{name: {"acc": 1, "f1": 2}.keys()})


def special_files(folder: Path) -> Iterator[tuple[Path, str]]:
    os.mkfifo(folder / "fifo")
    yield folder / "fifo", "is a FIFO, not a file"
    json_lines(folder / "target.jsonl", LINE)
    (folder / "link").symlink_to("target.jsonl")
    yield folder / "link", "is a symbolic link; give its target: target.jsonl"
    (folder / "loop").symlink_to("loop")
    yield folder / "loop", "is a symbolic link; give its target: loop"
    (folder / "dir_link").symlink_to(folder)
    yield folder / "dir_link", "is a symbolic link"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
    yield folder / "socket", "is a socket, not a file"


@needs_posix("FIFOs")
def test_what_is_no_file_is_refused_where_named_and_left_out_of_a_folder(tmp_path: Path) -> None:
    specials = list(special_files(tmp_path))
    for path, reason in specials:
        with pytest.raises(ImportFailedError, match=reason):
            read(path)
    rows, results = read(tmp_path)
    assert len(rows) == 1
    assert len(results.notes) == len(specials)


REFUSED: list[tuple[str, bytes, str]] = [
    ("UTF-16", '{"benchmark": 1}'.encode("utf-16"), "is in UTF-16 or UTF-32"),
    ("UTF-16 without a mark", '{"benchmark": 1}'.encode("utf-16-le"), "is in UTF-16"),
    ("UTF-32", '{"benchmark": 1}'.encode("utf-32"), "is in UTF-16 or UTF-32"),
    ("cut gzip", gzip.compress(TEXT * 99)[:-20], "is damaged or truncated"),
    ("no gzip after its mark", b"\x1f\x8bnothing of it", "is damaged|can't be read"),
    ("cut zstd", zstd.compress(os.urandom(999))[:-20], "is damaged or truncated"),
    ("cut zip", b"PK\x03\x04" + b"x" * 99, "is damaged or truncated: File is not a zip"),
    ("empty", b"", "is not recognised"),
    ("not UTF-8", TEXT + TEXT.replace(b"1+1", b"\xff"), r":2: byte \d+ of the line is not valid"),
    ("cut line", TEXT + TEXT[:30], ":2: not valid JSON"),
    ("deep", TEXT + TEXT.replace(b'"1+1"', b"[" * 99999), ":2: nested more than|not valid JSON"),
    ("blank", TEXT.replace(b"score", b"scope"), ":1: unknown field 'scope'"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_no_text_of_results_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    with pytest.raises(ImportFailedError, match=reason) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))


def test_a_byte_order_mark_of_utf_8_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT)
    assert len(read(path)[0]) == 1
    log = json.dumps(inspect_log([inspect_sample("a")])).encode()
    path.write_bytes(b"\xef\xbb\xbf" + log)
    assert len(read(path)[0]) == 1


def sparse(path: Path, size: int, start: bytes) -> Path:
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)
    return path


def test_a_line_of_2_gb_and_a_bomb_are_refused_in_little_memory(tmp_path: Path) -> None:
    long = sparse(tmp_path / "long.jsonl", 2**31, TEXT + b'{"benchmark": "')
    bomb = tmp_path / "bomb.jsonl"
    bomb.write_bytes(b"".join([gzip.compress(TEXT), gzip.compress((b" " * 65535 + b"\n") * 2**11)]))
    zipped = tmp_path / "bomb.eval"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("header.json", json.dumps(inspect_log([])))
        file.writestr("samples/a_epoch_1.json", b'{"id": "a", "events": "' + b" " * 2**27)
    for path, reason in (
        (long, r":2: longer than the limit of 16777216 bytes"),
        (bomb, r"unpacks to more than 67108864 bytes, 300 times its size or more"),
        (zipped, r"epoch_1.json: unpacks to more than|a value is longer than the limit"),
    ):
        tracemalloc.start()
        with pytest.raises(ImportFailedError, match=reason):
            read(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 300 * 2**20


def test_members_of_a_zip_file_that_can_t_be_unpacked(tmp_path: Path) -> None:
    path = inspect_archive(tmp_path / "a.eval", inspect_log([inspect_sample("a")]))
    data = bytearray(path.read_bytes())
    place = data.index(b"samples/a_epoch_1.json") + 40
    data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ImportFailedError, match=r"a.eval!samples/a_epoch_1.json: "):
        read(path)
    encrypted = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + offset] |= 1
    path.write_bytes(encrypted)
    with pytest.raises(ImportFailedError, match="encrypted"):
        read(path)


SPLIT: list[tuple[str, list[str]]] = [
    ('{"a": [1, "]", {"b": "\\""}], "c": NaN}', ["1", '"]"', '{"b": "\\""}', '{"a":[],"c":NaN}']),
    ('{"x": {"a": [9]}, "a": []}', ['{"x":{"a": [9]},"a":[]}']),
    ('{"a": null}', ['{"a":null}']),
    ("[1, 2]", ["[1, 2]"]),
    (' { "a" : [ [ 1 ] , 2 ] } ', ["[ 1 ]", "2", '{"a":[]}']),
]


@pytest.mark.parametrize(("text", "expected"), SPLIT)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_document_is_split_wherever_reads_end(text: str, expected: list[str], size: int) -> None:
    file = io.BytesIO(text.encode())
    parts = document.split(lambda _: file.read(size), [("a",)])
    assert [part.decode() for _, part in parts] == expected


@pytest.mark.parametrize(
    "text", ["", "{", '{"a"', '{"a": [1', '{"a": [1 2]}', '{"a": 1} x', "{1: 2}", '{"a": }', '"x']
)
def test_what_is_no_document_is_an_error(text: str) -> None:
    file = io.BytesIO(text.encode())
    with pytest.raises((document.DocumentError, source.FieldError)):
        [document.loads(part) for _, part in document.split(file.read, [("a",)])]


@pytest.mark.parametrize(
    "text", [b"", b"{", b'"\\ud800"', b'"\xff"', b"[" * 5000, b"9" * 5000, b"nul", b"1 2"]
)
def test_what_can_t_be_parsed_is_an_error(text: bytes) -> None:
    with pytest.raises(source.FieldError, match="not valid"):
        document.loads(text)


def test_numbers_that_are_not_json_are_read() -> None:
    value: Any = document.loads(b"[NaN, Infinity, 1e400]")
    assert str(value) == "[nan, inf, inf]"


def test_rows_are_not_read_on_after_an_error(tmp_path: Path) -> None:
    """As by who skips what is invalid: what follows would be missing, and nobody would know."""
    (tmp_path / "a.jsonl").write_bytes(TEXT + b"{}\n" + TEXT)
    rows = iter(read_results(tmp_path / "a.jsonl"))
    assert next(rows).score == 1
    with pytest.raises(ImportFailedError, match=r"a\.jsonl:2: benchmark: required"):
        next(rows)
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"not read to their end: .*a\.jsonl:2"):
            next(rows)
    (tmp_path / "a.jsonl").write_bytes(TEXT)
    rows = iter(read_results(tmp_path / "a.jsonl"))
    assert [len(list(rows)), len(list(rows))] == [1, 0]
