"""Contracts in every state, what is in them, and who bids."""

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, HOUR, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_TYPES = ("item_exchange", "item_exchange", "item_exchange", "courier", "courier", "auction")
_ENDED = ("finished", "finished", "finished", "cancelled", "rejected", "failed", "deleted")
_TITLES = ("", "", "SRP Hurricane", "Fuel for Delta", "Moon ore buyback", "Doctrine fit", "Loot")


def _contract(world: World, corporation: Corporation, age: float, status: str) -> Row:
    """A contract of this age in seconds; some are to the corporation, most by it."""
    rng, now = world.rng, world.clock.now()
    kind = rng.choice(_TYPES)
    ours = rng.random() < 0.65
    member, stranger = rng.choice(world.members(corporation)), rng.choice(world.outsiders)
    issued = now - age
    stations = rng.sample(sorted(places.STATIONS), 2)
    row: Row = {
        "acceptor_id": 0,
        "assignee_id": stranger if ours else corporation.corporation_id,
        "availability": "public" if ours and rng.random() < 0.5 else "personal",
        "contract_id": world.next_id("contract"),
        "date_expired": iso(issued + rng.choice((3, 7, 14, 28)) * DAY),
        "date_issued": iso(issued),
        "days_to_complete": 0,
        "end_location_id": stations[1] if kind == "courier" else stations[0],
        "for_corporation": ours,
        "issuer_corporation_id": world.characters[member if ours else stranger].corporation_id,
        "issuer_id": member if ours else stranger,
        "price": 0.0 if kind == "courier" else round(rng.uniform(1e6, 9e8), 2),
        "reward": round(rng.uniform(1e6, 9e7), 2) if kind == "courier" else 0.0,
        "start_location_id": stations[0],
        "status": status,
        "title": rng.choice(_TITLES),
        "type": kind,
        "volume": round(rng.uniform(10, 300_000), 2),
    }
    if row["availability"] == "public":
        row["assignee_id"] = 0
    if kind == "courier":
        row |= {"collateral": round(rng.uniform(1e7, 4e9), 2), "days_to_complete": 3}
    if kind == "auction":
        row["buyout"] = round(row["price"] * 3, 2)
    if status in ("in_progress", "finished", "failed"):
        accepted = issued + rng.uniform(0.02, 0.8) * min(age, 3 * DAY)
        row |= {
            "acceptor_id": corporation.corporation_id if not ours else rng.choice(world.outsiders),
            "date_accepted": iso(accepted),
        }
        if status != "in_progress":
            row["date_completed"] = iso(min(now, accepted + rng.uniform(0.1, 20) * HOUR))
    return row


def _fill(world: World, corporation: Corporation, scale: Scale) -> None:
    rows = corporation.tables["contract"][ONLY]
    for number in range(scale.contracts):
        share = number / max(1, scale.contracts)
        if share < 0.25:
            age, status = world.rng.uniform(0.01, 2.5) * DAY, "outstanding"
        elif share < 0.4:
            age, status = world.rng.uniform(0.1, 6) * DAY, "in_progress"
        else:
            age, status = world.rng.uniform(1, 29) * DAY, world.rng.choice(_ENDED)
        row = _contract(world, corporation, age, status)
        if status == "in_progress" and row["type"] != "courier":
            row |= {"status": "finished", "date_completed": iso(world.clock.now() - age / 2)}
        rows.append(row)


def _new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    return _contract(world, corporation, 0.0, "outstanding")


def _change(world: World, corporation: Corporation, row: Row) -> Row:
    """It goes on: accepted, finished; one that has ended is reversed or is finished again."""
    now = iso(world.clock.now())
    if row["status"] == "outstanding":
        taker = corporation.corporation_id if not row["for_corporation"] else 0
        accepted = {
            "acceptor_id": taker or world.rng.choice(world.outsiders),
            "date_accepted": now,
        }
        if row["type"] == "courier":
            return row | accepted | {"status": "in_progress"}
        return row | accepted | {"status": "finished", "date_completed": now}
    if row["status"] == "in_progress":
        status = world.rng.choice(("finished", "finished", "failed"))
        return row | {"status": status, "date_completed": now}
    return row | {"status": "finished" if row["status"] == "reversed" else "reversed"}


def _items(world: World, _corporation: Corporation, row: Row) -> list[Row]:
    """What is in it; nothing that ESI tells where it is carried."""
    if row["type"] == "courier":
        return []
    return [_item(world) for _ in range(world.rng.randint(1, 6))]


def _item(world: World) -> Row:
    single = world.rng.random() < 0.3
    kinds = types.SHIPS + types.BLUEPRINTS if single else types.STACKABLE
    row: Row = {
        "is_included": world.rng.random() < 0.85,
        "is_singleton": single,
        "quantity": 1 if single else world.rng.randint(1, 40_000),
        "record_id": world.next_id("row"),
        "type_id": world.rng.choice(kinds),
    }
    return row | ({"raw_quantity": -2} if row["type_id"] in types.BLUEPRINTS else {})


def _bids(world: World, _corporation: Corporation, row: Row) -> list[Row] | None:
    if row["type"] != "auction":
        return None
    return [_bid(world, row["price"] * (1 + n / 10)) for n in range(world.rng.randint(1, 4))]


def _bid(world: World, amount: float) -> Row:
    return {
        "amount": round(amount, 2),
        "bid_id": world.next_id("row"),
        "bidder_id": world.rng.choice(world.outsiders),
        "date_bid": iso(world.clock.now()),
    }


def _state(row: Row, gone: float | None) -> str:
    """ESI's status, or that it left the list without an end."""
    return "gone" if gone is not None and row["status"] == "outstanding" else str(row["status"])


def _open(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "contract").add(1)


def _go_on(world: World, corporation: Corporation) -> None:
    rows = corporation.rows("contract")
    alive = [n for n, row in enumerate(rows) if row["status"] in ("outstanding", "in_progress")]
    if len(alive) > 10:
        Mutation(world, corporation, "contract").change(1, [(ONLY, world.rng.choice(alive))])


def _outbid(world: World, corporation: Corporation) -> None:
    """Somebody bids on an auction."""
    for row in corporation.rows("contract"):
        if row["type"] == "auction" and row["status"] == "outstanding":
            bids = corporation.tables["contract_bid"][row["contract_id"]]
            bids.append(_bid(world, row["price"] * (1 + len(bids) / 10)))
            return


_CONTRACTS = "/corporations/{corporation_id}/contracts"
DATA_SET = DataSet(
    tables=(
        Table(
            "contract",
            _CONTRACTS,
            "ledger",
            key=("contract_id",),
            make=_new,
            alter=_change,
            extra=("state",),
            state=_state,
            kept=320,
        ),
        Table(
            "contract_item",
            f"{_CONTRACTS}/{{contract_id}}/items",
            "log",
            key=("record_id",),
            unit="contract_id",
            parent="contract",
            born=_items,
            grows=False,
        ),
        Table(
            "contract_bid",
            f"{_CONTRACTS}/{{contract_id}}/bids",
            "log",
            key=("bid_id",),
            make=lambda world, _corporation, _unit: _bid(world, world.rng.uniform(1e6, 1e9)),
            unit="contract_id",
            parent="contract",
            born=_bids,
        ),
    ),
    events=(Event(_open, 2), Event(_go_on, 2), Event(_outbid, 1)),
    fill=_fill,
)
