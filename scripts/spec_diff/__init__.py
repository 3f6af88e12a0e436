"""User-visible changes between two states of the specs: their grades, version and changelog."""
