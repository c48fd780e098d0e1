"""The world's parts: characters, structures, corporations and the counters that give ids."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from corpsync_tui.simulator.clock import SimClock
from corpsync_tui.simulator.world.lazy import Row, Rows

DAY = 86_400.0
HOUR = 3_600.0
DIVISIONS = range(1, 8)
ONLY = 0
"""The unit of a table that is not divided by wallet division, mining observer or the like."""
ORDER = "_order"
"""The field that a row of a list in the order of its changes has for its place; told to nobody."""

Unit = int | str
"""What parts a table: a number of the game, or the text that a project is known by."""

DIVISION_NAMES = (
    "Master Wallet",
    "Industry",
    "Logistics",
    "Ship Replacement",
    "Moon Income",
    "Investments",
    "Petty Cash",
)
HANGAR_NAMES = (
    "Directors",
    "Industry",
    "Minerals",
    "Doctrine Ships",
    "Ammunition & Fuel",
    "Loot",
    "Members",
)


@dataclass
class Character:
    """A capsuleer: a member, or one of the many others."""

    character_id: int
    name: str
    corporation_id: int
    owner: str
    birthday: float
    roles: list[str] = field(default_factory=list)
    """The roles that hold everywhere."""
    other_roles: dict[str, list[str]] = field(default_factory=dict)
    """Roles elsewhere and roles that may be given, by ESI's name of the list."""
    titles: list[int] = field(default_factory=list)


@dataclass
class Structure:
    """An Upwell structure; `docking` is False where its owner lets nobody in."""

    structure_id: int
    name: str
    owner_id: int
    solar_system_id: int
    type_id: int
    docking: bool = True
    modules: list[int] = field(default_factory=list)
    """The types of its service modules."""
    moon_id: int = 0
    """The moon that a refinery drills; 0 for all others."""


@dataclass(frozen=True)
class Gone:
    """A row that is told no more, and since which moment in Unix seconds."""

    unit: Unit
    row: Row
    since: float


@dataclass
class Corporation:
    """A player corporation and its tables, each a list of ESI rows by unit."""

    corporation_id: int
    name: str
    ticker: str
    founded: float
    ceo_id: int = 0
    fuels: dict[int, list[Row]] = field(default_factory=dict)
    """What was put into the bays of new starbases, by starbase."""
    alliance_id: int = 0
    tables: dict[str, dict[Unit, Rows]] = field(default_factory=dict)
    """Table name of the database, then division, observer, contract and so on, or `ONLY`."""
    asset_names: dict[int, str] = field(default_factory=dict)
    forgotten: dict[str, list[Gone]] = field(default_factory=lambda: defaultdict(list))
    """Rows of ledgers and logs that ESI tells no more."""

    def rows(self, table: str, unit: Unit = ONLY) -> Rows:
        """The live rows of one unit of a table."""
        return self.tables[table][unit]


@dataclass
class World:
    """All that the simulator tells about."""

    clock: SimClock
    rng: Random
    characters: dict[int, Character] = field(default_factory=dict)
    corporations: dict[int, Corporation] = field(default_factory=dict)
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Name and category, by id, as /universe/names tells them."""
    structures: dict[int, Structure] = field(default_factory=dict)
    taken_moons: set[int] = field(default_factory=set)
    """Moons at which something else stands than a structure."""
    outsiders: list[int] = field(default_factory=list)
    """Characters of other corporations: buyers, sellers, enemies."""
    counters: dict[str, int] = field(default_factory=dict)

    def next_id(self, kind: str) -> int:
        """A new id, larger than all before of its kind."""
        self.counters[kind] = self.counters.get(kind, _FIRST_IDS[kind]) + self.rng.randint(1, 9)
        return self.counters[kind]

    def members(self, corporation: Corporation) -> list[int]:
        """The ids of the corporation's members, as membertracking tells them."""
        return [row["character_id"] for row in corporation.rows("member")]

    def own_structures(self, corporation: Corporation) -> list[Structure]:
        """The structures that belong to the corporation."""
        owner = corporation.corporation_id
        return [place for place in self.structures.values() if place.owner_id == owner]


_FIRST_IDS = {
    "character": 2_112_000_000,
    "corporation": 98_500_000,
    "item": 1_041_700_000_000,
    "structure": 1_035_400_000_000,
    "job": 612_000_000,
    "order": 6_720_000_000,
    "journal": 23_400_000_000,
    "transaction": 6_510_000_000,
    "killmail": 131_200_000,
    "alliance": 99_000_000,
    "change": 1,
    "contract": 214_000_000,
    "notification": 1_990_000_000,
    "row": 1_000,
}
