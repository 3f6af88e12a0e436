"""Reports where a server, or a recording of one, differs from the specs."""
