"""Version 4: alerts are kept whole, where before only what was told was remembered.

What was told and is still so is not told again: the next evaluation fills in what it says.
"""

from __future__ import annotations

import sqlite3

ALERT = (
    "CREATE TABLE alert (corporation_id INTEGER NOT NULL, rule TEXT NOT NULL, dedupe_key TEXT NOT "
    "NULL, level TEXT NOT NULL, sentence TEXT NOT NULL, action TEXT NOT NULL, since REAL, "
    "process_type TEXT, table_name TEXT, row_key TEXT, opens TEXT NOT NULL, "
    "first_seen REAL NOT NULL, last_seen REAL NOT NULL, seen INTEGER NOT NULL, closed REAL, "
    "PRIMARY KEY (corporation_id, rule, dedupe_key))"
)


def upgrade(db: sqlite3.Connection) -> None:
    """Make alerts of what was told."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'told'").fetchone() is None:
        return
    db.execute(ALERT)
    for fact, time, seen in db.execute("SELECT fact, time, seen FROM told").fetchall():
        rule, corporation_id, key = fact.split(":", 2)
        db.execute(
            "INSERT INTO alert VALUES (?, ?, ?, 'low', ?, 'open', NULL, NULL, NULL, NULL, 'row', "
            "?, ?, ?, NULL)",
            (int(corporation_id), rule, key, fact, time, time, seen),
        )
    db.execute("DROP TABLE told")
