"""Moon mining: observers, what each saw mined, and the extractions to come."""

from corpsync_tui.simulator.clock import iso, iso_day
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import structures, types
from corpsync_tui.simulator.world.dice import dice
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import (
    DAY,
    HOUR,
    ONLY,
    Corporation,
    Structure,
    Unit,
    World,
)
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_ARRIVALS = tuple(hours * HOUR for hours in (-1, 0.4, 3, 20, 74, 150, 260, 390))
"""When the chunks of a new world arrive, in seconds from now."""


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Refineries that watch, a month of mining at each, and at most one chunk on its way to each.

    The first chunk waits to be fractured, the others arrive one after the other; each moon was
    mined in the days after its last two chunks.
    """
    now = world.clock.now()
    refineries = refineries_of(world, corporation)
    watched = refineries[: scale.observers]
    corporation.tables["mining_observer"] = {
        ONLY: [observer(now, place.structure_id) for place in watched]
    }
    corporation.tables["mining_ledger"] = {
        place.structure_id: _month(world, corporation, place, scale.ledger) for place in watched
    }
    rows: list[Row] = []
    corporation.tables["mining_extraction"] = {ONLY: rows}
    for number, place in enumerate(refineries[: scale.extractions]):
        arrival = now + _ARRIVALS[number % len(_ARRIVALS)] + number // len(_ARRIVALS) * DAY
        start = arrival - world.rng.uniform(7, 28) * DAY
        rows.append(_extraction(place, start, max(arrival, start)))


def refineries_of(world: World, corporation: Corporation) -> list[Structure]:
    """The corporation's structures that drill moons."""
    own = world.own_structures(corporation)
    return [place for place in own if place.type_id in (types.ATHANOR, types.TATARA)]


def ores_of(moon_id: int) -> list[int]:
    """The three ores of a moon: one that is common, one that is not, one by chance."""
    chance = dice("moon", moon_id)
    common, rare = types.MOON_ORES[:8], types.MOON_ORES[8:]
    return [chance.choice(common), chance.choice(rare), chance.choice(types.MOON_ORES[4:12])]


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


def new_ledger(world: World, corporation: Corporation, unit: Unit) -> Row:
    """Somebody mines an ore today that this observer has not seen from them today."""
    today = iso_day(world.clock.now())
    seen = {_key(row) for row in corporation.rows("mining_ledger", unit)}
    while True:
        row = _ledger_row(world, corporation, world.structures[int(unit)], today)
        if _key(row) not in seen:
            return row
        row |= {"type_id": world.rng.choice(types.MOON_ORES)}
        if _key(row) not in seen:
            return row


def grow(world: World, _corporation: Corporation, row: Row) -> Row:
    """The same miner digs on."""
    return row | {"quantity": row["quantity"] + world.rng.randint(10, 4_000)}


def new_extraction(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """The drill of an idle refinery is started; where all are at work, a new one is anchored."""
    listed = {row["structure_id"] for row in corporation.rows("mining_extraction")}
    idle = [
        place for place in refineries_of(world, corporation) if place.structure_id not in listed
    ]
    place = world.rng.choice(idle) if idle else _anchor(world, corporation)
    start = world.clock.now()
    gone = {
        found.row["extraction_start_time"] for found in corporation.forgotten["mining_extraction"]
    }
    while iso(start) in gone:
        start += 1
    return _extraction(place, start, start + world.rng.uniform(6, 28) * DAY)


def change_extraction(world: World, _corporation: Corporation, row: Row) -> Row:
    """The chunk will wait a little longer."""
    return row | {"natural_decay_time": iso(world.clock.now() + world.rng.uniform(20, 40) * DAY)}


def arrived(world: World, corporation: Corporation) -> list[int]:
    """The places in the list of the chunks that can be fractured now."""
    now = iso(world.clock.now())
    rows = corporation.rows("mining_extraction")
    return [index for index, row in enumerate(rows) if row["chunk_arrival_time"] <= now]


def _anchor(world: World, corporation: Corporation) -> Structure:
    number = len(refineries_of(world, corporation)) + 1
    plan = {
        "system": world.rng.choice(("1DQ1-A", "Jakanerva", "Maurasi")),
        "label": f"Moon Drill {number}",
        "type": types.ATHANOR,
        "modules": [45009],
        "days": 28,
    }
    return structures.anchor(world, corporation, plan)


def _month(world: World, corporation: Corporation, place: Structure, count: int) -> list[Row]:
    rows: dict[tuple[object, ...], Row] = {}
    pops = (world.rng.randint(3, 8), world.rng.randint(17, 25))
    for attempt in range(count * 20):
        age = 0 if attempt < 5 else world.rng.choice(pops) - world.rng.randint(0, 3)
        row = _ledger_row(world, corporation, place, iso_day(world.clock.now() - age * DAY))
        rows.setdefault(_key(row), row)
        if len(rows) == count:
            break
    return list(rows.values())


def _key(row: Row) -> tuple[object, ...]:
    return row["character_id"], row["type_id"], row["last_updated"]


def _ledger_row(world: World, corporation: Corporation, place: Structure, day: str) -> Row:
    own = world.rng.random() < 0.8
    miner = world.rng.choice(world.members(corporation) if own else world.outsiders)
    return {
        "character_id": miner,
        "last_updated": day,
        "quantity": world.rng.randint(100, 60_000),
        "recorded_corporation_id": world.characters[miner].corporation_id,
        "type_id": world.rng.choice(ores_of(place.moon_id)),
    }


def _extraction(place: Structure, start: float, arrival: float) -> Row:
    return {
        "chunk_arrival_time": iso(arrival),
        "extraction_start_time": iso(start),
        "moon_id": place.moon_id,
        "natural_decay_time": iso(arrival + 3 * HOUR),
        "structure_id": place.structure_id,
    }


def extraction_state(row: Row, gone: float | None) -> str:
    """What became of an extraction that left the list at this moment, in Unix seconds."""
    if gone is None:
        return "active"
    if iso(gone) < row["chunk_arrival_time"]:
        return "cancelled"
    return "fractured" if iso(gone) < row["natural_decay_time"] else "decayed"


def _mine(world: World, corporation: Corporation) -> None:
    unit = world.rng.choice(list(corporation.tables["mining_ledger"]))
    rows = corporation.rows("mining_ledger", unit)
    recent = [(unit, n) for n in range(max(0, len(rows) - 12), len(rows))]
    Mutation(world, corporation, "mining_ledger", unit).change(1, recent)


def _new_miner(world: World, corporation: Corporation) -> None:
    unit = world.rng.choice(list(corporation.tables["mining_ledger"]))
    Mutation(world, corporation, "mining_ledger", unit).add(1)


def _drill(world: World, corporation: Corporation) -> None:
    drills = len(refineries_of(world, corporation))
    if len(corporation.rows("mining_extraction")) < drills - 1:
        Mutation(world, corporation, "mining_extraction").add(1)


def _fracture(world: World, corporation: Corporation) -> None:
    for index in arrived(world, corporation)[:1]:
        Mutation(world, corporation, "mining_extraction").remove(1, [(ONLY, index)])


def _cancel(world: World, corporation: Corporation) -> None:
    waiting = len(arrived(world, corporation))
    if len(corporation.rows("mining_extraction")) > waiting + 3:
        Mutation(world, corporation, "mining_extraction").remove(1)


_M = "/corporation/{corporation_id}/mining"
DATA_SET = DataSet(
    tables=(
        Table(
            "mining_observer",
            f"{_M}/observers",
            "ledger",
            key=("observer_id",),
            alter=change_observer,
            grows=False,
        ),
        Table(
            "mining_ledger",
            f"{_M}/observers/{{observer_id}}",
            "ledger",
            key=("character_id", "type_id", "last_updated", "recorded_corporation_id"),
            make=new_ledger,
            alter=grow,
            unit="observer_id",
            kept=600,
        ),
        Table(
            "mining_extraction",
            f"{_M}/extractions",
            "ledger",
            key=("structure_id", "extraction_start_time"),
            make=new_extraction,
            alter=change_extraction,
            extra=("state",),
            state=extraction_state,
        ),
    ),
    events=(
        Event(_mine, 6),
        Event(_new_miner, 2),
        Event(_drill, 2),
        Event(_fracture, 1),
        Event(_cancel, 1),
    ),
    fill=fill,
)
