"""Screen 1: the processes."""
