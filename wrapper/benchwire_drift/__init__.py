"""Compares real responses with a strict reading of the specs and reports the differences."""
