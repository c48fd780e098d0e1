"""Screen 5: what changed."""
