"""Audit: who took what, out of which box, at an odd hour?"""

from __future__ import annotations

import json
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
from corpsync_tui.boards.members import IDLE_DAYS
from corpsync_tui.format.amounts import plural

USUAL_HOURS = 20
"""The hours of the day (EVE time) in which a pilot mostly acts; the other four are odd."""
KNOWN_FROM = 100
"""Lines of a pilot from which on one may speak of his usual hours."""
MUCH = 5.0
"""So many times the mean of a pilot's 30 days is unusually much."""
MEAN_DAYS = 30

MOST = 10_000
"""Lines that the board reckons with, the newest ones: what can be read in half a second. The view
knows all of them."""


def _select(lines: str) -> str:
    """What each pilot did at each box on each day (EVE time), and what of it is unusual.

    He left the corporation or is idle, moved much more than in the mean of his days at a box in
    the 30 days before, or acted at an hour that is not his. `lines`: the table that says so.
    """
    odd = f"""
    SELECT corporation_id || '/' || character_id || '/' || hour FROM (
        SELECT corporation_id, character_id, substr(logged_at, 12, 2) AS hour,
            ROW_NUMBER() OVER (PARTITION BY corporation_id, character_id
                ORDER BY COUNT(*) DESC, substr(logged_at, 12, 2)) AS place,
            SUM(COUNT(*)) OVER (PARTITION BY corporation_id, character_id) AS lines
        FROM {lines} GROUP BY 1, 2, 3)
    WHERE place > {USUAL_HOURS} AND lines >= {KNOWN_FROM}
    """
    days = f"""
    SELECT l.corporation_id, l.container_id, l.character_id, substr(l.logged_at, 1, 10) AS day,
        SUM(l.action = 'add') AS adds, SUM(l.action = 'move') AS moves,
        SUM(l.action IN ('lock', 'unlock', 'configure', 'set_password', 'set_name'))
            AS lock_changes,
        SUM(l.action = 'enter_password') AS password_fails,
        SUM(CASE WHEN l.action IN ('add', 'move') THEN l.quantity * p.price END) AS worth,
        MAX(l.corporation_id || '/' || l.character_id || '/' || substr(l.logged_at, 12, 2)
            IN ({odd})) AS odd,
        MAX(l.location_id) AS location_id,
        MAX(CASE WHEN l.location_flag LIKE 'CorpSAG_'
            THEN CAST(substr(l.location_flag, 8) AS INTEGER) END) AS division,
        json_group_array(DISTINCT substr(l.logged_at, 12, 2)) AS hours,
        GROUP_CONCAT(l.old_config_bitmask || '>' || l.new_config_bitmask) AS config_changes
    FROM {lines} l LEFT JOIN temp.price p USING (type_id)
    GROUP BY l.corporation_id, l.container_id, l.character_id, day
    """
    return f"""
SELECT corporation_id, day, character_id, container_id, adds, moves, lock_changes, password_fails,
    worth, first_time, why <> '' AS unusual, why, location_id, division, hours, config_changes
FROM (
    SELECT *, rtrim(iif(has_left, 'left, ', '') || iif(is_idle, 'idle, ', '')
        || iif(mean > 0 AND IFNULL(worth, 0) > {MUCH} * mean, 'much, ', '')
        || iif(odd, 'odd hour', ''), ', ') AS why
    FROM (
        SELECT d.*, NOT EXISTS (SELECT 1 FROM container_log x
                WHERE x.corporation_id = d.corporation_id AND x.container_id = d.container_id
                AND x.character_id = d.character_id AND x.logged_at < d.day) AS first_time,
            AVG(IFNULL(d.worth, 0)) OVER (PARTITION BY d.corporation_id, d.character_id
                ORDER BY julianday(d.day) RANGE BETWEEN {MEAN_DAYS} PRECEDING AND 1 PRECEDING)
                AS mean,
            m.logon_date <= IFNULL(m.logoff_date, '') AND
                julianday(:now) - julianday(m.logoff_date) > {IDLE_DAYS} AS is_idle,
            m.character_id IS NULL AND EXISTS
                (SELECT 1 FROM member x WHERE x.corporation_id = d.corporation_id) AS has_left
        FROM ({days}) d LEFT JOIN member m USING (corporation_id, character_id)))
"""


VIEW = _select("container_log")

SINCE = """
SELECT logged_at FROM container_log WHERE corporation_id = :c
ORDER BY logged_at DESC LIMIT 1 OFFSET :most
"""

PILOTS = f"""
SELECT m.character_id, r.roles, {unix("MAX(IFNULL(m.logon_date, ''), IFNULL(m.logoff_date, ''))")}
    AS last_seen
FROM member m LEFT JOIN member_role r USING (corporation_id, character_id)
WHERE m.corporation_id = :c
"""

NEWEST = """(SELECT * FROM container_log
    WHERE corporation_id = :c AND logged_at >= :since)"""

SQL = f"SELECT * FROM ({_select(NEWEST)}) ORDER BY day DESC, container_id, character_id"


def read(context: BoardContext) -> BoardAnswer:
    """One row a box, pilot and day, the newest day first."""
    make_prices(context)
    since = context.one(SINCE, most=MOST).get("logged_at", "")
    rows = context.rows(SQL, since=since[:10])
    pilots = {row["character_id"]: row for row in context.rows(PILOTS)}
    for row in rows:
        del row["corporation_id"]
        pilot = pilots.get(row["character_id"], {})
        row["hours"] = sorted(json.loads(row["hours"]))
        row["config_bits"] = changed_bits(row.pop("config_changes"))
        row["roles"] = json.loads(pilot["roles"]) if pilot.get("roles") else None
        row["last_seen"] = pilot.get("last_seen")
        row["first_time"], row["unusual"] = bool(row["first_time"]), bool(row["unusual"])
    summary = {
        "boxes": len({row["container_id"] for row in rows}),
        "pilots": len({row["character_id"] for row in rows}),
        "unusual": sum(row["unusual"] for row in rows),
        "password_fails": sum(row["password_fails"] for row in rows),
    }
    return BoardAnswer(rows, summary)


def changed_bits(changes: str | None) -> list[str]:
    """The bits of a box's configuration that changed: `2>17` gives `−2`, `+1`, `+16`."""
    found: dict[str, None] = {}
    for change in filter(None, (changes or "").split(",")):
        old, new = map(int, change.split(">"))
        for sign, bits in (("−", old & ~new), ("+", new & ~old)):
            found |= {f"{sign}{1 << n}": None for n in range(bits.bit_length()) if bits >> n & 1}
    return list(found)


def describe(summary: Mapping[str, Any]) -> str:
    """`41 boxes · 18 pilots · ! 3 unusual`."""
    unusual = f" · ! {summary['unusual']:,} unusual" if summary["unusual"] else ""
    boxes = plural(summary["boxes"], "box", "boxes")
    return f"{boxes} · {plural(summary['pilots'], 'pilot')}{unusual}"


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
        BoardColumn("config_bits", "list", wide=True),
        BoardColumn("password_fails", "count", "Tries", wide=True),
        BoardColumn("worth", "isk", summed=True),
        BoardColumn("first_time", "flag", "First"),
        BoardColumn("unusual", "flag", hidden=True),
        BoardColumn("why", "text", "Unusual"),
        BoardColumn("location_id", "location", "Place", wide=True),
        BoardColumn("division", "count", wide=True),
        BoardColumn("hours", "list", wide=True),
        BoardColumn("last_seen", "when", wide=True),
        BoardColumn("roles", "list", wide=True),
    ),
    read=read,
    describe=describe,
    tone=tone,
    view=VIEW,
)
