"""Upwell structures: what they do, how long their fuel lasts, and what lies in their bays.

A structure burns the sum of its modules' attribute 2109 an hour, less its hull's bonus (attribute
2339, in percent) for modules of the hull's own kind; `fuel_expires` and the blocks in the bay tell
the same hours.
"""

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import (
    DAY,
    HOUR,
    ONLY,
    Corporation,
    Structure,
    Unit,
    World,
)
from corpsync_tui.simulator.world.mutation import Mutation, Place
from corpsync_tui.simulator.world.table import DataSet, Event, Table

ESTATE: dict[str, Any] = json.loads(Path(__file__).with_name("estate.json").read_text())
"""What the corporation owns in space, and the names of services by their module's type."""
FUEL_BLOCK = 4051
MAGMATIC_GAS = 81143
LIQUID_OZONE = 16273
METENOX = 81826
_FUEL_AMOUNT, _HULL_BONUS, _OUTPUT_BAY = "2109", "2339", "5693"
_OWN_KIND = {1657: (1321,), 1404: (1415,), 1406: (1322, 1717, 1887)}
"""Groups of modules for which a group of hulls has its bonus."""
_BAY_AMONG = 25_000
"""Assets among which bays are looked for; those that are made when looked at hold none."""


def anchor(
    world: World,
    corporation: Corporation,
    plan: dict[str, Any],
) -> Structure:
    """A new structure of the corporation's, with the row that tells of it.

    `plan` is an entry of `estate.json`: system, label, type, modules, days of fuel and so on.
    """
    structure, row = _anchored(world, corporation, plan)
    corporation.rows("structure").append(row)
    return structure


def _anchored(
    world: World, corporation: Corporation, plan: dict[str, Any]
) -> tuple[Structure, Row]:
    owner = corporation.corporation_id
    structure = place(world, owner, plan["system"], plan["label"], plan["type"])
    structure.modules = list(plan["modules"])
    return structure, _row(world, structure, plan)


def place(world: World, owner_id: int, system: str, label: str, type_id: int) -> Structure:
    """A structure of anybody's; a drill stands at a moon that no other drills."""
    system_id = places.system_called(system)
    name = f"{system} {label}" if label.startswith("»") else f"{system} - {label}"
    structure = Structure(world.next_id("structure"), name, owner_id, system_id, type_id)
    if type_id in (types.ATHANOR, types.TATARA, METENOX):
        structure.moon_id = free_moon(world, system_id)
    world.structures[structure.structure_id] = structure
    return structure


def free_moon(world: World, system_id: int) -> int:
    """A moon of the system where nothing stands yet."""
    taken = {found.moon_id for found in world.structures.values()} | world.taken_moons
    return next(moon for moon in places.moons_of(system_id) if moon not in taken)


def burn(structure: Structure, modules: list[int] | None = None) -> float:
    """Fuel blocks an hour, of all modules or of these."""
    hull = types.TYPES[structure.type_id]
    own = _OWN_KIND.get(hull["group"], ())
    total = 0.0
    for module in structure.modules if modules is None else modules:
        row = types.TYPES[module]
        bonus = hull.get("attributes", {}).get(_HULL_BONUS, 0) if row["group"] in own else 0
        total += row["attributes"][_FUEL_AMOUNT] * (1 + bonus / 100)
    return total


def contents(world: World, corporation: Corporation) -> list[tuple[int, str, int, int]]:
    """What lies in the bays: structure, flag of the asset, type, quantity."""
    found: list[tuple[int, str, int, int]] = []
    plans = {plan["label"]: plan for plan in ESTATE["structures"]}
    for row in corporation.rows("structure"):
        structure = world.structures[row["structure_id"]]
        number = structure.structure_id
        plan = plans.get(
            structure.name.removeprefix(f"{_system(structure)} ").removeprefix("- "), {}
        )
        for slot, module in enumerate(structure.modules):
            found.append((number, f"ServiceSlot{slot}", module, 1))
        if "fuel_expires" in row:
            found.append((number, "StructureFuel", FUEL_BLOCK, blocks_left(world, row)))
        if "gas" in plan:
            found.append((number, "StructureFuel", MAGMATIC_GAS, plan["gas"]))
        if "ozone" in plan:
            found.append((number, "StructureFuel", LIQUID_OZONE, plan["ozone"]))
        if "full" in plan:
            bay = types.TYPES[structure.type_id]["attributes"][_OUTPUT_BAY] * plan["full"]
            for material in types.of_kind("moon_material")[4 + number % 7 :][:3]:
                volume = types.TYPES[material]["volume"]
                found.append((number, "MoonMaterialBay", material, int(bay / 3 / volume)))
    return found


def blocks_left(world: World, row: Row) -> int:
    """The fuel blocks that must lie in the bay now for the fuel to end when it does."""
    left = _moment(row["fuel_expires"]) - world.clock.now()
    return max(0, math.ceil(burn(world.structures[row["structure_id"]]) * left / HOUR))


def _system(structure: Structure) -> str:
    return places.SYSTEMS[structure.solar_system_id]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _row(world: World, structure: Structure, plan: dict[str, Any]) -> Row:
    now = world.clock.now()
    row: Row = {
        "corporation_id": structure.owner_id,
        "name": structure.name,
        "profile_id": 100_000 + structure.structure_id % 7,
        "reinforce_hour": structure.structure_id % 24,
        "services": [
            {"name": name, "state": "offline" if name in plan.get("offline", ()) else "online"}
            for module in structure.modules
            for name in ESTATE["services"][str(module)]
        ],
        "state": plan.get("state", "shield_vulnerable"),
        "structure_id": structure.structure_id,
        "system_id": structure.solar_system_id,
        "type_id": structure.type_id,
    }
    if not row["services"]:
        del row["services"]
    if "days" in plan:
        row["fuel_expires"] = iso(now + plan["days"] * DAY)
    if "timer" in plan:
        row |= {
            "state_timer_start": iso(now - 20 * HOUR),
            "state_timer_end": iso(now + plan["timer"] * HOUR),
        }
    if "unanchors" in plan:
        row["unanchors_at"] = iso(now + plan["unanchors"] * HOUR)
    return row


def _fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """The estate, as much of it as the scale has; beyond it stand plain depots."""
    for number in range(scale.structures):
        plan = _depot(world, number)
        if number < len(ESTATE["structures"]):
            plan = ESTATE["structures"][number]
        anchor(world, corporation, plan)


def _depot(world: World, number: int) -> dict[str, Any]:
    system = world.rng.choice(("1DQ1-A", "8QT-H4", "NOL-M9", "UHKL-N", "T5ZI-S"))
    kind, modules = ((35825, [35878]), (35832, [35894]), (35835, [45009]))[number % 3]
    return {
        "system": system,
        "label": f"Depot {number}",
        "type": kind,
        "modules": modules,
        "days": world.rng.uniform(8, 60),
    }


def _new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    return _anchored(world, corporation, _depot(world, len(corporation.rows("structure")) + 1))[1]


def _change(world: World, _corporation: Corporation, row: Row) -> Row:
    """The hour is moved at which it comes out of reinforcement."""
    hour = (row.get("reinforce_hour", 0) + world.rng.randint(1, 23)) % 24
    return row | {"reinforce_hour": hour}


def _destroyed(world: World, corporation: Corporation, row: Row) -> None:
    """With a structure go its drill, and the right to dock where it stood."""
    number = row["structure_id"]
    rows = corporation.rows("mining_extraction")
    for index in [n for n, found in enumerate(rows) if found["structure_id"] == number]:
        Mutation(world, corporation, "mining_extraction").remove(1, [(ONLY, index)])
    world.structures[number].docking = False
    world.structures[number].owner_id = 1000006


def _bay(corporation: Corporation, structure_id: int, type_id: int) -> Place | None:
    rows = corporation.rows("asset")
    for index in range(min(len(rows), _BAY_AMONG)):
        row = rows[index]
        place = (row["location_id"], row["location_flag"], row["type_id"])
        if place == (structure_id, "StructureFuel", type_id):
            return ONLY, index
    return None


def _set_bay(corporation: Corporation, structure_id: int, type_id: int, quantity: int) -> None:
    found = _bay(corporation, structure_id, type_id)
    if found is not None:
        rows = corporation.rows("asset")
        rows[found[1]] = rows[found[1]] | {"quantity": max(1, quantity)}


def _burning(corporation: Corporation) -> list[int]:
    rows = corporation.rows("structure")
    return [index for index, row in enumerate(rows) if "fuel_expires" in row]


def _burn(world: World, corporation: Corporation) -> None:
    """The bays hold what is left of their fuel."""
    for index in _burning(corporation):
        row = corporation.rows("structure")[index]
        left = blocks_left(world, row)
        _set_bay(corporation, row["structure_id"], FUEL_BLOCK, left)


def _refuel(world: World, corporation: Corporation) -> None:
    """Somebody fills the bay that lasts shortest, half of the times, else any."""
    burning = _burning(corporation)
    if not burning:
        return
    rows = corporation.rows("structure")
    index = world.rng.choice(burning)
    if world.rng.random() < 0.3:
        index = min(burning, key=lambda number: str(rows[number]["fuel_expires"]))
    row = rows[index]
    days = world.rng.uniform(2, 30)
    until = min(_moment(row["fuel_expires"]) + days * DAY, world.clock.now() + 90 * DAY)
    rows[index] = row | {"fuel_expires": iso(until)}
    _set_bay(corporation, row["structure_id"], FUEL_BLOCK, blocks_left(world, rows[index]))


def _switch(world: World, corporation: Corporation) -> None:
    """A service goes offline, or comes back."""
    rows = corporation.rows("structure")
    serving = [index for index, row in enumerate(rows) if row.get("services")]
    if not serving:
        return
    index = world.rng.choice(serving)
    services = [dict(service) for service in rows[index]["services"]]
    down = [service for service in services if service["state"] == "offline"]
    service = down[0] if down else world.rng.choice(services)
    service["state"] = "online" if down else "offline"
    rows[index] = rows[index] | {"services": services}


_C = "/corporations/{corporation_id}"
DATA_SET = DataSet(
    tables=(
        Table(
            "structure",
            f"{_C}/structures",
            "snapshot",
            key=("structure_id",),
            make=_new,
            alter=_change,
            on_removal=_destroyed,
        ),
        Table(
            "facility",
            f"{_C}/facilities",
            "snapshot",
            key=("facility_id",),
            source="structure",
            tell=lambda _world, _corporation, row: {
                "facility_id": row["structure_id"],
                "system_id": row["system_id"],
                "type_id": row["type_id"],
            },
            fixed=True,
        ),
    ),
    events=(Event(_burn, 3), Event(_refuel, 1), Event(_switch, 1)),
    fill=_fill,
    order=20,
)
