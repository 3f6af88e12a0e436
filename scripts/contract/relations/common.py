"""Relations of every API: authentication, request ids, and that nothing undocumented is served."""

from __future__ import annotations

import pytest
from scripts.contract.http_client import ApiClient
from scripts.contract.services import SERVICES, undocumented_paths

from . import assertions as expect


def test_a_request_without_a_key_is_rejected(api: ApiClient) -> None:
    expect.status(api.without_key(SERVICES[api.name].reads[0]), 401, 403)


def test_every_response_has_a_request_id_of_its_own(api: ApiClient) -> None:
    """Judge all responses of the run so far; this module is therefore the last one."""
    ids = [exchange.headers.get("x-request-id") for exchange in api.exchanges]
    present = [request_id for request_id in ids if request_id]
    expect.data(present, "no response has x-request-id")
    assert len(present) == len(ids), f"{len(ids) - len(present)} of {len(ids)} have none"
    expect.unique(present)


def test_an_undocumented_path_is_a_404(api: ApiClient) -> None:
    for path in undocumented_paths({operation.template for operation in api.operations.values()}):
        expect.status(api.probe(path), 404)


@pytest.mark.assumed
def test_head_is_rejected(api: ApiClient) -> None:
    path = api.operations[SERVICES[api.name].reads[0]].template
    expect.status(api.probe(path, "HEAD"), 404, 405, 501)
