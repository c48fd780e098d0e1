"""What a screen shows of a table, as a file: its columns, its filter, its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpsync_tui.catalog import ALL
from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.browse_sql import ViewSql, browse_tables
from corpsync_tui.queries.browse_types import BrowseTable, Sql, View
from corpsync_tui.store.read_only import read_only
from corpsync_tui.store.schema import Table
from corpsync_tui.upkeep.export import (
    WRITERS,
    Export,
    Source,
    Stream,
    batches,
    export_to,
    format_of_new,
)


def export_view(
    database: Path, table: BrowseTable, view: View, columns: Sequence[str], file: Path
) -> int:
    """Write the rows of a view to a new file; its suffix says how. Returns their number.

    Raises:
        DatabaseError: The file exists, cannot be written, or its suffix names no format.
        TooEarlyError: The moment lies before what is known of the table.
    """
    format_ = format_of_new(file)
    sql = ViewSql(table, view, prepared=False).select(columns)
    nested = frozenset(c.name for c in table.columns if c.kind == "json")
    source = Source(table.name, (), nested, table.stored)
    export = ViewExport(
        database, source, format_, sql, at=view.at, corporation_id=view.corporation_id
    )
    return export_to(export, file)


def filter_rows(table: Table, words: str, at: float | None, now: float) -> Sql:
    """The condition that a row of a table, or of its named view, meets a filter's conditions.

    A word without a column is looked for in every column; `at` and `now` are
    as in `View`.
    """
    process_of = {logged.name: process.type for process in ALL for logged in process.logged}
    tables = [Table.of(model) for process in ALL for model in process.models]
    browsed = browse_tables(tables, process_of)[table.name]
    searched = tuple(c.name for c in browsed.columns if c.kind != "json")
    view = View(table.name, filter=words, searched=searched, at=at, now=now)
    return ViewSql(browsed, view, prepared=False).among()


@dataclass(frozen=True, slots=True)
class ViewExport(Export):
    """An export whose rows a statement of its own chooses."""

    sql: Sql

    def write(self, stream: Stream) -> int:
        """Write every row as of one moment; return their number."""
        with read_only(self.database) as db:
            if db is None:
                raise DatabaseError(f"There is no database at {self.database}.")
            self.show_past(db)
            cursor = db.execute(self.sql.text, self.sql.parameters)
            columns = [column[0] for column in cursor.description]
            rows = batches(cursor, self.convert(columns))
            return WRITERS[self.format](stream, columns, rows)
