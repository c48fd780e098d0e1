"""Screen 3: the runs."""
