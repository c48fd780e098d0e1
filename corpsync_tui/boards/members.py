"""Members: who is idle, who came and went, who still holds roles?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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

IDLE_DAYS, LONG_IDLE_DAYS = 30, 90

DANGEROUS = ("Director", "Personnel_Manager", "Accountant", "Station_Manager")
TAKERS = ("Hangar_Take_", "Container_Take_", "Account_Take_")
"""Roles that can hurt: who has one and is idle should lose it. Roles go 24 hours before a kick."""

ROLE_LISTS = ("roles", "roles_at_hq", "roles_at_base", "roles_at_other")

SQL = f"""
SELECT m.character_id, n.name, {unix("m.start_date")} AS joined,
    CASE WHEN m.logon_date IS NULL AND m.logoff_date IS NULL THEN NULL
        WHEN m.logon_date > IFNULL(m.logoff_date, '') THEN 0.0
        ELSE julianday(:now) - julianday(IFNULL(m.logoff_date, m.logon_date)) END AS idle_days,
    m.ship_type_id, m.location_id, {", ".join(f"r.{name}" for name in ROLE_LISTS)},
    r.character_id IS NOT NULL AS has_roles, t.titles
FROM member m
LEFT JOIN eve_name n ON n.id = m.character_id
LEFT JOIN member_role r USING (corporation_id, character_id)
LEFT JOIN member_title t USING (corporation_id, character_id)
WHERE m.corporation_id = :c
"""

KNOWN = """
SELECT EXISTS (SELECT 1 FROM member_role WHERE corporation_id = :c) AS roles,
    EXISTS (SELECT 1 FROM member_title WHERE corporation_id = :c) AS titles,
    (SELECT value FROM member_limit WHERE corporation_id = :c) AS places
"""


def read(context: BoardContext) -> BoardAnswer:
    """Every member, idle ones with dangerous roles first, then by idle days.

    What nobody may read (roles, titles) is None, not an empty list.
    """
    known = context.one(KNOWN)
    titles = {
        row["title_id"]: row["name"]
        for row in context.rows("SELECT title_id, name FROM title WHERE corporation_id = :c")
    }
    rows = context.rows(SQL)
    for row in rows:
        held = {role for name in ROLE_LISTS for role in json.loads(row.pop(name) or "[]")}
        row["roles"] = sorted(held) if known["roles"] else None
        del row["has_roles"]
        row["dangerous_roles"] = dangerous(held) if known["roles"] else None
        worn = json.loads(row["titles"] or "[]")
        row["titles"] = [titles.get(id_) or str(id_) for id_ in worn] if known["titles"] else None
        row["attention"] = _level(row)
    order = {"high": 0, "medium": 1, None: 2}
    rows.sort(key=lambda row: (order[row["attention"]], -(row["idle_days"] or 0.0)))
    idle = [row["idle_days"] for row in rows if row["idle_days"] is not None]
    summary = {
        "count": len(rows),
        "limit": None if known["places"] is None else known["places"] + 1,
        "idle_30": sum(days > IDLE_DAYS for days in idle),
        "idle_90": sum(days > LONG_IDLE_DAYS for days in idle),
        "idle_with_roles": sum(row["attention"] == "high" for row in rows),
    }
    return BoardAnswer(rows, summary)


def dangerous(roles: Iterable[str]) -> list[str]:
    """Of some roles those that can hurt, the worst first."""
    held = set(roles)
    worst = [role for role in DANGEROUS if role in held]
    return worst + sorted(role for role in held if role.startswith(TAKERS))


def _level(row: Row) -> Tone | None:
    idle = row["idle_days"]
    if idle is None or idle <= LONG_IDLE_DAYS:
        return None
    return "high" if row["dangerous_roles"] else "medium"


def describe(summary: Mapping[str, Any]) -> str:
    """`182 of 200 · 31 idle > 30 d · ! 9 > 90 d · ✗ 2 of them with roles`."""
    places = "" if summary["limit"] is None else f" of {summary['limit']:,}"
    parts = [f"{summary['count']:,}{places}", f"{summary['idle_30']:,} idle > {IDLE_DAYS} d"]
    if summary["idle_90"]:
        parts.append(f"! {summary['idle_90']:,} > {LONG_IDLE_DAYS} d")
    if summary["idle_with_roles"]:
        parts.append(f"✗ {summary['idle_with_roles']:,} of them with roles")
    return " · ".join(parts)


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
        BoardColumn("joined", "when", wide=True),
        BoardColumn("dangerous_roles", "list", "Can hurt"),
        BoardColumn("roles", "list", wide=True),
        BoardColumn("titles", "list"),
        BoardColumn("ship_type_id", "type", "Ship"),
        BoardColumn("location_id", "location", "Place"),
    ),
    read=read,
    describe=describe,
    opens=("member", "character_id"),
)
