"""Industry: what is ready, who has free slots, what stands still?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardColumn,
    BoardContext,
    Row,
    Tone,
    Variant,
    row_of,
    unix,
)
from corpsync_tui.boards.kit.cells import moment_of
from corpsync_tui.boards.kit.prices import make_prices
from corpsync_tui.catalog.manufacturing import job_in_words
from corpsync_tui.format.amounts import isk
from corpsync_tui.store.naming import Naming

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


MAKES = "(1, 9, 11)"
"""Activities whose product has a price: manufacturing and reactions."""

JOBS = f"""
SELECT j.job_id, {unix("j.end_date")} AS ends, j.installer_id, j.activity_id, j.runs,
    CASE WHEN j.status = 'active' AND j.end_date <= :now THEN 'ready' ELSE j.status END AS state,
    COALESCE(j.product_type_id, j.blueprint_type_id) AS type_id, j.facility_id, j.cost,
    CASE WHEN j.activity_id IN {MAKES} THEN j.runs * IFNULL(b.quantity, 1) END AS output,
    CASE WHEN j.activity_id IN {MAKES} THEN j.runs * IFNULL(b.quantity, 1) * p.price END AS worth,
    CASE WHEN j.activity_id IN {MAKES} THEN j.runs * IFNULL(b.quantity, 1) * p.price
        * 86400 / NULLIF(j.duration, 0) END AS worth_per_day,
    o.material_efficiency, o.time_efficiency, j.output_location_id
FROM industry_job j
LEFT JOIN temp.price p ON p.type_id = j.product_type_id
LEFT JOIN ref.blueprint_product b ON b.blueprint_type_id = j.blueprint_type_id
    AND b.type_id = j.product_type_id
    AND b.activity = CASE j.activity_id WHEN 1 THEN 'manufacturing' ELSE 'reaction' END
LEFT JOIN blueprint o ON o.corporation_id = j.corporation_id AND o.item_id = j.blueprint_id
WHERE j.corporation_id = :c AND j.status IN ('active', 'paused', 'ready')
ORDER BY state <> 'ready', j.end_date, j.job_id
"""


def read_jobs(context: BoardContext) -> BoardAnswer:
    """Every job that is not delivered, soonest first; a paused one waits for its service."""
    make_prices(context)
    names, rows = Naming(context.db), context.rows(JOBS)
    for row in rows:
        row["what"] = job_in_words(names, row["activity_id"], row["runs"], row["type_id"])
    return BoardAnswer(rows, {"jobs": len(rows), "worth": sum(r["worth"] or 0.0 for r in rows)})


SHOWN_JOBS = 6


def details(context: BoardContext, _answer: BoardAnswer, rows: Sequence[Row]) -> list[list[str]]:
    """The jobs of each pilot, soonest first."""
    names = Naming(context.db)
    jobs: defaultdict[int, list[Row]] = defaultdict(list)
    for job in read_jobs(context).rows:
        jobs[job["installer_id"]].append(job)
    found = []
    for row in rows:
        mine = jobs[row["installer_id"]]
        lines = [
            f"{_when(job):>12}  {job['what']:<35.35} "
            f"{names.place(context.corporation_id, job['facility_id']):.28}"
            for job in mine[:SHOWN_JOBS]
        ]
        more = len(mine) - SHOWN_JOBS
        found.append([*lines, f"{more:,} more: v shows all"] if more > 0 else lines)
    return found


def _when(job: Row) -> str:
    return moment_of(job["ends"]) if job["state"] == "active" else str(job["state"])


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
        "next": min((r["next_end"] for r in rows if r["next_end"] is not None), default=None),
        "idle_facilities": context.one(IDLE)["idle"],
    }
    return BoardAnswer(rows, summary)


def describe(summary: Mapping[str, Any]) -> str:
    """`50 active · ! 3 ready · next 28 Nov 22:14 · 2 facilities idle · 9.8 B inside`."""
    parts = [f"{summary['active']:,} active"]
    if summary["ready"]:
        parts.append(f"! {summary['ready']:,} ready")
    if summary["paused"]:
        parts.append(f"✗ {summary['paused']:,} paused")
    if summary["next"] is not None:
        parts.append(f"next {moment_of(summary['next'])}")
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
    details=details,
    describe=describe,
    tone=tone,
    view=VIEW,
    variants=(
        Variant(
            "jobs",
            "each job, soonest first",
            (
                BoardColumn("job_id", "id", hidden=True),
                BoardColumn("ends", "when"),
                BoardColumn("state", "word"),
                BoardColumn("what"),
                BoardColumn("installer_id", "character", "Who"),
                BoardColumn("facility_id", "location", "Where"),
                BoardColumn("worth", "isk", summed=True),
                BoardColumn("output", "count", wide=True),
                BoardColumn("worth_per_day", "isk", "Worth/day", wide=True, summed=True),
                BoardColumn("cost", "isk", wide=True, summed=True),
                BoardColumn("material_efficiency", "count", "ME", wide=True),
                BoardColumn("time_efficiency", "count", "TE", wide=True),
                BoardColumn("output_location_id", "location", "Into", wide=True),
            ),
            read_jobs,
            opens=row_of("industry_job", job_id="job_id"),
        ),
    ),
)
