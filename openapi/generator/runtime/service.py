"""The facts about one API that a client needs before it knows any operation."""

from __future__ import annotations

from urllib.parse import urlsplit

from attrs import define

__all__ = ["ServiceAddress"]


@define(kw_only=True, frozen=True)
class ServiceAddress:
    """Where an API is, and how its key is sent, as the spec states it.

    Attributes:
        base_url: The URL that the paths of the spec are relative to.
        auth_header: The header the key is sent in.
        auth_prefix: The word before the key in that header, such as `Bearer`; else empty.
        common_path: The segments that all paths begin with, such as `/v0`; else empty.
    """

    base_url: str
    auth_header: str
    auth_prefix: str
    common_path: str

    def auth(self, key: str) -> tuple[str, str]:
        """Return the name and value of the header that carries a key."""
        return self.auth_header, f"{self.auth_prefix} {key}" if self.auth_prefix else key

    def root(self, base_url: str) -> str:
        """Return a base URL without the beginning of `common_path`, if it ends in that.

        Vendors print both `https://host` and `https://host/v0` as the base of `/v0/jobs`.
        """
        url = base_url.rstrip("/")
        path = urlsplit(url).path
        common = self.common_path
        while common and not path.endswith(common):
            common = common.rpartition("/")[0]
        return url.removesuffix(common)
