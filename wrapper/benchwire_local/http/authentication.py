"""Authentication of requests by the server's API key."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from benchwire_local.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers

    from benchwire_local.specs import SecurityScheme


def authenticate(schemes: Sequence[SecurityScheme], headers: Headers, api_key: str) -> None:
    """Raise an error without the right key; its message never contains the key sent.

    Raises:
        ApiError: 401; the key is missing, sent twice, or wrong.
    """
    for scheme in schemes:
        values = headers.getlist(scheme.header)
        if len(values) == 1 and _matches(values[0], api_key, bearer=scheme.bearer):
            return
    if schemes:
        places = " or ".join(
            "Authorization: Bearer" if scheme.bearer else scheme.header for scheme in schemes
        )
        challenge = {"www-authenticate": "Bearer"} if any(s.bearer for s in schemes) else {}
        raise ApiError(401, f"The API key in {places} is missing or invalid.", challenge)


def _matches(value: str, api_key: str, *, bearer: bool) -> bool:
    if bearer:
        scheme, _, value = value.partition(" ")
        if scheme.lower() != "bearer":
            return False
    # Starlette decodes headers as Latin-1, so this cannot fail.
    return hmac.compare_digest(value.encode("latin-1"), api_key.encode("latin-1"))
