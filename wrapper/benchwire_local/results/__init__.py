"""Results of the user's own: reading the lines of a file and importing them."""
