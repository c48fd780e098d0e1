"""Which ids in the tables still want a name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from corpsync_tui.store.columns import (
    CORPORATION_KEY,
    PLACE_KINDS,
    UNIVERSE_KINDS,
    Column,
    Id,
    Json,
)
from corpsync_tui.store.schema import Table, quoted

NESTED_ROWS = 3_000
"""JSON columns are searched in the newest rows only: older ones had their turn."""

FIRST_STRUCTURE = 10**12
"""Ids from here on are structures (or items)."""
SYSTEMS = range(30_000_000, 33_000_000)
STATIONS = range(60_000_000, 64_000_000)
OWN = f"WHERE {CORPORATION_KEY} = :corporation"
LARGEST = 10**10
"""Nothing that `/universe/names` knows has an id as large."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ids without a name, or with an old one."""

    universe: list[int]
    """For `/universe/names`."""
    structures: list[int]
    """For `/universe/structures/{structure_id}`."""


def wanted(
    db: Any, tables: Iterable[Table], corporation_id: int, *, now: float, stale: float
) -> Wanted:
    """Look through one corporation's rows; runs on a database thread.

    Names fetched before `stale` are wanted anew; what has no name is asked again at its time.
    """
    tables = tuple(tables)
    named, places = (
        _distinct(db, _plain(tables, kinds) + _nested(tables, kinds), corporation_id, now, stale)
        for kinds in (UNIVERSE_KINDS, PLACE_KINDS)
    )
    boxes = _boxes(db, tables, corporation_id)
    universe = {id for id in named if 0 < id < LARGEST}
    universe.update(id for id in places if id in SYSTEMS or id in STATIONS)
    structures = {id for id in places if id >= FIRST_STRUCTURE and id not in boxes}
    return Wanted(sorted(universe), sorted(structures))


def _plain(tables: Iterable[Table], kinds: frozenset[str]) -> list[str]:
    """A query for each column of these kinds."""
    return [
        f"SELECT DISTINCT {quoted(column.name)} AS id FROM {quoted(table.name)} {OWN}"
        for table in tables
        for column in table.columns
        if _holds(column, kinds)
    ]


def _holds(column: Column, kinds: frozenset[str]) -> bool:
    return isinstance(column, Id) and column.kind in kinds


def _nested(tables: Iterable[Table], kinds: frozenset[str]) -> list[str]:
    """A query for each JSON column that has ids of these kinds in it."""
    return [
        f"SELECT DISTINCT found.value AS id FROM ({_newest(table, column)}) AS newest,"
        f" json_tree(newest.nested) AS found"
        f" WHERE found.key IN ({keys}) AND found.type = 'integer'"
        for table in tables
        for column in table.columns
        if isinstance(column, Json)
        and (keys := ", ".join(f"'{name}'" for name in nested_ids(column.shape, kinds)))
    ]


def nested_ids(shape: Any, kinds: frozenset[str]) -> list[str]:
    """The fields of a nested value that hold ids of these kinds, at any depth.

    A field is of the kind that stands before its `_id`: `ship_type_id` is of a type.
    """
    _, parts = msgspec.json.schema_components([shape])
    names = {name for part in parts.values() for name in part.get("properties", ())}
    return sorted(
        name for name in names if name.endswith("_id") and name.split("_")[-2:][0] in kinds
    )


def _newest(table: Table, column: Column) -> str:
    return (
        f"SELECT {quoted(column.name)} AS nested FROM {quoted(table.name)} {OWN}"
        f" ORDER BY {quoted((*table.identity, CORPORATION_KEY)[0])} DESC LIMIT {NESTED_ROWS}"
    )


def _distinct(
    db: Any, queries: list[str], corporation_id: int, now: float, stale: float
) -> set[int]:
    if not queries:
        return set()
    rows = db.execute(
        f"SELECT id FROM ({' UNION '.join(queries)}) WHERE id IS NOT NULL"
        " AND id NOT IN (SELECT id FROM eve_name WHERE fetched_at > :stale)"
        " AND id NOT IN (SELECT id FROM nameless_id WHERE ask_again > :now)",
        {"corporation": corporation_id, "now": now, "stale": stale},
    )
    return {id for (id,) in rows}


def _boxes(db: Any, tables: Iterable[Table], corporation_id: int) -> set[int]:
    """The corporation's own containers, ships and offices, which are no structures."""
    if not any(table.name == "asset" for table in tables):
        return set()
    rows = db.execute(
        "SELECT DISTINCT location_id FROM asset AS content WHERE corporation_id = :corporation"
        " AND EXISTS (SELECT 1 FROM asset AS box WHERE box.corporation_id = :corporation"
        " AND box.item_id = content.location_id)",
        {"corporation": corporation_id},
    )
    return {id for (id,) in rows}
