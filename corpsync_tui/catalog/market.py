"""Market: open orders, and how each one ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset, Merged
from corpsync_tui.catalog.kit.decoder import Row
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import isk, isk_from_to
from corpsync_tui.format.times import seconds_of, span_in_words
from corpsync_tui.store.columns import CorporationTable, Count, Derived, Flag, Id, Isk, When, Word
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.presentation import Presentation

EXPIRES = (
    "CASE t.state WHEN 'open' THEN"
    " strftime('%Y-%m-%dT%H:%M:%SZ', t.issued, '+' || t.duration || ' days') END"
)
"""When an open order ends by itself. ESI says only since when it stands, and for how many days."""


class MarketOrder(CorporationTable):
    """An order. `state` is `open`, ESI's word for its end, or `closed` where ESI gave none."""

    duration = Count("days")
    escrow = Isk(null=True, moving=True)
    is_buy_order = Flag("side", null=True)
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
        unsummed=("price", "min_volume"),
        first=(
            "type_id",
            "issued",
            "is_buy_order",
            "price",
            "volume_remain",
            "volume_total",
            "expires",
            "location_id",
            "state",
        ),
        newest="issued",
    )
    derived = (Derived("expires", "when", EXPIRES),)

    indexes = (("type_id", "price"),)


class OpenOrders(Dataset):
    """`/orders`: what stands in the market now."""

    def transform(self, record: Any, _context: Any) -> Row:
        """ESI does not say that an order of this list is open."""
        record.state = "open"
        return self.wire.row_of(record)


def close_those_that_left(merged: Merged) -> Counts:
    """Close the open orders that stand in neither list."""
    still_open = merged.db.execute(
        "SELECT order_id FROM market_order WHERE corporation_id = ? AND state = 'open'",
        (merged.corporation_id,),
    ).fetchall()
    left = [(merged.corporation_id, id_) for (id_,) in still_open if id_ not in merged.listed]
    merged.db.executemany(
        "UPDATE market_order SET state = 'closed' WHERE corporation_id = ? AND order_id = ?", left
    )
    return Counts(changed=len(left))


def _route(path: str, cache_seconds: int) -> Route:
    return Route(
        f"/corporations/{{corporation_id}}/orders{path}",
        cache_seconds=cache_seconds,
        scope="esi-markets.read_corporation_orders.v1",
        roles=("Accountant", "Trader"),
        paged=True,
    )


HISTORY = Dataset(MarketOrder, _route("/history", 3600), "ledger", required=("state",))
"""Orders that expired or were cancelled, for 90 days."""

ORDERS = OpenOrders(
    MarketOrder,
    _route("", 1200),
    "ledger",
    tracked=True,
    final="t.state NOT IN ('open', 'closed')",
    required=("issued_by",),
    after=close_those_that_left,
)
"""A known end outweighs a list of open orders, which may be older."""


def describe_order(context: ChangeContext) -> str | None:
    """An order that was put up, traded, repriced, or came to its end."""
    buys, thing = context.get("is_buy_order"), context.names.type(context.get("type_id"))
    place = context.place(flag="")
    order = f"{place}: {'buy' if buys else 'sell'} order for {thing}"
    if context.kind == "added":
        total = f"{context.get('volume_total') or 0:,} at {isk(context.get('price'))} ISK"
        state = context.get("state")
        return f"{order}, {total}{'' if state == 'open' else f', {state}'}"
    if context.differs("volume_remain"):
        done = (context.old("volume_remain") or 0) - context.new("volume_remain")
        end = context.new("state")
        left = f"{context.new('volume_remain'):,} left" if end is None else f"order {end}"
        verb = "bought" if buys else "sold"
        return f"{place}: {done:,} {thing} {verb} at {isk(context.get('price'))} ISK, {left}"
    if context.differs("state"):
        return f"{order} {context.new('state')}"
    if context.differs("price"):
        return f"{order}: price {isk_from_to(context.old('price'), context.new('price'))} ISK"
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
            f"{span_in_words(ends - context.now)}",
            "low",
            ends - context.threshold * 3_600,
            table_name="market_order",
            row_key={"order_id": order_id},
        )


PROCESS = Process(
    "market",
    title="Market",
    noun="market orders",
    order=40,
    interval_minutes=20,
    demo_minutes=2,
    datasets=[HISTORY, ORDERS],
    describe={MarketOrder: describe_order},
    rules=[
        Rule(
            "order",
            order_ends,
            says="A market order that expires within so many hours.",
            default=24,
            timed=True,
            many="orders about to expire at {places}",
        ),
    ],
)
