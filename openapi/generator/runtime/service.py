"""The facts about one API that a client needs before it knows any operation."""

from __future__ import annotations

from attrs import define

__all__ = ["ServiceAddress"]


@define(kw_only=True, frozen=True)
class ServiceAddress:
    """Where an API is, and how its key is sent, as the spec states it.

    Attributes:
        base_url: The URL that the paths of the spec are relative to.
        auth_header: The header the key is sent in.
        auth_prefix: The word before the key in that header, such as `Bearer`; else empty.
    """

    base_url: str
    auth_header: str
    auth_prefix: str

    def auth(self, key: str) -> tuple[str, str]:
        """Return the name and value of the header that carries a key."""
        return self.auth_header, f"{self.auth_prefix} {key}" if self.auth_prefix else key
