"""Settings of the embedded server: address, database, API key and behaviour."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from benchwire_local.faults import FaultPlan
from benchwire_local.loopback import LOOPBACK, is_loopback

DEFAULT_API_KEY = "benchwire-local"
API_KEY_VARIABLE = "BENCHWIRE_LOCAL_API_KEY"
DEFAULT_CREDITS = 1000
_MAX_CREDITS = 10**15

_TYPES = (
    ("host", str, "a string"),
    ("port", int, "a whole number"),
    ("db", Path | None, "a pathlib.Path or None"),
    ("allow_remote_endpoints", bool, "True or False"),
    ("initial_credits", int, "a whole number"),
    ("sample", bool, "True or False"),
    ("faults", FaultPlan | None, "a FaultPlan or None"),
)


def default_api_key() -> str:
    """Return the key from ``BENCHWIRE_LOCAL_API_KEY``, or ``benchwire-local`` if it is not set."""
    return os.environ.get(API_KEY_VARIABLE) or DEFAULT_API_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one embedded server.

    Args:
        host: The address to listen on. On loopback, which is the default, only loopback names are
            served; another one needs an ``api_key`` that is not the default.
        port: The port to listen on; 0 for any free port.
        db: The SQLite file; ``None`` for memory.
        api_key: The key that all three APIs require.
        allow_remote_endpoints: Whether jobs may call model endpoints that are not on loopback.
        initial_credits: The credits of a new account.
        sample: Whether to load the sample data into an empty database at startup.
        faults: The fault plan; one without rules can be replaced later.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: A value is out of range, or other machines could use the default key.
    """

    host: str = "127.0.0.1"
    port: int = 0
    db: Path | None = None
    api_key: str = field(default_factory=default_api_key, repr=False)
    allow_remote_endpoints: bool = False
    initial_credits: int = DEFAULT_CREDITS
    sample: bool = True
    faults: FaultPlan | None = None

    def __post_init__(self) -> None:
        self._check_types()
        key = self.api_key
        if not key or not key.isascii() or not key.isprintable() or key != key.strip():
            raise ValueError(
                "api_key must be printable ASCII, unpadded and not empty: it is sent in a header"
            )
        if not is_loopback(self.host) and self.api_key == DEFAULT_API_KEY:
            raise ValueError(
                f"host must be {LOOPBACK}, not {self.host!r}, unless {API_KEY_VARIABLE} or api_key is"
                " a key that is not the default: other machines may reach it"
            )
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port must be from 0 to 65535, not {self.port}")
        if not 0 <= self.initial_credits <= _MAX_CREDITS:
            raise ValueError(
                f"initial_credits must be from 0 to {_MAX_CREDITS}, not {self.initial_credits}"
            )

    def _check_types(self) -> None:
        if not isinstance(self.api_key, str):  # the message must not contain it
            raise TypeError(f"api_key must be a string, not {type(self.api_key).__name__}")
        for name, kind, words in _TYPES:
            value = getattr(self, name)
            # In Python, bool is a subclass of int.
            if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
                raise TypeError(f"{name} must be {words}, not {value!r}")
