"""The market prices of all types, which are the same for every corporation."""

from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import types
from corpsync_tui.simulator.world.lazy import Row, Rows
from corpsync_tui.simulator.world.model import ONLY, Corporation, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_MISSING, _WITHOUT_AVERAGE = 13, 17
"""One type in so many has no price at all, and one no average: so it is in the true list."""


def _fill(world: World, corporation: Corporation, _scale: Scale) -> None:
    first = next(iter(world.corporations.values()))
    if corporation is not first:
        corporation.tables["market_price"] = first.tables["market_price"]
        return
    corporation.tables["market_price"][ONLY] = [
        {
            "adjusted_price": round(types.rough_price(number) * 0.97, 4),
            **({"average_price": types.rough_price(number)} if number % _WITHOUT_AVERAGE else {}),
            "type_id": number,
        }
        for number in types.TYPES
        if number % _MISSING
    ]


def _moved(world: World, _corporation: Corporation, row: Row) -> Row:
    price = float(row.get("average_price") or row["adjusted_price"])
    return row | {"average_price": round(price * world.rng.uniform(1.001, 1.03), 2)}


def _trade(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "market_price").change(8)


def _prices(ask: Ask) -> Rows:
    return next(iter(ask.world.corporations.values())).rows("market_price")


DATA_SET = DataSet(
    tables=(
        Table(
            "market_price",
            "/markets/prices",
            "snapshot",
            key=("type_id",),
            alter=_moved,
            grows=False,
        ),
    ),
    events=(Event(_trade, 1),),
    feeds={"/markets/prices": _prices},
    fill=_fill,
)
