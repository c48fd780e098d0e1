"""What there is of static data and prices, for a command, a check and a line on a screen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from corpsync_tui.errors import DatabaseError
from corpsync_tui.esi.headers import moment
from corpsync_tui.store.connections import connect_reader, is_there
from corpsync_tui.store.reference import TABLES, open_reference

PRICES = "prices"
"""What the copy of the market prices is kept under, as a process keeps its own."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Times are Unix seconds."""

    build: int | None = None
    released: float | None = None
    updated: float | None = None
    """When it was read; None where there is none."""
    prices_time: float | None = None
    """Since when the market prices are as they are here."""


def read_overview(reference: Path, database: Path) -> Overview:
    """Date both files' contents; what cannot be read counts as not there."""
    with closing(open_reference(reference)) as db:
        overview = _static_data(db)
    try:
        if not is_there(database):
            return overview
        with closing(connect_reader(database)) as db:
            return replace(overview, prices_time=_prices_time(db))
    except (sqlite3.Error, DatabaseError):
        return overview


def find_overview(db: sqlite3.Connection) -> Overview:
    """The same from the corporation's database that has the static data attached."""
    return replace(_static_data(db), prices_time=_prices_time(db))


def count_rows(reference: Path) -> dict[str, int]:
    """The rows of each table."""
    with closing(open_reference(reference)) as db:
        return {
            name: db.execute(f"SELECT COUNT(*) FROM ref.{name}").fetchone()[0]
            for name in TABLES
            if name != "about"
        }


def _iso(text: str | None) -> float | None:
    """CCP's date as Unix seconds; None where it is none."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _static_data(db: sqlite3.Connection) -> Overview:
    about = db.execute("SELECT build, released, updated FROM ref.about").fetchone()
    if about is None:
        return Overview()
    build, released, updated = about
    return Overview(build, _iso(released), updated)


def _prices_time(db: sqlite3.Connection) -> float | None:
    """The Last-Modified of the market prices in hand."""
    sql = "SELECT last_modified FROM validator WHERE process_id = ? AND rows > 0"
    row = db.execute(sql, (PRICES,)).fetchone()
    return None if row is None else moment(row[0])
