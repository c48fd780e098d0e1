"""Version 3: the names of divisions come with the data set of that name.

The table has the form of all data tables; the names that are there stay.
"""

from __future__ import annotations

import sqlite3

STEPS = (
    "CREATE TABLE new_division (corporation_id INTEGER NOT NULL, kind TEXT NOT NULL, "
    "division INTEGER NOT NULL, name TEXT, PRIMARY KEY (corporation_id, kind, division)) "
    "WITHOUT ROWID",
    "INSERT INTO new_division SELECT corporation_id, kind, division, name FROM division",
    "DROP TABLE division",
    "ALTER TABLE new_division RENAME TO division",
)


def upgrade(db: sqlite3.Connection) -> None:
    """Give the table its new form; a file without it needs nothing."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'division'").fetchone() is None:
        return
    views = db.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    for (name,) in views:  # a view would not let its table be renamed; opening makes them anew
        db.execute(f'DROP VIEW "{name}"')
    for step in STEPS:
        db.execute(step)
