"""What the corporation has in space, one row for each: its fuel, its timers, its services."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from corpsync_tui.boards.kit import fuel
from corpsync_tui.boards.kit.board import BoardContext, Row
from corpsync_tui.boards.kit.logged import read_logged
from corpsync_tui.boards.kit.read import copied_at
from corpsync_tui.boards.kit.structure_view import METENOX, MOVED_SECONDS

ANSIBLEX = 35841

STRUCTURES = """
SELECT s.*, t.name AS type_name FROM structure s LEFT JOIN ref.type t USING (type_id)
WHERE s.corporation_id = :c ORDER BY s.structure_id
"""

STARBASES = """
SELECT s.starbase_id, s.type_id, s.system_id, s.state, s.reinforced_until, s.unanchor_at, d.fuels,
    COALESCE(t.name, n.name, '') AS type_name, m.name AS moon_name, y.security,
    EXISTS (SELECT 1 FROM sovereignty_hub h
        WHERE h.corporation_id = :c AND h.solar_system_id = s.system_id) AS holds_system
FROM starbase s LEFT JOIN starbase_detail d USING (corporation_id, starbase_id)
LEFT JOIN ref.type t USING (type_id) LEFT JOIN eve_name n ON n.id = s.type_id
LEFT JOIN eve_name m ON m.id = s.moon_id
LEFT JOIN ref.solar_system y ON y.solar_system_id = s.system_id
WHERE s.corporation_id = :c ORDER BY s.starbase_id
"""

OFFICES = """
SELECT o.*, n.name AS system_name FROM customs_office o LEFT JOIN eve_name n ON n.id = o.system_id
WHERE o.corporation_id = :c ORDER BY o.office_id
"""

SKYHOOKS = """
SELECT s.id, s.planet_id, d.state, d.theft_vulnerability, d.reinforcement_timer,
    n.name AS planet_name, p.solar_system_id AS system_id
FROM skyhook s LEFT JOIN skyhook_detail d USING (corporation_id, id)
LEFT JOIN eve_name n ON n.id = s.planet_id LEFT JOIN ref.planet p ON p.planet_id = s.planet_id
WHERE s.corporation_id = :c ORDER BY s.id
"""

HUBS = """
SELECT h.id, h.solar_system_id AS system_id, d.reagent_bay, d.vulnerability_window,
    n.name AS system_name
FROM sovereignty_hub h LEFT JOIN sovereignty_hub_detail d USING (corporation_id, id)
LEFT JOIN eve_name n ON n.id = h.solar_system_id
WHERE h.corporation_id = :c ORDER BY h.id
"""

REFUELLED = """
SELECT json_extract(row_key, '$.structure_id') AS id, json_extract(before, '$.fuel_expires') AS old,
    json_extract(after, '$.fuel_expires') AS new
FROM change WHERE corporation_id = :c AND table_name = 'structure' AND kind = 'changed'
    AND time >= :since AND time <= :until
"""


def read_estate(context: BoardContext) -> list[Row]:
    """Upwell structures, starbases, customs offices, skyhooks and sovereignty hubs.

    `fuel_hours` of something that burns nothing, or of which nobody knows, is None, as is all
    else that is unknown; `timer_end` and `unanchors_at` are Unix seconds.
    """
    return [
        *_structures(Estate.of(context)),
        *_starbases(context),
        *_offices(context),
        *_skyhooks(context),
        *_hubs(context),
    ]


@dataclass(frozen=True, slots=True)
class Estate:
    """What all structures of one look share."""

    context: BoardContext
    bays: Mapping[int, Mapping[int, int]]
    filled: Mapping[int, float]
    """Percent of the bays that Metenox fill."""
    models: Mapping[int, float]
    counted: float | None
    """When the assets were counted, in Unix seconds."""
    refuelled: frozenset[int]
    """Structures whose end of fuel moved between the two copies."""
    gas_burn: float

    @classmethod
    def of(cls, context: BoardContext) -> Estate:
        """Read what lies in the bays, and what the modules burn."""
        counted, listed = copied_at(context, "asset"), copied_at(context, "structure")
        since = min(counted or context.now, listed or context.now)
        moved = frozenset(
            row["id"]
            for row in read_logged(context, REFUELLED, "structure", since=since)
            if abs((_seconds(row["new"]) or 0) - (_seconds(row["old"]) or 0)) > MOVED_SECONDS
        )
        return cls(
            context,
            fuel.find_bays(context),
            fuel.find_material_volumes(context),
            fuel.model_burns(context),
            counted,
            moved,
            fuel.metenox_gas_burn(context),
        )

    def burn(self, structure_id: int, expires: float | None) -> float | None:
        """Blocks an hour: measured where the bay can be trusted, else by the modules."""
        if expires is not None and self.counted is not None and structure_id not in self.refuelled:
            blocks = fuel.blocks_in(self.bays.get(structure_id, {}))
            measured = fuel.measured_burn(blocks, expires, self.counted)
            if measured is not None:
                return measured
        return self.models.get(structure_id)


def _row(kind: str, id_: int, name: str, type_id: int | None, system_id: int | None) -> Row:
    return {
        "id": id_,
        "name": name,
        "kind": kind,
        "type_id": type_id,
        "system_id": system_id,
        "state": None,
        "fuel_hours": None,
        "fuel_source": None,
        "runs_out": "fuel",
        "in_bay": None,
        "burn_per_hour": None,
        "timer_end": None,
        "timer": None,
        "services_offline": 0,
        "offline": [],
        "bay_percent": None,
        "ozone": None,
        "unanchors_at": None,
    }


def _structures(estate: Estate) -> Iterator[Row]:
    now = estate.context.now
    for found in estate.context.rows(STRUCTURES):
        id_ = found["structure_id"]
        name = found["name"] or f"{found['type_name'] or 'Structure'} {id_}"
        row = _row("structure", id_, name, found["type_id"], found["system_id"])
        expires, bay = _seconds(found["fuel_expires"]), estate.bays.get(id_, {})
        services = json.loads(found["services"] or "[]")
        row["state"] = found["state"]
        row["in_bay"] = fuel.blocks_in(bay) if estate.counted is not None else None
        row["blocks"] = row["in_bay"]
        row["burn_per_hour"] = row["blocks_per_hour"] = estate.burn(id_, expires)
        row["offline"] = [s["name"] for s in services if s["state"] == "offline"]
        row["services_offline"] = len(row["offline"])
        row["unanchors_at"] = _seconds(found["unanchors_at"])
        row["timer_end"] = _seconds(found["state_timer_end"]) or row["unanchors_at"]
        row["timer"] = found["state"] if row["timer_end"] else None
        if expires is not None:
            row["fuel_hours"] = max(0.0, (expires - now) / 3600)
            row["fuel_source"] = "esi"
        if found["type_id"] == METENOX:
            row["bay_percent"] = estate.filled.get(id_)
            _add_gas(estate, row, bay)
        if found["type_id"] == ANSIBLEX and estate.counted is not None:
            row["ozone"] = bay.get(fuel.OZONE, 0)
        yield row


def _add_gas(estate: Estate, row: Row, bay: Mapping[int, int]) -> None:
    """A Metenox stops when either runs out: its fuel or its gas."""
    if estate.counted is None or row["fuel_hours"] is None:
        return
    left = fuel.hours_left(
        bay.get(fuel.GAS, 0), estate.gas_burn, estate.counted, estate.context.now
    )
    if left < row["fuel_hours"]:
        row["fuel_hours"], row["fuel_source"] = left, "bay"
        row["in_bay"], row["burn_per_hour"] = bay.get(fuel.GAS, 0), estate.gas_burn
        row["runs_out"] = "magmatic gas"


def _starbases(context: BoardContext) -> Iterator[Row]:
    counted = copied_at(context, "starbase_detail")
    for found in context.rows(STARBASES):
        name = found["moon_name"] or f"{found['type_name'] or 'Starbase'} {found['starbase_id']}"
        row = _row("starbase", found["starbase_id"], name, found["type_id"], found["system_id"])
        row["state"] = found["state"]
        row["timer_end"] = _seconds(found["reinforced_until"]) or _seconds(found["unanchor_at"])
        row["timer"] = found["state"] if row["timer_end"] else None
        row["unanchors_at"] = _seconds(found["unanchor_at"])
        if found["fuels"] is not None:  # absent is unknown, and unknown is never 0
            held = {f["type_id"]: f["quantity"] for f in json.loads(found["fuels"])}
            row["in_bay"] = fuel.blocks_in(held)
            rate = fuel.tower_burn(found["type_name"], holds_system=bool(found["holds_system"]))
            row["strontium_hours"] = fuel.strontium_hours(held, found["type_name"])
            if found["state"] in ("online", "reinforced") and counted is not None:
                row["burn_per_hour"], row["fuel_source"] = rate, "bay"
                row["fuel_hours"] = fuel.hours_left(row["in_bay"], rate, counted, context.now)
                if (found["security"] or 0.0) >= fuel.EMPIRE:
                    _add_charters(row, held, counted, context.now)
        yield row


def _add_charters(row: Row, held: Mapping[int, int], counted: float, now: float) -> None:
    """In the empires' space a starbase burns a charter an hour beside its fuel."""
    charters = sum(held.get(type_id, 0) for type_id in fuel.CHARTERS)
    left = fuel.hours_left(charters, 1.0, counted, now)
    if left < row["fuel_hours"]:
        row["fuel_hours"], row["in_bay"], row["burn_per_hour"] = left, charters, 1.0
        row["runs_out"] = "charters"


def _offices(context: BoardContext) -> Iterator[Row]:
    for found in context.rows(OFFICES):
        name = f"Customs office, {found['system_name'] or found['system_id']}"
        row = _row("customs_office", found["office_id"], name, found["type_id"], found["system_id"])
        row["state"] = f"{found['reinforce_exit_start']:02}–{found['reinforce_exit_end']:02}"
        yield row


def _skyhooks(context: BoardContext) -> Iterator[Row]:
    for found in context.rows(SKYHOOKS):
        name = f"Skyhook, {found['planet_name'] or found['planet_id']}"
        row = _row("skyhook", found["id"], name, None, found["system_id"])
        row["state"] = found["state"]
        _add_timer(row, found["reinforcement_timer"], "reinforced", context.now, "end")
        _add_timer(row, found["theft_vulnerability"], "theft", context.now)
        yield row


def _hubs(context: BoardContext) -> Iterator[Row]:
    for found in context.rows(HUBS):
        name = f"Sovereignty hub, {found['system_name'] or found['system_id']}"
        row = _row("sovereignty_hub", found["id"], name, None, found["system_id"])
        _add_timer(row, found["vulnerability_window"], "vulnerable", context.now)
        bay = json.loads(found["reagent_bay"]) if found["reagent_bay"] else None
        if bay is not None:
            counted = _seconds(bay["last_updated"]) or context.now
            burning = [r for r in bay["reagents"] if r["burning_per_hour"] > 0]
            left = [
                (fuel.hours_left(r["amount"], r["burning_per_hour"], counted, context.now), r)
                for r in burning
            ]
            if left:
                row["fuel_hours"], first = min(left, key=lambda pair: pair[0])
                row["in_bay"], row["burn_per_hour"] = first["amount"], first["burning_per_hour"]
                row["fuel_source"], row["runs_out"] = "bay", "reagents"
        yield row


def _add_timer(row: Row, window: str | None, what: str, now: float, key: str = "start") -> None:
    """The next moment of a window: its start, or its end once it is open."""
    if window is None or row["timer_end"] is not None:
        return
    times = json.loads(window)
    begins, ends = _seconds(times.get(key)), _seconds(times.get("end"))
    found = begins if begins is not None and begins > now else ends
    if found is not None and found > now:
        row["timer_end"], row["timer"] = found, what


def _seconds(when: str | None) -> float | None:
    return datetime.fromisoformat(when).timestamp() if when else None
