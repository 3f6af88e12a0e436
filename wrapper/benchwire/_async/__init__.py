"""The clients, async. ``_sync`` is made from this package by ``make generate``."""
