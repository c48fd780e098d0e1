"""Where one run's pages wait, decoded and checked, until they are merged."""

from __future__ import annotations

import itertools
import sqlite3
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

from corpsync_tui.store.schema import ROWS_PER_INSERT, UNIT, Table, quoted

if TYPE_CHECKING:
    from corpsync_tui.store.database import Store

Row = tuple[Any, ...]

_numbers = itertools.count(1)


class Stage:
    """A temporary table on the writer's connection, made when first needed."""

    def __init__(self, store: Store, table: Table) -> None:
        self._store = store
        self.table = table
        self.name = f"stage_{next(_numbers)}"
        """The temporary table's name: `temp.<name>` in SQL."""
        self.put_rows = 0
        """Rows put so far, those of dropped units not counted."""
        self.rows = 0
        """Rows that are staged, each identity once."""

    @property
    def duplicates(self) -> int:
        """Rows put beyond the first of their identity."""
        return self.put_rows - self.rows

    async def put(self, rows_of: Callable[[], Sequence[Row]], unit: int = 0) -> bytes:
        """Stage a page: `rows_of` decodes it, on the writer's thread.

        Its rows bear `table.row_columns` in that order; of rows alike in identity the first
        one put stays. What it raises is raised here, and nothing of the page is staged then.

        Returns:
            The page's ids, packed as 64-bit integers; empty where the identity is not one
            whole number.
        """
        return await self._store.write(lambda db: self._put(db, rows_of(), unit), transaction=False)

    async def drop_unit(self, unit: int) -> None:
        """Forget the rows of one unit, such as a division that failed on a later page."""
        await self._store.write(lambda db: self._drop_unit(db, unit), transaction=False)

    async def clear(self) -> None:
        """Forget all rows: the snapshot was renewed while it was read."""
        await self.drop()

    async def drop(self) -> None:
        """Give the room back, at the end of the run."""
        await self._store.write(self.discard, transaction=False)

    def ensure(self, db: sqlite3.Connection) -> None:
        """Make the temporary table where it is missing (on the writer's thread)."""
        db.execute(self.table.create_stage(self.name))

    def discard(self, db: sqlite3.Connection) -> None:
        """Drop the temporary table (on the writer's thread)."""
        db.execute(f"DROP TABLE IF EXISTS temp.{quoted(self.name)}")
        self.rows = self.put_rows = 0

    def _put(self, db: sqlite3.Connection, rows: Sequence[Row], unit: int) -> bytes:
        if not rows:
            return b""
        self.ensure(db)
        with _scratch(db):
            added = self._insert(db, rows, unit)
        self.put_rows += len(rows)
        self.rows += added
        key = self.table.packed_key
        return b"" if key is None else array("q", [row[key] for row in rows]).tobytes()

    def _insert(self, db: sqlite3.Connection, rows: Sequence[Row], unit: int) -> int:
        added = 0
        for start in range(0, len(rows), ROWS_PER_INSERT):
            batch = rows[start : start + ROWS_PER_INSERT]
            statement = self.table.insert_staged(self.name, len(batch), unit)
            added += db.execute(statement, list(chain.from_iterable(batch))).rowcount
        return added

    def _drop_unit(self, db: sqlite3.Connection, unit: int) -> None:
        self.ensure(db)
        gone = db.execute(f"DELETE FROM temp.{quoted(self.name)} WHERE {UNIT} = ?", (unit,))
        self.rows -= gone.rowcount
        self.put_rows -= gone.rowcount


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
