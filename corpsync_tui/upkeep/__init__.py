"""Export, backup and doctor."""
