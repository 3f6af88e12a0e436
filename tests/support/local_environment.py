"""The environment variables that point every client at an embedded server."""

from __future__ import annotations

import os

import benchwire


def environment_of(server: benchwire.local.Server) -> dict[str, str]:
    """Give this process's environment with the keys and base URLs of a server."""
    return {
        **os.environ,
        "LAYERLENS_STRATIX_API_KEY": server.api_key,
        "LAYERLENS_STRATIX_BASE_URL": server.public_base_url,
        "BENCHWIRE_V2_API_KEY": server.api_key,
        "BENCHWIRE_V2_BASE_URL": server.v2_base_url,
        "BENCHWIRE_V0_API_KEY": server.api_key,
        "BENCHWIRE_V0_BASE_URL": server.v0_base_url,
    }
