"""The statements of browsing: a filter, an order, a window, and what is exported of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpsync_tui.queries.browse_types import BrowseColumn, BrowseTable, View
from corpsync_tui.store.columns import CORPORATION_KEY, NAMED_KINDS
from corpsync_tui.store.schema import Table, listed, quoted
from corpsync_tui.store.views import name_column, name_lookup, naming_tables

FIGURES = re.compile(r"[\d,]*\.?\d*")
"""What may be part of a number as screens write it."""

NAMED_BY_EVE_ALONE = NAMED_KINDS - {"corporation", "location"}
"""Kinds whose names stand in `eve_name` and nowhere else: they are looked up the other way
round, from the few names that fit to their ids."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


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
            name_lookup(table, column, namers),
            moving=column.moving,
        )
    for derived in table.model.derived:
        yield BrowseColumn(derived.name, derived.kind, derived.sql, of=derived.of, derived=True)


def derived_name(table: BrowseTable, column: BrowseColumn) -> str:
    """The temporary table that a derived column is worked out in."""
    return f"derived_{table.name}_{column.name}"


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

    def to_prepare(self) -> list[BrowseColumn]:
        """The derived columns that this view sorts or filters by."""
        wanted = {self.view.order} | (
            set(self.view.searched) if self.view.filter.split() else set()
        )
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
        chosen = [self.table.column(name) for name in columns]
        same = " AND ".join(f"t.{quoted(k)} = o.{quoted(k)}" for k in self.table.key)
        parts = [
            listed(self.table.key, "o."),
            f"t.{quoted(CORPORATION_KEY)} IS NULL",
            *(c.value for c in chosen),
            *(c.text or "NULL" for c in chosen),
        ]
        return Sql(
            f"SELECT {', '.join(parts)} FROM temp.{quoted(order)} AS o "
            f"LEFT JOIN {self._rows} AS t ON {same} "
            "WHERE o.place BETWEEN ? AND ? ORDER BY o.place",
            (first, last),
        )

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

    def count(self) -> Sql:
        """The number of the view's rows."""
        where = self._where()
        return Sql(
            f"SELECT COUNT(*) FROM {self._rows} AS t WHERE {where.text}",
            where.parameters,
        )

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
        """The rows of the corporation in which every word of the filter is found."""
        parts = [self._own()]
        columns = [self.table.column(name) for name in self.view.searched]
        for word in self.view.filter.split():
            found = [sql for column in columns for sql in self._found(column, word)]
            parts.append(_joined(found, " OR ") if found else Sql("false"))
        return _joined(parts, " AND ")

    def _found(self, column: BrowseColumn, word: str) -> Iterable[Sql]:
        """Conditions under which a column shows the word."""
        like, pattern = "LIKE ? ESCAPE '\\'", f"%{_escaped(word)}%"
        if column.of and self._prepared:
            name, of = quoted(derived_name(self.table, column)), listed(column.of)
            ids = f"(SELECT {of} FROM temp.{name} WHERE text {like})"
            yield Sql(f"({listed(column.of, 't.')}) IN {ids}", (pattern,))
        elif column.text is not None:
            if column.kind in NAMED_BY_EVE_ALONE:
                names = f"(SELECT id FROM eve_name WHERE name {like})"
                yield Sql(f"{column.value} IN {names}", (pattern,))
            else:
                yield Sql(f"{column.text} {like}", (pattern,))
            if word.isdecimal() and len(word) < 19:
                yield Sql(f"{column.value} = ?", (int(word),))
        elif column.kind in ("isk", "number", "count", "id") or not _is_text(column.kind):
            yield from _in_figures(column, word)
        elif column.kind in ("when", "day"):
            yield Sql(f"replace({column.value}, 'T', ' ') {like}", (pattern,))
        else:
            yield Sql(f"{column.value} {like}", (pattern,))


def _in_figures(column: BrowseColumn, word: str) -> Iterable[Sql]:
    if column.kind == "flag":
        meant = [f for f, shown in ((1, "yes"), (0, "no")) if word.casefold() in shown]
        yield from (Sql(f"{column.value} = ?", (flag,)) for flag in meant)
    elif column.kind != "json" and FIGURES.fullmatch(word):
        shown = f"printf('%.2f', {column.value})" if column.kind == "isk" else column.value
        yield Sql(f"CAST({shown} AS TEXT) LIKE ?", (f"%{word.replace(',', '')}%",))


def _is_text(kind: str) -> bool:
    return kind in ("text", "word", "when", "day", "place")


def _affinity(kind: str) -> str:
    """The type that SQLite must know to find a value of such a column by an index."""
    if _is_text(kind):
        return "TEXT"
    return "REAL" if kind in ("isk", "number") else "INTEGER"


def _collation(column: BrowseColumn) -> str:
    return " COLLATE NOCASE" if column.kind in ("text", "word", "place") else ""


def _escaped(word: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", word)


def _joined(parts: Sequence[Sql], between: str) -> Sql:
    text = between.join(part.text for part in parts)
    return Sql(f"({text})", tuple(p for part in parts for p in part.parameters))
