"""Typed low-level clients of three LLM-evaluation APIs, one package each: `public`, `v2`, `v0`."""
