"""What does not belong to a corporation: places, types, what things are insured for."""

from collections.abc import Mapping
from typing import Any

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.archive import planet_type
from corpsync_tui.simulator.ask import Ask, Feed
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY


def _known(ask: Ask, name: str, known: Mapping[int, Any]) -> int:
    number = ask.number(name)
    if number not in known:
        raise EsiError(404, f"No such {name}")
    return number


def _moon(ask: Ask) -> Row:
    moon = places.MOONS[_known(ask, "moon_id", places.MOONS)]
    return {
        "moon_id": moon.moon_id,
        "name": moon.name,
        "position": places.position(moon.moon_id),
        "system_id": moon.planet.system_id,
    }


def _planet(ask: Ask) -> Row:
    planet = places.PLANETS[_known(ask, "planet_id", places.PLANETS)]
    return {
        "name": planet.name,
        "planet_id": planet.planet_id,
        "position": places.position(planet.planet_id),
        "system_id": planet.system_id,
        "type_id": planet_type(planet),
    }


def _system(ask: Ask) -> Row:
    system = _known(ask, "system_id", places.SYSTEMS)
    planets = [planet for planet in places.PLANETS.values() if planet.system_id == system]
    return {
        "constellation_id": places.SYSTEM_CONSTELLATION[system],
        "name": places.SYSTEMS[system],
        "planets": [
            {
                "moons": [moon for moon, found in places.MOONS.items() if found.planet == planet],
                "planet_id": planet.planet_id,
            }
            for planet in planets
        ],
        "position": places.position(system),
        "security_status": places.SECURITY[system],
        "stations": [number for number, place in places.STATION_SYSTEM.items() if place == system],
        "system_id": system,
    }


def _constellation(ask: Ask) -> Row:
    number = _known(ask, "constellation_id", places.CONSTELLATIONS)
    inside = [key for key, around in places.SYSTEM_CONSTELLATION.items() if around == number]
    return {
        "constellation_id": number,
        "name": places.CONSTELLATIONS[number],
        "position": places.position(number),
        "region_id": places.SYSTEM_REGION[inside[0]],
        "systems": inside,
    }


def _region(ask: Ask) -> Row:
    number = _known(ask, "region_id", places.REGIONS)
    inside = [
        places.SYSTEM_CONSTELLATION[key]
        for key, region in places.SYSTEM_REGION.items()
        if region == number
    ]
    return {
        "constellations": list(dict.fromkeys(inside)),
        "name": places.REGIONS[number],
        "region_id": number,
    }


def _station(ask: Ask) -> Row:
    number = _known(ask, "station_id", places.STATIONS)
    return {
        "max_dockable_ship_volume": 50_000_000.0,
        "name": places.STATIONS[number],
        "office_rental_cost": 10_000.0,
        "owner": places.STATION_OWNER[number],
        "position": places.position(number),
        "reprocessing_efficiency": 0.5,
        "reprocessing_stations_take": 0.05,
        "services": ["market", "factory", "office-rental"],
        "station_id": number,
        "system_id": places.STATION_SYSTEM[number],
        "type_id": places.STATION_TYPE[number],
    }


def _type(ask: Ask) -> Row:
    row = types.TYPES[_known(ask, "type_id", types.TYPES)]
    attributes = [
        {"attribute_id": int(number), "value": float(value)}
        for number, value in row.get("attributes", {}).items()
    ]
    return {
        "description": "",
        "group_id": row["group"],
        "name": row["name"],
        "packaged_volume": float(row.get("packaged", row["volume"])),
        "portion_size": row.get("portion", 1),
        "published": row["kind"] != "other",
        "type_id": row["id"],
        "volume": float(row["volume"]),
        **({"dogma_attributes": attributes} if attributes else {}),
    }


def _insurance(_ask: Ask) -> list[Row]:
    levels = (("Basic", 0.05, 0.5), ("Standard", 0.1, 0.6), ("Platinum", 0.3, 1.0))
    return [
        {
            "levels": [
                {"cost": round(price * cost, 2), "name": name, "payout": round(price * payout, 2)}
                for name, cost, payout in levels
            ],
            "type_id": ship,
        }
        for ship, price in ((ship, types.rough_price(ship)) for ship in types.SHIPS)
    ]


def _cost_indices(_ask: Ask) -> list[Row]:
    activities = ("manufacturing", "copying", "invention", "reaction")
    return [
        {
            "cost_indices": [
                {"activity": activity, "cost_index": round(0.01 + system % 7 * 0.01, 4)}
                for activity in activities
            ],
            "solar_system_id": system,
        }
        for system in places.SYSTEMS
    ]


def _sovereignty(ask: Ask) -> Row:
    owners = {
        row["solar_system_id"]: (corporation, row)
        for corporation in ask.world.corporations.values()
        for row in corporation.rows("sovereignty_hub")
    }
    claims: list[Row] = []
    for system, security in places.SECURITY.items():
        claim: Row = {"faction": {"faction_id": 500001}} if security > 0 else {"unclaimed": True}
        if system in owners:
            corporation, row = owners[system]
            claim = {
                "alliance": {
                    "alliance_id": corporation.alliance_id,
                    "claimed_since": iso(corporation.founded + 400 * DAY),
                    "corporation_id": corporation.corporation_id,
                    "development": {
                        "activity_defense_multiplier": 3.2,
                        "industrial_level": 4,
                        "military_level": 3,
                        "strategic_level": 5,
                    },
                    "is_capital_system": system == places.system_called("1DQ1-A"),
                    "sovereignty_hub": {"id": row["id"]},
                }
            }
        claims.append({"claim": claim, "solar_system_id": system})
    return {"solar_systems": claims}


FEEDS: Mapping[str, Feed] = {
    "/universe/moons/{moon_id}": _moon,
    "/universe/planets/{planet_id}": _planet,
    "/universe/systems/{system_id}": _system,
    "/universe/constellations/{constellation_id}": _constellation,
    "/universe/regions/{region_id}": _region,
    "/universe/stations/{station_id}": _station,
    "/universe/types/{type_id}": _type,
    "/insurance/prices": _insurance,
    "/industry/systems": _cost_indices,
    "/sovereignty/systems": _sovereignty,
}
"""By route template."""
