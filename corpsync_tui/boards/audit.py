"""Audit: who took what, out of which box, at an odd hour?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from corpsync_tui.boards.kit.board import Board, BoardAnswer, BoardColumn, BoardContext, Row, Tone
from corpsync_tui.boards.kit.prices import make_prices

USUAL_HOURS = 20
"""The hours of the day (EVE time) in which a pilot mostly acts; the other four are odd."""
KNOWN_FROM = 100
"""Lines of a pilot from which on one may speak of his usual hours."""
MUCH = 5.0
"""So many times the mean of a pilot's 30 days is unusually much."""
MEAN_DAYS = 30

SQL = """
SELECT container_id, character_id, substr(logged_at, 1, 10) AS day,
    SUM(action = 'add') AS adds, SUM(action = 'move') AS moves,
    SUM(action IN ('lock', 'unlock', 'configure', 'set_password', 'set_name')) AS lock_changes,
    SUM(action = 'enter_password') AS password_fails,
    SUM(CASE WHEN action IN ('add', 'move') THEN quantity * price END) AS worth,
    GROUP_CONCAT(DISTINCT substr(logged_at, 12, 2)) AS hours
FROM container_log LEFT JOIN price USING (type_id)
WHERE corporation_id = :c
GROUP BY container_id, character_id, day
ORDER BY day DESC, container_id, character_id
"""

HOURS = """
SELECT character_id, substr(logged_at, 12, 2) AS hour, COUNT(*) AS lines
FROM container_log WHERE corporation_id = :c GROUP BY 1, 2
"""

MEMBERS = "SELECT character_id FROM member WHERE corporation_id = :c"


def read(context: BoardContext) -> BoardAnswer:
    """What each pilot did at each box on each day (EVE time), the newest day first."""
    make_prices(context)
    rows = context.rows(SQL)
    members = {row["character_id"] for row in context.rows(MEMBERS)}
    usual = _usual_hours(context.rows(HOURS))
    means = _means(rows)
    seen: set[tuple[int, int]] = set()
    for row in reversed(rows):
        pilot, box = row["character_id"], row["container_id"]
        reasons = []
        row["first_time"] = (box, pilot) not in seen
        seen.add((box, pilot))
        if members and pilot not in members:
            reasons.append("left")
        mean = means.get((pilot, row["day"]))
        if mean and (row["worth"] or 0.0) > MUCH * mean:
            reasons.append("much")
        if pilot in usual and not usual[pilot].issuperset(row.pop("hours").split(",")):
            reasons.append("odd hour")
        row.pop("hours", None)
        row["unusual"] = bool(reasons)
        row["why"] = ", ".join(reasons)
    summary = {
        "boxes": len({row["container_id"] for row in rows}),
        "pilots": len({row["character_id"] for row in rows}),
        "unusual": sum(row["unusual"] for row in rows),
        "password_fails": sum(row["password_fails"] for row in rows),
    }
    return BoardAnswer(rows, summary)


def _usual_hours(lines: Iterable[Row]) -> dict[int, set[str]]:
    """The most frequent hours of each pilot who is known well enough."""
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for line in lines:
        counts[line["character_id"]][line["hour"]] = line["lines"]
    return {
        pilot: {hour for hour, _ in hours.most_common(USUAL_HOURS)}
        for pilot, hours in counts.items()
        if hours.total() >= KNOWN_FROM
    }


def _means(rows: Sequence[Row]) -> dict[tuple[int, str], float]:
    """What a pilot moved at a box and day in the mean of the 30 days before each day, in ISK."""
    moved: defaultdict[int, list[tuple[str, float]]] = defaultdict(list)
    for row in reversed(rows):
        moved[row["character_id"]].append((row["day"], row["worth"] or 0.0))
    means: dict[tuple[int, str], float] = {}
    for pilot, days in moved.items():
        start = total = 0
        window = 0.0
        for end, (day, _) in enumerate(days):
            if (pilot, day) in means:
                continue
            while total < end:
                window += days[total][1]
                total += 1
            first = f"{date.fromisoformat(day) - timedelta(days=MEAN_DAYS)}"
            while days[start][0] < first:
                window -= days[start][1]
                start += 1
            means[pilot, day] = window / (end - start) if end > start else 0.0
    return means


def describe(summary: Mapping[str, Any]) -> str:
    """`41 boxes · 18 pilots · ! 3 unusual`."""
    unusual = f" · ! {summary['unusual']:,} unusual" if summary["unusual"] else ""
    return f"{summary['boxes']:,} boxes · {summary['pilots']:,} pilots{unusual}"


def tone(row: Row) -> Tone | None:
    """What is unusual."""
    return "medium" if row["unusual"] else None


BOARD = Board(
    name="audit",
    title="Audit",
    question="Who took what, out of which box, at an odd hour?",
    order=11,
    tables=("container_log", "member"),
    columns=(
        BoardColumn("day"),
        BoardColumn("character_id", "character", "Pilot"),
        BoardColumn("container_id", "item", "Box"),
        BoardColumn("adds", "count", summed=True),
        BoardColumn("moves", "count", summed=True),
        BoardColumn("lock_changes", "count", "Locks", wide=True),
        BoardColumn("password_fails", "count", "Tries", wide=True),
        BoardColumn("worth", "isk", summed=True),
        BoardColumn("first_time", "flag", "First"),
        BoardColumn("unusual", "flag", hidden=True),
        BoardColumn("why", "text", "Unusual"),
    ),
    read=read,
    describe=describe,
    tone=tone,
)
