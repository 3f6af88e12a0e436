"""What `scripts/bench.py` compares, and the data it compares on."""
