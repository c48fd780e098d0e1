"""What a screen shows of a table, as a file: its columns, its filter, its order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.browse_sql import Sql
from corpsync_tui.upkeep.export import WRITERS, Export, Source, Stream, batches
from corpsync_tui.upkeep.reading import reading


@dataclass(frozen=True, slots=True)
class ViewExport(Export):
    """An export whose rows a statement of its own chooses."""

    sql: Sql

    @classmethod
    def of(cls, database: Path, format: str, sql: Sql, nested: frozenset[str]) -> Self:
        """The rows of `sql` in one of the formats; `nested` names its JSON columns."""
        return cls(database, Source("", (), nested), format, sql)

    def write(self, stream: Stream) -> int:
        """Write every row as of one moment; return their number."""
        with reading(self.database) as db:
            if db is None:
                raise DatabaseError(f"There is no database at {self.database}.")
            db.row_factory = None
            cursor = db.execute(self.sql.text, self.sql.parameters)
            columns = [column[0] for column in cursor.description]
            rows = batches(cursor, self.convert(columns))
            return WRITERS[self.format](stream, columns, rows)
