"""Killmails: the list of recent ones, then each new one's detail once, for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import Int64
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.plans import Budget, ForEach
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog.kit.shapes import One
from corpsync_tui.catalog.kit.words import a, isk, seconds_of
from corpsync_tui.esi.routes import Route
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


LOSSES = """
    SELECT killmail_id, killmail_time, victim, solar_system_id FROM killmail
    WHERE corporation_id = :corporation AND killmail_time >= :recent
    AND json_extract(victim, '$.corporation_id') = :corporation ORDER BY killmail_time DESC
"""
PRICE = """
    SELECT avg(unit_price) FROM (SELECT unit_price FROM wallet_transaction
    WHERE corporation_id = :corporation AND type_id = :type
    UNION ALL SELECT price FROM market_order
    WHERE corporation_id = :corporation AND type_id = :type)
"""
"""What the corporation itself paid or asks for a type; NULL where it never traded it."""


def describe_killmail(context: ChangeContext) -> str | None:
    """Who lost what to whom."""
    victim, names = context.get("victim"), context.names
    lost = msgspec.convert(_nested(victim), Victim)
    attackers = msgspec.convert(_nested(context.get("attackers")), list[Attacker])
    who = names.who(lost.character_id or lost.corporation_id or lost.faction_id)
    place, ship = names.of(context.get("solar_system_id"), "System"), names.type(lost.ship_type_id)
    killer = next((a for a in attackers if a.final_blow), None)
    if killer is None:
        return f"{who} lost {a(ship)} in {place}"
    ids = (killer.character_id, killer.corporation_id, killer.ship_type_id, killer.faction_id)
    return f"{who} lost {a(ship)} in {place} to {names.who(next(filter(None, ids), None))}"


def _nested(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str) else value


def costly_loss(context: RuleContext) -> Iterator[Alert]:
    """A loss of late that is worth much, as far as the corporation's own trade tells prices."""
    prices: dict[int, float] = {}

    def price(type_id: int) -> float:
        if type_id not in prices:
            prices[type_id] = context.rows(PRICE, type=type_id)[0][0] or 0.0
        return prices[type_id]

    for id_, time, victim, system in context.rows(LOSSES, recent=context.esi(context.recent)):
        lost = msgspec.json.decode(victim, type=Victim)
        worth = price(lost.ship_type_id) + sum(
            price(type_id) * quantity for type_id, quantity in _contents(lost.items or [])
        )
        if worth <= context.threshold:
            continue
        names = context.names
        who = names.who(lost.character_id or lost.corporation_id)
        ship, place = a(names.type(lost.ship_type_id)), names.of(system, "System")
        yield Alert(
            f"{id_}",
            f"{who} lost {ship} worth {isk(worth)} in {place}",
            "medium",
            seconds_of(time),
            table_name="killmail",
            row_key={"killmail_id": id_},
        )


def _contents(items: list[Item]) -> Iterator[tuple[int, int]]:
    for item in items:
        yield item.item_type_id, (item.quantity_destroyed or 0) + (item.quantity_dropped or 0)
        yield from _contents(item.items or [])


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
            costly_loss,
            says="A loss worth more ISK than this, by the prices of the corporation's own trade.",
            default=100_000_000,
        ),
    ],
)
