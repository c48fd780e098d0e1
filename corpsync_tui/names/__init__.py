"""Names for ids, and the places of things."""
