"""Projects: what runs, what is it costing, who works?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardColumn,
    BoardContext,
    Row,
    Tone,
    Variant,
    unix,
)
from corpsync_tui.boards.kit.cells import moment_of
from corpsync_tui.boards.kit.logged import read_logged
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.format.amounts import isk, joined

TABLES = {"project": "project", "freelance": "freelance_job"}
DAYS = 7
"""The days whose progress tells when a project will be done."""

# The plus signs leave the changes to the index by row.
ONE_KIND = f"""
SELECT p.corporation_id, p.id, p.name, '{{kind}}' AS kind, p.state,
    json_extract(p.progress, '$.current') AS progress,
    json_extract(p.progress, '$.desired') AS desired,
    json_extract(p.reward, '$.remaining') AS isk_left,
    json_extract(p.reward, '$.initial') AS isk_initial,
    IFNULL((SELECT SUM(json_extract(x.after, '$.progress.current')
            - json_extract(x.before, '$.progress.current'))
        FROM change x WHERE x.table_name = '{{table}}' AND x.row_key = json_object('id', p.id)
            AND +x.corporation_id = p.corporation_id AND x.kind = 'changed'
            AND +x.time BETWEEN {unix(":now")} - {DAYS * 86_400} AND {unix(":now")}), 0)
        / {DAYS}.0 AS per_day,
    (SELECT COUNT(*) FROM {{workers}} w
        WHERE w.corporation_id = p.corporation_id AND w.{{key}} = p.id) AS workers,
    {unix("json_extract(d.details, '$.expires')")} AS expires,
    json_extract(d.creator, '$.id') AS creator_id, json_extract(d.details, '$.career') AS career,
    json_extract(d.contribution, '$.reward_per_contribution') AS per_unit
FROM {{table}} p LEFT JOIN {{detail}} d ON d.corporation_id = p.corporation_id AND d.id = p.id
"""

PROJECTS = ONE_KIND.format(
    kind="project",
    table="project",
    workers="project_contributor",
    key="project_id",
    detail="project_detail",
)
FREELANCE = ONE_KIND.format(
    kind="freelance",
    table="freelance_job",
    workers="freelance_job_participant",
    key="job_id",
    detail="(SELECT NULL AS corporation_id, NULL AS id, NULL AS details, NULL AS creator, "
    "NULL AS contribution WHERE false)",
)

VIEW = f"""
SELECT *, 100.0 * progress / NULLIF(desired, 0) AS done, per_day * per_unit / 24 AS isk_per_hour,
    CASE WHEN state = 'Active' AND progress < desired AND per_day > 0
    THEN {unix(":now")} + (desired - progress) / per_day * 86400 END AS done_on
FROM ({PROJECTS} UNION ALL {FREELANCE})
"""
"""`done_on`: when it is done at the rate of the last days; NULL where it stands still."""


BEGAN = f"""
SELECT id, {unix("json_extract(details, '$.created')")} AS began FROM project_detail
WHERE corporation_id = :c
"""


def read(context: BoardContext) -> BoardAnswer:
    """Projects and freelance jobs, active ones first, those that miss their date at the top."""
    sql = f"SELECT * FROM ({VIEW}) WHERE corporation_id = :c"
    rows = read_logged(context, sql, *TABLES.values(), since=context.now - DAYS * 86_400)
    began = {row["id"]: row["began"] for row in context.rows(BEGAN)}
    for row in rows:
        del row["corporation_id"]
        row["attention"] = _level(row, context.now, began.get(row["id"]) or 0.0)
    rows.sort(key=lambda row: (not _is_active(row), row["attention"] is None, row["name"]))
    active = [row for row in rows if _is_active(row)]
    summary = {
        "active": len(active),
        "isk_left": sum(row["isk_left"] or 0.0 for row in active),
        "isk_per_hour": sum(row["isk_per_hour"] or 0.0 for row in active),
        "behind": sum(row["attention"] is not None for row in active),
    }
    return BoardAnswer(rows, summary)


def _is_active(row: Row) -> bool:
    """Whether there is work left: a finished freelance job can stay `Active` (esi-issues#1488)."""
    return bool(row["state"] == "Active" and row["progress"] < row["desired"])


def _level(row: Row, now: float, began: float) -> Tone | None:
    """A project that ran out of ISK, or will miss its date.

    One that stood still in the last days will miss it if no more days than those are left, or
    than it has been there.
    """
    if not _is_active(row):
        return None
    if row["isk_initial"] and not row["isk_left"]:
        return "medium"
    if row["expires"] is None:
        return None
    done_on = row["done_on"] or now + min(DAYS * 86_400, now - began)
    return "medium" if done_on > row["expires"] else None


CONTRIBUTORS = """
SELECT w.project_id AS id, p.name, w.id AS character_id, w.name AS who, w.contributed,
    100.0 * w.contributed / NULLIF(SUM(w.contributed) OVER (PARTITION BY w.project_id), 0) AS share,
    w.contributed * json_extract(d.contribution, '$.reward_per_contribution') AS earned
FROM project_contributor w JOIN project p USING (corporation_id)
LEFT JOIN project_detail d ON d.corporation_id = p.corporation_id AND d.id = p.id
WHERE w.corporation_id = :c AND p.id = w.project_id AND p.state = 'Active'
UNION ALL
SELECT w.job_id, p.name, w.id, w.name, w.contributed,
    100.0 * w.contributed / NULLIF(SUM(w.contributed) OVER (PARTITION BY w.job_id), 0), NULL
FROM freelance_job_participant w JOIN freelance_job p USING (corporation_id)
WHERE w.corporation_id = :c AND p.id = w.job_id AND p.state = 'Active'
ORDER BY 2, 1, 5 DESC, 3
"""


def read_contributors(context: BoardContext) -> BoardAnswer:
    """Who did how much of each active project and freelance job, most first.

    `earned` is what the contributions pay; None where that is not known.
    """
    rows = context.rows(CONTRIBUTORS)
    earned = sum(row["earned"] or 0.0 for row in rows)
    return BoardAnswer(rows, {"workers": len({r["character_id"] for r in rows}), "earned": earned})


SHOWN_WORKERS = 3


def details(context: BoardContext, _answer: BoardAnswer, rows: Sequence[Row]) -> list[list[str]]:
    """Who did most of it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in context.rows(CONTRIBUTORS):
        found[row["id"]].append(f"{row['who']} {row['contributed']:,} ({row['share'] or 0:.0f} %)")
    return [[joined(found[row["id"]][:SHOWN_WORKERS])] if found[row["id"]] else [] for row in rows]


def describe(summary: Mapping[str, Any]) -> str:
    """`12 active · 4.2 B left · 31.0 M/h · ! 2 behind`."""
    behind = f" · ! {summary['behind']:,} behind" if summary["behind"] else ""
    rate = f" · {isk(summary['isk_per_hour'])}/h" if summary["isk_per_hour"] else ""
    return f"{summary['active']:,} active · {isk(summary['isk_left'])} left{rate}{behind}"


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
    aged_by=("project", "freelance_job"),
    columns=(
        BoardColumn("id", hidden=True),
        BoardColumn("name"),
        BoardColumn("kind", "word", wide=True),
        BoardColumn("state", "word"),
        BoardColumn("done", "bar"),
        BoardColumn("progress", "count", wide=True),
        BoardColumn("desired", "count", wide=True),
        BoardColumn("isk_left", "isk", "ISK left", summed=True),
        BoardColumn("per_unit", "isk", "ISK each", wide=True),
        BoardColumn("per_day", "number", wide=True),
        BoardColumn("isk_per_hour", "isk", "ISK/h", wide=True, summed=True),
        BoardColumn("workers", "count", wide=True),
        BoardColumn("done_on", "when", "Done on"),
        BoardColumn("expires", "when", "Ends"),
        BoardColumn("creator_id", "character", "By", wide=True),
        BoardColumn("career", "word", wide=True),
    ),
    read=read,
    details=details,
    describe=describe,
    view=VIEW,
    opens=lambda row: (TABLES[row["kind"]], {"id": row["id"]}),
    variants=(
        Variant(
            "contributor",
            "who did how much of what runs",
            (
                BoardColumn("id", hidden=True),
                BoardColumn("name", title="Project"),
                BoardColumn("character_id", "character", "Who"),
                BoardColumn("contributed", "count"),
                BoardColumn("share", "bar"),
                BoardColumn("earned", "isk", wide=True, summed=True),
            ),
            read_contributors,
            option="by",
        ),
    ),
    rules=[
        Rule(
            "project",
            find_behind,
            says="A project that is behind its date, or out of ISK.",
            many="projects behind or out of ISK",
        ),
    ],
)
