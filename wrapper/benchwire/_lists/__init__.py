"""Reads whole lists page by page: the page walk, its rate control, and the pagers."""
