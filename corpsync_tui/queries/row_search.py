"""Rows of every table by what they are called: a type, a character, a structure, a place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpsync_tui.queries.browse_filter import escaped
from corpsync_tui.queries.browse_sql import ViewSql
from corpsync_tui.queries.browse_types import (
    BrowseColumn,
    BrowseRow,
    BrowseTable,
    Key,
    Sql,
    View,
    joined,
)
from corpsync_tui.store.columns import CORPORATION_KEY, NAMED_KINDS
from corpsync_tui.store.schema import listed, quoted

NAMES = 40
"""Names that are looked for in the tables: those that begin with what was typed first."""
ROWS = 3
"""Rows of a table; the newest, where its key grows."""
OWN_NAMES = ("name", "title")
"""Columns of text in which a row says itself what it is called."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row that bears a name."""

    table: str
    column: str
    """Where the name stands."""
    name: str
    row: BrowseRow


class NamedRows:
    """The rows that bear a name with this text in it.

    Raises:
        sqlite3.Error: The database cannot be read.
    """

    def __init__(self, db: sqlite3.Connection, text: str, corporation_id: int | None) -> None:
        begins = f"{escaped(text)}%"
        self._db = db
        self._text = text.casefold()
        self._pattern = f"%{begins}"
        self._corporation_id = corporation_id
        self._names: Mapping[int, str] = dict(
            db.execute(
                "SELECT id, name FROM eve_name WHERE name LIKE ? ESCAPE '\\' "
                "ORDER BY name LIKE ? ESCAPE '\\' DESC, length(name), name LIMIT ?",
                (self._pattern, begins, NAMES),
            )
        )

    def of(self, table: BrowseTable, shown: Sequence[str]) -> Iterator[FoundRow]:
        """Those of a table, with the values of some of its columns."""
        columns = [column for column in table.columns if _may_name(column)]
        hits: dict[Key, Sequence[Any]] = {}
        if columns:
            sql, width = self._matching(table, columns), len(table.key)
            for hit in self._db.execute(sql.text, sql.parameters):
                hits[hit[:width]] = hit[width:]
        if not hits:
            return
        cells = ViewSql(table, View(table.name, keys=tuple(hits)), prepared=False).rows(shown)
        for row in map(tuple, self._db.execute(cells.text, cells.parameters)):
            read = BrowseRow.read(row, len(table.key), len(shown))
            pairs = zip(columns, hits[read.key], strict=True)
            names = [(self._name_in(column, value), column.name) for column, value in pairs]
            name, column = min((n for n in names if n[0]), key=self._likeness)
            yield FoundRow(table.name, column, name, read)

    def _matching(self, table: BrowseTable, columns: Sequence[BrowseColumn]) -> Sql:
        """Key and columns of the rows of which one of these columns bears the name."""
        where = joined([self._condition(column) for column in columns], " OR ")
        if self._corporation_id is not None:
            own = Sql(f"t.{quoted(CORPORATION_KEY)} = ?", (self._corporation_id,))
            where = joined([own, where], " AND ")
        key, values = listed(table.key, "t."), ", ".join(c.value for c in columns)
        newest = ", ".join(f"{part} DESC" for part in key.split(", "))
        return Sql(
            f"SELECT {key}, {values} FROM main.{quoted(table.name)} AS t "
            f"WHERE {where.text} ORDER BY {newest} LIMIT {ROWS:d}",
            where.parameters,
        )

    def _condition(self, column: BrowseColumn) -> Sql:
        if column.kind in NAMED_KINDS:
            ids = ", ".join("?" * len(self._names))
            return Sql(f"{column.value} IN ({ids})", tuple(self._names))
        return Sql(f"{column.value} LIKE ? ESCAPE '\\'", (self._pattern,))

    def _name_in(self, column: BrowseColumn, value: Any) -> str:
        """The name that a value stands for, if it is one of those looked for."""
        if column.kind in NAMED_KINDS:
            return self._names.get(value, "")
        return str(value) if value and self._text in str(value).casefold() else ""

    def _likeness(self, named: tuple[str, str]) -> tuple[bool, int]:
        """Sorts names: first those that begin with the text, the shortest of them first."""
        return not named[0].casefold().startswith(self._text), len(named[0])


def _may_name(column: BrowseColumn) -> bool:
    if column.kind in NAMED_KINDS:
        return column.name != CORPORATION_KEY and not column.derived
    return column.kind == "text" and column.name in OWN_NAMES
