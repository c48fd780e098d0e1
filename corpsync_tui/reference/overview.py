"""What there is of static data and prices, for a command, a check and a line on a screen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpsync_tui.esi.headers import moment
from corpsync_tui.store.connections import connect_reader
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
    tables: dict[str, int] = field(default_factory=dict)
    """Rows of each table."""

    def as_row(self) -> dict[str, Any]:
        """As `reference --json` has it."""
        return asdict(self)


def read_overview(reference: Path, database: Path) -> Overview:
    """Count and date both; what cannot be read counts as not there."""
    prices = _prices_time(database)
    with closing(open_reference(reference)) as db:
        rows = {
            name: db.execute(f"SELECT COUNT(*) FROM ref.{name}").fetchone()[0]
            for name in TABLES
            if name != "about"
        }
        about = db.execute("SELECT build, released, updated FROM ref.about").fetchone()
    if about is None:
        return Overview(prices_time=prices, tables=rows)
    build, released, updated = about
    return Overview(build, _iso(released), updated, prices, rows)


def _iso(text: str | None) -> float | None:
    """CCP's date as Unix seconds; None where it is none."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _prices_time(database: Path) -> float | None:
    """The Last-Modified of the market prices in hand."""
    if not database.exists():
        return None
    try:
        with closing(connect_reader(database)) as db:
            sql = "SELECT last_modified FROM validator WHERE process_id = ? AND rows > 0"
            row = db.execute(sql, (PRICES,)).fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else moment(row[0])
