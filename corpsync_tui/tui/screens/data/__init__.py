"""Screen 2: the tables."""
