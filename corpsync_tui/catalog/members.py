"""Members: who is in the corporation, where they are, and when they were last in game."""

from collections.abc import Iterator

from corpsync_tui.catalog.kit.base import Dataset, Process
from corpsync_tui.catalog.kit.describe import News
from corpsync_tui.catalog.kit.rules import Finding, Look, Rule
from corpsync_tui.catalog.kit.words import seconds_of, span
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import CorporationTable, Id, When


class Member(CorporationTable):
    """A member as membertracking tells it; all but the id is optional there."""

    character_id = Id("character", identity=True)
    base_id = Id("location", null=True)
    location_id = Id("location", null=True, moving=True)
    logoff_date = When(null=True, moving=True)
    logon_date = When(null=True, moving=True)
    ship_type_id = Id("type", null=True, moving=True)
    start_date = When(null=True)


MEMBERTRACKING = Route(
    "/corporations/{corporation_id}/membertracking",
    cache_seconds=3600,
    scope="esi-corporations.track_members.v1",
    roles=("Director",),
    group="corp-member",
    tokens=300,
)


def told(news: News) -> str | None:
    """Who came and who left."""
    who = news.names.who(news.get("character_id"))
    if news.kind == "changed":
        return None
    return f"{who} {'joined' if news.kind == 'added' else 'left'}"


def came_or_left(look: Look) -> Iterator[Finding]:
    """A member who joined or left of late."""
    for change in look.changes("member"):
        if change.kind in ("added", "removed"):
            key = change.row_key or {}
            who = look.names.who(key.get("character_id"))
            verb = "joined" if change.kind == "added" else "left"
            yield Finding(
                f"{change.id}", f"{who} {verb}", "low", change.time, "open", None, "member", key
            )


def absent(look: Look) -> Iterator[Finding]:
    """A member who has not logged in for days."""
    before = look.esi(look.now - look.threshold * 86_400)
    sql = (
        "SELECT character_id, logon_date FROM member WHERE corporation_id = :corporation "
        "AND logon_date < :before ORDER BY logon_date"
    )
    for character_id, last in look.rows(sql, before=before):
        away = span(look.now - seconds_of(last))
        yield Finding(
            f"{character_id}/{last}",
            f"{look.names.who(character_id)} has not logged in for {away}",
            "low",
            seconds_of(last) + look.threshold * 86_400,
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
    datasets=[Dataset(Member, MEMBERTRACKING, "snapshot", never_empty=True)],
    sentences={Member: told},
    rules=[Rule("member", came_or_left), Rule("absent", absent)],
)
