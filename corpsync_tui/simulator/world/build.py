"""Makes the world: the people and places outside, then each corporation with its tables."""

from corpsync_tui.simulator.clock import SimClock
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.world import (
    members,
    names,
    notifications,
    places,
    structures,
    tables,
    types,
    wallet,
)
from corpsync_tui.simulator.world.dice import dice
from corpsync_tui.simulator.world.model import DAY, Corporation, World

_CORPORATIONS = (
    ("Hedion Freight Union", "HEDU"),
    ("Aldent Salvage Crew", "ALSC"),
    ("Ninth Kador Foundry", "9KF"),
)
_FIRST_CORPORATION_ID = 98_000_001
_OUTSIDERS = 60
_FORBIDDEN_STRUCTURES = 4
_NPC_CORPORATIONS = {
    wallet.CONCORD: "CONCORD",
    wallet.SECURE_COMMERCE: "Secure Commerce Commission",
    notifications.CREDITOR: "Caldari Navy",
    1000006: "Deep Core Mining Inc.",
}


def build_world(config: SimulatorConfig, clock: SimClock) -> World:
    """The world of a seed, as of now."""
    world = World(clock=clock, rng=dice("world", config.seed))
    _name_everything(world)
    _outsiders(world)
    for number in range(config.corporations):
        corporation = _corporation(world, number)
        tables.fill(world, corporation, config.scale)
    return world


def _name_everything(world: World) -> None:
    for category, table in (
        ("inventory_type", types.TYPE_NAMES),
        ("station", places.STATIONS),
        ("solar_system", places.SYSTEMS),
        ("constellation", places.CONSTELLATIONS),
        ("region", places.REGIONS),
        ("corporation", _NPC_CORPORATIONS),
        ("faction", {500001: "Caldari State", 500010: "Guristas Pirates"}),
    ):
        world.names.update({key: (name, category) for key, name in table.items()})


def _outsiders(world: World) -> None:
    for number in range(_OUTSIDERS):
        if number % 6 == 0:
            corporation_id = world.next_id("corporation")
            world.names[corporation_id] = (names.corporation(world.rng), "corporation")
        character = members.new_character(world, corporation_id)
        world.outsiders.append(character.character_id)
    for _ in range(_FORBIDDEN_STRUCTURES):
        system = world.rng.choice(sorted(places.SYSTEMS))
        place = structures.place(world, corporation_id, places.SYSTEMS[system], "Keep Out", 35832)
        place.docking = False


def _corporation(world: World, number: int) -> Corporation:
    name, ticker = _CORPORATIONS[number % len(_CORPORATIONS)]
    corporation = Corporation(
        corporation_id=_FIRST_CORPORATION_ID + number,
        name=name,
        ticker=ticker,
        founded=world.clock.now() - 2_300 * DAY,
    )
    world.corporations[corporation.corporation_id] = corporation
    world.names[corporation.corporation_id] = (name, "corporation")
    return corporation
