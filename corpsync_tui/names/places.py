"""Where an asset is: `station › office › hangar division › container`."""

from __future__ import annotations

from typing import Any


def place_of(db: Any, corporation_id: int, item_id: int) -> str | None:
    """The way to one asset as `asset_named` tells it; None where there is no such asset.

    Runs on a database thread.
    """
    row = db.execute(
        "SELECT place FROM asset_named WHERE corporation_id = ? AND item_id = ?",
        (corporation_id, item_id),
    ).fetchone()
    return None if row is None else str(row[0] or "")
