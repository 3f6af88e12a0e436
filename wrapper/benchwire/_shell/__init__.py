"""What does: the only modules that touch the network, the clock and threads or tasks."""
