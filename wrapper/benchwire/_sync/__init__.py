# Generated from wrapper/benchwire/_async/__init__.py by `make generate`; changes made here are lost.
"""The clients, sync; made from ``_async`` by ``make generate``."""
