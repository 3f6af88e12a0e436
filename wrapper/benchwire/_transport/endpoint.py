"""The endpoint of a client: the base URL of an API and the key to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from attrs import frozen

from benchwire.errors import ConfigurationError
from benchwire.secret import Secret
from benchwire_api import services
from benchwire_api.service import ServiceAddress


@frozen
class Service:
    """One of the three APIs.

    Attributes:
        name: Its name in messages.
        address: Its default base URL, and how its key is sent, from its spec.
        key_variables: The environment variables with its key, the first that is set counts.
        url_variables: The environment variables with its base URL, likewise.
    """

    name: str
    address: ServiceAddress
    key_variables: tuple[str, ...]
    url_variables: tuple[str, ...]

    def key_in(self, environment: Mapping[str, str]) -> str:
        """Return the key in the environment; empty if there is none."""
        return _first(self.key_variables, environment)

    def url_in(self, environment: Mapping[str, str]) -> str:
        """Return the base URL in the environment; empty if there is none."""
        return _first(self.url_variables, environment)


def _first(variables: Iterable[str], environment: Mapping[str, str]) -> str:
    values = (environment.get(variable, "").strip(" \t") for variable in variables)
    return next(filter(None, values), "")


# The vendors' own variables count, too, those of earlier versions of their clients last.
PUBLIC = Service(
    "public",
    services.PUBLIC,
    ("LAYERLENS_STRATIX_API_KEY", "LAYERLENS_ATLAS_API_KEY"),
    ("LAYERLENS_STRATIX_BASE_URL", "LAYERLENS_ATLAS_BASE_URL"),
)
V2 = Service("v2", services.V2, ("BENCHWIRE_V2_API_KEY",), ("BENCHWIRE_V2_BASE_URL",))
V0 = Service(
    "v0",
    services.V0,
    ("BENCHWIRE_V0_API_KEY", "HARMSTACK_API_KEY"),
    ("BENCHWIRE_V0_BASE_URL",),
)


@frozen
class Endpoint:
    """The base URL of an API and the key to it, and whether plain http may carry it anywhere."""

    service: Service
    base_url: str
    key: Secret
    allow_http: bool = False

    @property
    def key_header(self) -> tuple[str, str]:
        """The header that carries the key."""
        return self.service.address.auth(self.key.reveal())

    def changed(self, api_key: str | Secret | None, base_url: object) -> Endpoint:
        """Return it with another key or base URL; ``None`` keeps the own one."""
        key = self.key if api_key is None else api_key
        url = self.base_url if base_url is None else base_url
        return resolve_endpoint(self.service, key, url, {}, allow_http=self.allow_http)


def resolve_endpoint(
    service: Service,
    api_key: str | Secret | None,
    base_url: object,
    environment: Mapping[str, str],
    *,
    allow_http: bool = False,
) -> Endpoint:
    """Return the endpoint: from the arguments, else from the environment, else the default URL.

    Raises:
        ConfigurationError: If there is no key, or the key or the URL can't be used.
    """
    key = _key(service, api_key, environment)
    url = service.url_in(environment) if base_url is None else str(base_url)
    base_url = _base_url(service, url or service.address.base_url, allow_http)
    return Endpoint(service, base_url, key, allow_http)


def _key(service: Service, api_key: str | Secret | None, environment: Mapping[str, str]) -> Secret:
    if not isinstance(api_key, str | Secret | None):
        raise TypeError(f"api_key must be a str or a Secret, not {type(api_key).__name__}")
    key = service.key_in(environment) if api_key is None else Secret(api_key).reveal()
    if not key:
        raise ConfigurationError(
            f"there is no key for the {service.name} API: pass api_key or set the environment"
            f" variable {' or '.join(service.key_variables)}"
        )
    for position, character in enumerate(key):
        # Checked here, with a message that omits the key: the HTTP library's would show it.
        if not "!" <= character <= "~":
            raise ConfigurationError(
                f"the key for the {service.name} API can't be sent in a header: character"
                f" {position + 1} of {len(key)} is not visible ASCII"
            )
    return Secret(key)


def has_key(service: Service, api_key: Secret | None, environment: Mapping[str, str]) -> bool:
    """Return whether there is a key for an API, in the arguments or the environment."""
    return bool(service.key_in(environment) if api_key is None else api_key.reveal())


def _base_url(service: Service, url: str, allow_http: bool) -> str:
    subject = f"the base URL of the {service.name} API"
    for position, character in enumerate(url):
        if character.isspace() or not character.isprintable():
            raise ConfigurationError(
                f"{subject} is no URL: character {position + 1} of {len(url)} is a space or not"
                " printable"
            )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        detail = "" if "@" in url else f": {error}"
        raise ConfigurationError(f"{subject} is no URL{detail}") from None
    # Text before an @ or in a query may be a secret and is not shown.
    if "@" in parts.netloc:
        raise ConfigurationError(f"{subject} must not contain a user or a password")
    if parts.scheme not in {"http", "https"} or not host:
        shown = "" if "@" in url else f", not {url.partition('?')[0].partition('#')[0]!r}"
        raise ConfigurationError(f"{subject} must be an http or https URL{shown}")
    if "?" in url or "#" in url:
        raise ConfigurationError(f"{subject} must have no query and no fragment")
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        raise ConfigurationError(
            f"{subject} is plain http to {host}, which sends the key unencrypted; use https or pass"
            " allow_http=True"
        )
    return service.address.root(url)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
