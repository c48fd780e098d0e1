"""Which member of the archive fills which table of `reference.db`, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpsync_tui.errors import ValidationError
from corpsync_tui.reference import members as m

Row = tuple[Any, ...]


@dataclass(slots=True)
class Names:
    """What later members need of earlier ones."""

    groups: dict[int, m.Group] = field(default_factory=dict)
    regions: dict[int, str] = field(default_factory=dict)
    constellations: dict[int, str] = field(default_factory=dict)
    systems: dict[int, str] = field(default_factory=dict)
    planets: dict[tuple[int, int], str] = field(default_factory=dict)
    """By solar system and celestial index."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the archive."""

    name: str
    shape: type[m.Entry]
    table: str
    rows: Callable[[Sequence[Any], Names], Iterable[Row]]
    optional: bool = False
    """Older builds lack it."""


def _named(entries: Sequence[m.Named], _: Names) -> Iterator[Row]:
    return ((e.key, e.name.en) for e in entries)


def _groups(entries: Sequence[m.Group], names: Names) -> Iterator[Row]:
    for e in entries:
        names.groups[e.key] = e
        yield e.key, e.name.en, e.category_id


def _market_groups(entries: Sequence[m.MarketGroup], _: Names) -> Iterator[Row]:
    return ((e.key, e.name.en, e.parent_group_id) for e in entries)


def _types(entries: Sequence[m.Type], names: Names) -> Iterator[Row]:
    for e in entries:
        group = names.groups.get(e.group_id)
        yield (
            e.key,
            e.name.en,
            e.group_id,
            group and group.name.en,
            group and group.category_id,
            e.volume,
            e.packaged_volume,
            e.portion_size,
            e.market_group_id,
            e.meta_group_id,
            e.published,
        )


def _materials(entries: Sequence[m.TypeMaterials], _: Names) -> Iterator[Row]:
    return ((e.key, each.type_id, each.quantity) for e in entries for each in e.materials)


def _attributes(entries: Sequence[m.TypeDogma], _: Names) -> Iterator[Row]:
    return ((e.key, each.attribute_id, each.value) for e in entries for each in e.dogma_attributes)


def _products(entries: Sequence[m.Blueprint], _: Names) -> Iterator[Row]:
    for e in entries:
        made = {"manufacturing": e.activities.manufacturing, "reaction": e.activities.reaction}
        for word, activity in made.items():
            for product in activity.products if activity else ():
                yield e.key, word, product.type_id, product.quantity


def _tower_resources(entries: Sequence[m.TowerResources], _: Names) -> Iterator[Row]:
    return (
        (e.key, r.type_id, r.purpose, r.quantity, r.min_security, r.faction_id)
        for e in entries
        for r in e.resources
    )


def _metenox(entries: Sequence[m.MetenoxDrill], _: Names) -> Iterator[Row]:
    return (
        (e.key, e.mining_cycle_time, e.mining_efficiency, e.reagents_consumed_per_cycle)
        for e in entries
    )


def _regions(entries: Sequence[m.Named], names: Names) -> Iterator[Row]:
    names.regions.update((e.key, e.name.en) for e in entries)
    return _named(entries, names)


def _constellations(entries: Sequence[m.Constellation], names: Names) -> Iterator[Row]:
    names.constellations.update((e.key, e.name.en) for e in entries)
    return ((e.key, e.name.en, e.region_id) for e in entries)


def _systems(entries: Sequence[m.SolarSystem], names: Names) -> Iterator[Row]:
    for e in entries:
        names.systems[e.key] = e.name.en
        constellation = _known(names.constellations, e.constellation_id, "constellation")
        region = _known(names.regions, e.region_id, "region")
        security = e.security_status
        yield e.key, e.name.en, security, e.constellation_id, constellation, e.region_id, region


def _planets(entries: Sequence[m.Planet], names: Names) -> Iterator[Row]:
    """A planet is called `Jita IV`, unless it has a name of its own."""
    for e in entries:
        system = _known(names.systems, e.solar_system_id, "solar system")
        name = e.unique_name.en if e.unique_name else f"{system} {roman(e.celestial_index)}"
        names.planets[e.solar_system_id, e.celestial_index] = name
        yield e.key, name, e.solar_system_id


def _moons(entries: Sequence[m.Moon], names: Names) -> Iterator[Row]:
    """A moon is called `Jita IV - Moon 4`, unless it has a name of its own."""
    for e in entries:
        if e.unique_name:
            name = e.unique_name.en
        else:
            planet = names.planets.get((e.solar_system_id, e.celestial_index))
            if planet is None:
                system = _known(names.systems, e.solar_system_id, "solar system")
                planet = f"{system} {roman(e.celestial_index)}"
            name = f"{planet} - Moon {e.orbit_index}"
        yield e.key, name, e.solar_system_id


def _stations(entries: Sequence[m.Station], _: Names) -> Iterator[Row]:
    return ((e.key, e.solar_system_id, e.owner_id, e.type_id) for e in entries)


def _known(names: dict[int, str], key: int, what: str) -> str:
    try:
        return names[key]
    except KeyError:
        raise ValidationError(f"there is no {what} {key}") from None


def roman(number: int) -> str:
    """A number as planets bear it; planets have small ones."""
    text = ""
    for value, sign in _ROMAN:
        while number >= value:
            text, number = text + sign, number - value
    return text


_ROMAN = ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))

MEMBERS = (
    Member("categories", m.Named, "category", _named),
    Member("groups", m.Group, "type_group", _groups),
    Member("marketGroups", m.MarketGroup, "market_group", _market_groups, optional=True),
    Member("types", m.Type, "type", _types),
    Member("typeMaterials", m.TypeMaterials, "type_material", _materials),
    Member("typeDogma", m.TypeDogma, "type_attribute", _attributes),
    Member("blueprints", m.Blueprint, "blueprint_product", _products),
    Member("controlTowerResources", m.TowerResources, "tower_resource", _tower_resources),
    Member("metenoxMoonDrill", m.MetenoxDrill, "metenox_drill", _metenox, optional=True),
    Member("mapRegions", m.Named, "region", _regions),
    Member("mapConstellations", m.Constellation, "constellation", _constellations),
    Member("mapSolarSystems", m.SolarSystem, "solar_system", _systems),
    Member("mapPlanets", m.Planet, "planet", _planets),
    Member("mapMoons", m.Moon, "moon", _moons),
    Member("npcStations", m.Station, "station", _stations),
)
"""In an order in which each finds the names that it needs."""
