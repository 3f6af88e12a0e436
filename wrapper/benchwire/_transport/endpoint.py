"""The endpoint of a client: the base URL of an API and the key to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from attrs import frozen

from benchwire._transport.base_url import parse_base_url
from benchwire.errors import ConfigurationError
from benchwire.secret import Secret, concealed
from benchwire_api import services
from benchwire_api.service import ServiceAddress

Getenv = Callable[[str], str | None]
"""Returns a variable of the environment. No frame holds all of it: tools that show variables would
show it."""


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

    def key_in(self, getenv: Getenv) -> str:
        """Return the key in the environment; empty if there is none."""
        return _first(self.key_variables, getenv)

    def url_in(self, getenv: Getenv) -> str:
        """Return the base URL in the environment; empty if there is none."""
        return _first(self.url_variables, getenv)


def _first(variables: Iterable[str], getenv: Getenv) -> str:
    values = ((getenv(variable) or "").strip(" \t") for variable in variables)
    return concealed(next(filter(None, values), ""))


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
        """The header that carries the key; its repr does not show the key."""
        name, value = self.service.address.auth(self.key.reveal())
        return name, concealed(value)

    def check_headers(self, headers: Iterable[str]) -> None:
        """Refuse headers of a call that would replace the key's."""
        name = self.key_header[0].lower()
        if name in headers:
            raise ValueError(f"extra_headers[{name!r}] can't be set: it has the key")

    def changed(self, api_key: str | Secret | None, base_url: object) -> Endpoint:
        """Return it with another key or base URL; ``None`` keeps the own one."""
        key = self.key if api_key is None else api_key
        url = self.base_url if base_url is None else base_url
        return resolve_endpoint(self.service, key, url, lambda _: None, allow_http=self.allow_http)


def resolve_endpoint(
    service: Service,
    api_key: str | Secret | None,
    base_url: object,
    getenv: Getenv,
    *,
    allow_http: bool = False,
) -> Endpoint:
    """Return the endpoint: from the arguments, else from the environment, else the default URL.

    Raises:
        ConfigurationError: If there is no key, or the key or the URL can't be used.
    """
    key = _key(service, api_key, getenv)
    if base_url is None:
        url = service.url_in(getenv) or service.address.base_url
    else:  # an empty one is refused, not replaced: a gateway may be meant
        url = concealed(str(base_url))
    return Endpoint(service, _base_url(service, url, allow_http), key, allow_http)


def _key(service: Service, api_key: str | Secret | None, getenv: Getenv) -> Secret:
    if not isinstance(api_key, str | Secret | None):
        raise TypeError(f"api_key must be a str or a Secret, not {type(api_key).__name__}")
    key = Secret(service.key_in(getenv) if api_key is None else api_key)
    fault = _key_fault(key.reveal())
    if fault:
        raise ConfigurationError(
            f"the key for the {service.name} API can't be sent in a header: {fault}"
        )
    if not key.reveal():
        missing = ConfigurationError(
            f"there is no key for the {service.name} API: pass api_key or set the environment"
            f" variable {' or '.join(service.key_variables)}"
        )
        missing.is_key_missing = True
        raise missing
    return key


def _key_fault(key: str) -> str:
    """Return why a key can't be sent, without it: the message of the HTTP library would show it.

    The error is raised elsewhere, in a frame whose variables do not show the key either.
    """
    for position, character in enumerate(key):
        if not "!" <= character <= "~":
            return f"character {position + 1} of {len(key)} is not visible ASCII"
    return ""


def has_key(service: Service, api_key: Secret | None, getenv: Getenv) -> bool:
    """Return whether there is a key for an API, in the arguments or the environment."""
    return bool(service.key_in(getenv) if api_key is None else api_key.reveal())


def _base_url(service: Service, url: str, allow_http: bool) -> str:
    fault = _url_fault(str(url), allow_http)
    if fault:
        raise ConfigurationError(f"the base URL of the {service.name} API {fault}")
    return service.address.root(str(url))


def _url_fault(url: str, allow_http: bool) -> str:  # noqa: PLR0911
    """Return what is wrong with a base URL, without what may be a secret in it."""
    for position, character in enumerate(url):
        if character.isspace() or not character.isprintable():
            return f"is no URL: character {position + 1} of {len(url)} is a space or not printable"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        _check_host(url)
    except ValueError as error:
        return "is no URL" if "@" in url else f"is no URL: {error}"
    # Text before an @ or in a query may be a secret and is not shown.
    if "@" in parts.netloc:
        return "must not contain a user or a password"
    if parts.scheme not in {"http", "https"} or not host:
        shown = "" if "@" in url else f", not {url.partition('?')[0].partition('#')[0]!r}"
        return f"must be an http or https URL{shown}"
    if "?" in url or "#" in url:
        return "must have no query and no fragment"
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        return (
            f"is plain http to {host}, which sends the key unencrypted; use https or pass"
            " allow_http=True"
        )
    return ""


def _check_host(url: str) -> None:
    host = parse_base_url(url).host
    if len(host) > 254:
        raise ValueError(f"its host has {len(host)} characters")


def _is_loopback(host: str) -> bool:
    # No other name, not even one under localhost: a resolver may have any address for it.
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    # By the address in it, which ip_address.is_loopback disregards in some versions of Python.
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_loopback and "%" not in host
