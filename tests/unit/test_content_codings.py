"""Bodies as services and proxies code them, held against httpx where httpx reads them."""

from __future__ import annotations

import gzip
import zlib
from unittest.mock import patch

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchwire._transport import body
from benchwire._transport.body import BodyReader

TEXT = b'{"jobs": [1, 2, 3]}' * 20
EMPTY = gzip.compress(b"")


def read(coding: str, data: bytes, size: int = 10**6, limit: int = 10**6) -> BodyReader | bytes:
    reader = BodyReader(limit, coding)
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    content = reader.finish()
    return reader if reader.fault else content


PLAIN = ["", " ", "identity", "Identity", "none", "None", "utf-8", "UTF-8", "utf8", "identity, identity",
         "identity,", ",", "'identity'", '"utf-8"', "iso-8859-1", "binary", "8bit", "identity, utf-8"]  # fmt: skip
GZIP = [
    "gzip",
    "GZip",
    "x-gzip",
    " gzip ",
    '"gzip"',
    "gzip, identity",
    "identity,gzip",
    "none, gzip",
]
REFUSED = ["br", "zstd", "compress", "gzip, gzip", "gzip, deflate", "aes128gcm", "gzip;q=1", "é"]


@pytest.mark.parametrize("coding", PLAIN)
def test_a_plain_body(coding: str) -> None:
    assert read(coding, TEXT) == TEXT


@pytest.mark.parametrize("coding", GZIP)
def test_a_gzip_body(coding: str) -> None:
    assert read(coding, gzip.compress(TEXT)) == TEXT


@pytest.mark.parametrize("coding", REFUSED)
def test_another_coding_is_named(coding: str) -> None:
    reader = read(coding, TEXT)
    assert isinstance(reader, BodyReader)
    assert reader.fault is not None
    assert repr(coding) in reader.fault.text


BEHIND = [
    b"\0",
    b"\0" * 511,
    b"\r\n",
    b"garbage",
    b"\x1f",
    b"\x1f\x1f\x8b",
    b"\0" * 9 + b"x",
    b"{}",
]


@pytest.mark.parametrize("size", [1, 7, 10**6])
@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_bytes_behind_the_compressed_data(coding: str, behind: bytes, size: int) -> None:
    data = (gzip if coding == "gzip" else zlib).compress(TEXT) + behind
    assert read(coding, data, size) == TEXT
    assert httpx.Response(200, headers={"content-encoding": coding}, content=data).content == TEXT


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.binary(max_size=40) | st.integers(0, 400).map(bytes), min_size=1, max_size=8),
    st.integers(1, 200),
    st.binary(),
    st.integers(1, 300),
)
def test_members_one_after_the_other(
    parts: list[bytes], size: int, behind: bytes, piece: int
) -> None:
    """Decompressed in pieces of any size, which may end where the input does."""
    data, whole = b"".join(map(gzip.compress, parts)) + b"x" + behind, b"".join(parts)
    with patch.object(body, "_PIECE", piece):
        assert read("gzip", data, size) == read("gzip", data, size, len(whole)) == whole
        if whole:
            cut = read("gzip", data, size, len(whole) - 1)
            assert isinstance(cut, BodyReader)
            assert cut.fault is not None
            assert cut.fault.is_too_large


@given(st.binary(max_size=40) | st.integers(0, 3000).map(bytes), st.integers(1, 300))
def test_raw_deflate_in_pieces(whole: bytes, piece: int) -> None:
    """Its last input may be read before its last output."""
    data = zlib.compress(whole, wbits=-zlib.MAX_WBITS)
    with patch.object(body, "_PIECE", piece):
        assert read("deflate", data) == whole


def test_a_member_that_is_cut_off_is_no_end() -> None:
    assert isinstance(read("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:-3]), BodyReader)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (EMPTY * 20_000, "too many"),
        (gzip.compress(TEXT) + b"x" * 2_000_000, "larger than the limit"),
    ],
)
@pytest.mark.parametrize("size", [20, 4096])
def test_what_never_ends(data: bytes, text: str, size: int) -> None:
    reader = read("gzip", data, size)
    assert isinstance(reader, BodyReader)
    assert reader.fault is not None
    assert text in reader.fault.text
    assert not reader.fault.is_transient
    assert read("gzip", EMPTY * 500 + gzip.compress(TEXT), size) == TEXT
