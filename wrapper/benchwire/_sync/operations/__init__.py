# Generated from wrapper/benchwire/_async/operations/__init__.py by `make generate`; changes made here are lost.
"""The operations of each API as methods, generated from its spec."""
