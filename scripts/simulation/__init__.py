"""A simulated jobs service, and plans driven against it on a virtual clock with every kind of fault."""
