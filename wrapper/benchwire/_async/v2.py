"""The client of the v2 API: red-team benchmarks of models, and the probe runs behind them."""

from __future__ import annotations

from benchwire._async.base import AsyncServiceClient
from benchwire._async.operations.v2_resources import AsyncV2Resources
from benchwire._transport.endpoint import V2


class AsyncV2Client(AsyncServiceClient, AsyncV2Resources):
    """A client of the v2 API; a context manager: without ``with``, close it at the end.

    Args:
        api_key: The key; by default the environment's ``BENCHWIRE_V2_API_KEY``.
        base_url: The base URL; by default the environment's ``BENCHWIRE_V2_BASE_URL``, or the
            service in Europe. The one in the United States is ``https://us.api.probe.splx.ai``.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` limits its parts instead.
        deadline: Seconds a whole operation may take: all attempts and pauses. By default there is
            no limit.
        max_retries: The maximum number of retries of a request after a connection error or a status
            of 408, 429, 500, 502, 503 or 504; by default 2.
        max_body: The maximum size of a response body in bytes, decompressed; by default 16 MiB.
        allow_http: Whether the key may be sent over plain http to other machines.
        hooks: Functions to call with each request, response and retry.
        on_error: ``"raise"`` raises typed errors; ``"none"`` returns ``None`` where a request fails.
        http_client: An httpx client to send with; it stays open when this client is closed.
        verify: What verifies certificates, as in `AsyncServiceClient`.

    Raises:
        ConfigurationError: If there is no key, or a setting is invalid.
    """

    _service = V2
