"""What the settings refuse, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from benchwire_local import LocalServer, Settings


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"host": None}, "host must be a string, not None"),
        ({"port": "x"}, "port must be a whole number, not 'x'"),
        ({"port": True}, "port must be a whole number, not True"),
        ({"port": 80.0}, "port must be a whole number, not 80.0"),
        ({"db": "data.db"}, "db must be a pathlib.Path or None, not 'data.db'"),
        ({"initial_credits": "5"}, "initial_credits must be a whole number, not '5'"),
        ({"sample": "no"}, "sample must be True or False, not 'no'"),
        ({"allow_remote_endpoints": 1}, "allow_remote_endpoints must be True or False, not 1"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError) as caught:
        Settings(**given)
    assert str(caught.value) == words


def test_a_key_of_the_wrong_type_is_not_shown() -> None:
    wrong: Any = b"canary"
    with pytest.raises(TypeError, match="api_key must be a string, not bytes") as caught:
        Settings(api_key=wrong)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("key", ["", " k", "k ", " ", "k\n", "k\u00fc"])
def test_a_key_that_can_not_be_sent_is_refused(key: str) -> None:
    with pytest.raises(
        ValueError, match=r"^api_key must be printable ASCII, unpadded and not empty:"
    ):
        Settings(api_key=key)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.0.2.1", "127.0.0.1.example.com", "no such host"]
)
def test_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(ValueError, match=r"host must be .*127\.0\.0\.0/8") as caught:
        Settings(host=host)
    assert repr(host) in str(caught.value)


def test_any_name_of_loopback_will_do() -> None:
    for host in ("localhost", "127.0.0.1"):
        with LocalServer(Settings(host=host, sample=False)) as server:
            assert server.url.startswith("http://")
    assert Settings(host="::1").host == "::1"
