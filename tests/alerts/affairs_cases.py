"""What in contracts, projects and roles needs attention, and what does not."""

from __future__ import annotations

import json
from typing import Any

from tests.alerts.support import DAY, HOUR, Act, Case, Home, esi, later
from tests.support.database import NOW

VEX, WEEK = 90_000_001, 7 * DAY


def contract(home: Home, hours: float = 90 * 24, **values: Any) -> None:
    """A courier that was offered, and ends in so many hours."""
    people = dict.fromkeys(("acceptor_id", "assignee_id", "issuer_corporation_id", "issuer_id"), 7)
    times = {"date_issued": esi(NOW - WEEK), "date_expired": esi(NOW + hours * HOUR)}
    told = {"contract_id": 5, "type": "courier", "title": "Fuel", "availability": "personal"}
    state = {"for_corporation": 1, "status": "outstanding", "state": "outstanding"}
    home.put("contract", **{**people, **times, **told, **state, **values})


def taken(home: Home, days: int | None, since: float = 4 * DAY) -> None:
    accepted = esi(NOW - since)
    contract(home, state="in_progress", date_accepted=accepted, days_to_complete=days)


def project(home: Home, **values: Any) -> None:
    """A project that is half done, with ISK for the rest."""
    told = {"id": "a", "name": "Veldspar", "state": "Active", "last_modified": esi(NOW - DAY)}
    progress = {"progress": {"current": 500, "desired": 1_000}}
    reward = {"reward": {"initial": 5e6, "remaining": 2.5e6}}
    home.put("project", **{**told, **progress, **reward, **values})


def dated(home: Home, days: float) -> None:
    """It gets on by 10 a day: 50 days are left to do."""
    project(home)
    home.change(
        "project",
        "changed",
        {"id": "a"},
        {"progress": {"current": 500, "desired": 1_000}},
        before={"progress": {"current": 430, "desired": 1_000}},
    )
    named = dict.fromkeys(("configuration", "creator"), "{}")
    details = {"details": {"career": "x", "created": "x", "expires": esi(NOW + days * DAY)}}
    told = {"id": "a", "name": "Veldspar", "state": "Active", "last_modified": esi(NOW)}
    home.put("project_detail", **named, **details, **told, progress="{}")


def member(home: Home, days: float, *roles: str) -> None:
    seen = {"logon_date": esi(NOW - days * DAY - HOUR), "logoff_date": esi(NOW - days * DAY)}
    home.put("member", character_id=VEX, **seen)
    home.put("member_role", character_id=VEX, roles=list(roles))


def roles_changed(
    home: Home, old: list[str], new: list[str], ago: float = HOUR, **values: Any
) -> None:
    told = {"character_id": VEX, "issuer_id": 90_000_002, "role_type": "roles", "row_hash": 1}
    lists = {"old_roles": json.dumps(old), "new_roles": json.dumps(new)}
    home.put("role_change", **{**told, **lists, "changed_at": esi(NOW - ago), **values})


def stated(state: str) -> Act:
    return lambda home: home.sql("UPDATE contract SET state = ?", state)


CASES = [
    Case(
        "contract",
        lambda h: contract(h, 5),
        "Character 7's courier “Fuel” expires in 5 hours",
        lambda h: contract(h, 25),
        stated("in_progress"),
    ),
    Case(
        "contract_late",
        lambda h: taken(h, 3),
        "The courier “Fuel” of Character 7 is late by 1 day",
        lambda h: taken(h, 5),
        stated("finished"),
    ),
    Case(
        "project",
        lambda h: project(h, reward={"initial": 5e6, "remaining": 0.0}),
        "Project “Veldspar” has no ISK left",
        project,
        lambda h: h.sql("UPDATE project SET state = 'Closed'"),
    ),
    Case(
        "role_given",
        lambda h: roles_changed(h, ["Auditor"], ["Auditor", "Trader", "Director"]),
        "Character 90000002 gave Character 90000001 the roles Director, Trader",
        lambda h: roles_changed(h, ["Auditor", "Director"], ["Auditor"]),
        later(3 * DAY),
    ),
    Case(
        "idle_roles",
        lambda h: member(h, 31, "Director", "Hangar_Take_1", "Hangar_Query_1"),
        "Character 90000001 is Director and 1 more role, and idle for 31 days",
        lambda h: member(h, 31, "Hangar_Query_1"),
        lambda h: h.sql("UPDATE member_role SET roles = '[]'"),
    ),
]
