"""Kills and losses: what did we lose this week, and what do we pay back?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardChart,
    BoardColumn,
    BoardContext,
    Row,
    Variant,
    row_of,
)
from corpsync_tui.boards.kit.killmails import COPY, COPY_SHARE, ESCAPE_BAY, find_kills
from corpsync_tui.boards.kit.losses import SRP_DAYS, claims_of, read_losses, read_srp
from corpsync_tui.format.amounts import isk

CARGO = f"""
SELECT k.corporation_id, k.killmail_id, SUM(
    (IFNULL(json_extract(i.value, '$.quantity_destroyed'), 0)
        + IFNULL(json_extract(i.value, '$.quantity_dropped'), 0))
    * COALESCE(d.average_price, p.price)
    * CASE json_extract(i.value, '$.singleton') WHEN {COPY} THEN {COPY_SHARE} ELSE 1 END) AS isk
FROM killmail k JOIN json_tree(k.victim, '$.items') i ON i.type = 'object'
LEFT JOIN temp.price p ON p.type_id = json_extract(i.value, '$.item_type_id')
LEFT JOIN price_day d ON d.day = substr(k.killmail_time, 1, 10)
    AND d.type_id = json_extract(i.value, '$.item_type_id')
WHERE json_extract(i.value, '$.flag') IS NOT {ESCAPE_BAY}
GROUP BY k.corporation_id, k.killmail_id
"""

THURSDAY = "date(substr(k.killmail_time, 1, 10), '-3 days', 'weekday 4')"
"""The Thursday of an ISO week tells its year and number."""

VIEW = f"""
SELECT corporation_id, week, SUM(is_loss) AS losses,
    SUM(CASE WHEN is_loss THEN value ELSE 0.0 END) AS lost_isk, SUM(NOT is_loss) AS final_blows,
    SUM(CASE WHEN is_loss THEN 0.0 ELSE value END) AS destroyed_isk
FROM (
    SELECT k.corporation_id, strftime('%Y', {THURSDAY}) || '-'
            || substr('0' || ((strftime('%j', {THURSDAY}) - 1) / 7 + 1), -2) AS week,
        json_extract(k.victim, '$.corporation_id') IS k.corporation_id AS is_loss,
        COALESCE(d.average_price, p.price, 0.0) + IFNULL(c.isk, 0.0) AS value
    FROM killmail k LEFT JOIN ({CARGO}) c USING (corporation_id, killmail_id)
    LEFT JOIN temp.price p ON p.type_id = json_extract(k.victim, '$.ship_type_id')
    LEFT JOIN price_day d ON d.day = substr(k.killmail_time, 1, 10)
        AND d.type_id = json_extract(k.victim, '$.ship_type_id')
    WHERE json_extract(k.victim, '$.corporation_id') IS k.corporation_id OR EXISTS (
        SELECT 1 FROM json_each(k.attackers) a WHERE json_extract(a.value, '$.final_blow')
            AND json_extract(a.value, '$.corporation_id') = k.corporation_id))
GROUP BY corporation_id, week
"""
"""As `read`, which is faster with many killmails."""

SHOWN_WEEKS = 26


@cache
def week_of(day: str) -> str:
    """The ISO week of a day in EVE time: `2026-48` for `2026-11-28`."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-{week:02}"


def read(context: BoardContext) -> BoardAnswer:
    """Losses and final blows by ISO week, the newest first.

    ESI lists a killmail for the victim and for the final blow alone, so a kill is one whose last
    blow was ours, never one we took part in. Each is worth what it was on its day.
    """
    weeks: dict[str, Row] = {}
    for kill in find_kills(context):
        week = week_of(kill.time[:10])
        row = weeks.setdefault(
            week,
            {"week": week, "losses": 0, "lost_isk": 0.0, "final_blows": 0, "destroyed_isk": 0.0},
        )
        count, amount = ("losses", "lost_isk") if kill.is_loss else ("final_blows", "destroyed_isk")
        row[count] += 1
        row[amount] += kill.value
    rows = sorted(weeks.values(), key=lambda row: str(row["week"]), reverse=True)
    names = ("losses", "lost_isk", "final_blows", "destroyed_isk")
    return BoardAnswer(rows, {name: sum(row[name] for row in rows) for name in names})


def charts(_context: BoardContext, answer: BoardAnswer) -> list[BoardChart]:
    """What was lost in each of the last weeks."""
    weeks = [(row["week"], row["lost_isk"]) for row in reversed(answer.rows)]
    return [BoardChart("Losses by week", "isk", weeks[-SHOWN_WEEKS:])]


def describe(summary: Mapping[str, Any]) -> str:
    """`12 losses, 8.1 B · 31 final blows, 22.4 B`."""
    return (
        f"{summary['losses']:,} losses, {isk(summary['lost_isk'])} · "
        f"{summary['final_blows']:,} final blows, {isk(summary['destroyed_isk'])}"
    )


BOARD = Board(
    name="kills",
    title="Kills and losses",
    question="What did we lose this week, and what do we pay back?",
    order=9,
    tables=("killmail_ref", "killmail"),
    columns=(
        BoardColumn("week"),
        BoardColumn("losses", "count", summed=True),
        BoardColumn("lost_isk", "isk", "Lost", summed=True),
        BoardColumn("final_blows", "count", summed=True),
        BoardColumn("destroyed_isk", "isk", "Destroyed", summed=True),
    ),
    read=read,
    describe=describe,
    charts=charts,
    view=VIEW,
    variants=(
        Variant(
            "losses",
            "each loss, and whether it was paid for",
            (
                BoardColumn("killmail_id", "id", hidden=True),
                BoardColumn("time", "when"),
                BoardColumn("victim_id", "character", "Pilot"),
                BoardColumn("ship_type_id", "type", "Ship"),
                BoardColumn("solar_system_id", "system", "System"),
                BoardColumn("value", "isk", summed=True),
                BoardColumn("srp", "word", "SRP"),
                BoardColumn("owed", "isk", wide=True, summed=True),
                BoardColumn("killer_id", "character", "Killer", wide=True),
                BoardColumn("hull", "isk", wide=True, summed=True),
                BoardColumn("cargo", "isk", wide=True, summed=True),
                BoardColumn("insurance", "isk", wide=True, summed=True),
                BoardColumn("payout", "isk", wide=True, summed=True),
                BoardColumn("paid_at", "when", "Paid", wide=True),
                BoardColumn("paid_by", title="Paid by", wide=True),
                BoardColumn("paid_from", "wallet", "From wallet", wide=True),
                BoardColumn("note", wide=True),
                BoardColumn("marked_by", wide=True),
                BoardColumn("marked_at", "when", "Marked", wide=True),
                BoardColumn("link", wide=True),
            ),
            read_losses,
            opens=row_of("killmail", killmail_id="killmail_id"),
            claims=claims_of,
        ),
        Variant(
            "srp",
            f"what is owed to whom, {SRP_DAYS} days of losses",
            (
                BoardColumn("victim_id", "character", "Pilot"),
                BoardColumn("losses", "count", summed=True),
                BoardColumn("open", "count", summed=True),
                BoardColumn("to_pay", "count", summed=True),
                BoardColumn("refused", "count", wide=True, summed=True),
                BoardColumn("value", "isk", summed=True),
                BoardColumn("insurance", "isk", wide=True, summed=True),
                BoardColumn("paid", "isk", summed=True),
                BoardColumn("owed", "isk", summed=True),
                BoardColumn("first", "when", wide=True),
                BoardColumn("last", "when", wide=True),
            ),
            read_srp,
            claims=claims_of,
        ),
    ),
)
