"""`reference.db`: what things are, from CCP's static data, beside the database of the corporation.

It is made whole, never changed, and replaced by rename. Readers have it attached as `ref`; where
there is none, `ref` has the same tables, empty, so that the same statements run.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

VERSION = 1
"""Of the tables below; a file of another version is left alone until it is made anew."""

TABLES = {
    "about": "build INTEGER, released TEXT, updated REAL NOT NULL",
    "category": "category_id INTEGER PRIMARY KEY, name TEXT NOT NULL",
    "type_group": "group_id INTEGER PRIMARY KEY, name TEXT NOT NULL, category_id INTEGER NOT NULL",
    "market_group": (
        "market_group_id INTEGER PRIMARY KEY, name TEXT NOT NULL, parent_group_id INTEGER"
    ),
    "type": (
        "type_id INTEGER PRIMARY KEY, name TEXT NOT NULL, group_id INTEGER NOT NULL, "
        "group_name TEXT, category_id INTEGER, volume REAL, packaged_volume REAL, "
        "portion_size INTEGER NOT NULL, market_group_id INTEGER, meta_group_id INTEGER, "
        "published INTEGER NOT NULL"
    ),
    "type_material": (
        "type_id INTEGER NOT NULL, material_type_id INTEGER NOT NULL, quantity INTEGER NOT NULL, "
        "PRIMARY KEY (type_id, material_type_id)"
    ),
    "type_attribute": (
        "type_id INTEGER NOT NULL, attribute_id INTEGER NOT NULL, value REAL NOT NULL, "
        "PRIMARY KEY (type_id, attribute_id)"
    ),
    "blueprint_product": (
        "blueprint_type_id INTEGER NOT NULL, activity TEXT NOT NULL, type_id INTEGER NOT NULL, "
        "quantity INTEGER NOT NULL, PRIMARY KEY (blueprint_type_id, activity, type_id)"
    ),
    "tower_resource": (
        "tower_type_id INTEGER NOT NULL, resource_type_id INTEGER NOT NULL, "
        "purpose INTEGER NOT NULL, quantity INTEGER NOT NULL, min_security REAL, "
        "faction_id INTEGER, PRIMARY KEY (tower_type_id, resource_type_id)"
    ),
    "metenox_drill": (
        "metenox_drill_id INTEGER PRIMARY KEY, mining_cycle_time INTEGER NOT NULL, "
        "mining_efficiency REAL NOT NULL, reagents_consumed_per_cycle INTEGER NOT NULL"
    ),
    "region": "region_id INTEGER PRIMARY KEY, name TEXT NOT NULL",
    "constellation": (
        "constellation_id INTEGER PRIMARY KEY, name TEXT NOT NULL, region_id INTEGER NOT NULL"
    ),
    "solar_system": (
        "solar_system_id INTEGER PRIMARY KEY, name TEXT NOT NULL, security REAL NOT NULL, "
        "constellation_id INTEGER NOT NULL, constellation_name TEXT NOT NULL, "
        "region_id INTEGER NOT NULL, region_name TEXT NOT NULL"
    ),
    "planet": "planet_id INTEGER PRIMARY KEY, name TEXT NOT NULL, solar_system_id INTEGER NOT NULL",
    "moon": "moon_id INTEGER PRIMARY KEY, name TEXT NOT NULL, solar_system_id INTEGER NOT NULL",
    "station": (
        "station_id INTEGER PRIMARY KEY, solar_system_id INTEGER NOT NULL, "
        "owner_id INTEGER NOT NULL, type_id INTEGER NOT NULL"
    ),
}
"""The columns of each table. ISK occurs nowhere here, volumes are m³, security is the true one.

`about` has one row. The rates of `tower_resource` are units an hour; its `purpose` is CCP's
number: 1 fuel, 4 strontium.
"""


def create_tables(db: sqlite3.Connection, schema: str = "main") -> None:
    """Make every table, empty."""
    for name, columns in TABLES.items():
        clustered = " WITHOUT ROWID" if "PRIMARY KEY (" in columns else ""
        db.execute(f"CREATE TABLE {schema}.{name} ({columns}){clustered}")


def open_reference(path: Path) -> sqlite3.Connection:
    """A connection that has the file as `ref`, or nothing in its place."""
    db = sqlite3.connect(":memory:", uri=True, isolation_level=None)
    Attached(path).renew(db)
    return db


def is_present(path: Path) -> bool:
    """Whether there is a file; none where its folder may not be entered."""
    return _identity(path) is not None


def present_build(path: Path) -> int | None:
    """The number of the build that the file is of; None where there is none to use."""
    with closing(open_reference(path)) as db:
        row = db.execute("SELECT build FROM ref.about").fetchone()
    return None if row is None else row[0]


class Attached:
    """The schema `ref` of one connection."""

    def __init__(self, path: Path | None) -> None:
        """`path`: where the file is, or will be; None where there never is one."""
        self._path = path
        self._present = False
        self._identity: tuple[int, int, int] | None = None

    def renew(self, db: sqlite3.Connection) -> None:
        """Attach the file that is there now; to be called outside a transaction."""
        identity = _identity(self._path)
        if self._present and identity in (None, self._identity):
            return
        if self._present:
            db.execute("DETACH ref")
        self._present = True
        self._identity = identity
        if self._path is None or identity is None or not _attached(db, self._path):
            _attach_nothing(db)


def _identity(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns


def _attach_nothing(db: sqlite3.Connection) -> None:
    (guarded,) = db.execute("PRAGMA query_only").fetchone()
    db.execute("ATTACH ':memory:' AS ref")
    db.execute("PRAGMA query_only = OFF")
    create_tables(db, "ref")
    db.execute(f"PRAGMA query_only = {guarded:d}")


def _attached(db: sqlite3.Connection, path: Path) -> bool:
    """Attach a file if it can be read and has today's tables."""
    try:
        db.execute("ATTACH ? AS ref", (f"{path.absolute().as_uri()}?mode=ro&immutable=1",))
    except sqlite3.DatabaseError:
        return False
    (version,) = db.execute("PRAGMA ref.user_version").fetchone()
    if version == VERSION:
        return True
    db.execute("DETACH ref")
    return False
