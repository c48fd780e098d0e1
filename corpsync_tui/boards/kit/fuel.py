"""How fast structures burn what they hold, and how long it lasts. Rates are units an hour.

Numbers without a source here are those of CCP's dogma, by attribute; where they are recalculated
from other programs' tests, the tests named after them say so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from corpsync_tui.boards.kit.board import BoardContext, Row
from corpsync_tui.queries.as_of import exact_since
from corpsync_tui.queries.asset_moves import find_things, read_asset_moves

FUEL_BLOCKS = (4051, 4246, 4247, 4312)
"""Nitrogen, Hydrogen, Helium and Oxygen fuel blocks."""
GAS, OZONE, STRONTIUM = 81143, 16273, 16275
"""Magmatic gas, liquid ozone, strontium clathrates."""
CHARTERS = range(24592, 24598)
"""Starbase charters of the six empires."""
EMPIRE = 0.45
"""True security from which on a starbase needs a charter an hour."""
FUEL_BAY, MATERIAL_BAY = "StructureFuel", "MoonMaterialBay"

BURN, BONUS, BAY = 2109, 2339, 5693
"""Dogma: blocks a service module burns an hour; a hull's bonus in percent; a Metenox's bay, m³."""
OWN_SERVICES: Mapping[int, frozenset[int]] = {
    1657: frozenset({1321}),
    1404: frozenset({1415}),
    1406: frozenset({1322, 1717}),
}
"""The groups of service modules that a hull's bonus is for: citadels, engineering complexes,
refineries. A moon drill gets none anywhere."""

METENOX_GAS = 200.0
"""What a Metenox burns where neither settings nor static data say (esi-issues#1492)."""
METENOX_BAY = 500_000.0

TOWER_SIZES = (("Small", 10.0), ("Medium", 20.0), ("", 40.0))
OFFICER_TOWERS = ("Domination", "Dark Blood", "Dread Guristas", "True Sansha", "Shadow")
FACTION_TOWERS = ("Angel", "Blood", "Guristas", "Sansha", "Serpentis")
SOVEREIGNTY = 0.75
"""What a starbase burns where its alliance holds the system."""

# The flags of bays stand in the statements to the letter: so do they in the index of assets.
MODULES = """
SELECT a.location_id AS structure_id, m.value AS burn, IFNULL(b.value, 0) AS bonus,
    t.group_id AS module_group, h.group_id AS hull_group
FROM asset a
JOIN structure s ON s.corporation_id = a.corporation_id AND s.structure_id = a.location_id
JOIN ref.type_attribute m ON m.type_id = a.type_id AND m.attribute_id = :burn
JOIN ref.type t ON t.type_id = a.type_id
LEFT JOIN ref.type h ON h.type_id = s.type_id
LEFT JOIN ref.type_attribute b ON b.type_id = s.type_id AND b.attribute_id = :bonus
WHERE a.corporation_id = :c AND a.location_flag LIKE 'ServiceSlot%'
"""

BAYS = f"""
SELECT location_id, type_id, SUM(quantity) AS quantity FROM asset
WHERE corporation_id = :c AND location_flag = '{FUEL_BAY}'
GROUP BY location_id, type_id
"""

MATERIALS = f"""
SELECT a.location_id, 100.0 * SUM(a.quantity * COALESCE(t.packaged_volume, t.volume))
    / COALESCE((SELECT value FROM ref.type_attribute b
        WHERE b.attribute_id = :bay AND b.type_id = s.type_id), :usual) AS percent
FROM asset a
JOIN structure s ON s.corporation_id = a.corporation_id AND s.structure_id = a.location_id
LEFT JOIN ref.type t ON t.type_id = a.type_id
WHERE a.corporation_id = :c AND a.location_flag = '{MATERIAL_BAY}'
GROUP BY a.location_id
"""

USUAL = 0.15
"""The part of the expected burn by which a bay may differ from it (Structure-Manager)."""
USUAL_HOURS = 2.0
"""Hours of burn by which it may, too: the game burns whole hours, ESI's copies are hourly."""
WITHDRAWN_HOURS = 12.0
"""Hours of burn beyond the expected from which on a bay was emptied by hand."""
MOST = 0.8
"""The part of what came or went that own hangars must lack, or hold, to be where it was."""
HANGARS = 0
"""In place of a structure's id: all of the corporation's blocks that lie in no fuel bay."""


@dataclass(frozen=True, slots=True)
class BayMove:
    """By how many blocks a fuel bay and the hangars differ from one copy to the next."""

    time: float
    """Unix seconds: when the copy was read."""
    hours: float | None
    """Since the copy before; None where the log does not tell."""
    bay: int
    hangars: int


def find_bays(context: BoardContext) -> dict[int, dict[int, int]]:
    """Units by type in the fuel bay of each structure."""
    bays: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for row in context.rows(BAYS):
        bays[row["location_id"]][row["type_id"]] = row["quantity"]
    return bays


def find_material_volumes(context: BoardContext) -> dict[int, float]:
    """Percent of the bay that a Metenox fills, by structure."""
    rows = context.rows(MATERIALS, bay=BAY, usual=METENOX_BAY)
    return {row["location_id"]: row["percent"] for row in rows}


def blocks_in(bay: Mapping[int, int]) -> int:
    """Fuel blocks of every kind."""
    return sum(bay.get(type_id, 0) for type_id in FUEL_BLOCKS)


def measured_burn(blocks: int, expires: float, counted: float) -> float | None:
    """Blocks an hour: what lies in the bay, over the hours from the count to the end of fuel.

    `expires` and `counted` are Unix seconds: ESI's `fuel_expires`, and the assets' Last-Modified.
    So reckons aa-structures, whose example (6,309 blocks, 168 a day) is a test.
    """
    return blocks * 3600 / (expires - counted) if blocks and expires > counted else None


def model_burns(context: BoardContext) -> dict[int, float]:
    """Blocks an hour of each structure by its service modules; a module counts once.

    A structure is missing where the static data do not know its modules.
    """
    burns: defaultdict[int, float] = defaultdict(float)
    for row in context.rows(MODULES, burn=BURN, bonus=BONUS):
        burns[row["structure_id"]] += module_burn(row)
    return dict(burns)


def module_burn(row: Row) -> float:
    """Blocks an hour of one module: `burn`, less the hull's `bonus` in percent for its own kind.

    CCP's dogma says both; a bonus is for services of the hull's kind alone (eveseat/seat#789).
    """
    own = row["module_group"] in OWN_SERVICES.get(row["hull_group"], ())
    return float(row["burn"]) * (1 - abs(row["bonus"]) / 100 if own else 1)


def tower_burn(name: str, *, holds_system: bool) -> float:
    """Blocks an hour of a starbase: 40, 20 or 10 by size, less for the makes of pirates.

    CCP's `controlTowerResources` gives sizes and makes, Structure-Manager 0.75 for sovereignty.
    """
    rate = next(rate for size, rate in TOWER_SIZES if size in name)
    if name.startswith(OFFICER_TOWERS):
        rate *= 0.8
    elif name.startswith(FACTION_TOWERS):
        rate *= 0.9
    return rate * (SOVEREIGNTY if holds_system else 1)


def strontium_hours(held: Mapping[int, int], name: str) -> float:
    """Hours that a starbase would stay reinforced, at 400, 200 or 100 units an hour by its size.

    The rates are those of CCP's `controlTowerResources`.
    """
    rate = next(rate for size, rate in TOWER_SIZES if size in name)
    return held.get(STRONTIUM, 0) / (10 * rate)


def hours_left(amount: float, rate: float, since: float, now: float) -> float:
    """Hours that `amount`, counted at `since`, lasts from `now` on; never less than none.

    Times are Unix seconds, whole ones as the game has them.
    """
    return max(0.0, amount / rate - (int(now) - int(since)) / 3600)


def metenox_gas_burn(context: BoardContext) -> float:
    """Gas that a Metenox burns an hour: by the settings, the static data, or the last known."""
    told: Any = context.settings.get("fuel", {}).get("metenox_gas")
    if told:
        return float(told)
    drill = context.one(
        "SELECT reagents_consumed_per_cycle AS units, mining_cycle_time AS seconds "
        "FROM ref.metenox_drill LIMIT 1"
    )
    return drill["units"] * 3600 / drill["seconds"] if drill else METENOX_GAS


def find_bay_moves(context: BoardContext, since: float) -> dict[int, list[BayMove]]:
    """What the change log tells of the blocks in each fuel bay, the newest first.

    After a run whose changes were only counted; what was before it nobody knows.
    """
    db, corporation_id = context.db, context.corporation_id
    since = max(since, exact_since(db, "asset", corporation_id) or 0.0)
    things = find_things(db, corporation_id, "type_id", FUEL_BLOCKS, since)
    runs: dict[float, defaultdict[int, int]] = {}
    for move in read_asset_moves(db, corporation_id, things, since, context.now):
        places = runs.setdefault(move.time, defaultdict(int))
        for side, sign in ((move.after, 1), (move.before, -1)):
            if side and "location_flag" in side:
                inside = side["location_flag"] == FUEL_BAY
                places[side["location_id"] if inside else HANGARS] += sign * side["quantity"]
    moves = {}
    for structure_id in {place for places in runs.values() for place in places} - {HANGARS}:
        times = [time for time, places in runs.items() if structure_id in places]
        moves[structure_id] = [
            BayMove(
                time,
                None if last is None else (time - last) / 3600,
                runs[time][structure_id],
                runs[time][HANGARS],
            )
            for time, last in zip_longest(times, times[1:])
        ]
    return moves


def judge_move(move: BayMove, burn: float | None) -> str | None:
    """Whether a bay was refuelled or emptied, in words; None where it burned as it should.

    `burn` is in blocks an hour. The limits are Structure-Manager's, which tells a refuel from a
    theft by what the corporation's own hangars gained or lost meanwhile.
    """
    if burn is None or move.hours is None:
        if move.bay > 0:
            return f"refuelled: {move.bay:,} blocks or more"
        is_usual = burn is not None or not move.bay
        return None if is_usual else f"{-move.bay:,} blocks fewer: burned or taken is unknown"
    expected = burn * move.hours
    moved = round(move.bay + expected)
    if abs(moved) <= max(USUAL * expected, USUAL_HOURS * burn):
        return None
    if moved > 0:
        lacking = -move.hangars / moved
        source = "own hangars" if lacking >= MOST else "own hangars in part"
        how = f"from {source}" if lacking > 0 else "hauled in"
        return f"refuelled: {moved:,} blocks, {how}"
    if move.hangars >= -MOST * moved:
        return f"{-moved:,} blocks taken into own hangars"
    if -moved > WITHDRAWN_HOURS * burn and move.hangars < 0:
        return f"{-moved:,} blocks withdrawn, own hangars lost some too: theft?"
    return f"{-moved:,} blocks gone beyond its burn, not into own hangars"
