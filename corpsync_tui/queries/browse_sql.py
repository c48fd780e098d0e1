"""The statements of browsing: a filter, an order, a window, and what is exported of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from corpsync_tui.queries.browse_filter import Conditions, is_text, parse_filter
from corpsync_tui.queries.browse_types import (
    BrowseColumn,
    BrowseTable,
    Sql,
    View,
    derived_name,
    joined,
)
from corpsync_tui.store.columns import CORPORATION_KEY, Column
from corpsync_tui.store.naming import UNKNOWN_STRUCTURE
from corpsync_tui.store.schema import Table, listed, quoted
from corpsync_tui.store.views import name_column, name_lookup, naming_tables


def browse_tables(
    tables: Sequence[Table], process_of: Mapping[str, str], opens: Collection[str] = ()
) -> dict[str, BrowseTable]:
    """The tables that can be browsed, by name.

    `process_of` says who fills each, `opens` which of them stand for their process.
    """
    namers = naming_tables(tables)
    return {
        table.name: BrowseTable(
            table.name,
            process_of[table.name],
            (CORPORATION_KEY, *table.identity),
            tuple(_columns(table, namers)),
            table.title,
            table,
            table.model.presentation,
            table.name in opens,
        )
        for table in tables
        if table.name in process_of
    }


def _columns(table: Table, namers: Mapping[str, Table]) -> Iterable[BrowseColumn]:
    for column in table.columns:
        yield BrowseColumn(
            column.name,
            column.kind,
            f"t.{quoted(column.name)}",
            _name_of(table, column, namers),
            moving=column.moving,
        )
    for derived in table.model.derived:
        yield BrowseColumn(derived.name, derived.kind, derived.sql, of=derived.of, derived=True)


def _name_of(table: Table, column: Column, namers: Mapping[str, Table]) -> str | None:
    """The expression for a name; a side is called by its word, and a structure at
    which nobody may dock is called unknown."""
    if column.kind == "side":
        return f"iif(t.{quoted(column.name)}, 'Buy', 'Sell')"
    lookup = name_lookup(table, column, namers)
    if lookup is None or column.kind != "location":
        return lookup
    unknown = (
        f"SELECT '{UNKNOWN_STRUCTURE} ' || id FROM main.nameless_id "
        f"WHERE id = t.{quoted(column.name)} AND reason LIKE 'forbidden%'"
    )
    return f"COALESCE({lookup}, ({unknown}))"


class ViewSql:
    """The statements for one view of a table.

    `prepared` says that the connection has the tables of `prepare`: sorting and filtering by
    what is costly to derive then looks it up there.
    """

    def __init__(self, table: BrowseTable, view: View, *, prepared: bool = True) -> None:
        self.table = table
        self.view = view
        self._prepared = prepared
        self._rows = f"{view.schema}.{quoted(table.name)}"
        self._terms = parse_filter(view.filter, table)
        self._conditions = Conditions(table, view.searched, view.now, prepared=prepared)

    def to_prepare(self) -> list[BrowseColumn]:
        """The derived columns that this view sorts or filters by."""
        wanted = {self.view.order, *(term.column for term in self._terms)}
        if None in (term.column for term in self._terms):
            wanted.update(self.view.searched)
        return [c for c in self.table.columns if c.of and c.name in wanted]

    def prepare(self, column: BrowseColumn) -> list[Sql]:
        """Work a derived column out, once for each combination of what it follows from."""
        name, of = quoted(derived_name(self.table, column)), listed(column.of)
        typed = ", ".join(f"{quoted(n)} {_affinity(self.table.column(n).kind)}" for n in column.of)
        where = self._own()
        return [
            Sql(f"DROP TABLE IF EXISTS temp.{name}"),
            Sql(
                f"CREATE TEMP TABLE {name} ({typed}, text TEXT, place INTEGER, "
                f"PRIMARY KEY ({of})) WITHOUT ROWID"
            ),
            Sql(
                f"WITH told AS MATERIALIZED (SELECT {of}, {column.value} AS text FROM ("
                f"SELECT DISTINCT {of} FROM {self._rows} AS t "
                f"WHERE {where.text}) AS t) "
                f"INSERT INTO temp.{name} SELECT {of}, text, "
                "row_number() OVER (ORDER BY text COLLATE NOCASE NULLS LAST) FROM told",
                where.parameters,
            ),
        ]

    def fill(self, order: str, limit: int | None) -> list[Sql]:
        """Put the keys of the view's rows, or of the first ones, into a temporary table.

        The table's rowid is a row's place in the order, from 1.
        """
        key = listed(self.table.key)
        where = self._where()
        bound = "" if limit is None else f" LIMIT {limit:d}"
        return [
            Sql(f"CREATE TEMP TABLE {quoted(order)} (place INTEGER PRIMARY KEY, {key})"),
            Sql(
                f"INSERT INTO temp.{quoted(order)} ({key}) "
                f"SELECT {listed(self.table.key, 't.')} FROM {self._rows} AS t "
                f"WHERE {where.text} ORDER BY {self._order()}{bound}",
                where.parameters,
            ),
        ]

    def window(self, order: str, columns: Sequence[str], first: int, last: int) -> Sql:
        """The rows at some places: the key, whether the row is there, values, then names."""
        same = " AND ".join(f"t.{quoted(k)} = o.{quoted(k)}" for k in self.table.key)
        return Sql(
            f"SELECT {self._cells('o.', columns)} FROM temp.{quoted(order)} AS o "
            f"LEFT JOIN {self._rows} AS t ON {same} "
            "WHERE o.place BETWEEN ? AND ? ORDER BY o.place",
            (first, last),
        )

    def rows(self, columns: Sequence[str]) -> Sql:
        """All rows of the view, each as `window` has it."""
        where = self._where()
        return Sql(
            f"SELECT {self._cells('t.', columns)} FROM {self._rows} AS t "
            f"WHERE {where.text} ORDER BY {self._order()}",
            where.parameters,
        )

    def _cells(self, of: str, columns: Sequence[str]) -> str:
        chosen = [self.table.column(name) for name in columns]
        parts = [
            listed(self.table.key, of),
            f"t.{quoted(CORPORATION_KEY)} IS NULL",
            *(c.value for c in chosen),
            *(c.text or "NULL" for c in chosen),
        ]
        return ", ".join(parts)

    def find(self, order: str, key: Sequence[Any]) -> Sql:
        """The place of a row in an order."""
        same = " AND ".join(f"{quoted(k)} = ?" for k in self.table.key)
        return Sql(f"SELECT place FROM temp.{quoted(order)} WHERE {same}", tuple(key))

    def select(self, columns: Sequence[str]) -> Sql:
        """All rows of the view, with names beside the ids, as a file is to have them."""
        parts = []
        for column in map(self.table.column, columns):
            parts.append(f"{column.value} AS {quoted(column.name)}")
            if column.text is not None:
                parts.append(f"{column.text} AS {quoted(name_column(column.name))}")
        where = self._where()
        return Sql(
            f"SELECT {', '.join(parts)} FROM {self._rows} AS t "
            f"WHERE {where.text} ORDER BY {self._order()}",
            where.parameters,
        )

    def among(self) -> Sql:
        """The condition that a row with the columns of the key is one of the view's."""
        where = self._where()
        key, keys = listed(self.table.key), listed(self.table.key, "t.")
        return Sql(
            f"({key}) IN (SELECT {keys} FROM {self._rows} AS t WHERE {where.text})",
            where.parameters,
        )

    def count(self) -> Sql:
        """The number of the view's rows."""
        where = self._where()
        return Sql(
            f"SELECT COUNT(*) FROM {self._rows} AS t WHERE {where.text}",
            where.parameters,
        )

    def sums(self, columns: Sequence[str]) -> Sql:
        """The sums of columns over all rows of the view."""
        where = self._where()
        return Sql(
            f"SELECT {self._summed(columns)} FROM {self._rows} AS t WHERE {where.text}",
            where.parameters,
        )

    def groups(self, column: str, columns: Sequence[str], limit: int) -> Sql:
        """Value, name, number of rows and sums for each value of a column, the most rows first.

        Times are grouped by their day.
        """
        grouped = self.table.column(column)
        value = f"substr({grouped.value}, 1, 10)" if grouped.kind == "when" else grouped.value
        where = self._where()
        further = f", {self._summed(columns)}" if columns else ""
        return Sql(
            f"SELECT {value}, {grouped.text or 'NULL'}, COUNT(*){further} FROM {self._rows} AS t "
            f"WHERE {where.text} GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {limit:d}",
            where.parameters,
        )

    def _summed(self, columns: Sequence[str]) -> str:
        return ", ".join(f"SUM({self.table.column(name).value})" for name in columns)

    # The order

    def _order(self) -> str:
        key = listed(self.table.key, "t.")
        if self.view.order is None:
            return ", ".join(part + self._direction for part in key.split(", "))
        column = self.table.column(self.view.order)
        if column.of and self._prepared:
            return f"{self._looked_up(column, 'place')}{self._direction}, {key}"
        value = f"{column.value}{_collation(column)}{self._direction} NULLS LAST"
        if column.text is not None:
            value = f"{column.text} COLLATE NOCASE{self._direction} NULLS LAST, {value}"
        return f"{value}, {key}"

    @property
    def _direction(self) -> str:
        return " DESC" if self.view.descending else ""

    def _looked_up(self, column: BrowseColumn, what: str) -> str:
        same = " AND ".join(f"d.{quoted(n)} = t.{quoted(n)}" for n in column.of)
        name = quoted(derived_name(self.table, column))
        return f"(SELECT d.{what} FROM temp.{name} AS d WHERE {same})"

    # The filter

    def _own(self) -> Sql:
        if self.view.corporation_id is None:
            return Sql("true")
        return Sql(f"t.{quoted(CORPORATION_KEY)} = ?", (self.view.corporation_id,))

    def _where(self) -> Sql:
        """The rows of the corporation that meet every condition, or those with the keys."""
        keys = self.view.keys
        if keys:
            row = f"({', '.join('?' * len(self.table.key))})"
            values = ", ".join([row] * len(keys))
            parameters = tuple(value for key in keys for value in key)
            return Sql(f"({listed(self.table.key, 't.')}) IN (VALUES {values})", parameters)
        return joined([self._own(), *map(self._conditions.of, self._terms)], " AND ")


def _affinity(kind: str) -> str:
    """The type that SQLite must know to find a value of such a column by an index."""
    if is_text(kind):
        return "TEXT"
    return "REAL" if kind in ("isk", "number") else "INTEGER"


def _collation(column: BrowseColumn) -> str:
    return " COLLATE NOCASE" if column.kind in ("text", "word", "place") else ""
