"""SQLite through peewee: knows tables, not HTTP."""
