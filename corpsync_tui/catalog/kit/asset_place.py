"""Where an asset is: `station › office › hangar division › container`, as an SQL expression.

One expression serves the named view, the screens and the exports. It follows an asset's
`location_id` from box to box: a cycle or a missing parent ends the way there, and what is known
of it is told. It is plain SQL on purpose, joins and CASE: DuckDB rewrites a view before SQLite
runs it, and what it makes of WITH RECURSIVE and GLOB SQLite does not understand.
"""

from __future__ import annotations

from corpsync_tui.store.columns import CORPORATION_KEY, Derived
from corpsync_tui.store.naming import OFFICE

SEPARATOR = " › "
DEEPEST = 5
"""Boxes within boxes that are followed: station, office, ship, container leave one to spare."""
ASSET_SAFETY = 2004
"""The location id of what lies in asset safety."""

SILENT = ("Unlocked", "OfficeFolder", "Hangar", "Locked", "AutoFit")
"""Location flags that add nothing to the box around."""
BOX_WORDS = {
    "Cargo": "Cargo hold",
    "CorpDeliveries": "Deliveries",
    "FleetHangar": "Fleet hangar",
    "ShipHangar": "Ship hangar",
}
"""Flags of boxes as the game says them; others, and those of days to come, stay as they are."""
WORDS = BOX_WORDS | {
    "DroneBay": "Drone bay",
    "FighterBay": "Fighter bay",
    "AssetSafety": "Asset safety",
    "CorpseBay": "Corpse bay",
    "StructureFuel": "Fuel bay",
    "StructureDeedBay": "Deed bay",
    "QuantumCoreRoom": "Quantum core room",
    "MoonMaterialBay": "Moon material bay",
    "SubSystemBay": "Subsystem bay",
    "FrigateEscapeBay": "Frigate escape bay",
    "InfrastructureHangar": "Infrastructure hold",
    "SpecializedAmmoHold": "Ammo hold",
    "SpecializedAsteroidHold": "Asteroid hold",
    "SpecializedCommandCenterHold": "Command center hold",
    "SpecializedFuelBay": "Fuel bay",
    "SpecializedGasHold": "Gas hold",
    "SpecializedIceHold": "Ice hold",
    "SpecializedIndustrialShipHold": "Industrial ship hold",
    "SpecializedLargeShipHold": "Large ship hold",
    "SpecializedMaterialBay": "Material bay",
    "SpecializedMediumShipHold": "Medium ship hold",
    "SpecializedMineralHold": "Mineral hold",
    "SpecializedOreHold": "Ore hold",
    "SpecializedPlanetaryCommoditiesHold": "Planetary commodities hold",
    "SpecializedSalvageHold": "Salvage hold",
    "SpecializedShipHold": "Ship hold",
    "SpecializedSmallShipHold": "Small ship hold",
}
"""The same for what may lie in them."""
SLOTS = {
    "HiSlot": "High slot",
    "MedSlot": "Mid slot",
    "LoSlot": "Low slot",
    "RigSlot": "Rig slot",
    "ServiceSlot": "Service slot",
    "SubSystemSlot": "Subsystem slot",
    "FighterTube": "Fighter tube",
}
"""Flags that a number from 0 follows; the game counts from 1."""


def _words(flag: str, words: dict[str, str], slots: dict[str, str]) -> str:
    """A location flag in words; NULL where it adds nothing."""
    silent = ", ".join(f"'{word}'" for word in SILENT)
    known = "".join(f" WHEN '{name}' THEN '{text}'" for name, text in words.items())
    numbered = "".join(
        f" WHEN substr({flag}, 1, {len(name)}) = '{name}' "
        f"THEN '{text} ' || (substr({flag}, {len(name) + 1}) + 1)"
        for name, text in slots.items()
    )
    division = f"CAST(substr({flag}, 8) AS INTEGER)"
    return (
        f"CASE WHEN {flag} IN ({silent}) THEN NULL "
        f"WHEN substr({flag}, 1, 7) = 'CorpSAG' THEN COALESCE((SELECT name FROM division "
        f"WHERE {CORPORATION_KEY} = t.{CORPORATION_KEY} AND kind = 'hangar' "
        f"AND division = {division}), 'Division ' || {division}){numbered} "
        f"ELSE CASE {flag}{known} ELSE {flag} END END"
    )


def _named(id_: str, otherwise: str) -> str:
    return f"COALESCE((SELECT name FROM eve_name WHERE id = {id_}), {otherwise})"


def _step(words: str) -> str:
    """A step of the way behind a separator; nothing where there are no words."""
    return f"COALESCE('{SEPARATOR}' || {words}, '')"


def _label(box: str) -> str:
    """What a box is called; NULL where there is none."""
    kind = _named(f"{box}.type_id", f"'Type ' || {box}.type_id")
    return (
        f"CASE WHEN {box}.type_id = {OFFICE} THEN 'Office' WHEN {box}.name IS NULL THEN {kind} "
        f"ELSE {box}.name || ' (' || {kind} || ')' END"
    )


def _joined(number: int) -> str:
    """The join of a box with the one inside it, unless the way has passed it already."""
    box, inside = f"b{number}", "t" if number == 1 else f"b{number - 1}"
    passed = "".join(f" AND {box}.item_id <> b{n}.item_id" for n in range(1, number))
    return (
        f"LEFT JOIN asset AS {box} ON {box}.{CORPORATION_KEY} = t.{CORPORATION_KEY} "
        f"AND {box}.item_id = {inside}.location_id{passed}"
    )


def _place() -> str:
    boxes = [f"b{number}" for number in range(DEEPEST, 0, -1)]
    end = f"COALESCE({', '.join(f'{box}.location_id' for box in boxes)}, t.location_id)"
    location = f"'Location ' || {end}"
    outermost = (
        f"CASE WHEN {end} IN ({', '.join(f'{box}.item_id' for box in boxes)}) THEN NULL "
        f"WHEN {end} = {ASSET_SAFETY} THEN 'Asset safety' "
        f"ELSE {_named(end, location)} END"
    )
    steps = [_step(outermost)]
    for box in boxes:
        steps += [_step(_words(f"{box}.location_flag", BOX_WORDS, {})), _step(_label(box))]
    steps.append(_step(_words("t.location_flag", WORDS, SLOTS)))
    joins = " ".join(_joined(number) for number in range(1, DEEPEST + 1))
    return (
        f"(SELECT substr({' || '.join(steps)}, {len(SEPARATOR) + 1}) "
        f"FROM (SELECT 1 AS one) AS start {joins})"
    )


PLACE = Derived("place", "place", _place(), of=(CORPORATION_KEY, "location_id", "location_flag"))
"""The whole way to an asset."""
