"""The names that directors give to containers and ships: `assets/names`.

The route takes up to 1,000 items and refuses the whole batch for one that cannot bear a name,
and ESI does not say which can. So only what may be a container or a ship is asked for, a refused
batch is halved, and the refusals a run may provoke are few.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from sqlite3 import Connection

import msgspec

from corpsync_tui.catalog.kit.decoder import Int64, decode_each
from corpsync_tui.engine.copies import Copy
from corpsync_tui.engine.run import Run
from corpsync_tui.engine.staging import Collected
from corpsync_tui.errors import CorpsyncError, DatabaseError, GoneError
from corpsync_tui.esi.routes import Route, Validator
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.naming import OFFICE

NAMES = Route(
    "/corporations/{corporation_id}/assets/names",
    scope="esi-assets.read_corporation_assets.v1",
    roles=("Director",),
    group="corp-asset",
    tokens=1800,
)

BATCH = 1_000
"""Items of one request: ESI's limit."""

REFUSALS_A_RUN = 100
"""Refused batches after which the rest waits for the next run: each costs five tokens of 1,800."""

DAY = 86_400.0
"""Seconds after which all names are asked anew, since a renaming does not change the asset."""

UNNAMED = "None"
"""What ESI says of an item that bears no name."""

MAY_BEAR_A_NAME = f"""
    is_singleton = 1 AND is_blueprint_copy IS NULL AND type_id <> {OFFICE}
    AND location_flag NOT GLOB '*Slot[0-9]*' AND location_flag NOT IN ('Skill', 'Implant')
"""
"""What may be a container or ship: assembled, no blueprint, no office, not fitted."""


class ItemName(msgspec.Struct):
    """One name."""

    item_id: Int64
    name: str


@dataclass(slots=True)
class NameHunt:
    """Asks for names while the assets are staged, and writes them behind the merge."""

    run: Run
    share: Collected
    new: dict[int, str | None] = field(default_factory=dict)
    """Names of items that this run adds."""
    known: dict[int, str | None] = field(default_factory=dict)
    """Names of items that were there before, as far as ESI told them."""
    _refusals: int = 0

    async def ask(self) -> None:
        """Ask for the names of what is new, and of everything once a day.

        Names never fail a run: what could not be had is told in the run's note, and asked for
        again at the next run.
        """
        run = self.run
        stamp = run.copies.get(self._stamp)
        daily = stamp is None or stamp.validator.expires <= run.clock.time()
        if stamp is not None and not daily and not self.share.changed:
            run.side_copies[self._stamp] = stamp
            return
        run.afterwards.append(self._apply)
        wanted = await run.staged(lambda db: self._wanted(db, daily=daily))
        complete = True
        for start in range(0, len(wanted), BATCH):
            complete = complete and await self._ask(wanted[start : start + BATCH])
        expires = run.clock.time() + DAY if daily and complete else 0.0
        if stamp is not None and complete and not daily:
            expires = stamp.validator.expires
        run.side_copies[self._stamp] = Copy(Validator(None, None, expires))
        if not complete:
            run.notes.append("some containers' and ships' names could not be read")

    @property
    def _stamp(self) -> str:
        return self.run.url(NAMES, {}, {})

    def _wanted(self, db: Connection, *, daily: bool) -> list[int]:
        self.share.stage.ensure(db)
        new = [
            item
            for (item,) in db.execute(
                f"SELECT item_id FROM temp.{self.share.stage.name} AS t WHERE {MAY_BEAR_A_NAME} "
                "AND NOT EXISTS (SELECT 1 FROM main.asset AS known "
                "WHERE known.corporation_id = ? AND known.item_id = t.item_id)",
                (self.run.corporation_id,),
            )
        ]
        self.new = dict.fromkeys(new)
        return [*new, *self._known_still(db)] if daily else new

    def _known_still(self, db: Connection) -> list[int]:
        """Known items that this run does not remove: a removed one would have its batch refused."""
        known = [
            item
            for (item,) in db.execute(
                f"SELECT item_id FROM main.asset WHERE corporation_id = ? AND {MAY_BEAR_A_NAME}",
                (self.run.corporation_id,),
            )
        ]
        listed = self.share.listed() if known else set()
        return [item for item in known if item in listed]

    async def _ask(self, items: list[int]) -> bool:
        if self._refusals >= REFUSALS_A_RUN:
            return False
        run = self.run
        try:
            body = await run.client.post(
                NAMES,
                path=run.path({}),
                body=items,
                character_id=run.character_id,
                traffic=run.traffic,
            )
            names = decode_each(body, ItemName)
        except GoneError:
            self._refusals += 1
            if len(items) == 1:
                return True
            middle = len(items) // 2
            return await self._ask(items[:middle]) and await self._ask(items[middle:])
        except DatabaseError:
            raise
        except CorpsyncError:
            return False
        for item in names:
            name = None if item.name == UNNAMED else item.name
            (self.new if item.item_id in self.new else self.known)[item.item_id] = name
        return True

    def _apply(self, db: Connection) -> Counts:
        """Write the names; only those of items that were there before count as changes."""
        self._write(db, {item: name for item, name in self.new.items() if name is not None})
        return Counts(changed=self._write(db, self.known))

    def _write(self, db: Connection, names: dict[int, str | None]) -> int:
        return db.executemany(
            "UPDATE asset SET name = ?1 WHERE corporation_id = ?2 AND item_id = ?3 "
            "AND name IS NOT ?1",
            [(name, self.run.corporation_id, item) for item, name in names.items()],
        ).rowcount
