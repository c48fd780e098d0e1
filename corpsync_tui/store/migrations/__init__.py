"""The way of an older file to today's schema: numbered steps, each in its own transaction.

A released schema never changes: what a new one needs is a module `m<version>_<what>.py` here
with a function `upgrade(db)`, named at the end of `MIGRATIONS`. Tables, optional columns
and data tables' indexes that are merely new need no step: opening the file adds them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from corpsync_tui.store.migrations import m2_recorded_corporation, m3_division, m4_alerts

Migration = Callable[[sqlite3.Connection], None]
"""Changes the schema by one version, inside a transaction that the caller commits."""

FIRST_VERSION = 1
"""The schema of the first release."""

MIGRATIONS: tuple[Migration, ...] = (
    m2_recorded_corporation.upgrade,
    m3_division.upgrade,
    m4_alerts.upgrade,
)
"""The step to version 2, the step to version 3, and so on."""


def latest(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """The version that the steps lead to."""
    return FIRST_VERSION + len(migrations)


def upgrade(db: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Take every step that is missing; killed in between, the file is of one version, whole."""
    for version, step in enumerate(migrations, FIRST_VERSION + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            if _version(db) < version:
                step(db)
                db.execute(f"PRAGMA user_version = {version}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
