"""The contract tool (`make contract`): compares a server with the specifications."""
