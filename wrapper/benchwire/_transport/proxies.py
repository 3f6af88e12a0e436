"""Which part of an exchange over a user's httpx client a proxy had, as httpcore's trace tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from benchwire._transport.endpoint import Endpoint
from benchwire._transport.without_command import httpx

_PORTS = {"http": 80, "https": 443}


@define
class ProxyTrace:
    """The step at a proxy that a request has come to.

    Attributes:
        endpoint: Where the request goes.
        step: Who has to go on before anything of the request itself is sent: the proxy, or the
            service behind it; empty without a proxy, and once the request is sent.
    """

    endpoint: Endpoint
    step: str = field(default="", init=False)

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Note an event of httpcore."""
        if event.endswith(".connect_tcp.started"):
            host, port = str(info["host"]), int(info["port"])
            url = httpx.URL(self.endpoint.base_url)
            if (host, port) != (url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]):
                self.step = f"the proxy {host}:{port} of http_client"
        elif event in {"proxy.start_tls.started", "socks.start_tls.started"}:
            self.step = f"the service behind {self.step}"
        elif (
            event.endswith(".send_request_headers.started") and info["request"].method != b"CONNECT"
        ):
            self.step = ""

    async def awaited(self, event: str, info: Mapping[str, Any]) -> None:
        """Note an event of async httpcore, which awaits this."""
        self(event, info)
