"""Version 2: a miner who changes corporation on one day has two rows in the mining ledger.

The ledger's key gains `recorded_corporation_id`, in the table and in the keys of its changes.
The change log gets the indexes that rules and the Changes screen read it by.
"""

from __future__ import annotations

import sqlite3

STEPS = (
    "CREATE TABLE new_mining_ledger (corporation_id INTEGER NOT NULL, observer_id INTEGER NOT "
    "NULL, character_id INTEGER NOT NULL, last_updated TEXT NOT NULL, recorded_corporation_id "
    "INTEGER NOT NULL, type_id INTEGER NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY "
    "(corporation_id, observer_id, character_id, type_id, last_updated, recorded_corporation_id)) "
    "WITHOUT ROWID",
    "INSERT INTO new_mining_ledger (corporation_id, observer_id, character_id, last_updated, "
    "recorded_corporation_id, type_id, quantity) SELECT corporation_id, observer_id, "
    "character_id, last_updated, recorded_corporation_id, type_id, quantity FROM mining_ledger",
    "UPDATE change SET row_key = json_set(row_key, '$.recorded_corporation_id', "
    "(SELECT recorded_corporation_id FROM mining_ledger l "
    "WHERE l.corporation_id = change.corporation_id "
    "AND l.observer_id = json_extract(row_key, '$.observer_id') "
    "AND l.character_id = json_extract(row_key, '$.character_id') "
    "AND l.type_id = json_extract(row_key, '$.type_id') "
    "AND l.last_updated = json_extract(row_key, '$.last_updated'))) "
    "WHERE table_name = 'mining_ledger' AND row_key IS NOT NULL",
    "DROP TABLE mining_ledger",
    "ALTER TABLE new_mining_ledger RENAME TO mining_ledger",
)

INDEXES = (
    "CREATE INDEX IF NOT EXISTS change_table_name_corporation_id_time "
    "ON change (table_name, corporation_id, time)",
    "CREATE INDEX IF NOT EXISTS change_table_name_id ON change (table_name, id)",
)


def upgrade(db: sqlite3.Connection) -> None:
    """Give the ledger its key; a file without that table only gets the indexes."""
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    if "mining_ledger" in names:
        # Views are made anew when the file is completed; one that names a missing table is in
        # the way of renaming.
        db.execute("DROP VIEW IF EXISTS mining_ledger_named")
        for step in STEPS:
            db.execute(step)
    for statement in INDEXES:
        db.execute(statement)
