"""One row in full: every field, names for its ids, and what its JSON columns hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from corpsync_tui.queries.browse_types import BrowseTable, Detail, DetailField, Key
from corpsync_tui.store.naming import OFFICE
from corpsync_tui.store.schema import quoted

OWN_THINGS = ("item", "location")
"""Kinds of id that may be one of the corporation's own assets: its way is told then."""


def read_detail(
    db: sqlite3.Connection, table: BrowseTable, key: Key, schema: str = "main"
) -> Detail | None:
    """Read one row of the table in `schema`; None where it is gone."""
    parts = [c.value for c in table.columns] + [c.text or "NULL" for c in table.columns]
    same = " AND ".join(f"t.{quoted(name)} = ?" for name in table.key)
    row = db.execute(
        f"SELECT {', '.join(parts)} FROM {schema}.{quoted(table.name)} AS t WHERE {same}", key
    ).fetchone()
    if row is None:
        return None
    fields, nested = [], {}
    for column, value, text in zip(table.columns, row, row[len(table.columns) :], strict=False):
        if column.kind == "json" and value is not None:
            nested[column.name] = json.loads(value)
            continue
        if column.kind in OWN_THINGS and value is not None and column.name not in table.key:
            own = _own_thing(db, key[0], value)
            fields.append(DetailField(column.name, column.kind, value, own or text))
            continue
        fields.append(DetailField(column.name, column.kind, value, text))
    ids = sorted(set(_ids(nested)))
    return Detail(table.name, table.title, table.key[1:], key, fields, nested, _names(db, ids))


def _own_thing(db: sqlite3.Connection, corporation_id: int, item_id: int) -> str | None:
    """What one of the corporation's assets is and where: `Raven Blueprint, copy, in Jita › …`."""
    row = db.execute(
        "SELECT name, type_name, type_id, is_blueprint_copy, place FROM asset_named "
        "WHERE corporation_id = ? AND item_id = ?",
        (corporation_id, item_id),
    ).fetchone()
    if row is None:
        return None
    name, kind, type_id, copy, place = row
    if type_id == OFFICE:
        return f"Office in {place}"
    kind = kind or f"Type {type_id}"
    what = f"{name} ({kind})" if name else kind
    return f"{what}{', copy,' if copy else ''} in {place}"


def _ids(value: Any, key: str = "") -> Iterator[int]:
    """The whole numbers inside a JSON value whose keys end in `_id`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _ids(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)
    elif isinstance(value, int) and key.endswith("_id"):
        yield value


def _names(db: sqlite3.Connection, ids: list[int]) -> dict[int, str]:
    found = db.execute(
        "SELECT id, name FROM eve_name WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    return dict(found.fetchall())
