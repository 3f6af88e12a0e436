"""Jobs of the v0 API: sampled, sent to the caller's model endpoint, and scored."""

from __future__ import annotations

from benchwire_local.jobs.endpoint import Limits
from benchwire_local.jobs.runner import JobRunner

__all__ = ["JobRunner", "Limits"]
