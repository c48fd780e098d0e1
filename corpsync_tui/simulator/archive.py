"""CCP's static data in small: the archive of JSON Lines that the world is made after."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args

from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.dice import dice

Record = dict[str, Any]
Members = dict[str, list[Record]]
Flaw = Literal[
    "broken",
    "truncated",
    "checksum",
    "bomb",
    "long_line",
    "bad_json",
    "wrong_type",
    "field_missing",
    "member_missing",
]
"""How an archive can be wrong: no ZIP at all, cut in two, a member whose checksum does not fit, a
member that unpacks to more than a gigabyte, a line of over a megabyte, a line that is no JSON, a
volume that is text, a type without its group, a member (`typeMaterials`) left out.
"""
FLAWS: tuple[str, ...] = get_args(Flaw)

RELEASED = "2026-11-24T11:17:03Z"
_MOMENT = (2026, 11, 24, 11, 17, 2)
_BOMB = 1_100_000_000
"""Bytes; a reader takes at most a gigabyte."""
_LONG = 1_200_000
_CHUNK = 1 << 20
_PLANET_TYPES = (11, 12, 13, 2014, 2015, 2016, 2017, 2063)
_STRONTIUM = 16275
_CHARTERS = {12235: 24592, 12236: 24594, 16214: 24595}
_CALDARI_CHARTER = 24593
_ONLINE, _REINFORCE = 1, 4
"""What a tower takes a resource for, as `controlTowerResources` numbers it."""


def members(build: int) -> Members:
    """The archive's members by name without `.jsonl`, each a list of records.

    Names and fields are those of the export (developers.eveonline.com/docs/services/static-data).
    """
    return {
        "_sde": [{"_key": "sde", "buildNumber": build, "releaseDate": RELEASED}],
        "categories": [
            {"_key": key, "name": _name(name), "published": True}
            for key, name in types.CATEGORIES.items()
        ],
        "groups": [
            {"_key": key, "name": _name(name), "categoryID": category, "published": True}
            for key, (name, category) in types.GROUPS.items()
        ],
        "marketGroups": list(_market_groups()),
        "types": [_type(row) for row in types.TYPES.values()],
        "typeMaterials": [
            {"_key": key, "materials": _quantities(row["materials"], "materialTypeID")}
            for key, row in types.TYPES.items()
            if "materials" in row
        ],
        "typeDogma": [
            {
                "_key": key,
                "dogmaAttributes": [
                    {"attributeID": int(number), "value": float(value)}
                    for number, value in row["attributes"].items()
                ],
            }
            for key, row in types.TYPES.items()
            if "attributes" in row
        ],
        "blueprints": [_blueprint(row) for row in types.TYPES.values() if "product" in row],
        **_map(),
        "controlTowerResources": [
            {"_key": key, "resources": _tower(key, *row["block"])}
            for key, row in types.TYPES.items()
            if "block" in row
        ],
        "planetResources": list(_planet_resources()),
        "sovereigntyUpgrades": [
            {
                "_key": key,
                "mutually_exclusive_group": row["name"].rpartition(" ")[0],
                "power_allocation": 200 + 50 * number,
                "workforce_allocation": 1_500 * number,
                "fuel": {"type_id": 81143, "hourly_upkeep": 30 + 15 * number, "startup_cost": 900},
            }
            for number, (key, row) in enumerate(_of_kind("upgrade"))
        ],
        "metenoxMoonDrill": [
            {
                "_key": 81826,
                "miningCycleTime": 3600,
                "miningEfficiency": 0.4,
                "reagentsConsumedPerCycle": 200,
            }
        ],
        "graphics": list(_graphics()),
    }


def archive(build: int, flaw: str | None = None) -> bytes:
    """The ZIP of a build, as it should be or with one of `FLAWS`."""
    if flaw == "broken":
        return b"<html>not an archive</html>" * 4_000
    content = members(build)
    if flaw == "wrong_type":
        content["types"][3]["volume"] = "a lot"
    elif flaw == "field_missing":
        del content["types"][3]["groupID"]
    elif flaw == "member_missing":
        del content["typeMaterials"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, records in content.items():
            _write(target, f"{name}.jsonl", _lines(records, flaw if name == "types" else None))
    return _damaged(packed.getvalue(), flaw)


def _lines(records: list[Record], flaw: str | None) -> Iterator[bytes]:
    for record in records:
        yield json.dumps(record, ensure_ascii=False).encode() + b"\n"
    if flaw == "bad_json":
        yield b'{"_key": 990001, "name": {"en": "cut\n'
    elif flaw == "long_line":
        yield json.dumps({"_key": 990001, "name": {"en": "x" * _LONG}}).encode() + b"\n"
    elif flaw == "bomb":
        yield from (b" " * (_CHUNK - 1) + b"\n" for _ in range(_BOMB // _CHUNK))


def _write(target: zipfile.ZipFile, name: str, lines: Iterable[bytes]) -> None:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with target.open(entry, "w", force_zip64=True) as member:
        for line in lines:
            member.write(line)


def _damaged(packed: bytes, flaw: str | None) -> bytes:
    if flaw == "truncated":
        return packed[: len(packed) * 3 // 5]
    if flaw == "checksum":
        with zipfile.ZipFile(io.BytesIO(packed)) as source:
            place = source.getinfo("types.jsonl").CRC.to_bytes(4, "little")
        return packed.replace(place, bytes(4))
    return packed


def _name(text: str) -> Record:
    return {"de": text, "en": text, "fr": text}


def _of_kind(kind: str) -> list[tuple[int, Record]]:
    return [(key, row) for key, row in types.TYPES.items() if row["kind"] == kind]


def _quantities(quantities: dict[str, int], field: str) -> list[Record]:
    return [{field: int(key), "quantity": quantity} for key, quantity in quantities.items()]


def _market_groups() -> Iterator[Record]:
    for key, name in types.CATEGORIES.items():
        yield {"_key": key, "name": _name(name), "hasTypes": False}
    for key, (name, category) in types.GROUPS.items():
        yield {
            "_key": 1_000 + key,
            "name": _name(name),
            "hasTypes": True,
            "parentGroupID": category,
        }


def _type(row: Record) -> Record:
    record: Record = {
        "_key": row["id"],
        "groupID": row["group"],
        "marketGroupID": 1_000 + row["group"],
        "mass": 1_000.0,
        "name": _name(row["name"]),
        "portionSize": row.get("portion", 1),
        "published": row["kind"] != "other",
        "volume": row["volume"],
    }
    for field, name in (
        ("packaged", "packagedVolume"),
        ("tech", "techLevel"),
        ("meta", "metaGroupID"),
    ):
        if field in row:
            record[name] = row[field]
    return record


def _blueprint(row: Record) -> Record:
    product, quantity = row["product"]
    activity: Record = {
        "materials": _quantities(row["makes"], "typeID"),
        "products": [{"quantity": quantity, "typeID": product}],
        "time": 3_600,
    }
    if row["kind"] == "formula":
        return {
            "_key": row["id"],
            "blueprintTypeID": row["id"],
            "activities": {"reaction": activity},
        }
    return {
        "_key": row["id"],
        "activities": {
            "copying": {"time": 1_200},
            "manufacturing": activity,
            "research_material": {"time": 900},
            "research_time": {"time": 900},
        },
        "blueprintTypeID": row["id"],
        "maxProductionLimit": 300,
    }


def _map() -> Members:
    moons = places.MOONS.values()
    return {
        "mapRegions": [
            {"_key": key, "name": _name(name), "constellationIDs": _inside(_regions(), key)}
            for key, name in places.REGIONS.items()
        ],
        "mapConstellations": [
            {
                "_key": key,
                "name": _name(name),
                "regionID": _regions()[key],
                "solarSystemIDs": _inside(places.SYSTEM_CONSTELLATION, key),
            }
            for key, name in places.CONSTELLATIONS.items()
        ],
        "mapSolarSystems": [
            {
                "_key": key,
                "constellationID": places.SYSTEM_CONSTELLATION[key],
                "name": _name(name),
                "regionID": places.SYSTEM_REGION[key],
                "securityStatus": places.SECURITY[key],
            }
            for key, name in places.SYSTEMS.items()
        ],
        "mapPlanets": [_planet(planet) for planet in places.PLANETS.values()],
        "mapMoons": [
            {
                "_key": moon.moon_id,
                "celestialIndex": moon.planet.index,
                "orbitID": moon.planet.planet_id,
                "orbitIndex": moon.index,
                "radius": 1_000.0 + moon.moon_id % 900,
                "solarSystemID": moon.planet.system_id,
                "typeID": 14,
            }
            for moon in moons
        ],
        "npcStations": [
            {
                "_key": key,
                "ownerID": places.STATION_OWNER[key],
                "solarSystemID": system,
                "typeID": places.STATION_TYPE[key],
                "useOperationName": True,
            }
            for key, system in places.STATION_SYSTEM.items()
        ],
    }


def _planet(planet: places.Planet) -> Record:
    record: Record = {
        "_key": planet.planet_id,
        "celestialIndex": planet.index,
        "radius": 5_000_000.0,
        "solarSystemID": planet.system_id,
        "typeID": planet_type(planet),
    }
    return record | ({"uniqueName": _name(planet.name)} if planet.own_name else {})


def planet_type(planet: places.Planet) -> int:
    """The type of a planet: temperate, ice, gas and so on."""
    return _PLANET_TYPES[planet.planet_id % len(_PLANET_TYPES)]


def _regions() -> dict[int, int]:
    """The region of each constellation."""
    return {
        constellation: places.SYSTEM_REGION[system]
        for system, constellation in places.SYSTEM_CONSTELLATION.items()
    }


def _inside(places_of: dict[int, int], outer: int) -> list[int]:
    return [inner for inner, around in places_of.items() if around == outer]


def _tower(tower: int, block: int, hourly: int) -> list[Record]:
    charter = _CHARTERS.get(tower, _CALDARI_CHARTER)
    return [
        {"purpose": _ONLINE, "quantity": hourly, "resourceTypeID": block},
        {
            "factionID": 500001,
            "minSecurityLevel": 0.45,
            "purpose": _ONLINE,
            "quantity": 1,
            "resourceTypeID": charter,
        },
        {"purpose": _REINFORCE, "quantity": hourly * 10, "resourceTypeID": _STRONTIUM},
    ]


def _planet_resources() -> Iterator[Record]:
    for planet in places.PLANETS.values():
        reagent = {11: None, 12: 81144, 2015: 81143}.get(planet_type(planet))
        record: Record = {"_key": planet.planet_id, "workforce": 300 * planet.index}
        if reagent is not None:
            record = {
                "_key": planet.planet_id,
                "reagent": {
                    "amount_per_cycle": 60 + planet.index,
                    "cycle_period": 3600,
                    "secured_capacity": 4_000,
                    "type_id": reagent,
                    "unsecured_capacity": 12_000,
                },
            }
        yield record


def _graphics() -> Iterator[Record]:
    """What nobody needs, and what hardly packs: most of the archive, as in the real one."""
    chance = dice("graphics")
    for key in range(1, 2_001):
        yield {"_key": key, "graphicFile": f"res:/dx9/{chance.getrandbits(1_600):0400x}.red"}
