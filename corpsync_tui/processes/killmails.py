"""Killmails: the list of recent ones, then each new one's detail once, for ever."""

from __future__ import annotations

from typing import Any

import msgspec

from corpsync_tui.esi.routes import Route
from corpsync_tui.processes.base import Dataset, Process
from corpsync_tui.processes.run import Run
from corpsync_tui.processes.wire import Int64, Row
from corpsync_tui.store.columns import CorporationTable, Derived, Id, Json, Text, When

DETAILS_A_RUN = 1_000
"""A long backlog is read in several runs, each due as soon as the one before it ends."""
DETAILS_A_BATCH = 50
"""Details committed together, so that a killed run keeps what it paid for."""


class Position(msgspec.Struct, gc=False):
    """Where in its system a ship died, in metres."""

    x: float
    y: float
    z: float


class Item(msgspec.Struct):
    """An item of the victim's ship; a container holds further ones."""

    flag: Int64
    item_type_id: Int64
    singleton: Int64
    quantity_destroyed: Int64 | None = None
    quantity_dropped: Int64 | None = None
    items: list[Item] | None = None


class Victim(msgspec.Struct):
    """Who lost what."""

    damage_taken: Int64
    ship_type_id: Int64
    alliance_id: Int64 | None = None
    character_id: Int64 | None = None
    corporation_id: Int64 | None = None
    faction_id: Int64 | None = None
    items: list[Item] | None = None
    position: Position | None = None


class Attacker(msgspec.Struct):
    """One of those who shot."""

    damage_done: Int64
    final_blow: bool
    security_status: float
    alliance_id: Int64 | None = None
    character_id: Int64 | None = None
    corporation_id: Int64 | None = None
    faction_id: Int64 | None = None
    ship_type_id: Int64 | None = None
    weapon_type_id: Int64 | None = None


def _one_of(column: str, *keys: str) -> str:
    """The first name among some ids in a JSON column."""
    names = [
        f"(SELECT name FROM eve_name WHERE id = json_extract(t.{column}, '$.{key}'))"
        for key in keys
    ]
    return f"COALESCE({', '.join(names)})" if len(names) > 1 else names[0]


FINAL_BLOW = """
    SELECT COALESCE(
        (SELECT name FROM eve_name WHERE id = json_extract(value, '$.character_id')),
        (SELECT name FROM eve_name WHERE id = json_extract(value, '$.corporation_id')),
        (SELECT name FROM eve_name WHERE id = json_extract(value, '$.ship_type_id')),
        (SELECT name FROM eve_name WHERE id = json_extract(value, '$.faction_id'))
    ) FROM json_each(t.attackers) WHERE json_extract(value, '$.final_blow') LIMIT 1
"""
"""Who killed: a character, else the corporation, the ship or the faction of a nameless one."""


class KillmailRef(CorporationTable):
    """An entry of the list: which killmails there are, and the hash that opens each."""

    killmail_hash = Text()
    killmail_id = Id("killmail", identity=True)


class Killmail(CorporationTable):
    """A killmail in full."""

    attackers = Json(list[Attacker])
    killmail_id = Id("killmail", identity=True)
    killmail_time = When()
    moon_id = Id("moon", null=True)
    solar_system_id = Id("system")
    victim = Json(Victim)
    war_id = Id("war", null=True)
    killmail_hash = Text(added=True)

    derived = (
        Derived("victim_name", "text", _one_of("victim", "character_id", "corporation_id")),
        Derived("victim_corporation_name", "text", _one_of("victim", "corporation_id")),
        Derived("victim_ship_name", "text", _one_of("victim", "ship_type_id")),
        Derived("final_blow_name", "text", f"({FINAL_BLOW})"),
        Derived("attacker_count", "count", "json_array_length(t.attackers)"),
    )


class Details(Dataset):
    """A killmail's own route answers with one object."""

    def rows(self, body: bytes, context: Any) -> list[Row]:
        """The one killmail, and the hash it was asked with."""
        return [self.transform(self.wire.one(body), context)]


RECENT = Dataset(
    KillmailRef,
    Route(
        "/corporations/{corporation_id}/killmails/recent",
        cache_seconds=300,
        scope="esi-killmails.read_corporation_killmails.v1",
        roles=("Director",),
        group="corp-killmail",
        tokens=30,
        paged=True,
    ),
    "log",
    counted=False,
)

DETAILS = Details(
    Killmail,
    Route(
        "/killmails/{killmail_id}/{killmail_hash}",
        cache_seconds=2_592_000,
        group="killmail",
        tokens=3600,
    ),
    "log",
)

UNREAD = """
    SELECT r.killmail_id, r.killmail_hash FROM killmail_ref r
    LEFT JOIN killmail k USING (corporation_id, killmail_id)
    WHERE r.corporation_id = ? AND k.killmail_id IS NULL
    ORDER BY r.killmail_id
"""


class Killmails(Process):
    """A killmail never changes: each detail is asked for once."""

    async def fetch(self, run: Run) -> None:
        """The list, then the details that are missing, oldest first."""
        run.part(0, 2)
        await run.collect(RECENT)
        await run.commit_rows()
        unread = await run.query(UNREAD, (run.corporation_id,))
        now = unread[:DETAILS_A_RUN]
        run.more_to_come = len(unread) > len(now)
        for start in range(0, len(now), DETAILS_A_BATCH):
            batch = now[start : start + DETAILS_A_BATCH]
            run.part(len(now) + start, 2 * len(now), f"killmail {start + 1} of {len(now)}")
            await run.collect_each(
                DETAILS,
                [
                    (f"killmail {id_}", {"killmail_id": id_, "killmail_hash": hash_})
                    for id_, hash_ in batch
                ],
            )
            await run.commit_rows()


PROCESS = Killmails(
    "killmails",
    title="Killmails",
    noun="killmails",
    interval_minutes=15,
    datasets=[RECENT, DETAILS],
)
