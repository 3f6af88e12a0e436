"""A client's settings: where an API is, which key opens it, how failures are shown."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from attrs import frozen

from benchwire.errors import ConfigurationError
from benchwire.secret import Secret

OnError = Literal["raise", "none"]


@frozen
class Service:
    """What tells one of the three APIs from another.

    Attributes:
        name: What messages call it.
        base_url: Where it is, unless the settings say otherwise.
        key_variable: The environment variable its key is read from.
        url_variable: The environment variable its base URL is read from.
        key_header: The header its key is sent in.
        key_prefix: What stands before the key there.
    """

    name: str
    base_url: str
    key_variable: str
    url_variable: str
    key_header: str
    key_prefix: str = ""


PUBLIC = Service(
    name="public",
    base_url="https://api.layerlens.ai/api/v1",
    key_variable="LAYERLENS_STRATIX_API_KEY",
    url_variable="LAYERLENS_STRATIX_BASE_URL",
    key_header="x-api-key",
)
V2 = Service(
    name="v2",
    base_url="https://api.probe.splx.ai",
    key_variable="BENCHWIRE_V2_API_KEY",
    url_variable="BENCHWIRE_V2_BASE_URL",
    key_header="X-Api-Key",
)
V0 = Service(
    name="v0",
    base_url="https://api.harmstack.com",
    key_variable="BENCHWIRE_V0_API_KEY",
    url_variable="BENCHWIRE_V0_BASE_URL",
    key_header="Authorization",
    key_prefix="Bearer ",
)


@frozen
class Access:
    """Where one API is and what opens it."""

    service: Service
    base_url: str
    key: Secret

    @property
    def key_header(self) -> tuple[str, str]:
        """The header that carries the key."""
        return self.service.key_header, self.service.key_prefix + self.key.reveal()


def resolve(
    service: Service,
    api_key: str | Secret | None,
    base_url: object,
    environment: Mapping[str, str],
    *,
    allow_http: bool = False,
) -> Access:
    """Settle where an API is and what opens it: arguments first, then the environment.

    Raises:
        ConfigurationError: If there is no key, or the key or the URL can't be used.
    """
    key = _key(service, api_key, environment)
    url = environment.get(service.url_variable) if base_url is None else str(base_url)
    return Access(service, _base_url(service, url or service.base_url, allow_http), key)


def _key(service: Service, api_key: str | Secret | None, environment: Mapping[str, str]) -> Secret:
    variable = service.key_variable
    if not isinstance(api_key, str | Secret | None):
        raise TypeError(f"api_key must be a str or a Secret, not {type(api_key).__name__}")
    key = (
        environment.get(variable, "").strip(" \t") if api_key is None else Secret(api_key).reveal()
    )
    if not key:
        raise ConfigurationError(
            f"there is no key for the {service.name} API: pass api_key or set the environment"
            f" variable {variable}"
        )
    for position, character in enumerate(key):
        # Said here, without the key: deeper down the HTTP library would print it.
        if not "!" <= character <= "~":
            raise ConfigurationError(
                f"the key for the {service.name} API can't be sent in a header: character"
                f" {position + 1} of {len(key)} is not visible ASCII"
            )
    return Secret(key)


def has_key(service: Service, api_key: Secret | None, environment: Mapping[str, str]) -> bool:
    """Whether there is a key for an API, in the arguments or the environment."""
    return bool(environment.get(service.key_variable) if api_key is None else api_key.reveal())


def _base_url(service: Service, url: str, allow_http: bool) -> str:
    what = f"the base URL of the {service.name} API"
    for position, character in enumerate(url):
        if character.isspace() or not character.isprintable():
            raise ConfigurationError(
                f"{what} is no URL: character {position + 1} of {len(url)} is a blank or can't be"
                " printed"
            )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as problem:
        said = "" if "@" in url else f": {problem}"
        raise ConfigurationError(f"{what} is no URL{said}") from None
    # What stands before an @ or in a query may be a secret, so it is not shown.
    if "@" in parts.netloc:
        raise ConfigurationError(f"{what} must not hold a user or a password")
    if parts.scheme not in {"http", "https"} or not host:
        shown = "" if "@" in url else f", not {url.partition('?')[0].partition('#')[0]!r}"
        raise ConfigurationError(f"{what} must be an http or https URL{shown}")
    if "?" in url or "#" in url:
        raise ConfigurationError(f"{what} must have no query and no fragment")
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        raise ConfigurationError(
            f"{what} is plain http to {host}, where everyone on the way can read the key; use https,"
            " or say allow_http=True"
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_on_error(value: str) -> OnError:
    """Check how failures are to be shown."""
    if value == "raise":
        return "raise"
    if value == "none":
        return "none"
    raise ValueError(f"on_error must be 'raise' or 'none', not {value!r}")
