"""Names for ids."""
