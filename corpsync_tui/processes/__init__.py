"""One file per sync process: its routes, tables and merges."""
