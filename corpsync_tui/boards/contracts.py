"""Contracts: what waits for us, what is late, what comes in and goes out?"""

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
from corpsync_tui.boards.kit.prices import make_prices
from corpsync_tui.format.amounts import isk

SOON_HOURS = 24

WITH_ITEMS = ("item_exchange", "auction")
"""The types of contracts that hold or ask for something: what, is unknown until it was read."""

COPY = -2
"""ESI's `raw_quantity` of a blueprint copy: it is worth nothing, as in the stock."""

VIEW = f"""
SELECT corporation_id, contract_id, type, state, title, issuer_id, assignee_id, acceptor_id, price,
    reward, collateral, expires, state = 'in_progress' AND IFNULL(due < {unix(":now")}, 0) AS late,
    CASE WHEN unknown THEN NULL WHEN own THEN IFNULL(price, 0) + wanted
        ELSE IFNULL(reward, 0) + given END AS value_in,
    CASE WHEN unknown THEN NULL WHEN own THEN IFNULL(reward, 0) + given
        ELSE IFNULL(price, 0) + wanted END AS value_out,
    volume, start_location_id, end_location_id,
    CASE WHEN type = 'courier' THEN reward / NULLIF(volume, 0) END AS reward_per_m3
FROM (
    SELECT t.*, {unix("t.date_expired")} AS expires,
        {unix("t.date_accepted")} + t.days_to_complete * 86400 AS due,
        t.issuer_corporation_id = t.corporation_id AND t.for_corporation AS own,
        IFNULL(i.given, 0) AS given, IFNULL(i.wanted, 0) AS wanted,
        IFNULL(i.unpriced, t.type IN {WITH_ITEMS}) AS unknown
    FROM contract t LEFT JOIN (
        SELECT corporation_id, contract_id, SUM(worth * is_included) AS given,
            SUM(worth * NOT is_included) AS wanted, SUM(worth IS NULL) AS unpriced
        FROM (
            SELECT *, CASE WHEN raw_quantity = {COPY} THEN 0.0 ELSE quantity * price END AS worth
            FROM contract_item LEFT JOIN temp.price USING (type_id))
        GROUP BY corporation_id, contract_id
    ) AS i USING (corporation_id, contract_id)
)
"""

OPEN = ("outstanding", "in_progress")
MOST = 5_000
"""Contracts that are over and shown, the newest ones: what can be read in half a second. The view
knows all of them."""

SQL = f"""
SELECT * FROM ({VIEW}) WHERE corporation_id = :c AND (state IN {OPEN} OR contract_id > IFNULL((
    SELECT contract_id FROM contract WHERE corporation_id = :c AND state NOT IN {OPEN}
    ORDER BY contract_id DESC LIMIT 1 OFFSET :most), 0))
ORDER BY state NOT IN {OPEN}, expires, contract_id
"""


def read(context: BoardContext) -> BoardAnswer:
    """Open contracts first, then the newest of those that are over.

    `value_in` is what comes to the corporation: as its issuer the price and what it asks for, else
    the reward and what the contract holds. None where one of the things has no price, or
    where what it holds has not been read yet.
    """
    make_prices(context)
    rows = context.rows(SQL, most=MOST)
    for row in rows:
        del row["corporation_id"]
        row["late"] = bool(row["late"])
        row["attention"] = _level(row, context.now)
    is_open = [row for row in rows if row["state"] in OPEN]
    summary = {
        "open": len(is_open),
        "late": sum(row["late"] for row in rows),
        "collateral": sum(row["collateral"] or 0.0 for row in is_open),
        "value_in": sum(row["value_in"] or 0.0 for row in is_open),
        "value_out": sum(row["value_out"] or 0.0 for row in is_open),
    }
    return BoardAnswer(rows, summary)


def _level(row: Row, now: float) -> Tone | None:
    if row["late"]:
        return "high"
    left = (row["expires"] or 0) - now
    return "medium" if row["state"] == "outstanding" and 0 < left < SOON_HOURS * 3600 else None


def describe(summary: Mapping[str, Any]) -> str:
    """`31 open · ✗ 1 late · 2.1 B in · 1.4 B out`."""
    late = f"✗ {summary['late']:,} late · " if summary["late"] else ""
    return (
        f"{summary['open']:,} open · {late}{isk(summary['value_in'])} in · "
        f"{isk(summary['value_out'])} out"
    )


BOARD = Board(
    name="contracts",
    title="Contracts",
    question="What waits for us, what is late, what comes in and goes out?",
    order=7,
    tables=("contract", "contract_item"),
    columns=(
        BoardColumn("contract_id", "id", hidden=True),
        BoardColumn("type", "word"),
        BoardColumn("title"),
        BoardColumn("state", "word"),
        BoardColumn("issuer_id", "character", "From"),
        BoardColumn("assignee_id", "party", "To", wide=True),
        BoardColumn("acceptor_id", "party", "Taken by", wide=True),
        BoardColumn("price", "isk", wide=True),
        BoardColumn("reward", "isk", wide=True),
        BoardColumn("reward_per_m3", "isk", "Reward/m³", wide=True),
        BoardColumn("collateral", "isk", wide=True, summed=True),
        BoardColumn("value_in", "isk", "In", summed=True),
        BoardColumn("value_out", "isk", "Out", summed=True),
        BoardColumn("expires", "when", "Ends"),
        BoardColumn("late", "flag"),
        BoardColumn("start_location_id", "location", "Pick-up", wide=True),
        BoardColumn("end_location_id", "location", "Drop-off", wide=True),
    ),
    read=read,
    describe=describe,
    view=VIEW,
    opens=row_of("contract", contract_id="contract_id"),
)
