# Generated from wrapper/benchwire/_async/benchmarks.py by `make generate`; changes made here are lost.
"""The benchmarks of the public API, and what they offer beyond single requests."""

from __future__ import annotations

from typing import Unpack

from benchwire._sync.operations.public import BenchmarksOperations
from benchwire.options import CallOptions
from benchwire_api.public.models import BenchmarkPrompt


class Benchmarks(BenchmarksOperations):
    """The catalogue of benchmarks, with their prompts."""

    def get_all_prompts(
        self, benchmark_id: str, **options: Unpack[CallOptions]
    ) -> list[BenchmarkPrompt]:
        """Return all prompts of a benchmark, in the benchmark's order.

        Errors raise, whatever ``on_error`` is: part of a benchmark is not the benchmark.

        Args:
            benchmark_id: The benchmark.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            Every prompt, in one list; `iter_prompts` holds a few pages instead. A request for each
            page of the largest size.

        Raises:
            ValueError: If the id is invalid; nothing is sent.
            APIError: If a page has no usable response.
            PaginationError: If the list is incomplete.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        return self.iter_prompts(benchmark_id, **options).to_list()
