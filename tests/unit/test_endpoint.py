"""The endpoint of a client: arguments, environment, and redaction."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from benchwire._transport.endpoint import (
    PUBLIC,
    V0,
    V2,
    Endpoint,
    Service,
    has_key,
    resolve_endpoint,
)
from benchwire.errors import ConfigurationError
from benchwire.secret import Secret

SERVICES = [PUBLIC, V2, V0]


@pytest.mark.parametrize(
    ("service", "key_variable", "url_variable", "url", "header"),
    [
        (
            PUBLIC,
            "LAYERLENS_STRATIX_API_KEY",
            "LAYERLENS_STRATIX_BASE_URL",
            "https://api.layerlens.ai/api/v1",
            ("x-api-key", "k"),
        ),
        (
            V2,
            "BENCHWIRE_V2_API_KEY",
            "BENCHWIRE_V2_BASE_URL",
            "https://api.probe.splx.ai",
            ("X-Api-Key", "k"),
        ),
        (
            V0,
            "BENCHWIRE_V0_API_KEY",
            "BENCHWIRE_V0_BASE_URL",
            "https://api.harmstack.com",
            ("Authorization", "Bearer k"),
        ),
    ],
)
def test_arguments_take_precedence_over_the_environment(
    service: Service, key_variable: str, url_variable: str, url: str, header: tuple[str, str]
) -> None:
    environment = {key_variable: "from-outside", url_variable: "https://outside:1/x/"}
    endpoint = resolve_endpoint(service, "k", None, {}.get)
    assert (endpoint.base_url, endpoint.key_header) == (url, header)
    endpoint = resolve_endpoint(service, None, None, environment.get)
    assert (endpoint.base_url, endpoint.key.reveal()) == ("https://outside:1/x", "from-outside")
    endpoint = resolve_endpoint(service, Secret("k"), "https://inside:2", environment.get)
    assert (endpoint.base_url, endpoint.key.reveal()) == ("https://inside:2", "k")
    # A variable that is set to nothing is not set.
    endpoint = resolve_endpoint(service, None, None, {key_variable: "k", url_variable: ""}.get)
    assert endpoint.base_url == url


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("argument", "variable"), [(None, None), ("", "k"), (None, ""), (None, " ")]
)
def test_the_error_of_a_missing_key_names_the_variable(
    service: Service, argument: str | None, variable: str | None
) -> None:
    environment = {} if variable is None else {service.key_variables[0]: variable}
    with pytest.raises(ConfigurationError) as caught:
        resolve_endpoint(service, argument, None, environment.get)
    assert service.key_variables[0] in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_has_key_finds_a_key_of_argument_and_environment() -> None:
    assert has_key(V2, Secret("k"), {}.get)
    assert has_key(V2, None, {V2.key_variables[0]: "k"}.get)
    assert not has_key(V2, None, {V0.key_variables[0]: "k"}.get)
    assert not has_key(V2, Secret(""), {V2.key_variables[0]: "k"}.get)


def shown(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", " ", "\t", "é", "🙂", "\x7f"])
@pytest.mark.parametrize("place", ["{}secret", "sec{}ret", "secret{}"])
def test_a_key_that_is_no_header_value_is_refused_and_not_shown(bad: str, place: str) -> None:
    key = place.format(bad)
    with pytest.raises(ConfigurationError) as caught:
        resolve_endpoint(PUBLIC, key, None, {}.get)
    position = key.index(bad) + 1
    assert f"character {position} of {len(key)} is not visible ASCII" in str(caught.value)
    assert "sec" not in shown(caught.value)


def test_blanks_around_a_key_of_the_environment_are_stripped() -> None:
    assert resolve_endpoint(V2, None, None, {V2.key_variables[0]: " k\t"}.get).key.reveal() == "k"


@pytest.mark.parametrize("key", [5, b"k", ["k"]])
def test_a_key_must_be_a_string(key: Any) -> None:
    with pytest.raises(
        TypeError, match=f"^api_key must be a str or a Secret, not {type(key).__name__}$"
    ):
        resolve_endpoint(PUBLIC, key, None, {}.get)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8000/api/v1/", "http://127.0.0.1:8000/api/v1"),
        ("https://example.com", "https://example.com"),
        ("HTTPS://Example.com/x//", "HTTPS://Example.com/x"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_base_urls_are_normalised(url: str, base: str) -> None:
    assert resolve_endpoint(V0, "k", url, {}.get).base_url == base


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "must be an http or https URL, not ''"),  # a variable that is not set
        ("example.com", "must be an http or https URL, not 'example.com'"),
        ("ftp://example.com", "must be an http or https URL, not 'ftp://example.com'"),
        ("http://", "must be an http or https URL, not 'http://'"),
        ("/api/v1", "must be an http or https URL, not '/api/v1'"),
        ("http://example.com:port", "is no URL: Port could not be cast to integer value"),
        ("http://example.com:99999", "is no URL: Port out of range 0-65535"),
        ("http://[::1", "is no URL: Invalid IPv6 URL"),
        ("http://exa mple.com", "is no URL: character 11 of 19 is a space or not printable"),
        ("http://example.com/\n", "is no URL: character 20 of 20 is a space or not printable"),
        ("http://example\x00.com", "is no URL: character 15 of 19 is a space or not printable"),
        ("https://example.com/?a=b", "must have no query and no fragment"),
        ("https://example.com/?", "must have no query and no fragment"),
        ("https://example.com/#a", "must have no query and no fragment"),
    ],
)
def test_an_invalid_base_url_is_refused(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve_endpoint(V0, "k", url, {}.get)
    assert str(caught.value).startswith(f"the base URL of the v0 API {message}")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@example.com",
        "https://hunter2@example.com",
        "https://:hunter2@example.com",
        "https://user:hunter2/word@example.com",
        "https://user:hunt[er2@example.com",
        "ftp://user:hunter2@example.com",
        "user:hunter2@example.com",
        "https://example.com/?key=hunter2",
        "ftp://example.com/?key=hunter2",
        "example.com#hunter2",
    ],
)
def test_credentials_in_a_base_url_are_not_shown(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve_endpoint(V0, "k", url, {}.get)
    assert "hunter2" not in shown(caught.value)
    assert "hunt[er2" not in shown(caught.value)


def test_the_key_is_not_in_the_repr() -> None:
    assert "secret" not in repr(Endpoint(PUBLIC, "http://x", Secret("secret")))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1",
        "http://127.8.9.1:80",
        "http://localhost:8765/x",
        "http://[::1]",
        "http://[0:0:0:0:0:0:0:1]:80",
        "http://[::ffff:127.0.0.1]",
        "http://[::ffff:7f00:1]",
        "https://example.com",
    ],
)
def test_urls_that_a_key_may_be_sent_to(url: str) -> None:
    assert resolve_endpoint(V0, "k", url, {}.get).base_url == url


@pytest.mark.parametrize("url", ["http://LOCALHOST", "HTTP://LocalHost:80/x"])
def test_the_case_of_a_host_is_ignored(url: str) -> None:
    assert resolve_endpoint(V0, "k", url, {}).base_url.lower() == url.lower()


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost@example.com",
        "http://127.0.0.1:80@example.com",
        "http://127.0.0.1\\@example.com",
        "http://localhost#@example.com",
        "http://localhost?@example.com",
        "http://exa mple.com",
        "http://[::1",
        "http://[127.0.0.1]",
        "http://[localhost]",
        "http://::1",
    ],
)
def test_what_two_parsers_may_read_differently_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        resolve_endpoint(V0, "k", url, {})


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "HTTP://example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://[::2]",
        *(
            "http://api.localhost",
            "http://x.y.localhost:80",
            "http://localhost.",
        ),
        *(
            "http://localhost.localdomain",
            "http://localhost6",
            "http://127.0.0.1.",
            "http://128.0.0.1",
        ),
        *("http://2130706433", "http://0x7f000001", "http://017700000001", "http://0x7f.0.0.1"),
        *(
            "http://127.1",
            "http://127.0.1",
            "http://0",
        ),
        *(
            "http://[::]",
            "http://[::127.0.0.1]",
            "http://[::ffff:10.0.0.1]",
            "http://[::ffff:0:127.0.0.1]",
        ),
        *(
            "http://[64:ff9b::127.0.0.1]",
            "http://[2002:7f00:1::]",
            "http://[::1%25lo]",
            "http://[::1%lo]",
        ),
        *(
            "http://127\uff0e0\uff0e0\uff0e1",
            "http://127\u30020\u30020\u30021",
        ),
        *("http://127.0.0.1%2eexample.com", "http://%6c%6f%63alhost"),
    ],
)
def test_plain_http_to_other_machines_must_be_allowed(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"plain http .* allow_http=True$"):
        resolve_endpoint(V0, "k", url, {}.get)
    with pytest.raises(ConfigurationError, match="plain http"):
        resolve_endpoint(V0, "k", None, {V0.url_variables[0]: url}.get)
    assert resolve_endpoint(V0, "k", url, {}.get, allow_http=True).base_url == url


@pytest.mark.parametrize(
    "host",
    [
        ".localhost", "127.000.000.001", "0177.0.0.1", "\uff11\uff12\uff17.0.0.1", "\uff4cocalhost",
        "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
    ],
)  # fmt: skip
def test_a_host_that_no_name_or_address_is_spelled_like_is_refused(host: str) -> None:
    for allowed in (False, True):
        with pytest.raises(ConfigurationError, match="is no URL"):
            resolve_endpoint(V0, "k", f"http://{host}", {}.get, allow_http=allowed)
