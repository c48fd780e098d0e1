"""What is needed of the archive's members: one JSON object a line, its key in `_key`.

Source: developers.eveonline.com/docs/services/static-data. Unknown fields are ignored; a field
without a default must be there. Names are objects by language.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field


class Words(Struct):
    """A text by language."""

    en: str


class Entry(Struct, rename="camel"):
    """What every line has."""

    key: int = field(name="_key")


class Named(Entry):
    """A line with a name."""

    name: Words


class Group(Named):
    """A line of `groups`."""

    category_id: int = field(name="categoryID")


class MarketGroup(Named):
    """A line of `marketGroups`."""

    parent_group_id: int | None = field(name="parentGroupID", default=None)


class Type(Named):
    """A line of `types`; volumes are m³."""

    group_id: int = field(name="groupID")
    portion_size: int
    published: bool
    volume: float | None = None
    packaged_volume: float | None = None
    market_group_id: int | None = field(name="marketGroupID", default=None)
    meta_group_id: int | None = field(name="metaGroupID", default=None)


class Material(Struct):
    """What a portion of a type is reprocessed to."""

    type_id: int = field(name="materialTypeID")
    quantity: int


class TypeMaterials(Entry):
    """A line of `typeMaterials`; few have no `materials` but random ones."""

    materials: list[Material] = []


class Attribute(Struct):
    """A dogma attribute and its value."""

    attribute_id: int = field(name="attributeID")
    value: float


class TypeDogma(Entry):
    """A line of `typeDogma`."""

    dogma_attributes: list[Attribute]


class Product(Struct):
    """What one run of a blueprint makes."""

    type_id: int = field(name="typeID")
    quantity: int


class Activity(Struct):
    """What a blueprint is used for; research has no products."""

    products: list[Product] = []


class Activities(Struct):
    """Those that make things."""

    manufacturing: Activity | None = None
    reaction: Activity | None = None


class Blueprint(Entry):
    """A line of `blueprints`."""

    activities: Activities


class Resource(Struct):
    """What a control tower uses in an hour."""

    type_id: int = field(name="resourceTypeID")
    purpose: int
    quantity: int
    min_security: float | None = field(name="minSecurityLevel", default=None)
    faction_id: int | None = field(name="factionID", default=None)


class TowerResources(Entry):
    """A line of `controlTowerResources`."""

    resources: list[Resource]


class MetenoxDrill(Entry):
    """A line of `metenoxMoonDrill`: the gas that a Metenox uses."""

    mining_cycle_time: int
    mining_efficiency: float
    reagents_consumed_per_cycle: int


class Constellation(Named):
    """A line of `mapConstellations`."""

    region_id: int = field(name="regionID")


class SolarSystem(Named):
    """A line of `mapSolarSystems`."""

    constellation_id: int = field(name="constellationID")
    region_id: int = field(name="regionID")
    security_status: float


class Planet(Entry):
    """A line of `mapPlanets`; few have a name of their own."""

    solar_system_id: int = field(name="solarSystemID")
    celestial_index: Annotated[int, Meta(ge=0, le=1_000)]
    unique_name: Words | None = None


class Moon(Planet, kw_only=True):
    """A line of `mapMoons`: `celestial_index` is its planet's."""

    orbit_index: int


class Station(Entry):
    """A line of `npcStations`; their names come from ESI's `/universe/names`."""

    solar_system_id: int = field(name="solarSystemID")
    owner_id: int = field(name="ownerID")
    type_id: int = field(name="typeID")
