"""What the corporation owns: offices, hangars, containers, fitted ships, stacks."""

from array import array
from collections.abc import Callable

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import names, places, structures, types
from corpsync_tui.simulator.world.lazy import LazyRows, Row, Rows
from corpsync_tui.simulator.world.model import ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation, Place
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_HELD_AT_MOST = 20_000
"""Above so many assets only the first are held; the others are made when looked at."""
_SLOTS = ("HiSlot0", "HiSlot1", "MedSlot0", "MedSlot1", "LoSlot0", "LoSlot1")


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Rent offices, then fill their hangars until there are as many assets as asked for."""
    rows: list[Row] = []
    corporation.tables["asset"] = {ONLY: rows}
    offices = _offices(world, corporation, rows)
    containers: list[int] = []
    held = min(scale.assets, _HELD_AT_MOST)
    while len(rows) < held:
        office = world.rng.choice(offices)
        kind = world.rng.random()
        if kind < 0.12:
            _ship(world, corporation, rows, office)
        elif kind < 0.22 or not containers:
            containers.append(_container(world, corporation, rows, office))
        elif kind < 0.28:
            rows.append(_blueprint(world, _hangar(world), office))
        elif kind < 0.60:
            rows.append(_stack(world, "Unlocked", world.rng.choice(containers)))
        else:
            rows.append(_stack(world, _hangar(world), office))
    del rows[held:]
    if scale.assets > held:
        corporation.tables["asset"][ONLY] = _bulk(rows, scale.assets, containers)


def new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """A stack that somebody put into a hangar."""
    rows = corporation.rows("asset")
    office = next((row for row in rows if row["type_id"] == types.OFFICE), None)
    place = office["item_id"] if office else places.JITA_STATION
    return _stack(world, _hangar(world), place)


def change(world: World, _corporation: Corporation, row: Row) -> Row:
    """A stack grows; a single item moves to another hangar."""
    if not row["is_singleton"]:
        return row | {"quantity": row["quantity"] + world.rng.randint(1, 500)}
    others = [flag for flag in _HANGARS if flag != row["location_flag"]]
    return row | {"location_flag": world.rng.choice(others)}


_HANGARS = tuple(f"CorpSAG{number}" for number in range(1, 8))
_LOOSE = (*_HANGARS, "Unlocked", "Cargo")
"""Where things lie that are moved about."""


def _hangar(world: World) -> str:
    return world.rng.choice(_HANGARS)


def _item(
    world: World, type_id: int, flag: str, place: int, *, quantity: int = 1, single: bool = False
) -> Row:
    return {
        "is_singleton": single,
        "item_id": world.next_id("item"),
        "location_flag": flag,
        "location_id": place,
        "location_type": "station" if place in places.STATIONS else "item",
        "quantity": quantity,
        "type_id": type_id,
    }


def _stack(world: World, flag: str, place: int) -> Row:
    quantity = int(world.rng.lognormvariate(5, 2)) + 1
    return _item(world, world.rng.choice(types.STACKABLE), flag, place, quantity=quantity)


def _offices(world: World, corporation: Corporation, rows: list[Row]) -> list[int]:
    own = [place.structure_id for place in world.own_structures(corporation)][:3]
    stations = [places.JITA_STATION, *world.rng.sample(sorted(places.STATIONS), 2)]
    for place in dict.fromkeys([*stations, *own]):
        rows.append(_item(world, types.OFFICE, "OfficeFolder", place, single=True))
    for place, flag, type_id, quantity in structures.contents(world, corporation):
        single = flag.startswith("ServiceSlot")
        rows.append(_item(world, type_id, flag, place, quantity=quantity, single=single))
    rows.append(_item(world, 60, "AssetSafety", places.JITA_STATION, single=True))
    rows.append(_item(world, 34, "CorpDeliveries", places.JITA_STATION, quantity=1_250_000))
    return [row["item_id"] for row in rows if row["type_id"] == types.OFFICE]


def _container(world: World, corporation: Corporation, rows: list[Row], office: int) -> int:
    row = _item(world, world.rng.choice(types.CONTAINERS), _hangar(world), office, single=True)
    rows.append(row)
    _name(world, corporation, row, names.container)
    for _ in range(world.rng.randint(1, 9)):
        rows.append(_stack(world, world.rng.choice(("Unlocked", "Locked")), row["item_id"]))
    return int(row["item_id"])


def _ship(world: World, corporation: Corporation, rows: list[Row], office: int) -> None:
    ship = _item(world, world.rng.choice(types.SHIPS), _hangar(world), office, single=True)
    rows.append(ship)
    _name(world, corporation, ship, names.ship)
    for slot in _SLOTS[: world.rng.randint(2, len(_SLOTS))]:
        module = world.rng.choice(types.MODULES)
        rows.append(_item(world, module, slot, ship["item_id"], single=True))
    charge = world.rng.choice(types.CHARGES)
    rows.append(_item(world, charge, "Cargo", ship["item_id"], quantity=world.rng.randint(5, 900)))


def _blueprint(world: World, flag: str, office: int) -> Row:
    row = _item(world, world.rng.choice(types.BLUEPRINTS), flag, office, single=True)
    if world.rng.random() < 0.6:
        return row | {"is_blueprint_copy": True}
    return row


def _name(world: World, corporation: Corporation, row: Row, namer: Callable[..., str]) -> None:
    if world.rng.random() < 0.75:
        corporation.asset_names[row["item_id"]] = namer(world.rng)


def _bulk(rows: list[Row], assets: int, containers: list[int]) -> Rows:
    first = max(row["item_id"] for row in rows) + 1_000_000

    def make(number: int) -> Row:
        mixed = number * 2_654_435_761 % 4_294_967_296
        return {
            "is_singleton": False,
            "item_id": first + number,
            "location_flag": "Unlocked",
            "location_id": containers[mixed % len(containers)],
            "location_type": "item",
            "quantity": mixed % 9_973 + 1,
            "type_id": types.STACKABLE[mixed // 64 % len(types.STACKABLE)],
        }

    return LazyRows(make, array("q", range(assets)), dict(enumerate(rows)))


def _move(world: World, corporation: Corporation) -> None:
    """Somebody sorts the hangars; offices, bays and modules stay where they are."""
    rows = corporation.rows("asset")
    chosen = [world.rng.randrange(len(rows)) for _ in range(world.rng.randint(1, 8))]
    loose: list[Place] = [
        (ONLY, index) for index in set(chosen) if rows[index]["location_flag"] in _LOOSE
    ]
    Mutation(world, corporation, "asset").change(len(loose), loose)


def _haul(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("asset")) < 6_000:
        Mutation(world, corporation, "asset").add(world.rng.randint(1, 3))


def _consume(world: World, corporation: Corporation) -> None:
    rows = corporation.rows("asset")
    index = world.rng.randrange(len(rows))
    row = rows[index]
    if not row["is_singleton"] and row["location_flag"] in _LOOSE and len(rows) > 1000:
        Mutation(world, corporation, "asset").remove(1, [(ONLY, index)])


def _singles(ask: Ask) -> dict[int, Row]:
    """The items that a POST asks for: each must be one that is no stack."""
    rows = ask.corporation.rows("asset")
    held = rows.held() if isinstance(rows, LazyRows) else rows
    singles = {row["item_id"]: row for row in held if row["is_singleton"]}
    if any(number not in singles for number in ask.ids):
        raise EsiError(404, "Invalid IDs in the request")
    return singles


def _asset_names(ask: Ask) -> list[Row]:
    _singles(ask)
    named = ask.corporation.asset_names
    return [{"item_id": number, "name": named.get(number, "None")} for number in ask.ids]


def _asset_locations(ask: Ask) -> list[Row]:
    _singles(ask)
    return [{"item_id": number, "position": places.position(number)} for number in ask.ids]


_ASSETS = "/corporations/{corporation_id}/assets"
DATA_SET = DataSet(
    tables=(Table("asset", _ASSETS, "snapshot", key=("item_id",), make=new, alter=change),),
    events=(Event(_move, 8), Event(_haul, 3), Event(_consume, 4)),
    feeds={f"{_ASSETS}/names": _asset_names, f"{_ASSETS}/locations": _asset_locations},
    fill=fill,
    order=30,
)
