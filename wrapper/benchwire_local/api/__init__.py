"""The operations of the three APIs: one module per API, with a handler per operation."""
