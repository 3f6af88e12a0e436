"""One running server for the tests that only read: a real socket, a database file, known data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchwire_local import LocalServer, Settings
from support import local_data

if TYPE_CHECKING:
    from collections.abc import Iterator


class Api:
    """An HTTP client of a server, with the key of each API."""

    def __init__(self, server: LocalServer) -> None:
        self.server = server
        headers = {"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"}
        self.http = httpx.Client(base_url=server.url, headers=headers)

    def get(self, path: str, **query: Any) -> Any:
        """The body of a successful GET."""
        response = self.http.get(path, params=query or None)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, path: str, status: int) -> str:
        """The message of a GET that must be refused with this status, in its API's shape."""
        response = self.http.get(path)
        assert response.status_code == status, response.text
        return self.message_of(response)

    @staticmethod
    def message_of(response: httpx.Response) -> str:
        """The message of an error, in the shape of the API that its path is of."""
        error = response.json()["error"]
        if response.url.path.startswith("/api/v2"):
            assert error.keys() == {"message", "code"}
            error = error["message"]
        assert isinstance(error, str)
        return error


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    path = local_data.make_database(tmp_path_factory.mktemp("core") / "data.db")
    with LocalServer(Settings(db=path, sample=False)) as server:
        client = Api(server)
        yield client
        client.http.close()
