"""Relations: what must hold between requests and responses and no schema can express."""
