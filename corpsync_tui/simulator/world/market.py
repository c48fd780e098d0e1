"""Market orders, open ones and those that ended."""

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

RUN_OUT = 0.8
"""The most of an open order's duration that has gone by."""


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Open orders, and ninety days of orders that ended."""
    orders = [_order(world, corporation, 30) for _ in range(scale.orders)]
    ended = [ending(world, _order(world, corporation, 88)) for _ in range(scale.order_history)]
    corporation.tables["market_order"] = {ONLY: [*orders]}
    corporation.tables["market_order_history"] = {ONLY: [*ended]}


def new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """An order placed right now."""
    return _order(world, corporation, 0)


def new_ended(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """An order that comes into the history without having been seen open."""
    return ending(world, _order(world, corporation, 60))


def change(world: World, _corporation: Corporation, row: Row) -> Row:
    """Somebody trades against the order, or its price is moved once it is nearly filled."""
    if row["volume_remain"] > 1:
        sold = world.rng.randint(1, row["volume_remain"] - 1)
        return row | {"volume_remain": row["volume_remain"] - sold}
    return row | {"price": round(row["price"] + 0.01, 2), "issued": iso(world.clock.now())}


def ending(world: World, row: Row, state: str | None = None) -> Row:
    """The order as the history tells it."""
    if state is None:
        state = world.rng.choice(("expired", "expired", "cancelled"))
    remain = 0 if state == "expired" and world.rng.random() < 0.7 else row["volume_remain"]
    return row | {"state": state, "volume_remain": remain}


def _order(world: World, corporation: Corporation, age_days: float) -> Row:
    rng = world.rng
    station = rng.choice(sorted(places.STATIONS))
    type_id = rng.choice(types.STACKABLE + types.SHIPS)
    total = int(rng.lognormvariate(5, 2)) + 2
    duration = rng.choice((3, 7, 14, 30, 90))
    age = rng.random() * min(age_days, RUN_OUT * duration)
    row: Row = {
        "duration": duration,
        "issued": iso(world.clock.now() - age * DAY),
        "issued_by": rng.choice(world.members(corporation)),
        "location_id": station,
        "order_id": world.next_id("order"),
        "price": round(types.rough_price(type_id) * rng.uniform(0.8, 1.3), 2),
        "range": "region",
        "region_id": places.STATION_REGION[station],
        "type_id": type_id,
        "volume_remain": rng.randint(1, total),
        "volume_total": total,
        "wallet_division": rng.randint(1, 7),
    }
    if rng.random() < 0.4:
        row |= {
            "escrow": round(row["price"] * row["volume_remain"], 2),
            "is_buy_order": True,
            "min_volume": 1,
            "range": rng.choice(("station", "solarsystem", "1", "5", "40", "region")),
        }
    return row


def close(world: World, corporation: Corporation, count: int, state: str | None) -> int:
    """Take orders off the market, into the history or with no state into nowhere; how many."""
    open_orders = corporation.rows("market_order")
    chosen = world.rng.sample(range(len(open_orders)), min(count, len(open_orders)))
    for index in sorted(chosen, reverse=True):
        row = open_orders[index]
        if state is None:
            Mutation(world, corporation, "market_order").remove(1, [(ONLY, index)])
        else:
            del open_orders[index]
            corporation.rows("market_order_history").insert(0, ending(world, row, state))
    return len(chosen)


def _place(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "market_order").add(1)


def _end(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("market_order")) > 40:
        close(world, corporation, 1, world.rng.choice(("expired", "expired", "cancelled", None)))


_ORDERS = "/corporations/{corporation_id}/orders"
DATA_SET = DataSet(
    tables=(
        Table(
            "market_order",
            _ORDERS,
            "ledger",
            key=("order_id",),
            make=new,
            alter=change,
            extra=("state",),
            state=lambda _row, gone: "open" if gone is None else "closed",
        ),
        Table(
            "market_order_history",
            f"{_ORDERS}/history",
            "ledger",
            key=("order_id",),
            make=new_ended,
            fixed=True,
            forgets_last=True,
            kept=400,
        ),
    ),
    events=(Event(_place, 3), Event(_end, 2)),
    fill=fill,
)
