"""Whole lists as files: Parquet, JSON lines or CSV, and datasets of answers and prompts.

::

    import benchwire

    with benchwire.PublicClient() as client:
        benchwire.export.write(client.models.iter_models(), "models.parquet")
        benchwire.export.export_results(client, "results/")

Parquet needs the extra ``data``: ``pip install "benchwire[data]"``. docs/export.md has the rest.
"""

from benchwire.export.dataset import ExportSummary, export_prompts, export_results
from benchwire.export.every_eval_ever import export_every_eval_ever
from benchwire.export.files import FORMATS, write

__all__ = [
    "FORMATS",
    "ExportSummary",
    "export_every_eval_ever",
    "export_prompts",
    "export_results",
    "write",
]
