"""Kills and losses, with attackers and what was fitted."""

from hashlib import blake2b

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_CARGO_FLAG = 5
_DRONE_BAY = 87


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Ninety days of kills and losses, newest first."""
    now = world.clock.now()
    ages = sorted((world.rng.uniform(0.01, 88) * DAY for _ in range(scale.killmails)), reverse=True)
    rows = [_killmail(world, corporation, now - age) for age in ages]
    corporation.tables["killmail"] = {ONLY: rows[::-1]}


def new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """Somebody has just lost a ship."""
    return _killmail(world, corporation, world.clock.now())


def _killmail(world: World, corporation: Corporation, when: float) -> Row:
    rng = world.rng
    killmail_id = world.next_id("killmail")
    loss = rng.random() < 0.4
    members = world.members(corporation)
    victim = rng.choice(members if loss else world.outsiders)
    killers = world.outsiders if loss else members
    row: Row = {
        "killmail_id": killmail_id,
        "killmail_hash": blake2b(b"%d" % killmail_id, digest_size=20).hexdigest(),
        "killmail_time": iso(when),
        "solar_system_id": rng.choice(sorted(places.SYSTEMS)),
        "victim": _victim(world, victim),
        "attackers": _attackers(world, rng.sample(killers, rng.randint(1, min(8, len(killers))))),
    }
    if rng.random() < 0.2:
        row["war_id"] = rng.randint(700_000, 760_000)
    return row


def _victim(world: World, character_id: int) -> Row:
    rng = world.rng
    return {
        "character_id": character_id,
        "corporation_id": world.characters[character_id].corporation_id,
        "damage_taken": rng.randint(400, 90_000),
        "items": _items(world),
        "position": {axis: round(rng.uniform(-4e12, 4e12), 3) for axis in "xyz"},
        "ship_type_id": rng.choice((*types.SHIPS, types.CAPSULE)),
    }


def _items(world: World) -> list[Row]:
    rng = world.rng
    items = [
        _item(world, rng.choice(types.MODULES), flag, 1)
        for flag in range(11, 11 + rng.randint(0, 8))
    ]
    items += [
        _item(world, rng.choice(types.CHARGES), _DRONE_BAY, rng.randint(1, 5))
        for _ in range(rng.randint(0, 2))
    ]
    if rng.random() < 0.15:
        crate = _item(world, rng.choice(types.CONTAINERS), _CARGO_FLAG, 1)
        crate["items"] = [_item(world, rng.choice(types.MINERALS), 0, rng.randint(1, 9_000))]
        items.append(crate)
    return items


def _item(world: World, type_id: int, flag: int, quantity: int) -> Row:
    fate = world.rng.choice(("quantity_destroyed", "quantity_dropped"))
    return {"flag": flag, "item_type_id": type_id, fate: quantity, "singleton": 0}


def _attackers(world: World, killers: list[int]) -> list[Row]:
    rng = world.rng
    attackers: list[Row] = [
        {
            "character_id": killer,
            "corporation_id": world.characters[killer].corporation_id,
            "damage_done": rng.randint(0, 20_000),
            "final_blow": number == 0,
            "security_status": round(rng.uniform(-10, 5), 1),
            "ship_type_id": rng.choice(types.SHIPS),
            "weapon_type_id": rng.choice(types.MODULES + types.CHARGES),
        }
        for number, killer in enumerate(killers)
    ]
    if rng.random() < 0.2:
        attackers.append(
            {
                "damage_done": rng.randint(0, 900),
                "faction_id": 500010,
                "final_blow": False,
                "security_status": 0.0,
                "ship_type_id": 24698,
            }
        )
    return attackers


def _fight(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "killmail").add(1)


def _recent(ask: Ask) -> list[Row]:
    return [
        {"killmail_hash": row["killmail_hash"], "killmail_id": row["killmail_id"]}
        for row in ask.corporation.rows("killmail")
    ]


def _detail(ask: Ask) -> Row:
    wanted = ask.number("killmail_id")
    for corporation in ask.world.corporations.values():
        gone = (found.row for found in corporation.forgotten["killmail"])
        for row in (*corporation.rows("killmail"), *gone):
            if row["killmail_id"] == wanted and row["killmail_hash"] == ask.params["killmail_hash"]:
                return {key: value for key, value in row.items() if key != "killmail_hash"}
    raise EsiError(422, "Invalid killmail_id and/or killmail_hash")


_DETAIL = "/killmails/{killmail_id}/{killmail_hash}"
DATA_SET = DataSet(
    tables=(
        Table(
            "killmail",
            _DETAIL,
            "log",
            key=("killmail_id",),
            make=new,
            extra=("killmail_hash",),
            newest_first=True,
            kept=300,
        ),
    ),
    events=(Event(_fight, 2),),
    feeds={_DETAIL: _detail, "/corporations/{corporation_id}/killmails/recent": _recent},
    fill=fill,
)
