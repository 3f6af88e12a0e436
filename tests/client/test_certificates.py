"""A service whose certificate a company's own authority has signed."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import benchwire
from support import wire
from support.both import KEY, Flavour
from support.scripted import ScriptedService, json_reply


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an authority and of the certificate of localhost that it has signed."""
    folder = tmp_path_factory.mktemp("authority")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-batch"]
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    for command in (
        [*new, "-x509", "-days", "2", "-subj", "/CN=Company", "-keyout", "ca.key", "-out", "ca.pem",
         "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign"],
        [*new, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem"],
        ["openssl", "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key",
         "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "certificate.pem"],
    ):  # fmt: skip
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    hashed = subprocess.check_output(
        ["openssl", "x509", "-hash", "-noout", "-in", folder / "ca.pem"]
    )
    (folder / f"{hashed.decode().strip()}.0").write_bytes((folder / "ca.pem").read_bytes())
    return folder


@pytest.fixture
def url(authority: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "certificate.pem", authority / "key.pem")
    with ScriptedService(lambda _: json_reply(wire.models([], 0))) as service:
        server = service._server
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        yield service.url.replace("http://127.0.0.1", "https://localhost")


def total(flavour: Flavour, url: str, **options: Any) -> Any:
    client = flavour.make("PublicClient", KEY, url, max_retries=0, **options)
    try:
        return flavour.result(client.models.get()).total_count
    finally:
        flavour.close(client)


def test_it_is_verified_by_default(url: str, flavour: Flavour) -> None:
    with pytest.raises(benchwire.APIConnectionError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        total(flavour, url)
    assert caught.value.never_sent


@pytest.fixture
def unhashed(authority: Path, tmp_path: Path) -> Path:
    """A folder as people make it: the certificate under a name of its own, among other files."""
    (tmp_path / "company.crt").write_bytes((authority / "ca.pem").read_bytes())
    (tmp_path / "README").write_text("The certificates of the company.")
    (tmp_path / "old").mkdir()
    return tmp_path


@pytest.mark.parametrize("kind", ["a file", "a path", "a directory", "any folder", "a context"])
def test_verify(kind: str, url: str, authority: Path, unhashed: Path, flavour: Flavour) -> None:
    verify = {
        "any folder": unhashed,
        "a file": str(authority / "ca.pem"),
        "a path": authority / "ca.pem",
        "a directory": authority,
        "a context": ssl.create_default_context(cafile=authority / "ca.pem"),
    }[kind]
    assert total(flavour, url, verify=verify) == 0
    everything = {"public_api_key": KEY, "public_base_url": url, "verify": verify}
    client = flavour.make("Benchwire", **everything)
    assert flavour.result(client.public.models.get()).total_count == 0
    copy = client.copy(max_retries=0)
    assert flavour.result(copy.public.models.get()).total_count == 0
    for each in (copy, client):
        flavour.close(each)


def test_the_name_is_verified_too(url: str, authority: Path, flavour: Flavour) -> None:
    other = url.replace("localhost", "127.0.0.1")
    with pytest.raises(benchwire.APIConnectionError, match=r"not valid for .127\.0\.0\.1."):
        total(flavour, other, verify=authority / "ca.pem")


def test_the_environment(
    url: str, authority: Path, flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCHWIRE_CA_BUNDLE", str(authority / "ca.pem"))
    assert total(flavour, url) == 0
    monkeypatch.setenv("BENCHWIRE_CA_BUNDLE", str(authority / "none.pem"))
    with pytest.raises(benchwire.ConfigurationError, match=r"none\.pem"):
        total(flavour, url)


def test_what_can_not_be_used(authority: Path, tmp_path: Path, flavour: Flavour) -> None:
    (authority / "text.pem").write_text("no certificate")
    for path in (authority / "none.pem", authority / "text.pem", "a\0b", tmp_path, ""):
        with pytest.raises(benchwire.ConfigurationError, match="can't be read"):
            flavour.make("V0Client", KEY, verify=path)
    for verify in (False, True, 1, b"ca.pem"):
        with pytest.raises(TypeError, match=r"verify must be a path or an ssl\.SSLContext"):
            flavour.make("V0Client", KEY, verify=verify)
    kind = httpx.Client if flavour.name == "sync" else httpx.AsyncClient
    with pytest.raises(ValueError, match="http_client has its own"):
        flavour.make("V0Client", KEY, verify=authority, http_client=kind(trust_env=False))
