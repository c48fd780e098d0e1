"""Where the corporation's structures stand."""

from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.model import Corporation, Structure, World

_OWN = (
    ("Perimeter", "Freight Terminal", 35833),
    ("Maurasi", "Assembly Line", 35826),
    ("1DQ1-A", "Moon Drill Alpha", types.ATHANOR),
    ("UHKL-N", "Moon Drill Beta", types.TATARA),
    ("1DQ1-A", "Moon Drill Gamma", types.ATHANOR),
    ("8QT-H4", "Moon Drill Delta", types.ATHANOR),
    ("UHKL-N", "Moon Drill Epsilon", types.TATARA),
    ("NOL-M9", "Moon Drill Zeta", types.ATHANOR),
    ("T5ZI-S", "Moon Drill Eta", types.ATHANOR),
    ("Tama", "Moon Drill Theta", types.ATHANOR),
)


def build(world: World, corporation: Corporation) -> None:
    """Anchor the structures that the corporation begins with."""
    for system, label, type_id in _OWN:
        anchor(world, corporation.corporation_id, system, label, type_id)


def anchor(world: World, owner_id: int, system: str, label: str, type_id: int) -> Structure:
    """A new structure; a refinery stands at a moon that no other drills."""
    system_id = places.system_called(system)
    structure = Structure(
        world.next_id("structure"), f"{system} - {label}", owner_id, system_id, type_id
    )
    if type_id in (types.ATHANOR, types.TATARA):
        drilled = {place.moon_id for place in world.structures.values()}
        free = [moon for moon in places.moons_of(system_id) if moon not in drilled]
        structure.moon_id = free[0] if free else places.moons_of(system_id)[0]
    world.structures[structure.structure_id] = structure
    return structure
