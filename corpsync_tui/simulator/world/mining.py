"""Moon mining: observers, what each saw mined, and the extractions to come."""

from corpsync_tui.simulator.clock import iso, iso_day
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, ONLY, Corporation, World

OBSERVER_COLUMNS = ("last_updated", "observer_id", "observer_type")
LEDGER_COLUMNS = ("character_id", "last_updated", "quantity", "recorded_corporation_id", "type_id")
EXTRACTION_COLUMNS = (
    "chunk_arrival_time",
    "extraction_start_time",
    "moon_id",
    "natural_decay_time",
    "structure_id",
)


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Refineries that watch, a month of mining at each, and the drills' timers."""
    now = world.clock.now()
    refineries = refinery_ids(world, corporation)[: scale.observers]
    corporation.tables["mining_observer"] = {ONLY: [observer(now, place) for place in refineries]}
    corporation.tables["mining_ledger"] = {}
    for place in refineries:
        corporation.tables["mining_ledger"][place] = _month(world, corporation, scale.ledger)
    corporation.tables["mining_extraction"] = {
        ONLY: [_extraction(world, corporation, now - n * DAY) for n in range(scale.extractions)]
    }


def refinery_ids(world: World, corporation: Corporation) -> list[int]:
    """The corporation's structures that drill moons."""
    own = world.own_structures(corporation)
    return [place.structure_id for place in own if place.type_id in (types.ATHANOR, types.TATARA)]


def observer(now: float, structure_id: int) -> Row:
    """An observer that saw something today."""
    return {
        "last_updated": iso_day(now),
        "observer_id": structure_id,
        "observer_type": "structure",
    }


def change_observer(world: World, _corporation: Corporation, row: Row) -> Row:
    """The observer saw something on another day."""
    today = iso_day(world.clock.now())
    same = row["last_updated"] == today
    return row | {"last_updated": iso_day(world.clock.now() + DAY) if same else today}


def new_ledger(world: World, corporation: Corporation, unit: int) -> Row:
    """Somebody mines an ore today that this observer has not seen from them today."""
    today = iso_day(world.clock.now())
    seen = {_key(row) for row in corporation.rows("mining_ledger", unit)}
    while True:
        row = _ledger_row(world, corporation, today)
        if _key(row) not in seen:
            return row


def grow(world: World, _corporation: Corporation, row: Row) -> Row:
    """The same miner digs on."""
    return row | {"quantity": row["quantity"] + world.rng.randint(10, 4_000)}


def new_extraction(world: World, corporation: Corporation, _unit: int) -> Row:
    """A drill is started right now."""
    return _extraction(world, corporation, world.clock.now())


def change_extraction(world: World, _corporation: Corporation, row: Row) -> Row:
    """The chunk will wait a little longer."""
    return row | {"natural_decay_time": iso(world.clock.now() + world.rng.uniform(20, 40) * DAY)}


def _month(world: World, corporation: Corporation, count: int) -> list[Row]:
    rows: dict[tuple[object, ...], Row] = {}
    for attempt in range(count * 20):
        age = 0 if attempt < 5 else world.rng.randint(0, 29)
        row = _ledger_row(world, corporation, iso_day(world.clock.now() - age * DAY))
        rows.setdefault(_key(row), row)
        if len(rows) == count:
            break
    return list(rows.values())


def _key(row: Row) -> tuple[object, ...]:
    return row["character_id"], row["type_id"], row["last_updated"]


def _ledger_row(world: World, corporation: Corporation, day: str) -> Row:
    own = world.rng.random() < 0.8
    miner = world.rng.choice(world.members(corporation) if own else world.outsiders)
    return {
        "character_id": miner,
        "last_updated": day,
        "quantity": world.rng.randint(100, 60_000),
        "recorded_corporation_id": world.characters[miner].corporation_id,
        "type_id": world.rng.choice(types.MOON_ORES),
    }


def _extraction(world: World, corporation: Corporation, start: float) -> Row:
    arrival = start + world.rng.uniform(6, 56) * DAY
    return {
        "chunk_arrival_time": iso(arrival),
        "extraction_start_time": iso(start),
        "moon_id": 40_009_000 + world.rng.randint(1, 900),
        "natural_decay_time": iso(arrival + 3 * 3600),
        "structure_id": world.rng.choice(refinery_ids(world, corporation)),
    }
