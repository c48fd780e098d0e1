"""Screen 6: what needs attention."""
