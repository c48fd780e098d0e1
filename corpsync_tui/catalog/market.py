"""Market: open orders, and how each one ended."""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection
from typing import Any

from corpsync_tui.catalog.kit.base import Dataset, Process
from corpsync_tui.catalog.kit.decoder import Row
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog.kit.words import isk, isk_from_to, seconds_of, span
from corpsync_tui.engine.run import Run
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.browse_types import Presentation
from corpsync_tui.store.columns import CorporationTable, Count, Flag, Id, Isk, When, Word
from corpsync_tui.store.merge import Counts

SCOPE = "esi-markets.read_corporation_orders.v1"
ROLES = ("Accountant", "Trader")


class MarketOrder(CorporationTable):
    """An order. `state` is `open`, ESI's word for its end, or `closed` where ESI told none."""

    duration = Count("days")
    escrow = Isk(null=True, moving=True)
    is_buy_order = Flag(null=True)
    issued = When()
    issued_by = Id("character", null=True)
    location_id = Id("location")
    min_volume = Count(null=True)
    order_id = Id("order", identity=True)
    price = Isk()
    range = Word()
    region_id = Id("region")
    state = Word(null=True)
    type_id = Id("type")
    volume_remain = Count()
    volume_total = Count()
    wallet_division = Id("division")

    presentation = Presentation(
        first=(
            "state",
            "is_buy_order",
            "type_id",
            "price",
            "volume_remain",
            "volume_total",
            "location_id",
            "issued",
        ),
        newest="issued",
    )


class OpenOrders(Dataset):
    """`/orders`: what stands in the market now."""

    def transform(self, record: Any, _context: Any) -> Row:
        """ESI does not say that an order of this list is open."""
        record.state = "open"
        return self.wire.row_of(record)


ORDERS = OpenOrders(
    MarketOrder,
    Route(
        "/corporations/{corporation_id}/orders",
        cache_seconds=1200,
        scope=SCOPE,
        roles=ROLES,
        paged=True,
    ),
    "ledger",
    page_key="order_id",
    required=("issued_by",),
)

HISTORY = Dataset(
    MarketOrder,
    Route(
        "/corporations/{corporation_id}/orders/history",
        cache_seconds=3600,
        scope=SCOPE,
        roles=ROLES,
        paged=True,
    ),
    "ledger",
    required=("state",),
)
"""`/orders/history`: orders that expired or were cancelled, for 90 days."""


class Market(Process):
    """Two lists, one table: an order that left the first has its end from the second."""

    async def fetch(self, run: Run) -> None:
        """Both lists; a known end outweighs a list of open orders that is older."""
        run.part(0, 2)
        await run.collect(ORDERS)
        run.part(1, 2)
        await run.collect(HISTORY)
        await run.staged(lambda db: self._unstage_ended(db, run))
        if run.changed:
            run.afterwards.append(lambda db: self._close_left(db, run))

    def _unstage_ended(self, db: Connection, run: Run) -> None:
        opened, ended = run.collected(ORDERS).stage, run.collected(HISTORY).stage
        opened.ensure(db)
        ended.ensure(db)
        gone = db.execute(
            f"DELETE FROM temp.{opened.name} WHERE order_id IN (SELECT order_id FROM "
            f"temp.{ended.name}) OR order_id IN (SELECT order_id FROM main.market_order "
            "WHERE corporation_id = ? AND state NOT IN ('open', 'closed'))",
            (run.corporation_id,),
        ).rowcount
        opened.rows -= gone

    def _close_left(self, db: Connection, run: Run) -> Counts:
        """Close the orders that stand in neither list."""
        listed = run.listed(ORDERS)
        still_open = db.execute(
            "SELECT order_id FROM market_order WHERE corporation_id = ? AND state = 'open'",
            (run.corporation_id,),
        ).fetchall()
        left = [(run.corporation_id, order) for (order,) in still_open if order not in listed]
        db.executemany(
            "UPDATE market_order SET state = 'closed' WHERE corporation_id = ? AND order_id = ?",
            left,
        )
        return Counts(changed=len(left))


def describe_order(context: ChangeContext) -> str | None:
    """An order that was put up, traded, repriced, or came to its end."""
    buys, thing = context.get("is_buy_order"), context.names.type(context.get("type_id"))
    place = context.place(flag="")
    order = f"{place}: {'buy' if buys else 'sell'} order for {thing}"
    if context.kind == "added":
        total = f"{context.get('volume_total') or 0:,} at {isk(context.get('price'))}"
        state = context.get("state")
        return f"{order}, {total}{'' if state == 'open' else f', {state}'}"
    if context.differs("volume_remain"):
        done = (context.old("volume_remain") or 0) - context.new("volume_remain")
        end = context.new("state")
        left = f"{context.new('volume_remain'):,} left" if end is None else f"order {end}"
        verb = "bought" if buys else "sold"
        return f"{place}: {done:,} {thing} {verb} at {isk(context.get('price'))}, {left}"
    if context.differs("state"):
        return f"{order} {context.new('state')}"
    if context.differs("price"):
        return f"{order}: price {isk_from_to(context.old('price'), context.new('price'))}"
    return None


def order_ends(context: RuleContext) -> Iterator[Alert]:
    """An open order that expires within some hours."""
    sql = (
        "SELECT order_id, type_id, location_id, is_buy_order, volume_remain, issued, duration "
        "FROM market_order WHERE corporation_id = :corporation AND state = 'open'"
    )
    names = context.names
    for order_id, type_id, location, buys, left, issued, days in context.rows(sql):
        ends = seconds_of(issued) + days * 86_400
        if not context.now < ends <= context.now + context.threshold * 3_600:
            continue
        order = f"{'buy' if buys else 'sell'} order for {left:,} {names.type(type_id)}"
        yield Alert(
            f"{order_id}/{issued}",
            f"{names.place(context.corporation_id, location)}: {order} expires in "
            f"{span(ends - context.now)}",
            "low",
            ends - context.threshold * 3_600,
            table_name="market_order",
            row_key={"order_id": order_id},
        )


PROCESS = Market(
    "market",
    title="Market",
    noun="market orders",
    order=40,
    interval_minutes=20,
    demo_minutes=2,
    datasets=[ORDERS, HISTORY],
    describe={MarketOrder: describe_order},
    rules=[
        Rule(
            "order",
            order_ends,
            says="A market order that expires within so many hours.",
            default=24,
        ),
    ],
)
