"""Which part of an exchange over a user's httpx client a proxy had, as httpcore's trace tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from benchwire._transport.base_url import parse_base_url
from benchwire._transport.endpoint import Endpoint


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
            url = parse_base_url(self.endpoint.base_url)
            if (host, port) != (url.host, url.connected_port):
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
