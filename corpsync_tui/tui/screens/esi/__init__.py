"""Screen 4: ESI and the characters."""
