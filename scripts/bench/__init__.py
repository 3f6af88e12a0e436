"""Benchmark of decoding against alternatives."""
