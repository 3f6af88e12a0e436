"""The parts of base URLs are those that httpx finds, whichever parser reads them."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchwire._transport import base_url
from benchwire._transport.base_url import parse_base_url

LABELS = st.from_regex(r"[a-zA-Z0-9-]{1,8}|xn--[a-z]{1,6}|[äß]{1,2}|a{62,65}", fullmatch=True)
HOSTS = st.one_of(
    st.lists(LABELS, min_size=1, max_size=4).map(".".join),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map("[{}]".format),
)
PORTS = st.one_of(
    st.just(""), st.sampled_from([":80", ":443", ":"]), st.integers(0, 65535).map(":{}".format)
)
PATHS = st.from_regex(r"(/[a-zA-Z0-9._~%@:! äß-]{0,5}){0,3}", fullmatch=True)


@given(st.sampled_from(["http", "https", "HTTP"]), HOSTS, PORTS, PATHS)
@example("https", "api.example.com", "", "/v1")
@example("http", "127.0.0.1", ":8080", "")
@example("https", "a.1", "", "/./b/../c")
@example("https", "a-", ":0443", "//")
def test_they_are_those_of_httpx(scheme: str, host: str, port: str, path: str) -> None:
    url = f"{scheme}://{host}{port}{path}"
    try:
        expected = httpx.URL(url)
        _ = expected.host  # decodes an xn-- label
        expected.raw_host.decode("ascii").encode("idna")
    except (httpx.InvalidURL, ValueError):
        with pytest.raises(ValueError, match=r"."):
            parse_base_url(url)
        return
    found = parse_base_url(url)
    default = {"http": 80, "https": 443}[expected.scheme]
    assert found.scheme == expected.scheme
    assert found.host.encode() == expected.raw_host
    assert (found.port, found.connected_port) == (expected.port, expected.port or default)
    assert found.netloc == expected.netloc
    assert found.path == expected.raw_path.rstrip(b"/")


@pytest.mark.parametrize(
    "url",
    ["https://api.layerlens.ai/api/v1", "http://127.0.0.1:8000", "https://us.api.probe.splx.ai"],
)
def test_common_ones_need_no_httpx(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_url, "_parse_with_httpx", None)
    parse_base_url.cache_clear()
    assert parse_base_url(url).scheme == url.partition(":")[0]
