"""Import of the user's own results: parsing of the lines, and insertion."""
