"""Where an asset is: `station › office › hangar division › container`, as an SQL expression.

One expression serves the named view, the screens and the exports. It follows an asset's
`location_id` from box to box: a cycle or a missing parent ends the way there, and what is known
of it is told.
"""

from __future__ import annotations

from corpsync_tui.store.columns import CORPORATION_KEY, Derived

SEPARATOR = " › "
DEEPEST = 12
"""Boxes within boxes that are followed; ESI's data has never been seen deeper than five."""
OFFICE = 27
"""The type id of a corporation's office."""
ASSET_SAFETY = 2004
"""The location id of what lies in asset safety."""

SILENT = ("Unlocked", "OfficeFolder", "Hangar", "Locked", "AutoFit")
"""Location flags that add nothing to the box around."""
WORDS = {
    "Cargo": "Cargo hold",
    "CorpDeliveries": "Deliveries",
    "FleetHangar": "Fleet hangar",
    "ShipHangar": "Ship hangar",
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
"""Location flags as the game says them; others, and those of days to come, stay as they are."""
NUMBERED = {
    "HiSlot": "High slot",
    "MedSlot": "Mid slot",
    "LoSlot": "Low slot",
    "RigSlot": "Rig slot",
    "ServiceSlot": "Service slot",
    "SubSystemSlot": "Subsystem slot",
    "FighterTube": "Fighter tube",
}
"""Flags that a number from 0 follows; the game counts from 1."""


def _words(flag: str) -> str:
    """A location flag in words; NULL where it adds nothing."""
    silent = ", ".join(f"'{word}'" for word in SILENT)
    division = f"CAST(substr({flag}, 8) AS INTEGER)"
    known = " ".join(f"WHEN '{name}' THEN '{words}'" for name, words in WORDS.items())
    numbered = " ".join(
        f"WHEN {flag} GLOB '{name}[0-9]' THEN '{words} ' || (substr({flag}, {len(name) + 1}) + 1)"
        for name, words in NUMBERED.items()
    )
    return (
        f"CASE WHEN {flag} IN ({silent}) THEN NULL WHEN {flag} GLOB 'CorpSAG[1-7]' THEN COALESCE("
        f"(SELECT name FROM division WHERE {CORPORATION_KEY} = t.{CORPORATION_KEY} "
        f"AND kind = 'hangar' AND division = {division}), 'Division ' || {division}) "
        f"{numbered} ELSE CASE {flag} {known} ELSE {flag} END END"
    )


def _named(id_: str, otherwise: str) -> str:
    return f"COALESCE((SELECT name FROM eve_name WHERE id = {id_}), {otherwise})"


def _step(words: str) -> str:
    """A step of the way behind a separator; nothing where there are no words."""
    return f"COALESCE('{SEPARATOR}' || {words}, '')"


def _place() -> str:
    kind = _named("box.type_id", "'Type ' || box.type_id")
    label = (
        f"CASE WHEN box.type_id = {OFFICE} THEN 'Office' WHEN box.name IS NULL THEN {kind} "
        f"ELSE box.name || ' (' || {kind} || ')' END"
    )
    outermost = _named("location_id", "'Location ' || location_id")
    return f"""(
WITH RECURSIVE way(depth, location_id, seen, steps) AS (
    SELECT 0, t.location_id, ',', {_step(_words("t.location_flag"))}
    UNION ALL
    SELECT depth + 1, box.location_id, seen || box.item_id || ',',
        {_step(_words("box.location_flag"))} || {_step(label)} || steps
    FROM way CROSS JOIN asset AS box
    WHERE box.{CORPORATION_KEY} = t.{CORPORATION_KEY} AND box.item_id = way.location_id
        AND depth < {DEEPEST} AND NOT instr(seen, ',' || box.item_id || ',')
)
SELECT CASE
    WHEN instr(seen, ',' || location_id || ',') THEN substr(steps, {len(SEPARATOR) + 1})
    WHEN location_id = {ASSET_SAFETY} THEN 'Asset safety' || steps
    ELSE {outermost} || steps END
FROM way ORDER BY depth DESC LIMIT 1)"""


PLACE = Derived("place", "place", _place(), of=(CORPORATION_KEY, "location_id", "location_flag"))
"""The whole way to an asset."""
