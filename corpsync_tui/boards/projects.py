"""Projects: what runs, what is it costing, who works?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from corpsync_tui.boards.kit.cells import moment_of
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.format.amounts import isk

TABLES = {"project": "project", "freelance": "freelance_job"}
DAYS = 7
"""The days whose progress tells when a project will be done."""

ONE_KIND = f"""
SELECT p.corporation_id, p.id, p.name, '{{kind}}' AS kind, p.state,
    json_extract(p.progress, '$.current') AS progress,
    json_extract(p.progress, '$.desired') AS desired,
    json_extract(p.reward, '$.remaining') AS isk_left,
    json_extract(p.reward, '$.initial') AS isk_initial,
    IFNULL((SELECT SUM(json_extract(x.after, '$.progress.current')
            - json_extract(x.before, '$.progress.current'))
        FROM change x WHERE x.table_name = '{{table}}' AND x.row_key = json_object('id', p.id)
            AND x.corporation_id = p.corporation_id AND x.kind = 'changed'
            AND x.time BETWEEN {unix(":now")} - {DAYS * 86_400} AND {unix(":now")}), 0)
        / {DAYS}.0 AS per_day,
    (SELECT COUNT(*) FROM {{workers}} w
        WHERE w.corporation_id = p.corporation_id AND w.{{key}} = p.id) AS workers,
    {{expires}} AS expires
FROM {{table}} p
"""

PROJECTS = ONE_KIND.format(
    kind="project",
    table="project",
    workers="project_contributor",
    key="project_id",
    expires="(SELECT "
    + unix("json_extract(d.details, '$.expires')")
    + " FROM project_detail d WHERE d.corporation_id = p.corporation_id AND d.id = p.id)",
)
FREELANCE = ONE_KIND.format(
    kind="freelance",
    table="freelance_job",
    workers="freelance_job_participant",
    key="job_id",
    expires="NULL",
)

VIEW = f"""
SELECT *, CASE WHEN state = 'Active' AND progress < desired AND per_day > 0
    THEN {unix(":now")} + (desired - progress) / per_day * 86400 END AS done_on
FROM ({PROJECTS} UNION ALL {FREELANCE})
"""
"""`done_on`: when it is done at the rate of the last days; NULL where it stands still."""


def read(context: BoardContext) -> BoardAnswer:
    """Projects and freelance jobs, active ones first, those that miss their date at the top."""
    rows = context.rows(f"SELECT * FROM ({VIEW}) WHERE corporation_id = :c")
    for row in rows:
        del row["corporation_id"]
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


def find_behind(context: RuleContext) -> Iterator[Alert]:
    """A project that has no ISK left for what is still to be done, or will miss its date."""
    for row in read(BoardContext.of(context)).rows:
        if row["attention"] is None:
            continue
        late = f"will not be done before {moment_of(row['expires'])}" if row["expires"] else ""
        broke = row["isk_initial"] and not row["isk_left"]
        yield Alert(
            f"{row['id']}/{'isk' if broke else row['expires']}",
            f"Project “{row['name']}” {'has no ISK left' if broke else late}",
            "low",
            table_name=TABLES[row["kind"]],
            row_key={"id": row["id"]},
        )


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
    view=VIEW,
    opens=lambda row: (TABLES[row["kind"]], {"id": row["id"]}),
    rules=[
        Rule(
            "project",
            find_behind,
            says="A project that is behind its date, or out of ISK.",
            many="projects behind or out of ISK",
        ),
    ],
)
