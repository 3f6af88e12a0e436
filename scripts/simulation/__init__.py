"""Simulates paid jobs: operations on a virtual clock, and real clients that are killed.

Run as ``python -m scripts.simulation`` (``make soak``).
"""
