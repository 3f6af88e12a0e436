"""The checks behind `make contract`."""
