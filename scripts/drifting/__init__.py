"""What `make drift` does: read a live server, or a recording of one."""
