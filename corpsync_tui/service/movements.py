"""What became of what a row stands for: a thing, a container, or a structure's fuel bay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.cells import hours
from corpsync_tui.boards.kit.estate import read_estate
from corpsync_tui.boards.kit.fuel import FUEL_BAY, FUEL_BLOCKS, find_bay_moves, judge_move
from corpsync_tui.boards.kit.read import copied_at
from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import signed_count
from corpsync_tui.queries.asset_moves import find_things, read_events
from corpsync_tui.queries.changes import Change, key_text
from corpsync_tui.queries.deduction import Scene
from corpsync_tui.queries.detective import Detective
from corpsync_tui.queries.evidence import Copies
from corpsync_tui.queries.story import Certainty, Movement, Story
from corpsync_tui.store.changelog import CHANGED
from corpsync_tui.store.naming import Naming

NO_LOG = "ESI keeps no log of fuel bays: burned or taken is unknown"
NO_ROW = "Nothing is known of that any more."


def read_movements(context: BoardContext, table: str, row_key: Mapping[str, Any]) -> Story:
    """The story of what a row of one of `FOLLOWED` stands for.

    Raises:
        CorpsyncError: Nothing is known of it.
    """
    db, corporation_id = context.db, context.corporation_id
    describer = ChangeDescriber(db, ALL)
    scene = Scene(db, corporation_id, describer, Naming(db), Copies(db, corporation_id))
    detective = Detective(scene)
    if table == "structure":
        return _read_bay(context, detective, row_key["structure_id"])
    item_id = row_key.get("item_id")
    if table == "container_log":
        item_id = context.one(
            "SELECT container_id FROM container_log WHERE corporation_id = :c "
            "AND row_hash = :row_hash AND ordinal = :ordinal",
            **row_key,
        ).get("container_id")
    story = None if item_id is None else detective.read_thing(item_id)
    if story is None:
        raise CorpsyncError(NO_ROW)
    return story


def _read_bay(context: BoardContext, detective: Detective, structure_id: int) -> Story:
    """What a structure burned, what was brought, and what is missing."""
    rows = (row for row in read_estate(context) if row["kind"] == "structure")
    row = next((row for row in rows if row["id"] == structure_id), None)
    if row is None:
        raise CorpsyncError(NO_ROW)
    _tell_blocks(context, detective, structure_id, row["blocks_per_hour"])
    ends = "SELECT fuel_expires FROM structure WHERE corporation_id = :c AND structure_id = :id"
    _tell_ends(detective, structure_id, context.one(ends, id=structure_id).get("fuel_expires"))
    things = find_things(
        context.db, context.corporation_id, "location_id", [structure_id], detective.since
    )
    bay = (structure_id, FUEL_BAY)
    detective.tell_place(bay.__eq__, things, besides=FUEL_BLOCKS, silent=NO_LOG)
    return detective.finish(f"Fuel bay of {row['name']}")


def _tell_blocks(
    context: BoardContext, detective: Detective, structure_id: int, burn: float | None
) -> None:
    """The fuel blocks, from copy to copy: burned as usual, brought, or taken."""
    listed = copied_at(context, "structure") or 0.0
    for move in find_bay_moves(context, 0.0).get(structure_id, ()):
        said = judge_move(move, burn) if listed >= move.time else None
        certainty: Certainty = "likely"
        reason = "by what own hangars gained or lost meanwhile"
        if listed < move.time:
            said, certainty = f"{signed_count(move.bay)} blocks", "cannot be proven"
            reason = "refuel or theft is unknown until structures are read again"
        elif said is None:
            lasted = "" if move.hours is None else f" in {hours(move.hours)}"
            said, reason = (
                f"{-move.bay:,} blocks burned{lasted}",
                f"it burns {burn:.1f} an hour now",
            )
        elif not said.startswith("refuelled") and "taken into own" not in said:
            certainty, reason = "cannot be proven", NO_LOG
        detective.draft.add(
            Movement(move.time, "change log", said, certainty, reason, table="asset")
        )


def _tell_ends(detective: Detective, structure_id: int, expires: str | None) -> None:
    """When the end of fuel was moved, which is `expires` now."""
    scene = detective.scene
    key = {"structure_id": structure_id}
    for event in read_events(scene.db, scene.corporation_id, "structure", [key_text(key)]):
        if event.kind != CHANGED or "fuel_expires" not in event.before:
            continue
        before, after = event.before["fuel_expires"], expires
        expires = before
        change = Change(
            0, 0, event.time, scene.corporation_id, "structure", CHANGED, key,
            {"fuel_expires": before}, {"fuel_expires": after},
        )  # fmt: skip
        sentence = scene.describer.describe(change)
        detective.draft.add(
            Movement(event.time, "change log", sentence, "proven", table="structure", row_key=key)
        )
