"""Item types with EVE's own ids and names, grouped by what the corporation does with them."""

import json
from pathlib import Path
from typing import Any

_DATA: dict[str, Any] = json.loads(Path(__file__).with_name("types.json").read_text())

CATEGORIES: dict[int, str] = {int(key): name for key, name in _DATA["categories"].items()}
GROUPS: dict[int, tuple[str, int]] = {
    int(key): (name, category) for key, (name, category) in _DATA["groups"].items()
}
"""Name and category by id."""

TYPES: dict[int, dict[str, Any]] = {row["id"]: row for row in _DATA["types"]}
"""Every type the world knows: name, kind, group, volume in m³, and what else there is of it.

`materials` (what a portion reprocesses into) and `makes` (what a run of a blueprint takes) are
quantities by type, `attributes` values by dogma attribute, `product` a type and the quantity of
one run, `block` a tower's fuel and its hourly need of it.
"""

TYPE_NAMES: dict[int, str] = {number: row["name"] for number, row in TYPES.items()}


def of_kind(kind: str) -> tuple[int, ...]:
    """The ids of all types of a kind, as `types.json` names it."""
    return tuple(number for number, row in TYPES.items() if row["kind"] == kind)


OFFICE = 27
"""The type of a rented office, which is an item that holds the hangars."""
CAPSULE = 670
ATHANOR = 35835
TATARA = 35836

MINERALS = of_kind("mineral")
ORES = of_kind("ore")
MOON_ORES = of_kind("moon_ore")
SUPPLIES = of_kind("supply")
MODULES = of_kind("module")
CHARGES = of_kind("charge")
SHIPS = of_kind("ship")
BLUEPRINTS = of_kind("blueprint")
CONTAINERS = of_kind("container")

STACKABLE = MINERALS + ORES + SUPPLIES + MODULES + CHARGES
"""What lies about in stacks."""


def product_of(blueprint_type_id: int) -> int:
    """The type that a blueprint makes."""
    return int(TYPES[blueprint_type_id]["product"][0])


def rough_price(type_id: int) -> float:
    """An ISK price that is about right for the kind of thing."""
    if type_id in MINERALS:
        return 4.2 * (MINERALS.index(type_id) + 1) ** 2
    if type_id in SHIPS:
        return 900_000.0 + type_id * 2_500.0
    if type_id in BLUEPRINTS:
        return 2_000_000.0 + type_id * 900.0
    return 120.0 + (type_id % 997) * 310.0
