"""Models as records and as columns."""
