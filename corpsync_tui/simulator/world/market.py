"""Market orders, open ones and those that ended."""

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, ONLY, Corporation, World

COLUMNS = (
    "duration",
    "escrow",
    "is_buy_order",
    "issued",
    "issued_by",
    "location_id",
    "min_volume",
    "order_id",
    "price",
    "range",
    "region_id",
    "state",
    "type_id",
    "volume_remain",
    "volume_total",
    "wallet_division",
)


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Open orders, and ninety days of orders that ended."""
    orders = [_order(world, corporation, 30) for _ in range(scale.orders)]
    ended = [ending(world, _order(world, corporation, 88)) for _ in range(scale.order_history)]
    corporation.tables["market_order"] = {ONLY: [*orders]}
    corporation.tables["market_order_history"] = {ONLY: [*ended]}


def new(world: World, corporation: Corporation, _unit: int) -> Row:
    """An order placed right now."""
    return _order(world, corporation, 0)


def new_ended(world: World, corporation: Corporation, _unit: int) -> Row:
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
    row: Row = {
        "duration": rng.choice((3, 7, 14, 30, 90)),
        "issued": iso(world.clock.now() - rng.random() * age_days * DAY),
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
