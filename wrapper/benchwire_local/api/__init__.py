"""The operations of the three APIs: one module an API, each with a handler per operation."""
