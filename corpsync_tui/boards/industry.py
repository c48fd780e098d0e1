"""Industry: what is ready, who has free slots, what stands still?"""

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
    unix,
)
from corpsync_tui.boards.kit.prices import make_prices
from corpsync_tui.format.amounts import isk

SLOTS = 11
"""What a character has at most of each kind: 1, and 5 by each of two skills."""

VIEW = f"""
SELECT j.corporation_id, j.installer_id, n.name AS installer_name,
    EXISTS (SELECT 1 FROM member m
        WHERE m.corporation_id = j.corporation_id AND m.character_id = j.installer_id)
        OR NOT EXISTS (SELECT 1 FROM member m WHERE m.corporation_id = j.corporation_id) AS member,
    SUM(j.activity_id = 1) AS manufacturing,
    SUM(j.activity_id IN (3, 4, 5, 7, 8)) AS science,
    SUM(j.activity_id IN (9, 11)) AS reactions,
    SUM(j.status = 'ready' OR j.status = 'active' AND j.end_date <= :now) AS ready,
    SUM(j.status = 'paused') AS paused,
    {unix("MIN(CASE WHEN j.status = 'active' AND j.end_date > :now THEN j.end_date END)")}
        AS next_end,
    SUM(CASE WHEN j.activity_id IN (1, 9, 11)
        THEN j.runs * IFNULL(b.quantity, 1) * p.price ELSE 0 END) AS worth
FROM industry_job j
LEFT JOIN eve_name n ON n.id = j.installer_id
LEFT JOIN temp.price p ON p.type_id = j.product_type_id
LEFT JOIN ref.blueprint_product b ON b.blueprint_type_id = j.blueprint_type_id
    AND b.type_id = j.product_type_id
    AND b.activity = CASE j.activity_id WHEN 1 THEN 'manufacturing' ELSE 'reaction' END
WHERE j.status IN ('active', 'paused', 'ready')
GROUP BY j.corporation_id, j.installer_id
"""
"""A job whose end has passed is ready, though ESI calls it active until somebody delivers it.
Copies and research make nothing that has a price. Where nobody may read who is a member, nobody is
called a stranger."""

SQL = f"""
SELECT * FROM ({VIEW}) WHERE corporation_id = :c
ORDER BY ready DESC, next_end IS NULL, next_end, installer_id
"""

IDLE = """
SELECT COUNT(*) AS idle FROM structure s
WHERE s.corporation_id = :c
    AND EXISTS (SELECT 1 FROM json_each(s.services)
        WHERE json_extract(value, '$.state') = 'online'
        AND (json_extract(value, '$.name') LIKE 'Manufacturing%'
            OR json_extract(value, '$.name') LIKE '%Reactions'))
    AND NOT EXISTS (SELECT 1 FROM industry_job j
        WHERE j.corporation_id = :c AND j.facility_id = s.structure_id
        AND j.status = 'active' AND j.end_date > :now)
"""
"""Structures that could make something and make nothing."""


def read(context: BoardContext) -> BoardAnswer:
    """One row for each pilot with jobs for the corporation; whoever has something ready first.

    Slots are those used for the corporation: nobody's own jobs are in its list (esi-issues#1138).
    """
    make_prices(context)
    rows = context.rows(SQL)
    for row in rows:
        del row["corporation_id"]
        row["member"] = bool(row["member"])
        row["attention"] = "medium" if row["ready"] or row["paused"] or not row["member"] else None
    summary = {
        "active": sum(row["manufacturing"] + row["science"] + row["reactions"] for row in rows),
        "ready": sum(row["ready"] for row in rows),
        "paused": sum(row["paused"] for row in rows),
        "worth": sum(row["worth"] or 0.0 for row in rows),
        "idle_facilities": context.one(IDLE)["idle"],
    }
    return BoardAnswer(rows, summary)


def describe(summary: Mapping[str, Any]) -> str:
    """`50 active · ! 3 ready · 2 facilities idle · 9.8 B inside`."""
    parts = [f"{summary['active']:,} active"]
    if summary["ready"]:
        parts.append(f"! {summary['ready']:,} ready")
    if summary["paused"]:
        parts.append(f"✗ {summary['paused']:,} paused")
    idle = summary["idle_facilities"]
    if idle:
        parts.append(f"{idle:,} facilit{'ies' if idle > 1 else 'y'} idle")
    return " · ".join([*parts, f"{isk(summary['worth'])} inside"])


def tone(row: Row) -> Tone | None:
    """Something to deliver or to put right."""
    return "medium" if row["attention"] else None


BOARD = Board(
    name="industry",
    title="Industry",
    question="What is ready, who has free slots, what stands still?",
    order=4,
    tables=("industry_job", "member", "structure"),
    columns=(
        BoardColumn("installer_id", "character", "Installer"),
        BoardColumn("installer_name", hidden=True),
        BoardColumn("member", "flag", wide=True),
        BoardColumn("manufacturing", "count", "Manuf.", summed=True),
        BoardColumn("science", "count", summed=True),
        BoardColumn("reactions", "count", "React.", summed=True),
        BoardColumn("ready", "count", summed=True),
        BoardColumn("paused", "count", wide=True, summed=True),
        BoardColumn("next_end", "when", "Next"),
        BoardColumn("worth", "isk", summed=True),
    ),
    read=read,
    describe=describe,
    tone=tone,
    view=VIEW,
)
