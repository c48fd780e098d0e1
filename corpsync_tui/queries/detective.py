"""The story of a thing, a stack, a container or a bay, as far as anything tells it.

The change log tells what lay where at each copy; container logs, wallet, orders, contracts, jobs
and members tell why, and sometimes who. What none of them tells is said to be so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

from corpsync_tui.queries.as_of import exact_since
from corpsync_tui.queries.asset_moves import (
    AssetMove,
    Row,
    find_things,
    read_asset_moves,
    read_held,
)
from corpsync_tui.queries.bystanders import tell_members
from corpsync_tui.queries.deduction import Deduction, Here, Scene, place_of, tell_line
from corpsync_tui.queries.evidence import Evidences
from corpsync_tui.queries.story import Draft, Movement, Place, Story

TYPES = 50
"""Types of things in one place up to which it is looked where else they went, or came from."""


class Detective:
    """Finds out about one thing or place of a scene; for one story."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.draft = Draft()
        since = exact_since(scene.db, "asset", scene.corporation_id)
        self.since = math.inf if since is None else since
        """From when on the change log tells of assets, in Unix seconds; it may not have begun."""

    def read_thing(self, item_id: int) -> Story | None:
        """The story of a thing: of a box with what came into it; None where nobody knows it."""
        own = self._moves([item_id])
        held = read_held(self.scene.db, self.scene.corporation_id, [item_id])
        row = held.get(item_id) or next((move.before for move in own if move.before), None)
        inside = self._things("location_id", [item_id])
        if inside or self._keeps_log(item_id):
            self._tell_things(own, held)
            self.tell_place(lambda place: place[0] == item_id, inside, boxes=[item_id])
            return self.finish(f"{self._called(item_id, row)} and what is in it")
        if row is None:
            return None
        if row["is_singleton"]:
            self._tell_things(own, held)
            return self.finish(self._called(item_id, row))
        self._tell_stack(item_id, row)
        flagged = (row["location_id"], row["location_flag"])
        return self.finish(f"{self._called(item_id, row)} in {self.scene.place(flagged)}")

    def tell_place(
        self,
        here: Callable[[Place], bool],
        things: Collection[int],
        *,
        boxes: Sequence[int] = (),
        besides: Collection[int] = (),
        silent: str = "",
    ) -> None:
        """What came into a place and went.

        `things` are or were there; `boxes` those containers whose logs belong to it; `besides`:
        types of which others tell; `silent`: why no log tells of the place.
        """
        held, moves = self._held(things), self._moves(things)
        rows = [*held.values(), *(row for m in moves for row in (m.before, m.after) if row)]
        types = {row["type_id"] for row in rows if here(place_of(row))} - set(besides)
        if 0 < len(types) <= TYPES:
            things = self._things("type_id", types)
            held, moves = self._held(things), self._moves(things)
        moves = [move for move in moves if move.row["type_id"] in types]
        evidences = self._evidences(types, boxes)
        deduction = Deduction(self.scene, self.draft, held, evidences, silent=silent)
        deduction.tell(moves, lambda _run: here)
        for line in evidences.logged:
            tell_line(self.scene, self.draft, line)

    def finish(self, title: str) -> Story:
        """All that was found out, with where the log begins, and who was about."""
        self._tell_begin()
        tell_members(self.scene, self.draft, self.since)
        return self.draft.story(title, self.scene.corporation_id)

    def _tell_things(self, moves: Sequence[AssetMove], held: dict[int, Row]) -> None:
        """Where things were that keep their ids."""
        types = {move.row["type_id"] for move in moves}
        deduction = Deduction(self.scene, self.draft, held, self._evidences(types, ()))
        deduction.tell(moves, lambda _run: lambda _place: True)

    def _tell_stack(self, item_id: int, row: Row) -> None:
        """A stack wherever it was, with all others of its type there: stacks merge."""
        things = self._things("type_id", [row["type_id"]])
        moves = self._moves(things)
        own = [move for move in moves if move.item_id == item_id]
        boxes = {row["location_id"]} | {move.before["location_id"] for move in own if move.before}
        evidences = self._evidences([row["type_id"]], boxes)
        place = place_of(row)

        def here(run: Sequence[AssetMove]) -> Here:
            nonlocal place
            move = next((move for move in run if move.item_id == item_id), None)
            if move is None or move.before is None:
                return {place}.__contains__
            places = {place, place_of(move.before)}
            place = place_of(move.before)
            return places.__contains__

        Deduction(self.scene, self.draft, self._held(things), evidences).tell(moves, here)
        for line in evidences.logged:
            if line.type_id == row["type_id"]:
                tell_line(self.scene, self.draft, line)

    def _tell_begin(self) -> None:
        """From when on the change log tells of assets, and why of nothing before."""
        if math.isinf(self.since):
            return
        lost = self.scene.db.execute(
            "SELECT 1 FROM change WHERE table_name = 'asset' AND corporation_id = ? "
            "AND kind = 'bulk' AND time = ? "
            "AND NOT EXISTS (SELECT 1 FROM change_pack WHERE change_id = change.id)",
            (self.scene.corporation_id, self.since),
        ).fetchone()
        sentence = "Here the change log of assets begins"
        if lost is not None:
            sentence = "Here so many assets changed at once that they were only counted"
        reason = "what was before is in no log of assets"
        self.draft.add(Movement(self.since, "change log", sentence, "cannot be proven", reason))

    def _called(self, item_id: int, row: Row | None) -> str:
        if row is None:
            return self.scene.names.item(self.scene.corporation_id, item_id)
        return str(row.get("name") or self.scene.names.type(row["type_id"]))

    def _keeps_log(self, item_id: int) -> bool:
        """Whether this is a container that wrote a log."""
        found = self.scene.db.execute(
            "SELECT 1 FROM container_log WHERE corporation_id = ? AND container_id = ? LIMIT 1",
            (self.scene.corporation_id, item_id),
        )
        return found.fetchone() is not None

    def _evidences(self, types: Collection[int], boxes: Collection[int]) -> Evidences:
        return Evidences(self.scene.db, self.scene.corporation_id, types, boxes)

    def _things(self, column: Any, values: Collection[int]) -> set[int]:
        scene = self.scene
        return find_things(scene.db, scene.corporation_id, column, values, self.since)

    def _held(self, things: Collection[int]) -> dict[int, Row]:
        return read_held(self.scene.db, self.scene.corporation_id, things)

    def _moves(self, things: Collection[int]) -> list[AssetMove]:
        scene = self.scene
        return read_asset_moves(scene.db, scene.corporation_id, things, self.since)
