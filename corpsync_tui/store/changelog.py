"""The change log: what each run did to each row, kept in the run's own transaction.

While a run merges, temporary triggers on the writer's connection note every row that is truly
written, with its values before and after. At the end they become rows of the table `change`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from corpsync_tui.store.changepack import BULK, INSERT_PACK, Recorded, pack
from corpsync_tui.store.columns import Json
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.schema import Table, listed, quoted

BULK_ROWS = 10_000
"""Rows of one run above which they are no longer kept one by one, but packed together."""

PACKED_ROWS = 100_000
"""Rows of one run above which only their number is kept: the past before it is then lost."""

TRIM_ROWS = 500
"""Rows forgotten in one transaction: a few milliseconds, so that no sync waits."""

TALLY = "heard"
"""The temporary table that counts what each table's triggers noted."""

KIND = "_kind"
"""The column of an event's kind, beside those of the row."""

ADDED, CHANGED, REMOVED = "added", "changed", "removed"

INSERT = (
    "INSERT INTO main.change (run_id, time, corporation_id, table_name, kind, row_key, before, "
    "after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Event:
    """One row, before and after: None where it was not there."""

    before: Values | None
    after: Values | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return ADDED
        return REMOVED if self.after is None else CHANGED


class ChangeLog:
    """The log of one run; its tables are those whose changes are news."""

    def __init__(
        self,
        tables: Iterable[Table],
        corporation_id: int,
        run_id: int,
        *,
        logs: Collection[str] = (),
        bulk_rows: int = BULK_ROWS,
        packed_rows: int = PACKED_ROWS,
    ) -> None:
        """`logs` names the tables whose rows never leave: of a new row there the key will do."""
        self.tables = tuple(tables)
        self.corporation_id = corporation_id
        self.run_id = run_id
        self.logs = frozenset(logs)
        self.bulk_rows = bulk_rows
        self.packed_rows = packed_rows

    @contextmanager
    def listening(self, db: sqlite3.Connection, now: float, *, begins: bool) -> Iterator[None]:
        """Note what is written to the tables meanwhile, inside one transaction.

        `begins` says that a first load ends with this: from now on the tables' changes are news.
        """
        started = self._started(db)
        heard = [table for table in self.tables if table.name in started]
        _listen(db, heard, max(self.bulk_rows, self.packed_rows))
        yield
        self._write(db, heard, now)
        _stop(db, heard)
        if begins and len(heard) < len(self.tables):
            self._begin(db, now, started)

    def _started(self, db: sqlite3.Connection) -> set[str]:
        rows = db.execute(
            "SELECT table_name FROM change_start WHERE corporation_id = ?", (self.corporation_id,)
        )
        return {name for (name,) in rows}

    def _begin(self, db: sqlite3.Connection, now: float, started: set[str]) -> None:
        db.executemany(
            "INSERT OR IGNORE INTO change_start (corporation_id, table_name, time) "
            "VALUES (?, ?, ?)",
            [(self.corporation_id, t.name, now) for t in self.tables if t.name not in started],
        )

    def _write(self, db: sqlite3.Connection, heard: Sequence[Table], now: float) -> None:
        counts = {table.name: _tally(db, number) for number, table in enumerate(heard)}
        rows = sum(c.added + c.changed + c.removed for c in counts.values())
        for table in heard:
            if counts[table.name] == Counts():
                continue
            record = _Record(table, key_only=table.name in self.logs)
            found = record.rows(_events(db, table))
            head = (self.run_id, now, self.corporation_id, table.name)
            if rows <= self.bulk_rows:
                db.executemany(INSERT, ((*head, *row) for row in found))
                continue
            count = counts[table.name]
            shown = _json({ADDED: count.added, CHANGED: count.changed, REMOVED: count.removed})
            bulk = db.execute(INSERT, (*head, BULK, None, None, shown))
            if rows <= self.packed_rows:
                db.execute(INSERT_PACK, (bulk.lastrowid, pack(found)))


class _Record:
    """How a table's events become rows of the log."""

    def __init__(self, table: Table, *, key_only: bool) -> None:
        self._key_only = key_only
        self._names = table.row_columns
        self._key = [self._names.index(name) for name in table.identity]
        moving = {c.name for c in table.columns if c.moving}
        others = [i for i, name in enumerate(self._names) if name not in table.identity]
        self._others = others
        self._news = [i for i in others if self._names[i] not in moving]
        self._nested = {self._names.index(c.name) for c in table.columns if isinstance(c, Json)}

    def rows(self, events: Iterable[_Event]) -> Iterator[Recorded]:
        """Kind, key, before and after of each row, once: its first state and its last."""
        for event in self._settled(events):
            key = self._object(event.after or event.before or (), self._key)
            shown = self._others
            if event.kind == CHANGED:
                shown = self._differing(event)
                if not shown:
                    continue
            if event.kind == ADDED and self._key_only:
                yield Recorded(ADDED, key, None, None)
                continue
            whole = event.kind != CHANGED
            sides = [
                None if side is None else self._object(side, shown, without_null=whole)
                for side in (event.before, event.after)
            ]
            yield Recorded(event.kind, key, sides[0], sides[1])

    def _settled(self, events: Iterable[_Event]) -> Iterable[_Event]:
        found: dict[Values, _Event] = {}
        for event in events:
            row = event.after or event.before or ()
            key = tuple(row[i] for i in self._key)
            first = found.get(key)
            found[key] = event if first is None else _Event(first.before, event.after)
        return [e for e in found.values() if e.before is not None or e.after is not None]

    def _differing(self, event: _Event) -> list[int]:
        before, after = event.before or (), event.after or ()
        return [i for i in self._news if before[i] != after[i]]

    def _object(self, row: Values, columns: Iterable[int], *, without_null: bool = False) -> str:
        return _json(
            {
                self._names[i]: self._value(i, row[i])
                for i in columns
                if row[i] is not None or not without_null
            }
        )

    def _value(self, column: int, value: Any) -> Any:
        if column in self._nested and value is not None:
            return msgspec.Raw(value.encode())
        return value


def trim(db: sqlite3.Connection, before: float) -> bool:
    """Forget some of the oldest changes, if they are of before this time; whether any were.

    The log of their tables then begins where they end. The newest change of all stays: what was
    seen is known by its id, which is never given twice so.
    """
    gone = db.execute(
        "SELECT id, corporation_id, table_name, time FROM (SELECT * FROM change ORDER BY id "
        "LIMIT ?) WHERE time < ? AND id < (SELECT MAX(id) FROM change)",
        (TRIM_ROWS, before),
    ).fetchall()
    ids = [(row[0],) for row in gone]
    db.executemany("DELETE FROM change WHERE id = ?", ids)
    db.executemany("DELETE FROM change_pack WHERE change_id = ?", ids)
    begins = {(corporation, table): time for _, corporation, table, time in gone}
    db.executemany(
        "UPDATE change_start SET time = MAX(time, ?) WHERE corporation_id = ? AND table_name = ?",
        [(time, *key) for key, time in begins.items()],
    )
    return bool(gone)


def _json(values: Mapping[str, Any]) -> str:
    return msgspec.json.encode(values).decode()


def _notes(table: Table) -> str:
    """The temporary table in which one table's events wait."""
    return f"{TALLY}_{table.name}"


def _listen(db: sqlite3.Connection, tables: Sequence[Table], most: int) -> None:
    if not tables:
        return
    db.execute(f"CREATE TEMP TABLE {TALLY} (id INTEGER PRIMARY KEY, added, changed, removed)")
    for number, table in enumerate(tables):
        db.execute(f"INSERT INTO temp.{TALLY} VALUES (?, 0, 0, 0)", (number,))
        sides = [f"{side}_{name}" for side in ("old", "new") for name in table.row_columns]
        db.execute(f"CREATE TEMP TABLE {quoted(_notes(table))} ({KIND}, {listed(sides)})")
        for trigger in _triggers(table, number, most):
            db.execute(trigger)


def _triggers(table: Table, number: int, most: int) -> Iterator[str]:
    """One each for added, changed and removed rows; a change of moving columns is none."""
    old, new = listed(table.row_columns, "OLD."), listed(table.row_columns, "NEW.")
    nothing = ", ".join(["NULL"] * len(table.row_columns))
    moving = {c.name for c in table.columns if c.moving}
    news = [name for name in table.value_columns if name not in moving]
    for verb, kind, values, condition in (
        ("INSERT", ADDED, f"{nothing}, {new}", ""),
        ("DELETE", REMOVED, f"{old}, {nothing}", ""),
        (
            "UPDATE",
            CHANGED,
            f"{old}, {new}",
            f"WHEN ({listed(news, 'OLD.')}) IS NOT ({listed(news, 'NEW.')})",
        ),
    ):
        if verb == "UPDATE" and not news:
            continue
        notes = quoted(_notes(table))
        yield (
            f"CREATE TEMP TRIGGER {quoted(f'{_notes(table)}_{kind}')} AFTER {verb} "
            f"ON main.{quoted(table.name)} {condition} BEGIN "
            f"UPDATE {TALLY} SET {kind} = {kind} + 1 WHERE id = {number}; "
            f"INSERT INTO {notes} SELECT '{kind}', {values} "
            f"WHERE (SELECT IFNULL(MAX(rowid), 0) FROM {notes}) <= {most}; END"
        )


def _tally(db: sqlite3.Connection, number: int) -> Counts:
    return Counts(
        *db.execute(
            f"SELECT added, changed, removed FROM temp.{TALLY} WHERE id = ?", (number,)
        ).fetchone()
    )


def _events(db: sqlite3.Connection, table: Table) -> Iterator[_Event]:
    width = len(table.row_columns)
    for kind, *row in db.execute(f"SELECT * FROM temp.{quoted(_notes(table))} ORDER BY rowid"):
        before, after = tuple(row[:width]), tuple(row[width:])
        yield _Event(None if kind == ADDED else before, None if kind == REMOVED else after)


def _stop(db: sqlite3.Connection, tables: Sequence[Table]) -> None:
    if not tables:
        return
    for table in tables:
        for kind in (ADDED, CHANGED, REMOVED):
            db.execute(f"DROP TRIGGER IF EXISTS temp.{quoted(f'{_notes(table)}_{kind}')}")
        db.execute(f"DROP TABLE temp.{quoted(_notes(table))}")
    db.execute(f"DROP TABLE temp.{TALLY}")
