"""Members: who is idle, who came and went, who still holds roles?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardChart,
    BoardColumn,
    BoardContext,
    Row,
    Tone,
    row_of,
    unix,
)
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.format.amounts import plural

IDLE_DAYS, LONG_IDLE_DAYS = 30, 90

DANGEROUS = ("Director", "Personnel_Manager", "Accountant", "Station_Manager")
TAKERS = ("Hangar_Take_", "Container_Take_", "Account_Take_")
"""Roles that can hurt: who has one and is idle should lose it. Roles go 24 hours before a kick."""

ROLE_LISTS = ("roles", "roles_at_hq", "roles_at_base", "roles_at_other")

HELD = " UNION ".join(f"SELECT value FROM json_each(r.{name})" for name in ROLE_LISTS)
WORST = " ".join(f"WHEN value = '{role}' THEN {place}" for place, role in enumerate(DANGEROUS))
TAKES = " OR ".join(f"substr(value, 1, {len(role)}) = '{role}'" for role in TAKERS)

VIEW = f"""
SELECT m.corporation_id, m.character_id, n.name,
    CASE WHEN m.logon_date IS NULL AND m.logoff_date IS NULL THEN NULL
        WHEN m.logon_date > IFNULL(m.logoff_date, '') THEN 0.0
        ELSE julianday(:now) - julianday(IFNULL(m.logoff_date, m.logon_date)) END AS idle_days,
    {unix("m.start_date")} AS joined,
    CASE WHEN known.roles THEN (SELECT json_group_array(value)
        FROM (SELECT value FROM ({HELD}) ORDER BY value)) END AS roles,
    CASE WHEN known.titles THEN (SELECT json_group_array(
            COALESCE((SELECT w.name FROM title w WHERE w.corporation_id = m.corporation_id
                AND w.title_id = value AND w.name <> ''), CAST(value AS TEXT)))
        FROM json_each(t.titles)) END AS titles,
    CASE WHEN known.roles THEN (SELECT json_group_array(value) FROM (SELECT value FROM ({HELD})
        WHERE CASE {WORST} END IS NOT NULL OR {TAKES}
        ORDER BY CASE {WORST} ELSE {len(DANGEROUS)} END, value)) END AS dangerous_roles,
    m.ship_type_id, m.location_id
FROM member m
LEFT JOIN eve_name n ON n.id = m.character_id
LEFT JOIN member_role r USING (corporation_id, character_id)
LEFT JOIN member_title t USING (corporation_id, character_id)
JOIN (SELECT corporation_id,
        EXISTS (SELECT 1 FROM member_role a WHERE a.corporation_id = c.corporation_id) AS roles,
        EXISTS (SELECT 1 FROM member_title a WHERE a.corporation_id = c.corporation_id) AS titles
    FROM (SELECT DISTINCT corporation_id FROM member) c) AS known USING (corporation_id)
"""
"""What nobody may read (roles, titles) is NULL, not an empty list; lists are JSON."""

LISTS = ("roles", "titles", "dangerous_roles")

LIMIT = "SELECT (SELECT value + 1 FROM member_limit WHERE corporation_id = :c) AS places"
"""The chief executive does not count against ESI's number."""


MOVED = f"""
SELECT SUM(iif(kind = 'bulk', json_extract(after, '$.added'), kind = 'added')) AS joined,
    SUM(iif(kind = 'bulk', json_extract(after, '$.removed'), kind = 'removed')) AS left_it
FROM change
WHERE corporation_id = :c AND table_name = 'member'
    AND time BETWEEN {unix(":now")} - {IDLE_DAYS * 86_400} AND {unix(":now")}
"""

ROLES_MOVED = f"""
SELECT COUNT(*) AS roles FROM role_change WHERE corporation_id = :c
    AND changed_at BETWEEN strftime('%Y-%m-%dT%H:%M:%SZ', :now, '-{IDLE_DAYS} days') AND :now
"""


def read(context: BoardContext) -> BoardAnswer:
    """Every member, idle ones with dangerous roles first, then by idle days."""
    rows = context.rows(f"SELECT * FROM ({VIEW}) WHERE corporation_id = :c")
    for row in rows:
        del row["corporation_id"]
        for name in LISTS:
            row[name] = None if row[name] is None else json.loads(row[name])
        row["attention"] = _level(row)
    order = {"high": 0, "medium": 1, None: 2}
    rows.sort(key=lambda row: (order[row["attention"]], -(row["idle_days"] or 0.0)))
    idle = [row["idle_days"] for row in rows if row["idle_days"] is not None]
    moved = context.one(MOVED)
    summary = {
        "count": len(rows),
        "seen_7": sum(days <= 7 for days in idle),
        "joined_30": moved["joined"] or 0,
        "left_30": moved["left_it"] or 0,
        "role_changes_30": context.one(ROLES_MOVED)["roles"],
        "limit": context.one(LIMIT)["places"],
        "idle_30": sum(days > IDLE_DAYS for days in idle),
        "idle_90": sum(days > LONG_IDLE_DAYS for days in idle),
        "idle_with_roles": sum(row["attention"] == "high" for row in rows),
    }
    return BoardAnswer(rows, summary)


def _level(row: Row) -> Tone | None:
    idle = row["idle_days"]
    if idle is None or idle <= LONG_IDLE_DAYS:
        return None
    return "high" if row["dangerous_roles"] else "medium"


ONLINE = """
SELECT hour, AVG(count) AS online FROM presence
WHERE corporation_id = :c AND day >= date(:now, '-14 days') GROUP BY hour ORDER BY hour
"""


def charts(context: BoardContext, _answer: BoardAnswer) -> list[BoardChart]:
    """How many were online at each hour of the day (EVE time), in the mean of two weeks."""
    hours = [(f"{row['hour']:02}:00", row["online"]) for row in context.rows(ONLINE)]
    return [BoardChart("Online by hour of the day", "count", hours)]


def describe(summary: Mapping[str, Any]) -> str:
    """`182 of 200 · 31 idle > 30 d · ! 9 > 90 d · ✗ 2 of them with roles`."""
    places = "" if summary["limit"] is None else f" of {summary['limit']:,}"
    parts = [f"{summary['count']:,}{places}", f"{summary['idle_30']:,} idle > {IDLE_DAYS} d"]
    if summary["idle_90"]:
        parts.append(f"! {summary['idle_90']:,} > {LONG_IDLE_DAYS} d")
    if summary["idle_with_roles"]:
        parts.append(f"✗ {summary['idle_with_roles']:,} of them with roles")
    return " · ".join(parts)


def find_idle(context: RuleContext) -> Iterator[Alert]:
    """A member with roles that can hurt, who was not seen for days."""
    for row in read(BoardContext.of(context)).rows:
        idle, roles = row["idle_days"], row["dangerous_roles"]
        if roles and idle is not None and idle > context.threshold:
            more = f" and {plural(len(roles) - 1, 'more role')}" if len(roles) > 1 else ""
            who = context.names.who(row["character_id"])
            yield Alert(
                f"{row['character_id']}",
                f"{who} is {roles[0].replace('_', ' ')}{more}, and idle for {idle:.0f} days",
                "low",
                context.now - (idle - context.threshold) * 86_400,
                table_name="member",
                row_key={"character_id": row["character_id"]},
            )


BOARD = Board(
    name="members",
    title="Members",
    question="Who is idle, who came and went, who still holds roles?",
    order=5,
    tables=("member", "member_role", "member_title", "title", "member_limit"),
    columns=(
        BoardColumn("character_id", "character", "Member"),
        BoardColumn("name", hidden=True),
        BoardColumn("idle_days", "days", "Idle"),
        BoardColumn("joined", "day", wide=True),
        BoardColumn("dangerous_roles", "list", "Can hurt"),
        BoardColumn("roles", "list", wide=True),
        BoardColumn("titles", "list"),
        BoardColumn("ship_type_id", "type", "Ship"),
        BoardColumn("location_id", "location", "Place"),
    ),
    read=read,
    describe=describe,
    charts=charts,
    view=VIEW,
    opens=row_of("member", character_id="character_id"),
    rules=[
        Rule(
            "idle_roles",
            find_idle,
            says="A member with dangerous roles who is idle for so many days.",
            many="idle members with dangerous roles",
            default=30,
        ),
    ],
)
