"""Whole lists as files: Parquet, JSON lines or CSV.

::

    import benchwire

    with benchwire.PublicClient() as client:
        benchwire.export.write(client.models.iter_models(), "models.parquet")

Parquet needs the extra ``data``: ``pip install "benchwire[data]"``. docs/export.md has the rest.
"""

from benchwire.export.files import FORMATS, write

__all__ = ["FORMATS", "write"]
