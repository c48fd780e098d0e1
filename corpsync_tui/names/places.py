"""Where an asset is: `station › office › hangar division › container`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SEPARATOR = " › "
DEEPEST = 12
"""Boxes within boxes that are followed; ESI's data has never been seen deeper than five."""
OFFICE = 27
"""The type id of a corporation's office."""
ASSET_SAFETY = 2004
"""The location id of what lies in asset safety."""

_DIVISION = re.compile(r"CorpSAG([1-7])")
_FLAGS = {
    "CorpDeliveries": "Deliveries",
    "OfficeFolder": "Office",
    "AssetSafety": "Asset safety",
    "Impounded": "Impounded",
    "CorpseBay": "Corpse bay",
}
"""Location flags whose words a director would not use; others are split at their capitals."""


@dataclass(frozen=True, slots=True)
class Item:
    """What the way to an asset needs to know of each box on it."""

    item_id: int
    type_id: int
    location_id: int
    location_flag: str
    name: str | None


Find = Callable[[int], Item | None]
"""The asset with an item id, or None where the corporation has none."""
NameOf = Callable[[int], str | None]
"""The name of a station, system, structure or type."""


def place(
    item: Item, find: Find, name_of: NameOf, divisions: Mapping[int, str] | None = None
) -> str:
    """The whole way to an asset, from the station inward.

    A cycle or a missing parent ends the way there: what is known of it is told.

    Args:
        item: The asset.
        find: Looks up the boxes around it.
        name_of: Looks up names.
        divisions: The corporation's own names of its hangar divisions.
    """
    steps: list[str] = []
    seen = {item.item_id}
    here = item
    for _ in range(DEEPEST):
        steps.append(flag_in_words(here.location_flag, divisions or {}))
        around = find(here.location_id)
        if around is None or around.item_id in seen:
            break
        seen.add(around.item_id)
        steps.append(_box(around, name_of))
        here = around
    steps.append(_outermost(here.location_id, name_of, cycle=here.location_id in seen))
    return SEPARATOR.join(step for step in reversed(steps) if step)


def _box(item: Item, name_of: NameOf) -> str:
    if item.type_id == OFFICE:
        return "Office"
    kind = name_of(item.type_id) or f"Type {item.type_id}"
    return f"{item.name} ({kind})" if item.name else kind


def _outermost(location_id: int, name_of: NameOf, *, cycle: bool) -> str:
    if cycle:
        return ""
    if location_id == ASSET_SAFETY:
        return "Asset safety"
    return name_of(location_id) or f"Location {location_id}"


def flag_in_words(flag: str, divisions: Mapping[int, str]) -> str:
    """A location flag as the game says it; empty where it adds nothing to the box around."""
    if match := _DIVISION.fullmatch(flag):
        number = int(match[1])
        return divisions.get(number) or f"Division {number}"
    if flag in ("OfficeFolder", "Unlocked", "Locked", "AutoFit", "Cargo", "Hangar"):
        return "" if flag != "Cargo" else "Cargo hold"
    return _FLAGS.get(flag) or re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", flag).capitalize()


def place_of(
    db: Any, corporation_id: int, item_id: int, divisions: Mapping[int, str] | None = None
) -> str | None:
    """The way to one asset as the database has it; None where there is no such asset.

    Runs on a database thread.
    """

    def find(wanted: int) -> Item | None:
        row = db.execute(
            "SELECT item_id, type_id, location_id, location_flag, name FROM asset"
            " WHERE corporation_id = ? AND item_id = ?",
            (corporation_id, wanted),
        ).fetchone()
        return None if row is None else Item(*row)

    def name_of(id: int) -> str | None:
        row = db.execute("SELECT name FROM eve_name WHERE id = ?", (id,)).fetchone()
        return None if row is None else str(row[0])

    item = find(item_id)
    return None if item is None else place(item, find, name_of, divisions)
