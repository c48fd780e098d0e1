"""Solar systems with their planets and moons, regions and NPC stations, after New Eden's."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAP: dict[str, Any] = json.loads(Path(__file__).with_name("map.json").read_text())
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_FIRST_SYSTEM = 30_000_000
_FIRST_CELESTIAL = 40_000_000
_CELESTIALS = 200
"""Ids of planets and moons that are kept for one solar system."""

REGIONS: dict[int, str] = dict(row["region"] for row in _MAP["systems"])
CONSTELLATIONS: dict[int, str] = dict(row["constellation"] for row in _MAP["systems"])
SYSTEMS: dict[int, str] = {row["id"]: row["name"] for row in _MAP["systems"]}
SECURITY: dict[int, float] = {row["id"]: row["security"] for row in _MAP["systems"]}
SYSTEM_REGION: dict[int, int] = {row["id"]: row["region"][0] for row in _MAP["systems"]}
SYSTEM_CONSTELLATION: dict[int, int] = {
    row["id"]: row["constellation"][0] for row in _MAP["systems"]
}
STATIONS: dict[int, str] = {row[0]: row[1] for row in _MAP["stations"]}
STATION_SYSTEM: dict[int, int] = {row[0]: row[2] for row in _MAP["stations"]}
STATION_OWNER: dict[int, int] = {row[0]: row[3] for row in _MAP["stations"]}
STATION_TYPE: dict[int, int] = {row[0]: row[4] for row in _MAP["stations"]}
STATION_REGION = {station: SYSTEM_REGION[system] for station, system in STATION_SYSTEM.items()}

JITA_STATION = 60003760


@dataclass(frozen=True)
class Planet:
    """A planet; `index` is its place counted from the star."""

    planet_id: int
    name: str
    system_id: int
    index: int
    own_name: bool


@dataclass(frozen=True)
class Moon:
    """A moon; `index` is its place counted from its planet."""

    moon_id: int
    name: str
    planet: Planet
    index: int


def _celestials() -> tuple[dict[int, Planet], dict[int, Moon]]:
    planets: dict[int, Planet] = {}
    moons: dict[int, Moon] = {}
    for row in _MAP["systems"]:
        number = _FIRST_CELESTIAL + (row["id"] - _FIRST_SYSTEM) * _CELESTIALS
        named = row.get("planets", {})
        for index, count in enumerate(row["moons"], 1):
            number += 1
            name = named.get(str(index), f"{row['name']} {_ROMAN[index]}")
            planet = Planet(number, name, row["id"], index, str(index) in named)
            planets[number] = planet
            for orbit in range(1, count + 1):
                number += 1
                moons[number] = Moon(number, f"{name} - Moon {orbit}", planet, orbit)
    return planets, moons


PLANETS, MOONS = _celestials()
"""By id."""


def system_called(name: str) -> int:
    """The id of a solar system."""
    return next(key for key, known in SYSTEMS.items() if known == name)


def moons_of(system_id: int) -> list[int]:
    """The ids of a solar system's moons."""
    return [moon.moon_id for moon in MOONS.values() if moon.planet.system_id == system_id]


def position(number: int) -> dict[str, float]:
    """Some place in space, always the same for an id."""
    return {
        axis: float(number * step % 9_973 - 5_000) * 1e8
        for axis, step in zip("xyz", (7, 31, 97), strict=True)
    }
