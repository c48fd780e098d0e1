"""What the game tells the directors: attacks, fuel, moons, applications, bills and wars.

The text of a notification is YAML, with the fields that the game gives each kind.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import mining, places
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, HOUR, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_CONCORD = 1000125
CREDITOR = 1000035
_EPOCH_OF_FILETIME = 11_644_473_600
"""Seconds from 1601, where the game counts tenths of microseconds from, to 1970."""
_HOURLY = 20_000.0
"""Cubic metres that a drill pulls off a moon in an hour."""

Fields = dict[str, Any]


def filetime(moment: float) -> int:
    """A moment as the game writes it in notifications."""
    return int((moment + _EPOCH_OF_FILETIME) * 10_000_000)


def yaml(fields: Fields) -> str:
    """The text of a notification: plain values, lists and maps of them."""
    lines: list[str] = []
    for name, value in fields.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"- {item}" for item in value)]
        elif isinstance(value, dict):
            lines += [f"{name}:", *(f"  {key}: {item}" for key, item in value.items())]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join([*lines, ""])


def _row(world: World, kind: str, fields: Fields, sender: int, age: float) -> Row:
    return {
        "is_read": age > DAY,
        "notification_id": world.next_id("notification"),
        "sender_id": sender,
        "sender_type": "corporation" if sender < 2_000_000 else "character",
        "text": yaml(fields),
        "timestamp": iso(world.clock.now() - age),
        "type": kind,
    }


def _upwell(row: Row) -> Fields:
    number, kind = row["structure_id"], row["type_id"]
    return {
        "solarsystemID": row["system_id"],
        "structureID": f"&id001 {number}",
        "structureShowInfoData": ["showinfo", kind, "*id001"],
        "structureTypeID": kind,
    }


def _any_structure(world: World, corporation: Corporation) -> Row:
    rows = corporation.rows("structure")
    return rows[world.rng.randrange(len(rows))]


def _attacker(world: World) -> tuple[int, int]:
    pilot = world.rng.choice(world.outsiders)
    return pilot, world.characters[pilot].corporation_id


def _under_attack(world: World, corporation: Corporation) -> Fields:
    pilot, theirs = _attacker(world)
    return {
        "armorPercentage": 100.0,
        "charID": pilot,
        "corpLinkData": ["showinfo", 2, theirs],
        "corpName": world.names[theirs][0],
        "hullPercentage": 100.0,
        "shieldPercentage": round(world.rng.uniform(20, 99), 4),
        **_upwell(_any_structure(world, corporation)),
    }


def _lost_shields(world: World, corporation: Corporation) -> Fields:
    left = world.rng.uniform(12, 60) * HOUR
    return {
        **_upwell(_any_structure(world, corporation)),
        "timeLeft": int(left * 10_000_000),
        "timestamp": filetime(world.clock.now() + left),
        "vulnerableTime": 9_000_000_000,
    }


def _fuel(world: World, corporation: Corporation) -> Fields:
    listed = f"\n- - {world.rng.randint(20, 400)}\n  - 4051"
    return {"listOfTypesAndQty": listed, **_upwell(_any_structure(world, corporation))}


def _services(world: World, corporation: Corporation) -> Fields:
    row = _any_structure(world, corporation)
    modules = world.structures[row["structure_id"]].modules
    return {"listOfServiceModuleIDs": modules, **_upwell(row)}


def _power(world: World, corporation: Corporation) -> Fields:
    return _upwell(_any_structure(world, corporation))


def _orbital(world: World, corporation: Corporation) -> Fields:
    pilot, theirs = _attacker(world)
    offices = corporation.rows("customs_office")
    system = offices[0]["system_id"] if len(offices) else places.system_called("8QT-H4")
    planet = next(p.planet_id for p in places.PLANETS.values() if p.system_id == system)
    return {
        "aggressorAllianceID": 0,
        "aggressorCorpID": theirs,
        "aggressorID": pilot,
        "planetID": planet,
        "planetTypeID": 13,
        "shieldLevel": round(world.rng.random(), 4),
        "solarSystemID": system,
        "typeID": 2233,
    }


def _orbital_reinforced(world: World, corporation: Corporation) -> Fields:
    ends = filetime(world.clock.now() + world.rng.uniform(20, 40) * HOUR)
    return _orbital(world, corporation) | {"reinforceExitTime": ends}


def _tower(world: World, corporation: Corporation) -> Fields:
    pilot, theirs = _attacker(world)
    rows = corporation.rows("starbase")
    tower: Row = rows[0] if len(rows) else {"moon_id": 0, "system_id": 30000142, "type_id": 16213}
    return {
        "aggressorAllianceID": 0,
        "aggressorCorpID": theirs,
        "aggressorID": pilot,
        "armorValue": 1.0,
        "hullValue": 1.0,
        "moonID": tower["moon_id"],
        "shieldValue": round(world.rng.random(), 4),
        "solarSystemID": tower["system_id"],
        "typeID": tower["type_id"],
    }


def _skyhook(world: World, corporation: Corporation) -> Fields:
    pilot, theirs = _attacker(world)
    rows = corporation.rows("skyhook")
    hook: Row = rows[0] if len(rows) else {"id": 0, "planet_id": next(iter(places.PLANETS))}
    return {
        "charID": pilot,
        "corpLinkData": ["showinfo", 2, theirs],
        "itemID": f"&id001 {hook['id']}",
        "planetID": hook["planet_id"],
        "shieldPercentage": round(world.rng.uniform(20, 99), 4),
        "skyhookShowInfoData": ["showinfo", 81080, "*id001"],
        "solarsystemID": places.PLANETS[hook["planet_id"]].system_id,
        "typeID": 81080,
    }


def _applied(world: World, corporation: Corporation) -> Fields:
    return {
        "applicationText": "'Hello, I would like to mine.'",
        "charID": world.rng.choice(world.outsiders),
        "corpID": corporation.corporation_id,
    }


def _left(world: World, corporation: Corporation) -> Fields:
    return {"charID": world.rng.choice(world.outsiders), "corpID": corporation.corporation_id}


def _war(world: World, corporation: Corporation) -> Fields:
    _, theirs = _attacker(world)
    return {
        "againstID": corporation.corporation_id,
        "cost": 100_000_000,
        "declaredByID": theirs,
        "delayHours": 24,
        "hostileState": "false",
        "timeStarted": filetime(world.clock.now()),
        "warHQ": "<b>Perimeter - Keep Out</b>",
    }


def _bill(world: World, corporation: Corporation) -> Fields:
    now = world.clock.now()
    return {
        "amount": world.rng.randint(10_000, 200_000_000),
        "billTypeID": 2,
        "creditorID": CREDITOR,
        "currentDate": filetime(now),
        "debtorID": corporation.corporation_id,
        "dueDate": filetime(now + world.rng.uniform(1, 20) * DAY),
        "externalID": 27,
        "externalID2": places.JITA_STATION,
    }


def _tax(world: World, corporation: Corporation) -> Fields:
    rate = world.rng.randint(1, 19)
    return {"corpID": corporation.corporation_id, "newTaxRate": rate, "oldTaxRate": rate - 1}


_KINDS: dict[str, Callable[[World, Corporation], Fields]] = {
    "StructureUnderAttack": _under_attack,
    "StructureLostShields": _lost_shields,
    "StructureLostArmor": _lost_shields,
    "StructureFuelAlert": _fuel,
    "StructureServicesOffline": _services,
    "StructureWentLowPower": _power,
    "StructureWentHighPower": _power,
    "StructureOnline": _power,
    "OrbitalAttacked": _orbital,
    "OrbitalReinforced": _orbital_reinforced,
    "TowerAlertMsg": _tower,
    "SkyhookUnderAttack": _skyhook,
    "CorpAppNewMsg": _applied,
    "CharLeftCorpMsg": _left,
    "WarDeclared": _war,
    "CorpAllBillMsg": _bill,
    "CorpTaxChangeMsg": _tax,
}


def _some(world: World, corporation: Corporation, age: float, kind: str) -> Row:
    return _row(world, kind, _KINDS[kind](world, corporation), _CONCORD, age)


def _new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    return _some(world, corporation, 0.0, world.rng.choice(list(_KINDS)))


def _drilling(world: World, extraction: Row) -> Row:
    """The notice that an extraction began, which alone says how much of which ore comes."""
    structure = world.structures[extraction["structure_id"]]
    start, arrival, decay = (
        datetime.fromisoformat(extraction[name]).timestamp()
        for name in ("extraction_start_time", "chunk_arrival_time", "natural_decay_time")
    )
    volume = (arrival - start) / HOUR * _HOURLY
    shares = (0.45, 0.25, 0.3)
    starter = world.members(world.corporations[structure.owner_id])[0]
    link = f'<a href="showinfo:{structure.type_id}//{structure.structure_id}">'
    fields: Fields = {
        "autoTime": filetime(decay),
        "moonID": extraction["moon_id"],
        "oreVolumeByType": {
            ore: volume * share
            for ore, share in zip(mining.ores_of(structure.moon_id), shares, strict=True)
        },
        "readyTime": filetime(arrival),
        "solarSystemID": structure.solar_system_id,
        "startedBy": starter,
        "structureID": structure.structure_id,
        "structureLink": f"{link}{structure.name}</a>",
        "structureName": structure.name,
        "structureTypeID": structure.type_id,
    }
    age = world.clock.now() - start
    return _row(world, "MoonminingExtractionStarted", fields, starter, age)


def _fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """The extractions under way and a month of everything else, newest first."""
    rows = [_drilling(world, row) for row in corporation.rows("mining_extraction")]
    kinds = list(_KINDS)
    for number in range(scale.notifications):
        age = world.rng.uniform(0.05, 30) * DAY
        rows.append(_some(world, corporation, age, kinds[number % len(kinds)]))
    rows.sort(key=lambda row: str(row["timestamp"]), reverse=True)
    corporation.tables["notification"][ONLY] = [*rows]


def _happen(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "notification").add(1)


def _report_drills(world: World, corporation: Corporation) -> None:
    """Extractions that nobody was told of yet are told of."""
    rows = corporation.rows("notification")
    told = "".join(row["text"] for row in rows if row["type"] == "MoonminingExtractionStarted")
    for extraction in corporation.rows("mining_extraction"):
        arrival = datetime.fromisoformat(extraction["chunk_arrival_time"]).timestamp()
        if f"readyTime: {filetime(arrival)}\n" not in told:
            rows.insert(0, _drilling(world, extraction))


def _of_character(ask: Ask) -> list[Row]:
    """What a director is told; others hear nothing of the corporation."""
    character = ask.world.characters[ask.number("character_id")]
    corporation = ask.world.corporations.get(character.corporation_id)
    if corporation is None or "Director" not in character.roles:
        return []
    return list(corporation.rows("notification"))


_ROUTE = "/characters/{character_id}/notifications"
DATA_SET = DataSet(
    tables=(
        Table(
            "notification",
            _ROUTE,
            "log",
            key=("notification_id",),
            make=_new,
            extra=("character_id",),
            tell=lambda _world, corporation, row: row | {"character_id": corporation.ceo_id},
            newest_first=True,
            kept=500,
        ),
    ),
    events=(Event(_happen, 1), Event(_report_drills, 1)),
    feeds={_ROUTE: _of_character},
    fill=_fill,
    order=60,
)
