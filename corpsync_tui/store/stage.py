"""Where one run's pages wait, decoded and checked, until they are merged."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

from corpsync_tui.store.memory import give_back
from corpsync_tui.store.schema import ROWS_PER_INSERT, UNIT, Table, listed, quoted

if TYPE_CHECKING:
    from corpsync_tui.store.database import Store

Row = tuple[Any, ...]

MANY_ROWS = 10_000
"""Staged rows whose memory is worth giving back to the system."""

_numbers = itertools.count(1)


class Stage:
    """A temporary table on the writer's connection, made when first needed.

    Where one integer is the identity and the run has no units, it is numbered: a row's place and
    whether it is there already are known as it is put. Other stages are put in order by `seal`.
    """

    def __init__(self, store: Store, table: Table, *, last_wins: bool = False) -> None:
        self._store = store
        self.table = table
        self.last_wins = last_wins
        """Of rows alike in identity the last one put stays, in place of the first."""
        self.name = f"stage_{next(_numbers)}"
        """The temporary table's name: `temp.<name>` in SQL."""
        self.rows = 0
        """Rows that are staged; each identity counts once as soon as they are sealed."""
        self._put_rows = 0
        self.duplicates = 0
        """Rows put beyond the first of their identity, as `put` or `seal` found."""
        self._numbered = table.is_numbered and not last_wins
        self._is_made = False

    async def put(self, rows_of: Callable[[], Sequence[Row]], unit: int = 0) -> None:
        """Stage a page: `rows_of` decodes it, on the writer's thread.

        What `rows_of` raises is raised here, and nothing of the page is staged then.
        """
        await self._store.write(lambda db: self.add(db, rows_of(), unit), transaction=False)

    async def drop_unit(self, unit: int) -> None:
        """Forget the rows of one unit, such as a division that failed on a later page."""
        if self._is_made:
            await self._store.write(lambda db: self._drop_unit(db, unit), transaction=False)

    async def drop(self) -> None:
        """Forget all rows and give their room back: they are stored, or the run is over."""
        await self._store.write(self.discard, transaction=False)

    def ensure(self, db: sqlite3.Connection) -> None:
        """Make the temporary table where it is missing (on the writer's thread)."""
        db.execute(self.table.create_stage(self.name, numbered=self._numbered))
        self._is_made = True

    def seal(self, db: sqlite3.Connection) -> None:
        """Put the rows in order and each identity once (on the writer's thread)."""
        self.ensure(db)
        if self._numbered:
            return
        db.execute(self.table.index_stage(self.name))
        distinct: int = db.execute(self.table.count_distinct(self.name)).fetchone()[0]
        if distinct < db.execute(f"SELECT COUNT(*) FROM temp.{quoted(self.name)}").fetchone()[0]:
            db.execute(self.table.drop_repeated(self.name, last_wins=self.last_wins))
        self.rows = distinct
        self.duplicates = self._put_rows - distinct

    def count_new(self, db: sqlite3.Connection, corporation_id: int, unit: int) -> int:
        """How many identities of a unit the table lacks (on the writer's thread)."""
        self.ensure(db)
        news = self.table.is_news(self.name, corporation_id, renews=False)
        found = db.execute(
            f"SELECT COUNT(*) FROM (SELECT DISTINCT {listed(self.table.identity)} "
            f"FROM temp.{quoted(self.name)} WHERE {news} AND {UNIT} = ?)",
            (unit,),
        )
        return int(found.fetchone()[0])

    def discard(self, db: sqlite3.Connection) -> None:
        """Drop the temporary table (on the writer's thread)."""
        db.execute(f"DROP TABLE IF EXISTS temp.{quoted(self.name)}")
        if self._put_rows > MANY_ROWS:
            give_back(db)
        self.rows = self.duplicates = self._put_rows = 0

    def add(self, db: sqlite3.Connection, rows: Sequence[Row], unit: int = 0) -> None:
        """Stage rows, of `table.staged_columns` in that order (on the writer's thread).

        Of rows alike in identity the first one put stays, or the last (`last_wins`).
        """
        if not rows:
            return
        if not self._is_made:
            self._numbered = self.table.is_numbered and not unit and not self.last_wins
        elif self._numbered and unit:
            raise ValueError("a stage that began without units takes none")
        self.ensure(db)
        with _scratch(db):
            put = self._insert(db, rows, unit)
        self.rows += put
        self._put_rows += len(rows)
        if self._numbered:
            self.duplicates = self._put_rows - self.rows

    def _insert(self, db: sqlite3.Connection, rows: Sequence[Row], unit: int) -> int:
        whole = self.table.insert_staged(self.name, ROWS_PER_INSERT, unit)
        put = 0
        for start in range(0, len(rows), ROWS_PER_INSERT):
            batch = rows[start : start + ROWS_PER_INSERT]
            statement = whole
            if len(batch) < ROWS_PER_INSERT:
                statement = self.table.insert_staged(self.name, len(batch), unit)
            put += db.execute(statement, list(chain.from_iterable(batch))).rowcount
        return put

    def _drop_unit(self, db: sqlite3.Connection, unit: int) -> None:
        self.ensure(db)
        gone = db.execute(f"DELETE FROM temp.{quoted(self.name)} WHERE {UNIT} = ?", (unit,))
        self.rows -= gone.rowcount
        self._put_rows -= gone.rowcount
        if self._numbered:  # it has no units: everything went
            self._put_rows = self.rows
            self.duplicates = 0


@contextmanager
def _scratch(db: sqlite3.Connection) -> Iterator[None]:
    """A transaction over temporary tables alone: it locks nothing and waits for nobody."""
    db.execute("BEGIN")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
