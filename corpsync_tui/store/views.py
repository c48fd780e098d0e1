"""`<table>_named`: each table with names beside its ids, for spreadsheets and other programs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from corpsync_tui.store.columns import CORPORATION_KEY, NAMED_KINDS, Column, Id
from corpsync_tui.store.schema import Table, quoted

CONTEXT_WORDS = (
    "alliance_id",
    "character_id",
    "corporation_id",
    "eve_system",
    "planet_id",
    "station_id",
    "structure_id",
    "system_id",
    "type_id",
)
"""What a journal's context may be that bears a name; other contexts are contracts, jobs, rows."""

ACTIVITIES = {
    1: "Manufacturing",
    3: "Time efficiency research",
    4: "Material efficiency research",
    5: "Copying",
    7: "Reverse engineering",
    8: "Invention",
    9: "Reaction",
    11: "Reaction",
}
"""Industry's activities; CCP's static data names them, ESI does not."""

NAME_COLUMN = "name"
"""A data table with such a column names its own rows, such as containers and ships."""


def named_view(table: Table) -> str:
    """The name of a table's view."""
    return f"{table.name}_named"


def name_column(id_column: str) -> str:
    """What a view calls the name beside an id: `type_name` for `type_id`."""
    return f"{id_column.removesuffix('_id')}_name"


def view_statements(tables: Sequence[Table]) -> list[tuple[str, str]]:
    """Each view's name and the statement that makes it."""
    namers = naming_tables(tables)
    return [(named_view(table), _view_sql(table, namers)) for table in tables]


def naming_tables(tables: Sequence[Table]) -> dict[str, Table]:
    """The tables that hold names of things themselves, by the kind of thing."""
    return {kind: table for table in tables if (kind := _names_kind(table)) is not None}


def refresh_views(db: sqlite3.Connection, statements: Mapping[str, str]) -> None:
    """Create the views that are missing and replace those that were made otherwise."""
    present = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    for name, wanted in statements.items():
        if present.get(name) != wanted:
            db.execute(f"DROP VIEW IF EXISTS {quoted(name)}")
            db.execute(wanted)


def _names_kind(table: Table) -> str | None:
    """The kind of thing whose names this table holds."""
    key = [c for c in table.columns if c.name in table.identity]
    has_names = any(c.name == NAME_COLUMN for c in table.columns)
    return key[0].kind if has_names and len(key) == 1 else None


def _view_sql(table: Table, namers: Mapping[str, Table]) -> str:
    taken = {column.name for column in table.columns}
    parts = []
    for column in table.columns:
        parts.append(f"t.{quoted(column.name)}")
        name, lookup = name_column(column.name), name_lookup(table, column, namers)
        if lookup is not None and name not in taken:
            taken.add(name)
            parts.append(f"{lookup} AS {quoted(name)}")
    parts += [f"{derived.sql} AS {quoted(derived.name)}" for derived in table.model.derived]
    return (
        f"CREATE VIEW {quoted(named_view(table))} AS SELECT {', '.join(parts)} "
        f"FROM {quoted(table.name)} AS t"
    )


def name_lookup(table: Table, column: Column, namers: Mapping[str, Table]) -> str | None:
    """The expression for the name of an id in the row `t`; None where its like has none."""
    if not isinstance(column, Id):
        return None
    it = f"t.{quoted(column.name)}"
    known = f"(SELECT name FROM eve_name WHERE id = {it})"
    if column.name == CORPORATION_KEY:
        own = f"(SELECT name FROM corporation WHERE corporation_id = {it})"
        return f"COALESCE({known}, {own})"
    if column.kind == "division":
        return (
            "(SELECT name FROM division WHERE corporation_id = t.corporation_id "
            f"AND kind = 'wallet' AND division = {it})"
        )
    if column.kind == "activity":
        known = " ".join(f"WHEN {number} THEN '{name}'" for number, name in ACTIVITIES.items())
        return f"CASE {it} {known} END"
    if column.kind == "context":
        words = ", ".join(f"'{word}'" for word in CONTEXT_WORDS)
        return f"CASE WHEN t.{quoted(column.name + '_type')} IN ({words}) THEN {known} END"
    if column.kind == "location" and "item" in namers:
        return f"COALESCE({known}, {_own_name(namers['item'], it)})"
    if column.kind in NAMED_KINDS:
        return known
    if column.kind in namers and namers[column.kind] != table:
        return _own_name(namers[column.kind], it)
    return None


def _own_name(namer: Table, it: str) -> str:
    return (
        f"(SELECT {NAME_COLUMN} FROM {quoted(namer.name)} "
        f"WHERE corporation_id = t.corporation_id AND {quoted(namer.identity[0])} = {it})"
    )
