"""The change log as boards read it: with the changes that are packed, as old ones are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from corpsync_tui.boards.kit.board import BoardContext, Row
from corpsync_tui.store.changepack import unpack

PACKS = """
SELECT x.table_name, x.time, p.rows FROM change x JOIN change_pack p ON p.change_id = x.id
WHERE x.corporation_id = :c AND x.table_name IN (SELECT value FROM json_each(:tables))
    AND x.kind = 'bulk' AND x.time >= :since
    AND IFNULL(json_extract(x.after, '$.since'), x.time) <= :until
"""
"""Those of a day have the newest's time, and say since when they are; those of a run have its."""

SINGLE = """
CREATE TEMP TABLE change AS
SELECT time, corporation_id, table_name, kind, row_key, before, after FROM main.change
WHERE corporation_id = :c AND table_name IN (SELECT value FROM json_each(:tables))
    AND kind != 'bulk' AND time BETWEEN :since AND :until
"""


def read_logged(context: BoardContext, sql: str, *tables: str, since: float) -> list[Row]:
    """What `context.rows` reads, with every change of these tables one by one in `change`.

    Nothing else is sure to be there, nor what was before `since` (Unix seconds) or after the
    board's moment: `:since` and `:until`.
    """
    bounds = {"since": since, "until": context.now}
    within = {"tables": json.dumps(tables), **bounds, "since": int(since)}  # as `unix` reckons
    packs = context.rows(PACKS, **within)
    if not packs:
        return context.rows(sql, **bounds)
    db = context.db
    db.execute(SINGLE, {"c": context.corporation_id, **within})  # it hides that of the file
    try:
        db.executemany(
            "INSERT INTO temp.change VALUES (?, ?, ?, ?, ?, ?, ?)",
            (values for pack in packs for values in _values(pack, context.corporation_id)),
        )
        db.execute("CREATE INDEX temp.change_row ON change (table_name, row_key)")
        return context.rows(sql, **bounds)
    finally:
        db.execute("DROP TABLE IF EXISTS temp.change")


def _values(pack: Row, corporation_id: int) -> Iterator[tuple[Any, ...]]:
    for change in unpack(pack["rows"]):
        time = pack["time"] if change.time is None else change.time
        yield (
            time,
            corporation_id,
            pack["table_name"],
            change.kind,
            change.key,
            change.before,
            change.after,
        )
