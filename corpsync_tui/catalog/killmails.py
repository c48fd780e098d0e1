"""Killmails: the list of recent ones, then each new one's detail once, for ever."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.plans import Budget, ForEach
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog.kit.shapes import One
from corpsync_tui.decoding import Int64
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import a, isk
from corpsync_tui.format.times import seconds_of
from corpsync_tui.store.columns import CorporationTable, Derived, Id, Json, Text, When
from corpsync_tui.store.presentation import Presentation


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

    presentation = Presentation(title="Recent killmails")


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

    indexes = (("killmail_time",),)
    derived = (
        Derived("victim_name", "text", _one_of("victim", "character_id", "corporation_id")),
        Derived("victim_corporation_name", "text", _one_of("victim", "corporation_id")),
        Derived("victim_ship_name", "text", _one_of("victim", "ship_type_id")),
        Derived("final_blow_name", "text", f"({FINAL_BLOW})"),
        Derived("attacker_count", "count", "json_array_length(t.attackers)"),
    )

    presentation = Presentation(
        first=(
            "killmail_time",
            "victim_name",
            "victim_ship_name",
            "solar_system_id",
            "final_blow_name",
            "attacker_count",
            "victim_corporation_name",
        ),
        hidden=("killmail_hash",),
        newest="killmail_time",
    )


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

DETAILS = Dataset(
    Killmail,
    Route(
        "/killmails/{killmail_id}/{killmail_hash}",
        cache_seconds=2_592_000,
        group="killmail",
        tokens=3600,
    ),
    "log",
    shape=One(),
    plan=ForEach(of=KillmailRef, unit="killmail", once=True, budget=Budget(1_000)),
)
"""A killmail never changes: each detail is asked for once, a long backlog in several runs."""


COSTLY_LOSSES = """
    WITH lost AS MATERIALIZED (
        SELECT killmail_id, killmail_time, solar_system_id, victim,
            json_extract(victim, '$.ship_type_id') AS ship_type_id
        FROM killmail WHERE corporation_id = :corporation AND killmail_time >= :since
        AND json_extract(victim, '$.corporation_id') = :corporation
    ), part AS MATERIALIZED (
        SELECT killmail_id, ship_type_id AS type_id, 1 AS quantity FROM lost
        UNION ALL
        SELECT killmail_id, json_extract(item.value, '$.item_type_id'),
            (IFNULL(json_extract(item.value, '$.quantity_destroyed'), 0)
                + IFNULL(json_extract(item.value, '$.quantity_dropped'), 0))
            * CASE json_extract(item.value, '$.singleton') WHEN 2 THEN 0.01 ELSE 1 END
        FROM lost, json_tree(victim, '$.items') AS item
        WHERE item.type = 'object' AND json_extract(item.value, '$.item_type_id') IS NOT NULL
    ), price AS MATERIALIZED (
        SELECT type_id, COALESCE(average_price, adjusted_price, (SELECT AVG(price) FROM (
            SELECT unit_price AS price FROM wallet_transaction
            WHERE corporation_id = :corporation AND type_id = lost_type.type_id
            UNION ALL SELECT price FROM market_order
            WHERE corporation_id = :corporation AND type_id = lost_type.type_id))) AS price
        FROM (SELECT DISTINCT type_id FROM part) AS lost_type LEFT JOIN market_price USING (type_id)
    )
    SELECT killmail_id, killmail_time, ship_type_id, solar_system_id,
        IFNULL(json_extract(victim, '$.character_id'), :corporation), SUM(quantity * price) AS worth
    FROM part JOIN price USING (type_id) JOIN lost USING (killmail_id)
    GROUP BY killmail_id HAVING worth > :threshold ORDER BY killmail_time DESC
"""
"""Losses by the market price of hull and items, or what the corporation itself paid or asks.

A blueprint copy (`singleton` 2) counts a hundredth of its original, as zKillboard reckons.
"""


def describe_killmail(context: ChangeContext) -> str | None:
    """Who lost what to whom."""
    names = context.names
    lost = msgspec.convert(context.get("victim"), Victim)
    attackers = msgspec.convert(context.get("attackers"), list[Attacker])
    who = names.who(lost.character_id or lost.corporation_id or lost.faction_id)
    place, ship = names.of(context.get("solar_system_id"), "System"), names.type(lost.ship_type_id)
    killer = next((a for a in attackers if a.final_blow), None)
    if killer is None:
        return f"{who} lost {a(ship)} in {place}"
    ids = (killer.character_id, killer.corporation_id, killer.ship_type_id, killer.faction_id)
    return f"{who} lost {a(ship)} in {place} to {names.who(next(filter(None, ids), None))}"


def costly_losses(context: RuleContext) -> Iterator[Alert]:
    """A loss of late that is worth much."""
    names, since = context.names, context.esi(context.news_since("killmail"))
    for id_, time, ship, system, who, worth in context.rows(
        COSTLY_LOSSES, since=since, threshold=context.threshold
    ):
        yield Alert(
            f"{id_}",
            f"{names.who(who)} lost {a(names.type(ship))} worth {isk(worth)} in "
            f"{names.of(system, 'System')}",
            "medium",
            seconds_of(time),
            table_name="killmail",
            row_key={"killmail_id": id_},
        )


PROCESS = Process(
    "killmails",
    title="Killmails",
    noun="killmails",
    order=70,
    interval_minutes=15,
    demo_minutes=1,
    datasets=[RECENT, DETAILS],
    describe={Killmail: describe_killmail},
    rules=[
        Rule(
            "loss",
            costly_losses,
            says="A loss worth more ISK than this at market prices.",
            default=100_000_000,
            many="costly losses",
        ),
    ],
)
