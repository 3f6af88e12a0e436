"""Holds real responses to a strict reading of the specs and says where the two disagree."""
