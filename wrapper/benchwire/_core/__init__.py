"""What decides: no I/O, no clock, no httpx. The shells in ``_shell`` do what this says."""
