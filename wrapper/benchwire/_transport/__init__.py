"""Sends requests: attempts, retries, deadlines, redaction, and the connections of both clients."""
