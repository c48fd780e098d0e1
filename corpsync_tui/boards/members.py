"""Members: who is idle, who came and went, who still holds roles?"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardChart,
    BoardColumn,
    BoardContext,
    Row,
    Tone,
    Variant,
    esi_time,
    row_of,
    unix,
)
from corpsync_tui.boards.kit.logged import read_logged
from corpsync_tui.boards.kit.ore import OrePrices
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.format.amounts import plural
from corpsync_tui.store.changelog import ADDED, REMOVED

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
    m.ship_type_id, m.location_id, m.base_id, {unix("m.logon_date")} AS logon,
    {unix("m.logoff_date")} AS logoff
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


WORK = {
    "kills": """
SELECT json_extract(a.value, '$.character_id') AS who, COUNT(*)
FROM killmail k JOIN json_each(k.attackers) a
WHERE k.corporation_id = :c AND k.killmail_time >= :since
    AND json_extract(k.victim, '$.corporation_id') IS NOT :c
    AND json_extract(a.value, '$.final_blow') AND json_extract(a.value, '$.corporation_id') = :c
GROUP BY who""",
    "bounties": """
SELECT second_party_id, SUM(amount) FROM wallet_journal
WHERE corporation_id = :c AND date >= :since AND ref_type = 'bounty_prizes'
GROUP BY second_party_id""",
}
"""Of each member: own final blows, and the corporation's tax of their bounties."""

MINED = """
SELECT character_id, type_id, last_updated AS day, SUM(quantity) AS quantity FROM mining_ledger
WHERE corporation_id = :c AND last_updated >= substr(:since, 1, 10)
GROUP BY character_id, type_id, last_updated
"""


def read(context: BoardContext) -> BoardAnswer:
    """Every member, and what passed through their hands in 30 days; None where nothing did."""
    prices = OrePrices.of(context)
    answer = read_members(context)
    since = esi_time(context.now - IDLE_DAYS * 86_400)
    sums: dict[str, dict[int, float]] = {
        name: dict(context.db.execute(sql, {"c": context.corporation_id, "since": since}))
        for name, sql in WORK.items()
    }
    mined: defaultdict[int, float] = defaultdict(float)
    for row in context.rows(MINED, since=since):
        unit = prices.unit(row["type_id"], row["day"]) or 0.0
        mined[row["character_id"]] += unit * row["quantity"]
    sums["mined"] = mined
    for row in answer.rows:
        for name, found in sums.items():
            row[name] = found.get(row["character_id"])
    return answer


def read_members(context: BoardContext) -> BoardAnswer:
    """Every member, idle ones with dangerous roles first, then by idle days."""
    rows = context.rows(f"SELECT * FROM ({VIEW}) WHERE corporation_id = :c")
    for row in rows:
        del row["corporation_id"]
        for name in LISTS:
            row[name] = None if row[name] is None else json.loads(row[name])
        row["here_days"] = row["joined"] and (context.now - row["joined"]) / 86_400
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


WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
PARTS = 5
"""Parts of a day that the chart of the week shows."""

ONLINE_BY_WEEKDAY = f"""
SELECT (strftime('%w', day) + 6) % 7 AS weekday, hour * {PARTS} / 24 AS part,
    AVG(count) AS online
FROM presence WHERE corporation_id = :c AND day >= date(:now, '-14 days') GROUP BY weekday, part
"""


def charts(context: BoardContext, _answer: BoardAnswer) -> list[BoardChart]:
    """How many were online at each hour of the day, and on each day of the week.

    In the mean of two weeks, in EVE time; between two days of the week stands a gap.
    """
    hours = [(f"{row['hour']:02}:00", row["online"]) for row in context.rows(ONLINE)]
    found = {(r["weekday"], r["part"]): r["online"] for r in context.rows(ONLINE_BY_WEEKDAY)}
    week: list[tuple[str, float | None]] = []
    for number, name in enumerate(WEEKDAYS if found else ()):
        week += [("", None)] * (number > 0)
        week += [(name, found.get((number, part))) for part in range(PARTS)]
    return [
        BoardChart("Online by hour of the day", "count", hours),
        BoardChart("Online by day of the week, 0–24 h each", "count", week),
    ]


NEWS = f"""
SELECT CAST(time AS INTEGER) AS time,
    CASE kind WHEN '{ADDED}' THEN 'joined' ELSE 'left' END AS what,
    json_extract(row_key, '$.character_id') AS character_id, NULL AS roles, NULL AS issuer_id
FROM change
WHERE corporation_id = :c AND table_name = 'member' AND kind IN ('{ADDED}', '{REMOVED}')
    AND time BETWEEN {unix(":now")} - {IDLE_DAYS * 86_400} AND {unix(":now")}
UNION ALL
SELECT {unix("r.changed_at")}, CASE WHEN new.value IS NULL THEN 'lost' ELSE 'got' END,
    r.character_id, json_group_array(COALESCE(new.value, old.value)), r.issuer_id
FROM role_change r JOIN (SELECT 1 AS side UNION SELECT 2) s
LEFT JOIN json_each(r.new_roles) new ON s.side = 1
    AND new.value NOT IN (SELECT value FROM json_each(r.old_roles))
LEFT JOIN json_each(r.old_roles) old ON s.side = 2
    AND old.value NOT IN (SELECT value FROM json_each(r.new_roles))
WHERE r.corporation_id = :c AND COALESCE(new.value, old.value) IS NOT NULL
    AND r.changed_at BETWEEN strftime('%Y-%m-%dT%H:%M:%SZ', :now, '-{IDLE_DAYS} days') AND :now
GROUP BY r.changed_at, r.character_id, r.role_type, r.row_hash, s.side
"""


def read_news(context: BoardContext) -> BoardAnswer:
    """Who joined, left, got and lost roles in 30 days, the newest first."""
    since = context.now - IDLE_DAYS * 86_400
    rows = read_logged(context, NEWS, "member", since=since)
    rows.sort(key=lambda row: (-row["time"], row["character_id"], row["what"]))
    for row in rows:
        row["roles"] = None if row["roles"] is None else sorted(json.loads(row["roles"]))
    return BoardAnswer(rows, dict(Counter(row["what"] for row in rows)))


def details(_context: BoardContext, _answer: BoardAnswer, rows: Sequence[Row]) -> list[list[str]]:
    """What to do about a member who should go."""
    strip = "Strip the roles first: the game takes 24 hours for it before a kick"
    return [[strip] if row["attention"] == "high" else [] for row in rows]


def describe(summary: Mapping[str, Any]) -> str:
    """`182 of 200 · 121 in 7 d · 31 idle > 30 d · ! 9 > 90 d · ✗ 2 of them with roles`."""
    places = "" if summary["limit"] is None else f" of {summary['limit']:,}"
    parts = [f"{summary['count']:,}{places}", f"{summary['seen_7']:,} in 7 d"]
    parts.append(f"{summary['idle_30']:,} idle > {IDLE_DAYS} d")
    if summary["idle_90"]:
        parts.append(f"! {summary['idle_90']:,} > {LONG_IDLE_DAYS} d")
    if summary["idle_with_roles"]:
        parts.append(f"✗ {summary['idle_with_roles']:,} of them with roles")
    return " · ".join(parts)


def find_idle(context: RuleContext) -> Iterator[Alert]:
    """A member with roles that can hurt, who was not seen for days."""
    for row in read_members(BoardContext.of(context)).rows:
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
        BoardColumn("here_days", "span", "Here"),
        BoardColumn("joined", "day", wide=True),
        BoardColumn("dangerous_roles", "list", "Can hurt"),
        BoardColumn("titles", "list"),
        BoardColumn("ship_type_id", "type", "Ship"),
        BoardColumn("location_id", "location", "Place"),
        BoardColumn("logon", "when", wide=True),
        BoardColumn("logoff", "when", wide=True),
        BoardColumn("kills", "count", "Kills 30 d", wide=True, summed=True),
        BoardColumn("mined", "isk", "Mined 30 d", wide=True, summed=True),
        BoardColumn("bounties", "isk", "Taxed 30 d", wide=True, summed=True),
        BoardColumn("base_id", "location", "Base", wide=True),
        BoardColumn("roles", "list", wide=True),
    ),
    read=read,
    details=details,
    describe=describe,
    charts=charts,
    view=VIEW,
    opens=row_of("member", character_id="character_id"),
    variants=(
        Variant(
            "news",
            f"who joined, left, got and lost roles in {IDLE_DAYS} days",
            (
                BoardColumn("time", "when"),
                BoardColumn("what", "word"),
                BoardColumn("character_id", "character", "Member"),
                BoardColumn("roles", "list"),
                BoardColumn("issuer_id", "character", "From"),
            ),
            read_news,
        ),
    ),
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
