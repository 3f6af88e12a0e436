"""What the vendor's client does: pydantic models, and pages of 100 that are read one by one."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import httpx
from scripts.bench.alternatives import PromptPage

_PAGE_SIZE = 100
_PATH = "/datasets/b/prompts"


def client_of(base_url: str) -> httpx.Client:
    """Return a client."""
    return httpx.Client(base_url=base_url, headers={"x-api-key": "k"})


def read(client: httpx.Client) -> list[object]:
    """Return all prompts."""
    rows: list[object] = []
    while found := _rows(client.get(_PATH, params=_query(rows))):
        rows += found
    return rows


async def read_async(client: httpx.AsyncClient) -> list[object]:
    """Return all prompts."""
    rows: list[object] = []
    while found := _rows(await client.get(_PATH, params=_query(rows))):
        rows += found
    return rows


def _query(rows: Sized) -> dict[str, int]:
    return {"page": len(rows) // _PAGE_SIZE + 1, "page_size": _PAGE_SIZE}


def _rows(response: httpx.Response) -> Any:
    return PromptPage.model_validate(response.raise_for_status().json()).data.prompts
