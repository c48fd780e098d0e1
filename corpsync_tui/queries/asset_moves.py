"""What the change log tells of single rows, packed or not: things before and after each run."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from corpsync_tui.store.changelog import ADDED, CHANGED, REMOVED
from corpsync_tui.store.changepack import find_packed, unpack

Row = dict[str, Any]

HELD = """
SELECT item_id, type_id, quantity, location_id, location_flag, is_singleton, name FROM asset
WHERE corporation_id = ? AND item_id IN (SELECT value FROM json_each(?))
"""
CHANGES = """
SELECT id, run_id, time, kind, row_key, before FROM change
WHERE table_name = ? AND corporation_id = ? AND time > ? AND time <= ?
    AND kind IN (SELECT value FROM json_each(?))
    AND row_key IN (SELECT value FROM json_each(?))
"""
PACKS = """
SELECT id, run_id, time, rows FROM change JOIN change_pack ON change_id = id
WHERE table_name = ? AND corporation_id = ? AND time > ? AND kind = 'bulk'
"""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A change of one row."""

    time: float
    """Unix seconds: when the copy was read."""
    run_id: int | None
    """None where old changes are packed: those of a day stand together."""
    kind: str
    row_key: Row
    before: Row
    """Of a changed row those of the values that were others; empty where it was not there."""


@dataclass(frozen=True, slots=True)
class AssetMove:
    """What one run did to one thing."""

    time: float
    run_id: int | None
    item_id: int
    before: Row | None
    """None where it was not there."""
    after: Row | None

    @property
    def row(self) -> Row:
        """The thing as it was last."""
        return self.after or self.before or {}


def find_things(
    db: sqlite3.Connection,
    corporation_id: int,
    column: Literal["type_id", "location_id"],
    values: Collection[int],
    since: float,
) -> set[int]:
    """The things that have one of the values in this column, or had it after `since`."""
    wanted = json.dumps(list(values))
    held = (
        f"SELECT item_id FROM asset WHERE corporation_id = ? "
        f"AND {column} IN (SELECT value FROM json_each(?))"
    )
    found = {item_id for (item_id,) in db.execute(held, (corporation_id, wanted))}
    sides = " OR ".join(
        f"instr({side}, '\"{column}\":') AND json_extract({side}, '$.{column}') "
        "IN (SELECT value FROM json_each(?))"
        for side in ("before", "after")
    )
    logged = (
        "SELECT row_key FROM change WHERE table_name = 'asset' AND corporation_id = ? "
        f"AND time > ? AND ({sides})"
    )
    keys = [key for (key,) in db.execute(logged, (corporation_id, since, wanted, wanted))]
    words = rb'"%s":(%s)\b' % (column.encode(), b"|".join(b"%d" % value for value in values))
    for *_, packed in db.execute(PACKS, ("asset", corporation_id, since)):
        keys += find_packed(packed, words)
    return found | {json.loads(key)["item_id"] for key in keys if key}


def read_held(
    db: sqlite3.Connection, corporation_id: int, things: Collection[int]
) -> dict[int, Row]:
    """Those of the things that are there now."""
    cursor = db.execute(HELD, (corporation_id, json.dumps(list(things))))
    names = [column[0] for column in cursor.description]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor}


def read_asset_moves(
    db: sqlite3.Connection,
    corporation_id: int,
    things: Collection[int],
    since: float,
    until: float = math.inf,
) -> list[AssetMove]:
    """What became of these things after `since`, the newest first.

    Times are Unix seconds; the table `asset` stands as it was at `until`, and the log is whole
    after `since`: `as_of.exact_since` says from when on it is.
    """
    held: dict[int, Row | None] = {**read_held(db, corporation_id, things)}
    keys = [f'{{"item_id":{item_id}}}' for item_id in things]
    moves = []
    for event in read_events(db, corporation_id, "asset", keys, since, until):
        item_id = event.row_key["item_id"]
        after = None if event.kind == REMOVED else held.get(item_id)
        before = None if event.kind == ADDED else {**(after or {}), **event.before}
        held[item_id] = before
        moves.append(AssetMove(event.time, event.run_id, item_id, before, after))
    return moves


def read_events(
    db: sqlite3.Connection,
    corporation_id: int,
    table: str,
    keys: Collection[str],
    since: float = 0.0,
    until: float = math.inf,
    kinds: Sequence[str] = (ADDED, CHANGED, REMOVED),
) -> Iterator[LoggedEvent]:
    """The changes of rows, by their keys of numbers as the log keeps them, the newest first."""
    single = db.execute(
        CHANGES,
        (table, corporation_id, since, until, json.dumps(kinds), json.dumps(list(keys))),
    )
    found = [
        ((id_, 0), LoggedEvent(time, run_id, kind, json.loads(key), json.loads(before or "{}")))
        for id_, run_id, time, kind, key, before in single
    ]
    found += _packed(db, corporation_id, table, (since, until), kinds, keys)
    found.sort(key=lambda event: event[0], reverse=True)
    return (event for _, event in found)


def _packed(
    db: sqlite3.Connection,
    corporation_id: int,
    table: str,
    within: tuple[float, float],
    kinds: Sequence[str],
    keys: Collection[str],
) -> Iterator[tuple[tuple[int, int], LoggedEvent]]:
    """Each change with its place in the log: the pack's, and its own in the pack."""
    since, until = within
    for id_, run_id, time, rows in db.execute(PACKS, (table, corporation_id, since)):
        for number, change in enumerate(unpack(rows, keys)):
            at, run = (time, run_id) if change.time is None else (change.time, None)
            if since < at <= until and change.kind in kinds:
                key, before = json.loads(change.key), json.loads(change.before or "{}")
                yield (id_, number), LoggedEvent(at, run, change.kind, key, before)
