"""Screen 7: the boards."""
