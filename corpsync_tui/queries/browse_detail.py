"""One row in full: every field, names for its ids, and what its JSON columns hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from corpsync_tui.queries.browse_types import BrowseTable, Detail, DetailField, Key
from corpsync_tui.store.naming import OFFICE, UNKNOWN_STRUCTURE
from corpsync_tui.store.schema import quoted

OWN_THINGS = ("item", "location")
"""Kinds of id that may be one of the corporation's own assets: its way is shown then."""
TYPES = ("type_id", "product_type_id", "blueprint_type_id", "ship_type_id", "structure_id")
"""Columns by which a row without a name is called."""


def read_detail(
    db: sqlite3.Connection, table: BrowseTable, key: Key, schema: str = "main"
) -> Detail | None:
    """Read one row of the table in `schema`; None where it is gone."""
    columns = sorted(table.columns, key=lambda c: table.presentation.place(c.name))
    parts = [c.value for c in columns] + [c.text or "NULL" for c in columns]
    same = " AND ".join(f"t.{quoted(name)} = ?" for name in table.key)
    row = db.execute(
        f"SELECT {', '.join(parts)} FROM {schema}.{quoted(table.name)} AS t WHERE {same}", key
    ).fetchone()
    if row is None:
        return None
    fields, nested = [], {}
    for column, value, name in zip(columns, row, row[len(columns) :], strict=False):
        text = name
        if column.kind == "json" and value is not None:
            nested[column.name] = json.loads(value)
            continue
        if column.kind in OWN_THINGS and value is not None and column.name not in table.key:
            text = _own_thing(db, key[0], value) or text
        if text is not None and text.startswith(UNKNOWN_STRUCTURE):
            text = f"{UNKNOWN_STRUCTURE} (no docking access)"
        fields.append(DetailField(column.name, column.kind, value, text))
    ids = sorted(set(_ids(nested)))
    title = f"{table.title}: {_called(table, fields) or 'one row'}"
    return Detail(table.name, title, table.key[1:], key, fields, nested, _names(db, ids))


def _called(table: BrowseTable, fields: Sequence[DetailField]) -> str:
    """What a row is called: by what tells it apart, by its own name, or by its type."""
    texts = {f.name: f.text or (f.value if f.name == "name" else None) for f in fields}
    names = (*(table.key[1:] if len(table.key) == 2 else ()), "name", *TYPES)
    return next((text for name in names if (text := texts.get(name))), "")


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
