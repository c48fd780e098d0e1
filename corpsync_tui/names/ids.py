"""Which ids in the tables still lack a name, and the list of those to be looked up."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from corpsync_tui.store.columns import (
    CELESTIAL_KINDS,
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
STATIC_NAMES = {
    "type": "inventory_type",
    "region": "region",
    "constellation": "constellation",
    "solar_system": "solar_system",
    "planet": "planet",
    "moon": "moon",
}
"""Tables of the static data with names, and the category of each as `/universe/names` says it."""
OWN = f"WHERE {CORPORATION_KEY} = :corporation"
NO_BOX = (
    " AND NOT EXISTS (SELECT 1 FROM asset"
    " WHERE asset.corporation_id = :corporation AND asset.item_id = id)"
)
"""The corporation's own containers, ships and offices are no structures."""
FREE = (
    f"nameless_id.id >= {FIRST_STRUCTURE} AND nameless_id.corporation_id IS NOT :corporation"
    " AND (nameless_id.reason LIKE 'forbidden%' AND nameless_id.ask_again > 0"
    " AND instr(nameless_id.reason || ' ', ' ' || :corporation || ' ') = 0"
    " OR NOT EXISTS (SELECT 1 FROM character"
    " WHERE character.corporation_id = nameless_id.corporation_id AND needs IS NOT 'login'))"
)
"""A structure that another corporation was to ask for, but may not dock at, or is logged out.

`reason` is then `forbidden` and the ids of those that were refused before its `corporation_id`.
"""
LARGEST = 10**10
"""Nothing that `/universe/names` knows has an id as large."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Ids whose name is to be asked for now."""

    new: list[int]
    """For `/universe/names`: never asked for."""
    refused: list[int]
    """For `/universe/names`: it gave no name when it was asked before."""
    structures: list[int]
    """For `/universe/structures/{structure_id}`."""
    celestials: list[tuple[str, int]]
    """Each of `CELESTIAL_KINDS` with an id."""

    @property
    def universe(self) -> list[int]:
        """All for `/universe/names`."""
        return [*self.new, *self.refused]


def find_unnamed(
    db: Any, tables: Iterable[Table], corporation_id: int, *, now: float, stale: float
) -> dict[int, str | None]:
    """Look through one corporation's rows; runs on a database thread.

    Returns ids, each with its kind where it is one of `CELESTIAL_KINDS`. Names fetched before
    `stale` are to be renewed; what ESI gave no name for waits for its time.
    """
    tables = tuple(tables)

    def lacking(kinds: Collection[str], also: str = "") -> set[int]:
        queries = _plain(tables, kinds) + _nested(tables, kinds)
        return _distinct(db, queries, also, corporation_id, now, stale)

    named = lacking(UNIVERSE_KINDS)
    places = lacking(PLACE_KINDS, NO_BOX if any(t.name == "asset" for t in tables) else "")
    ids = {id for id in named if 0 < id < LARGEST}
    ids.update(id for id in places if id in SYSTEMS or id in STATIONS or id >= FIRST_STRUCTURE)
    found: dict[int, str | None] = dict.fromkeys(sorted(ids))
    for kind in sorted(CELESTIAL_KINDS):
        found |= dict.fromkeys(lacking({kind}), kind)
    return found


def remember(db: Any, ids: Mapping[int, str | None], corporation_id: int) -> None:
    """Write ids down, with their kinds, to be looked up; those that are already keep their time.

    What another corporation cannot ask for is this one's to ask at once.
    """
    db.executemany(
        "INSERT INTO nameless_id (id, kind, reason, ask_again, attempts, corporation_id)"
        " VALUES (:id, :kind, 'new', 0, 0, :corporation) ON CONFLICT (id) DO UPDATE SET"
        " reason = reason || iif(reason LIKE 'forbidden%', ' ' || COALESCE(corporation_id, 0), ''),"
        f" ask_again = 0, corporation_id = :corporation WHERE {FREE}",
        [{"id": id, "kind": kind, "corporation": corporation_id} for id, kind in ids.items()],
    )


def find_static_names(db: Any) -> list[tuple[int, str, str]]:
    """Id, name and category of what is to be looked up and stands in the static data."""
    sources = " UNION ALL ".join(
        f"SELECT n.id, known.name, '{category}' FROM nameless_id AS n"
        f" JOIN ref.{table} AS known ON known.{table}_id = n.id"
        for table, category in STATIC_NAMES.items()
    )
    return [tuple(row) for row in db.execute(sources)]


def load_pending(db: Any, corporation_id: int, now: float, *, longest: float) -> Pending:
    """What is to be asked for now, structures of one corporation only.

    Nothing waits longer than `longest` seconds: a time beyond that comes of a clock that was set,
    or of an older corpsync.
    """
    rows = db.execute(
        "SELECT id, kind, COALESCE(attempts, 1) FROM nameless_id"
        " WHERE (ask_again <= :now OR ask_again > :now + :longest)"
        " AND (id < :structure OR COALESCE(corporation_id, :corporation) = :corporation)"
        " ORDER BY ask_again, id",
        {
            "now": now,
            "longest": longest,
            "structure": FIRST_STRUCTURE,
            "corporation": corporation_id,
        },
    ).fetchall()
    return Pending(
        new=[id for id, kind, tries in rows if id < FIRST_STRUCTURE and not kind and not tries],
        refused=[id for id, kind, tries in rows if id < FIRST_STRUCTURE and not kind and tries],
        structures=[id for id, kind, _ in rows if id >= FIRST_STRUCTURE and not kind],
        celestials=[(kind, id) for id, kind, _ in rows if kind],
    )


def postpone(db: Any, ids: Iterable[int], reason: str, now: float, waits: Sequence[float]) -> None:
    """Ask for ids again after `waits` seconds: the first time, the second, then as the last.

    Who took an id over is not the only one that was refused, until it asks for the second time.
    """
    number = "MIN(COALESCE(attempts, 0), json_array_length(:waits) - 1)"
    known = {"reason": reason, "now": now, "waits": json.dumps(waits)}
    db.executemany(
        "UPDATE nameless_id SET"
        " reason = iif(ask_again = 0 AND reason LIKE :reason || ' %', reason, :reason),"
        f" ask_again = :now + json_extract(:waits, '$[' || {number} || ']'),"
        " attempts = COALESCE(attempts, 0) + 1 WHERE id = :id",
        [{**known, "id": id} for id in ids],
    )


def forget_named(db: Any, ids: Iterable[int]) -> None:
    """Take ids off the list: their names have come."""
    db.executemany("DELETE FROM nameless_id WHERE id = ?", [(id,) for id in ids])


def _plain(tables: Iterable[Table], kinds: Collection[str]) -> list[str]:
    """A query for each column of these kinds."""
    return [
        f"SELECT DISTINCT {quoted(column.name)} AS id FROM {quoted(table.name)} {OWN}"
        for table in tables
        for column in table.columns
        if _holds(column, kinds)
    ]


def _holds(column: Column, kinds: Collection[str]) -> bool:
    return isinstance(column, Id) and column.kind in kinds


def _nested(tables: Iterable[Table], kinds: Collection[str]) -> list[str]:
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


def nested_ids(shape: Any, kinds: Collection[str]) -> list[str]:
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
    db: Any, queries: list[str], also: str, corporation_id: int, now: float, stale: float
) -> set[int]:
    if not queries:
        return set()
    rows = db.execute(
        f"SELECT id FROM ({' UNION '.join(queries)}) WHERE id IS NOT NULL"
        " AND id NOT IN (SELECT id FROM eve_name WHERE fetched_at > :stale)"
        " AND id NOT IN (SELECT id FROM nameless_id"
        f" WHERE ask_again > :now AND NOT ({FREE})){also}",
        {"corporation": corporation_id, "now": now, "stale": stale},
    )
    return {id for (id,) in rows}
