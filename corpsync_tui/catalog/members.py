"""Members: who is in the corporation, where they are, and when they were last in game."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset, Merged
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog.kit.shapes import Scalar
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.times import seconds_of, span_in_words
from corpsync_tui.queries.daily import Daily
from corpsync_tui.store.columns import CorporationTable, Count, Id, When
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.presentation import Presentation


class Member(CorporationTable):
    """A member as membertracking tells it; all but the id is optional there."""

    character_id = Id("character", identity=True)
    base_id = Id("location", null=True)
    location_id = Id("location", null=True, moving=True)
    logoff_date = When(null=True, moving=True)
    logon_date = When(null=True, moving=True)
    ship_type_id = Id("type", null=True, moving=True)
    start_date = When(null=True)

    presentation = Presentation(
        first=("character_id", "ship_type_id", "location_id", "logon_date", "logoff_date"),
    )


class MemberLimit(CorporationTable):
    """How many members there may be; the chief executive does not count."""

    value = Count()

    presentation = Presentation(title="Member limit")


MEMBERTRACKING = Route(
    "/corporations/{corporation_id}/membertracking",
    cache_seconds=3600,
    scope="esi-corporations.track_members.v1",
    roles=("Director",),
    group="corp-member",
    tokens=300,
)


PRESENCE = """
INSERT INTO presence (corporation_id, day, hour, count)
SELECT :corporation, substr(:now, 1, 10), CAST(substr(:now, 12, 2) AS INTEGER), COUNT(*)
FROM member WHERE corporation_id = :corporation AND logon_date > IFNULL(logoff_date, '')
ON CONFLICT DO UPDATE SET count = excluded.count WHERE excluded.count > count
"""

SEEN = """
INSERT OR IGNORE INTO member_seen (corporation_id, character_id, day)
SELECT corporation_id, character_id, substr(logon_date, 1, 10) FROM member
WHERE corporation_id = :corporation AND logon_date IS NOT NULL
UNION ALL SELECT corporation_id, character_id, substr(logoff_date, 1, 10) FROM member
WHERE corporation_id = :corporation AND logoff_date IS NOT NULL
UNION ALL SELECT corporation_id, character_id, substr(:now, 1, 10) FROM member
WHERE corporation_id = :corporation AND logon_date > IFNULL(logoff_date, '')
"""


def note_presence(merged: Merged) -> Counts:
    """Keep who was online when: ESI knows the last time alone."""
    now = f"{datetime.fromtimestamp(merged.now, UTC):%Y-%m-%dT%H:%M:%SZ}"
    bound = {"corporation": merged.corporation_id, "now": now}
    merged.db.execute(PRESENCE, bound)
    merged.db.execute(SEEN, bound)
    return Counts()


def describe_member(context: ChangeContext) -> str | None:
    """Who came and who left."""
    who = context.names.who(context.get("character_id"))
    if context.kind == "changed":
        return None
    return f"{who} {'joined' if context.kind == 'added' else 'left'}"


def describe_limit(context: ChangeContext) -> str | None:
    """How many members there may be now."""
    return f"There may be {context.get('value') or 0:,} members besides the chief executive"


def came_or_left(context: RuleContext) -> Iterator[Alert]:
    """A member who joined or left of late."""
    for change in context.changes("member"):
        if change.kind in ("added", "removed"):
            key = change.row_key or {}
            who = context.names.who(key.get("character_id"))
            verb = "joined" if change.kind == "added" else "left"
            yield Alert(
                f"{change.id}", f"{who} {verb}", "low", change.time, "open", None, "member", key
            )


def absent(context: RuleContext) -> Iterator[Alert]:
    """A member who has not logged in for days, or never since he joined that long ago."""
    limit = context.threshold * 86_400
    sql = (
        "SELECT character_id, logon_date, IFNULL(logon_date, start_date) AS last FROM member "
        "WHERE corporation_id = :corporation AND IFNULL(last, '') < :before ORDER BY last"
    )
    for character_id, logon, last in context.rows(sql, before=context.esi(context.now - limit)):
        away = f"for {span_in_words(context.now - seconds_of(logon))}" if logon else "at all"
        yield Alert(
            f"{character_id}/{logon}",
            f"{context.names.who(character_id)} has not logged in {away}",
            "low",
            seconds_of(last) + limit if last else None,
            table_name="member",
            row_key={"character_id": character_id},
        )


PROCESS = Process(
    "members",
    title="Members",
    noun="members",
    order=10,
    interval_minutes=30,
    demo_minutes=1,
    datasets=[
        Dataset(Member, MEMBERTRACKING, "snapshot", never_empty=True, after=note_presence),
        Dataset(
            MemberLimit,
            replace(MEMBERTRACKING, path="/corporations/{corporation_id}/members/limit"),
            "snapshot",
            shape=Scalar(),
        ),
    ],
    describe={Member: describe_member, MemberLimit: describe_limit},
    daily=[
        Daily(
            "Members online a day",
            "count",
            "SELECT day, COUNT(*) FROM member_seen "
            "WHERE corporation_id = :corporation AND day >= :since GROUP BY day ORDER BY day",
        )
    ],
    rules=[
        Rule(
            "member",
            came_or_left,
            says="A member who came or left.",
            opens="changes",
            many="members came or left",
        ),
        Rule(
            "absent",
            absent,
            says="A member who has not logged in for so many days.",
            default=90,
            many="members absent for long",
        ),
    ],
)
