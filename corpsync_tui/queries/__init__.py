"""Questions to the database, each with one home: connection in, records out."""
