"""Market: what expires, what sells how fast, and what is tied up in orders?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardColumn,
    BoardContext,
    Row,
    Tone,
    row_of,
    unix,
)
from corpsync_tui.boards.kit.logged import read_logged
from corpsync_tui.format.amounts import isk

DAYS = 7
"""The days whose sales tell how fast an order goes."""
SOON_HOURS = 24
"""An order that ends sooner is worth a look."""

# The plus signs leave the changes to the index by row.
VIEW = f"""
SELECT corporation_id, order_id, type_id, is_buy, price, "left", total, expires,
    sold / {DAYS}.0 AS sold_per_day,
    CASE WHEN sold > 0 THEN "left" / (sold / {DAYS}.0) END AS days_of_stock,
    escrow, price * "left" AS value, location_id, issued_by
FROM (
    SELECT o.corporation_id, o.order_id, o.type_id, o.is_buy_order IS 1 AS is_buy, o.price,
        o.volume_remain AS "left", o.volume_total AS total,
        {unix("o.issued")} + o.duration * 86400 AS expires,
        IFNULL((SELECT SUM(json_extract(x.before, '$.volume_remain')
                - json_extract(x.after, '$.volume_remain'))
            FROM change x WHERE x.table_name = 'market_order'
                AND x.row_key = json_object('order_id', o.order_id)
                AND +x.corporation_id = o.corporation_id AND x.kind = 'changed'
                AND +x.time BETWEEN {unix(":now")} - {DAYS * 86_400} AND {unix(":now")}), 0)
            AS sold,
        o.escrow, o.location_id, o.issued_by
    FROM market_order o WHERE o.state = 'open'
)
"""

TRADED = """
SELECT type_id, unit_price, MAX(transaction_id) FROM wallet_transaction
WHERE corporation_id = :c AND type_id IN (SELECT type_id FROM market_order
    WHERE corporation_id = :c AND state = 'open')
GROUP BY type_id
"""

SQL = f"SELECT * FROM ({VIEW}) WHERE corporation_id = :c ORDER BY expires, order_id"


def read(context: BoardContext) -> BoardAnswer:
    """Open orders, those that end first at the top."""
    since = context.now - DAYS * 86_400
    rows = read_logged(context, SQL, "market_order", since=since)
    traded = {row["type_id"]: row["unit_price"] for row in context.rows(TRADED)}
    for row in rows:
        del row["corporation_id"]
        row["is_buy"] = bool(row["is_buy"])
        row["last_trade"] = traded.get(row["type_id"])
    summary = {
        "orders": len(rows),
        "sell_value": sum(row["value"] for row in rows if not row["is_buy"]),
        "buy_value": sum(row["value"] for row in rows if row["is_buy"]),
        "escrow": sum(row["escrow"] or 0.0 for row in rows),
        "ending": sum(_ends_soon(row, context.now) for row in rows),
    }
    for row in rows:
        row["attention"] = "medium" if _ends_soon(row, context.now) else None
    return BoardAnswer(rows, summary)


def _ends_soon(row: Row, now: float) -> bool:
    return row["expires"] is not None and row["expires"] - now < SOON_HOURS * 3600


def describe(summary: Mapping[str, Any]) -> str:
    """`272 orders · sell 41.2 B · buy 8.0 B · escrow 7.1 B · ! 3 end within a day`."""
    ending = f" · ! {summary['ending']} end within a day" if summary["ending"] else ""
    return (
        f"{summary['orders']:,} orders · sell {isk(summary['sell_value'])} · "
        f"buy {isk(summary['buy_value'])} · escrow {isk(summary['escrow'])}{ending}"
    )


def tone(row: Row) -> Tone | None:
    """An order about to end."""
    return "medium" if row["attention"] else None


BOARD = Board(
    name="market",
    title="Market",
    question="What expires, what sells how fast, and what is tied up in orders?",
    order=6,
    tables=("market_order",),
    columns=(
        BoardColumn("order_id", "id", hidden=True),
        BoardColumn("type_id", "type", "What"),
        BoardColumn("is_buy", "flag", "Buy"),
        BoardColumn("location_id", "location", "Where"),
        BoardColumn("price", "isk"),
        BoardColumn("left", "count", summed=True),
        BoardColumn("total", "count", wide=True),
        BoardColumn("last_trade", "isk", "Own trade", wide=True),
        BoardColumn("expires", "when", "Ends"),
        BoardColumn("sold_per_day", "number", "Sold/day", wide=True),
        BoardColumn("days_of_stock", "days", "Lasts", wide=True),
        BoardColumn("escrow", "isk", wide=True, summed=True),
        BoardColumn("value", "isk", summed=True),
        BoardColumn("issued_by", "character", "By", wide=True),
    ),
    read=read,
    describe=describe,
    tone=tone,
    view=VIEW,
    opens=row_of("market_order", order_id="order_id"),
)
