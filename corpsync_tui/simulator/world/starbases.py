"""Starbases (POS): where they stand, and what is in their fuel bay."""

from typing import Any

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, structures, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, HOUR, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_STRONTIUM = 16275
_CHARTER = 24593
_EMPIRE = 0.45
"""Security from which a tower needs a charter an hour."""
_STRONTIUM_FACTOR = 10
"""How much more strontium than fuel a tower takes for an hour."""


def _anchor(world: World, plan: dict[str, Any]) -> tuple[Row, list[Row]]:
    """A tower's row, and what is in its bay."""
    now = world.clock.now()
    system = places.system_called(plan["system"])
    moon = structures.free_moon(world, system)
    world.taken_moons.add(moon)
    row: Row = {
        "moon_id": moon,
        "starbase_id": world.next_id("item"),
        "state": plan["state"],
        "system_id": system,
        "type_id": plan["type"],
    }
    if plan["state"] in ("online", "reinforced"):
        row["onlined_since"] = iso(now - world.rng.uniform(20, 900) * DAY)
    if "reinforced" in plan:
        row["reinforced_until"] = iso(now + plan["reinforced"] * HOUR)
    if "unanchor" in plan:
        row["unanchor_at"] = iso(now + plan["unanchor"] * HOUR)
    block, hourly = types.TYPES[plan["type"]]["block"]
    hours = int(plan.get("days", 0) * 24)
    fuels = [
        {"quantity": hours * hourly, "type_id": block},
        {
            "quantity": int(plan.get("strontium", 0) * hourly * _STRONTIUM_FACTOR),
            "type_id": _STRONTIUM,
        },
    ]
    if places.SECURITY[system] >= _EMPIRE:
        fuels.append({"quantity": hours, "type_id": _CHARTER})
    return row, [fuel for fuel in fuels if fuel["quantity"]]


def _fill(world: World, corporation: Corporation, _scale: Scale) -> None:
    corporation.tables["starbase"][ONLY] = [
        _placed(world, corporation, plan) for plan in structures.ESTATE["starbases"]
    ]


def _placed(world: World, corporation: Corporation, plan: dict[str, Any]) -> Row:
    row, fuels = _anchor(world, plan)
    corporation.fuels[row["starbase_id"]] = fuels
    return row


def _new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    plan = {"system": "1DQ1-A", "type": 20061, "state": "online", "days": 12.5, "strontium": 20}
    return _placed(world, corporation, plan)


def _change(world: World, _corporation: Corporation, row: Row) -> Row:
    """It goes offline, or online."""
    state = "offline" if row["state"] == "online" else "online"
    return row | {"state": state, "onlined_since": iso(world.clock.now())}


def _detail(_world: World, corporation: Corporation, row: Row) -> list[Row]:
    detail: Row = {
        "allow_alliance_members": False,
        "allow_corporation_members": True,
        "anchor": "config_starbase_equipment_role",
        "attack_if_at_war": True,
        "attack_if_other_security_status_dropping": False,
        "attack_standing_threshold": -0.1,
        "fuel_bay_take": "starbase_fuel_technician_role",
        "fuel_bay_view": "corporation_member",
        "offline": "config_starbase_equipment_role",
        "online": "config_starbase_equipment_role",
        "unanchor": "config_starbase_equipment_role",
        "use_alliance_standings": True,
    }
    fuels = corporation.fuels.get(row["starbase_id"])
    return [detail | ({"fuels": fuels} if fuels else {})]


def _burned(world: World, _corporation: Corporation, row: Row) -> Row:
    """An hour or more of fuel is gone; an empty bay is filled."""
    fuels = [dict(fuel) for fuel in row.get("fuels", ())]
    if not fuels:
        return row | {"allow_alliance_members": not row["allow_alliance_members"]}
    gone = world.rng.randint(10, 40)
    left = fuels[0]["quantity"] - gone
    fuels[0]["quantity"] = left if left > 0 else 14_720
    return row | {"fuels": fuels}


def _burn(world: World, corporation: Corporation) -> None:
    units = [unit for unit, rows in corporation.tables["starbase_detail"].items() if len(rows)]
    if units:
        rows = corporation.rows("starbase_detail", world.rng.choice(units))
        rows[0] = _burned(world, corporation, rows[0])


def _told(ask: Ask) -> Row:
    units = ask.corporation.tables["starbase_detail"]
    unit = ask.unit("starbase_id", units)
    found = [row for row in ask.corporation.rows("starbase") if row["starbase_id"] == unit]
    if str(found[0]["system_id"]) != ask.query["system_id"]:
        raise EsiError(404, "No such starbase in that system")
    return units[unit][0]


_STARBASES = "/corporations/{corporation_id}/starbases"
_DETAIL = f"{_STARBASES}/{{starbase_id}}"
DATA_SET = DataSet(
    tables=(
        Table(
            "starbase",
            _STARBASES,
            "snapshot",
            key=("starbase_id",),
            make=_new,
            alter=_change,
        ),
        Table(
            "starbase_detail",
            _DETAIL,
            "snapshot",
            key=(),
            unit="starbase_id",
            parent="starbase",
            born=_detail,
            alter=_burned,
        ),
    ),
    events=(Event(_burn, 1),),
    feeds={_DETAIL: _told},
    fill=_fill,
    order=25,
)
