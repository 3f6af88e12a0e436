"""Requests of evaluations."""

from __future__ import annotations

from benchwire._requests.fetch import fetch, uncached
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire_api.public.api.evaluations import get_evaluation as operation
from benchwire_api.public.models import Evaluation


async def get_evaluation(port: Port, evaluation_id: str, deadline: Deadline) -> Evaluation:
    """Fetch one evaluation with its summary."""
    request = uncached(operation.build_request(evaluation_id))
    return await fetch(port, request, operation.parse_response, deadline)
