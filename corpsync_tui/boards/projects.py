"""Projects: what runs, what is it costing, who works?"""

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
from corpsync_tui.format.amounts import isk

DAYS = 7
"""The days whose progress tells when a project will be done."""

SQL = f"""
SELECT p.id, p.name, :kind AS kind, p.state,
    json_extract(p.progress, '$.current') AS progress,
    json_extract(p.progress, '$.desired') AS desired,
    json_extract(p.reward, '$.remaining') AS isk_left,
    json_extract(p.reward, '$.initial') AS isk_initial,
    IFNULL(r.moved, 0) / {DAYS}.0 AS per_day,
    (SELECT COUNT(*) FROM {{workers}} w
        WHERE w.corporation_id = :c AND w.{{key}} = p.id) AS workers,
    {{expires}} AS expires
FROM {{table}} p LEFT JOIN (
    SELECT json_extract(row_key, '$.id') AS id,
        SUM(json_extract(after, '$.progress.current')
            - json_extract(before, '$.progress.current')) AS moved
    FROM change WHERE corporation_id = :c AND table_name = :table AND kind = 'changed'
        AND time >= :week GROUP BY 1
) AS r USING (id)
WHERE p.corporation_id = :c
"""

PROJECTS = SQL.format(
    table="project",
    workers="project_contributor",
    key="project_id",
    expires="(SELECT "
    + unix("json_extract(d.details, '$.expires')")
    + " FROM project_detail d WHERE d.corporation_id = :c AND d.id = p.id)",
)
FREELANCE = SQL.format(
    table="freelance_job", workers="freelance_job_participant", key="job_id", expires="NULL"
)


def read(context: BoardContext) -> BoardAnswer:
    """Projects and freelance jobs, active ones first, those that miss their date at the top."""
    week = context.now - DAYS * 86_400
    rows = [
        *context.rows(PROJECTS, kind="project", table="project", week=week),
        *context.rows(FREELANCE, kind="freelance", table="freelance_job", week=week),
    ]
    for row in rows:
        row["done_on"] = _done_on(row, context.now)
        row["attention"] = _level(row)
    rows.sort(key=lambda row: (not _is_active(row), row["attention"] is None, row["name"]))
    active = [row for row in rows if _is_active(row)]
    summary = {
        "active": len(active),
        "isk_left": sum(row["isk_left"] or 0.0 for row in active),
        "behind": sum(row["attention"] is not None for row in active),
    }
    return BoardAnswer(rows, summary)


def _is_active(row: Row) -> bool:
    """Whether there is work left: a finished freelance job can stay `Active` (esi-issues#1488)."""
    return bool(row["state"] == "Active" and row["progress"] < row["desired"])


def _done_on(row: Row, now: float) -> float | None:
    """When it is done at the rate of the last days, in Unix seconds; None where it stands still."""
    if not _is_active(row) or row["per_day"] <= 0:
        return None
    return now + float((row["desired"] - row["progress"]) / row["per_day"]) * 86_400


def _level(row: Row) -> Tone | None:
    """A project that ran out of ISK, or will miss its date."""
    if not _is_active(row):
        return None
    if row["isk_initial"] and not row["isk_left"]:
        return "medium"
    late = row["done_on"] is not None and row["expires"] is not None
    return "medium" if late and row["done_on"] > row["expires"] else None


def describe(summary: Mapping[str, Any]) -> str:
    """`12 active · 4.2 B left · ! 2 behind`."""
    behind = f" · ! {summary['behind']:,} behind" if summary["behind"] else ""
    return f"{summary['active']:,} active · {isk(summary['isk_left'])} left{behind}"


BOARD = Board(
    name="projects",
    title="Projects",
    question="What runs, what is it costing, who works?",
    order=10,
    tables=(
        "project",
        "project_detail",
        "project_contributor",
        "freelance_job",
        "freelance_job_participant",
    ),
    columns=(
        BoardColumn("id", hidden=True),
        BoardColumn("name"),
        BoardColumn("kind", "word", wide=True),
        BoardColumn("state", "word"),
        BoardColumn("progress", "count"),
        BoardColumn("desired", "count"),
        BoardColumn("isk_left", "isk", "ISK left", summed=True),
        BoardColumn("per_day", "number", wide=True),
        BoardColumn("workers", "count", wide=True),
        BoardColumn("done_on", "when", "Done"),
        BoardColumn("expires", "when", "Ends"),
    ),
    read=read,
    describe=describe,
)
