"""Simulates paid jobs: operations on a virtual clock, and real clients that are killed."""
