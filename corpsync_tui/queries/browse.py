"""Windows of a table for the screens, at any length of the table.

The keys of a view's rows lie in a temporary table whose rowid is the place in the order, so any
window of it is read at once. Two threads with a read-only connection each take turns: one
serves the order on screen while the other works out the next one.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.as_of import hide_past, show_past
from corpsync_tui.queries.browse_detail import read_detail
from corpsync_tui.queries.browse_sql import ViewSql, browse_tables
from corpsync_tui.queries.browse_types import (
    BrowseRow,
    BrowseTable,
    Detail,
    Group,
    Key,
    Sql,
    View,
    derived_name,
)
from corpsync_tui.queries.row_search import FoundRow, NamedRows
from corpsync_tui.store.connections import connect_reader
from corpsync_tui.store.jobs import ConnectionThread, Job
from corpsync_tui.store.schema import Table, quoted

T = TypeVar("T")

FIRST_ROWS = 100
"""Rows of a new order that are shown before all of it is worked out."""
GROUPS = 5_000
"""Groups that are read at the most."""
ORDERS_KEPT = 2
"""Temporary tables that a thread keeps: the last order, and its first rows shown before."""


class Bench(ConnectionThread):
    """A thread that works out orders and reads windows of them."""

    def __init__(self, path: Path, name: str) -> None:
        self._numbers = itertools.count(1)
        self._orders: list[str] = []
        self._derived: dict[str, tuple[int | None, float | None, int]] = {}
        """By temporary table: whose rows of when it was worked out for, and the file's version."""
        self._past: tuple[Table, float, int | None] | None = None
        """The table that stands in `temp` as it was at a moment, and whose rows of it."""
        super().__init__(name, path, self._connect_file)

    def run(self, connection: sqlite3.Connection, job: Job[T]) -> T:
        """The job's work; each statement sees the file as it is then, and holds no WAL."""
        return job.work(connection)

    def stand_at(
        self,
        db: sqlite3.Connection,
        table: Table,
        at: float | None,
        corporation_id: int | None = None,
    ) -> None:
        """Let a table be as it was at a moment, or all of them as they are now.

        `corporation_id`: whose rows are wanted of the past; None: everybody's.

        Raises:
            TooEarlyError: The change log does not reach back so far.
        """
        wanted = None if at is None else (table, at, corporation_id)
        if wanted == self._past:
            return
        if self._past is not None:
            hide_past(db, self._past[0])
            self._past = None
        if at is not None:
            db.execute("BEGIN")
            try:
                show_past(db, [table], at, corporation_id)
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
            self._past = wanted

    def order(self, db: sqlite3.Connection, sql: ViewSql, limit: int | None) -> tuple[str, int]:
        """Work out an order; its temporary table and the number of its rows."""
        while len(self._orders) >= ORDERS_KEPT:
            db.execute(f"DROP TABLE IF EXISTS temp.{quoted(self._orders.pop(0))}")
        self.prepare(db, sql, hurry=limit is not None)
        name = f"ord_{next(self._numbers)}"
        self._orders.append(name)
        create, fill = sql.fill(name, limit)
        db.execute(create.text)
        rows = db.execute(fill.text, fill.parameters).rowcount
        return name, rows

    def prepare(self, db: sqlite3.Connection, sql: ViewSql, *, hurry: bool = False) -> None:
        """Work out the derived columns that a view sorts or filters by, unless that was done.

        In a `hurry` what was worked out before the last writes will do: all rows follow.
        """
        self.stand_at(db, sql.table.stored, sql.view.at, sql.view.corporation_id)
        for column in sql.to_prepare():
            name = derived_name(sql.table, column)
            known = self._derived.get(name)
            if hurry and known is not None and known[:2] == (sql.view.corporation_id, sql.view.at):
                continue
            self._prepare(db, sql, name, sql.prepare(column))

    def _prepare(
        self, db: sqlite3.Connection, sql: ViewSql, name: str, steps: Sequence[Sql]
    ) -> None:
        now = (sql.view.corporation_id, sql.view.at, version(db))
        if self._derived.get(name) != now:
            self._derived.pop(name, None)
            for step in steps:
                db.execute(step.text, step.parameters)
            self._derived[name] = now

    def _connect_file(self) -> sqlite3.Connection:
        connection = connect_reader(self._path)
        connection.execute("PRAGMA temp.journal_mode = MEMORY")
        return connection


class Listing:
    """One order of the rows of a view, as it was at one moment."""

    def __init__(
        self, bench: Bench, sql: ViewSql, order: str, rows: int, version: int, *, complete: bool
    ) -> None:
        self._bench = bench
        self._sql = sql
        self._order = order
        self._version = version
        self.rows = rows
        """How many rows it has."""
        self.complete = complete
        """Whether these are all of the view."""

    @property
    def view(self) -> View:
        """What was asked for."""
        return self._sql.view

    async def window(self, start: int, count: int, columns: Sequence[str]) -> list[BrowseRow]:
        """The rows from the place `start` on, from 0.

        Raises:
            DatabaseError: The file cannot be read, or this order was dropped for newer ones.
        """
        return await self._rows(
            self._sql.window(self._order, columns, start + 1, start + count), len(columns)
        )

    async def chosen(self, keys: Sequence[Key], columns: Sequence[str]) -> list[BrowseRow]:
        """These rows in this order, whatever the filter says. Raises as `window`."""
        return await self._rows(self._those(keys).rows(columns), len(columns))

    def _stand(self, db: sqlite3.Connection) -> None:
        view = self.view
        self._bench.stand_at(db, self._sql.table.stored, view.at, view.corporation_id)

    def _those(self, keys: Sequence[Key]) -> ViewSql:
        return ViewSql(self._sql.table, replace(self.view, keys=tuple(keys)))

    async def _rows(self, sql: Sql, width: int) -> list[BrowseRow]:
        keys = len(self._sql.table.key)

        def work(db: sqlite3.Connection) -> list[BrowseRow]:
            self._stand(db)
            return [
                BrowseRow.read(row, keys, width) for row in db.execute(sql.text, sql.parameters)
            ]

        return await self._do(work)

    async def find(self, key: Key) -> int | None:
        """The place of a row, from 0; None where it is not among these."""
        sql = self._sql.find(self._order, key)
        row = await self._do(lambda db: db.execute(sql.text, sql.parameters).fetchone())
        return None if row is None else int(row[0]) - 1

    async def sums(self, columns: Sequence[str], keys: Sequence[Key] = ()) -> list[float | None]:
        """The sums of these columns over all rows of the view, or over these of them."""
        sql = self._those(keys).sums(columns)

        def work(db: sqlite3.Connection) -> list[float | None]:
            self._stand(db)
            return list(db.execute(sql.text, sql.parameters).fetchone())

        return await self._do(work)

    async def groups(self, column: str, columns: Sequence[str]) -> list[Group]:
        """The rows of the view by the values of a column, with sums of others; the most first."""
        sql = self._sql.groups(column, columns, GROUPS)

        def work(db: sqlite3.Connection) -> list[Group]:
            self._stand(db)
            return [
                Group(value, name, rows, tuple(sums))
                for value, name, rows, *sums in db.execute(sql.text, sql.parameters)
            ]

        return await self._do(work)

    async def outdated(self) -> bool:
        """Whether anything was written to the file since; the past stays as it was."""
        return self.view.at is None and await self._do(version) != self._version

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._bench.submit(Job(work, transaction=False)).answer()

    def on(self, bench: Bench) -> bool:
        """Whether this order lies on that bench."""
        return self._bench is bench


class Browser:
    """Works out orders of tables, one at a time: a new one ends the work on the last."""

    def __init__(
        self,
        path: Path,
        tables: Sequence[Table],
        process_of: Mapping[str, str],
        opens: Collection[str] = (),
    ) -> None:
        self.tables: dict[str, BrowseTable] = browse_tables(tables, process_of, opens)
        """What can be browsed, by name."""
        self._path = path
        self._benches: tuple[Bench, Bench] | None = None
        self._shown: Listing | None = None
        self._working: Job[Any] | None = None

    async def listing(self, view: View, *, limit: int | None = None) -> Listing:
        """Work out the order of a view, or of its first rows.

        Raises:
            DatabaseError: The file cannot be read, or a newer order was asked for meanwhile.
            LookupError: There is no such table or column.
        """
        sql = ViewSql(self.tables[view.table], view)
        bench = self._spare()
        if self._working is not None:
            self._working.cancel()

        def work(db: sqlite3.Connection) -> tuple[str, int, int]:
            before = version(db)
            return *bench.order(db, sql, limit), before

        job = self._working = Job(work, transaction=False)
        order, rows, before = await bench.submit(job).answer()
        complete = limit is None or rows < limit
        made = Listing(bench, sql, order, rows, before, complete=complete)
        if complete:
            self._shown = made
        return made

    async def warm(self, view: View) -> None:
        """Work out what a filter of this view will need; the next listing ends that work."""
        sql = ViewSql(self.tables[view.table], replace(view, filter="any"))
        bench = self._spare()
        if self._working is not None:
            self._working.cancel()
        job = self._working = Job(lambda db: bench.prepare(db, sql), transaction=False)
        with suppress(DatabaseError):
            await bench.submit(job).answer()

    async def detail(self, view: View, key: Key) -> Detail | None:
        """All that is known of one row of a view; None where it is gone."""
        wanted, bench = self.tables[view.table], self._serving()

        def work(db: sqlite3.Connection) -> Detail | None:
            bench.stand_at(db, wanted.stored, view.at, view.corporation_id)
            return read_detail(db, wanted, key, view.schema)

        return await bench.submit(Job(work, transaction=False)).answer()

    async def named(
        self, text: str, shown: Mapping[str, Sequence[str]], corporation_id: int | None
    ) -> list[FoundRow]:
        """Rows of any table that bear a name with this text in it; the next search ends this one.

        `shown`: the columns that are read of each table.

        Raises:
            DatabaseError: The file cannot be read, or something newer was asked for meanwhile.
        """
        bench = self._spare()
        if self._working is not None:
            self._working.cancel()

        def work(db: sqlite3.Connection) -> list[FoundRow]:
            named = NamedRows(db, text, corporation_id)
            found: list[FoundRow] = []
            for name, table in self.tables.items():
                bench.stand_at(db, table.stored, None)
                found += named.of(table, shown[name])
            return found

        job = Job(work, transaction=False)
        self._working = job
        return await bench.submit(job).answer()

    async def counts(self, corporation_id: int | None) -> dict[str, int]:
        """How many rows each table has."""
        statements = {
            name: ViewSql(table, View(name, corporation_id)).count()
            for name, table in self.tables.items()
        }

        def work(db: sqlite3.Connection) -> dict[str, int]:
            return {
                name: db.execute(sql.text, sql.parameters).fetchone()[0]
                for name, sql in statements.items()
            }

        return await self._serving().submit(Job(work, transaction=False)).answer()

    def close(self) -> None:
        """End the threads; what they work at is stopped."""
        if self._working is not None:
            self._working.cancel()
        for bench in self._benches or ():
            bench.stop()

    def _pair(self) -> tuple[Bench, Bench]:
        if self._benches is None:
            one, two = (Bench(self._path, f"corpsync-browser-{n}") for n in (1, 2))
            self._benches = one, two
        return self._benches

    def _serving(self) -> Bench:
        one, two = self._pair()
        return two if self._shown is not None and self._shown.on(two) else one

    def _spare(self) -> Bench:
        """The bench that does not serve the order on screen."""
        one, two = self._pair()
        return two if self._shown is not None and self._shown.on(one) else one


def version(db: sqlite3.Connection) -> int:
    """A number that changes when another connection commits."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])
