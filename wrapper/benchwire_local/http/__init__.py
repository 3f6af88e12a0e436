"""HTTP: routing, validation of requests and responses, authentication."""
