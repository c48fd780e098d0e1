"""A table as it stood at a moment of the past: the change log, undone from now backwards.

The table then stands in the schema `temp` under its own name, so that every statement that names
it without a schema reads the past. Columns that move at every sync (where a member is, what an
escrow holds) are in no change log: they are the newest.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.store.changelog import ADDED, REMOVED
from corpsync_tui.store.changepack import BULK, unpack
from corpsync_tui.store.columns import CORPORATION_KEY, Json
from corpsync_tui.store.creation import create_data_table
from corpsync_tui.store.schema import Table, listed, quoted
from corpsync_tui.store.views import named_view, view_statements

Row = dict[str, Any]


class TooEarlyError(CorpsyncError):
    """The past of a table is not known that far back."""

    def __init__(self, table: str, until: float) -> None:
        when = f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M:%S}"
        super().__init__(f"The past of {table} is known back to {when} EVE: ask for a later time.")
        self.table = table
        self.until = until
        """Unix seconds: the earliest moment that is known."""


@dataclass(frozen=True, slots=True)
class _Past:
    """What the log says of the rows that changed, by their key as the log keeps it."""

    absent: set[str]
    """Those that were not there yet."""
    whole: dict[str, Row]
    """Those that are gone, with all of their values that are not NULL."""
    partly: dict[str, Row]
    """Those that were there, with the values that were others."""


def exact_since(db: sqlite3.Connection, table: str, corporation_id: int) -> float | None:
    """The earliest moment (Unix seconds) that the log tells exactly; None before the first load.

    The log of a table begins with its first load, and anew after a run too large to be kept.
    """
    started = db.execute(
        "SELECT time FROM change_start WHERE corporation_id = ? AND table_name = ?",
        (corporation_id, table),
    ).fetchone()
    lost = db.execute(
        "SELECT MAX(time) FROM change WHERE table_name = ? AND corporation_id = ? AND kind = ? "
        "AND NOT EXISTS (SELECT 1 FROM change_pack WHERE change_id = change.id)",
        (table, corporation_id, BULK),
    ).fetchone()[0]
    if started is None:
        return None
    return max(float(started[0]), float(lost or 0.0))


def show_past(
    db: sqlite3.Connection,
    tables: Sequence[Table],
    moment: float,
    corporation_id: int | None = None,
) -> None:
    """Let these tables and their named views be what they were at `moment` (Unix seconds).

    `corporation_id`: whose rows are wanted, so that no other's log matters; None: everybody's.

    Until `hide_past` they stand in `temp` and hide those of the file.

    Raises:
        TooEarlyError: The log does not reach back so far, for one of the tables.
    """
    for table in tables:
        load_past(db, table, moment, table.name, corporation_id)
    for name, statement in view_statements(tables):
        if name in {named_view(table) for table in tables}:
            db.execute(statement.replace("CREATE VIEW", "CREATE TEMP VIEW", 1))


def hide_past(db: sqlite3.Connection, table: Table) -> None:
    """Let a table be again what the file holds."""
    db.execute(f"DROP VIEW IF EXISTS temp.{quoted(named_view(table))}")
    db.execute(f"DROP TABLE IF EXISTS temp.{quoted(table.name)}")


def load_past(
    db: sqlite3.Connection,
    table: Table,
    moment: float,
    name: str,
    corporation_id: int | None = None,
) -> None:
    """Fill the temporary table `name` with the rows that `table` held at `moment`.

    Table and log are read as of one moment: a run may end meanwhile. `corporation_id` as in
    `show_past`.

    Raises:
        TooEarlyError: The log does not reach back so far.
    """
    with _at_once(db):
        _load_past(db, table, moment, name, corporation_id)


@contextmanager
def _at_once(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction, also inside of another."""
    db.execute("SAVEPOINT past")
    try:
        yield
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK TO past")
            db.execute("RELEASE past")
        raise
    db.execute("RELEASE past")


def _load_past(
    db: sqlite3.Connection, table: Table, moment: float, name: str, corporation_id: int | None
) -> None:
    holders = (
        f"SELECT DISTINCT corporation_id FROM main.{quoted(table.name)} "
        "UNION SELECT corporation_id FROM change_start WHERE table_name = ?"
    )
    corporations = [
        holder
        for (holder,) in db.execute(holders, (table.name,))
        if corporation_id in (None, holder)
    ]
    begins = [exact_since(db, table.name, holder) for holder in corporations]
    since = max((_now(db) if begin is None else begin for begin in begins), default=0.0)
    if moment < since:
        raise TooEarlyError(table.name, since)
    statement = create_data_table(table).replace(
        f"CREATE TABLE IF NOT EXISTS {quoted(table.name)}", f"CREATE TEMP TABLE {quoted(name)}", 1
    )
    db.execute(statement)
    columns = listed([column.name for column in table.columns])
    db.execute(
        f"INSERT INTO temp.{quoted(name)} ({columns}) "
        f"SELECT {columns} FROM main.{quoted(table.name)} "
        f"WHERE :own IS NULL OR {quoted(CORPORATION_KEY)} = :own",
        {"own": corporation_id},
    )
    for holder in corporations:
        _undo(db, table, name, holder, moment)


def _now(db: sqlite3.Connection) -> float:
    return float(db.execute("SELECT CAST(strftime('%s', 'now') AS REAL)").fetchone()[0])


def _undo(
    db: sqlite3.Connection, table: Table, name: str, corporation_id: int, moment: float
) -> None:
    past = _read_past(_events(db, table.name, corporation_id, moment))
    is_it = " AND ".join(f"{quoted(n)} = ?" for n in (CORPORATION_KEY, *table.identity))
    nested = {c.name for c in table.columns if isinstance(c, Json)}
    decode = msgspec.json.Decoder(Row).decode
    columns = [n for n in table.row_columns if n not in table.identity]

    def identify(key: str) -> list[Any]:
        return [corporation_id, *map(decode(key).get, table.identity)]

    def stored(values: Row) -> Row:
        """The values as the table keeps them: JSON columns hold text."""
        for n in nested.intersection(values):
            if values[n] is not None:
                values[n] = msgspec.json.encode(values[n]).decode()
        return values

    db.executemany(f"DELETE FROM temp.{quoted(name)} WHERE {is_it}", map(identify, past.absent))
    db.executemany(
        f"INSERT OR REPLACE INTO temp.{quoted(name)} "
        f"({listed((CORPORATION_KEY, *table.identity, *columns))}) "
        f"VALUES ({', '.join('?' * (1 + len(table.row_columns)))})",
        ([*identify(key), *map(stored(values).get, columns)] for key, values in past.whole.items()),
    )
    alike: defaultdict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
    for key, values in past.partly.items():
        alike[tuple(values)].append([*stored(values).values(), *identify(key)])
    for names, rows in alike.items():
        if names:
            sets = ", ".join(f"{quoted(n)} = ?" for n in names)
            db.executemany(f"UPDATE temp.{quoted(name)} SET {sets} WHERE {is_it}", rows)


def _events(
    db: sqlite3.Connection, table: str, corporation_id: int, moment: float
) -> Iterator[tuple[str, str, str | None]]:
    """Kind, key and what stood before of every change after `moment`, oldest first."""
    which = (table, corporation_id, moment)
    later = "FROM change WHERE table_name = ? AND corporation_id = ? AND time > ?"
    (first,) = db.execute(f"SELECT MIN(id) {later}", which).fetchone()
    rows = db.execute(  # the plus signs leave the order to the index that has it
        "SELECT id, kind, row_key, before FROM change WHERE table_name = ? "
        "AND +corporation_id = ? AND +time > ? AND id >= ? ORDER BY id",
        (*which, first),
    )
    for id_, kind, key, before in rows:
        if kind != BULK:
            yield kind, key, before
            continue
        packed = db.execute("SELECT rows FROM change_pack WHERE change_id = ?", (id_,)).fetchone()
        for change in unpack(packed[0]):
            if change.time is None or change.time > moment:
                yield change[:3]


def _read_past(events: Iterable[tuple[str, str, str | None]]) -> _Past:
    """What each row was before the first of the events that concern it."""
    absent: set[str] = set()
    whole: dict[str, Row] = {}
    partly: dict[str, Row] = {}
    decode = msgspec.json.decode
    for kind, key, before in events:
        if key in absent or key in whole:
            continue
        known = partly.get(key)
        if kind == ADDED:
            if known is None:
                absent.add(key)
            continue
        values: Row = decode(before) if before else {}
        if known:
            values.update(known)
        if kind == REMOVED:
            whole[key] = values
            partly.pop(key, None)
        else:
            partly[key] = values
    return _Past(absent, whole, partly)
