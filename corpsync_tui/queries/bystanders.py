"""What the members tell of a story: who came and left, who was given roles, who was about."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache

from corpsync_tui.format.amounts import plural
from corpsync_tui.format.times import moment_of, seconds_of
from corpsync_tui.queries.asset_moves import read_events
from corpsync_tui.queries.changes import Change, key_text
from corpsync_tui.queries.deduction import Scene
from corpsync_tui.queries.story import Certainty, Draft, Movement, Place, Suspicion
from corpsync_tui.store.changelog import ADDED, REMOVED

NAMED = 5
"""Names that a line bears; the others are counted."""
DIRECTOR = "Director"
BY_THE_DAY = "members are known by the day, their roles as they are now"

ROLE_CHANGES = """
SELECT changed_at, character_id, role_type, row_hash, new_roles, old_roles FROM role_change
WHERE corporation_id = ? AND changed_at >= ? ORDER BY changed_at
"""
ROLES = """
SELECT character_id, json_array(json(roles), json(roles_at_hq), json(roles_at_base),
    json(roles_at_other))
FROM member_role WHERE corporation_id = ?
"""
SEEN = """
SELECT DISTINCT character_id FROM member_seen
WHERE corporation_id = ? AND day BETWEEN ? AND ? ORDER BY character_id
"""
SESSIONS = """
SELECT character_id, logon_date, logoff_date, location_id FROM member
WHERE corporation_id = ? AND logon_date IS NOT NULL ORDER BY character_id
"""


def tell_members(scene: Scene, draft: Draft, since: float) -> None:
    """Add what members have to do with it: those named, and where things went untold, all."""
    takes = {role for s in draft.suspicions for role in _roles_for(scene, s.place)}
    _tell_about(scene, draft)
    _tell_sessions(scene, draft)
    _tell_roles(scene, draft, takes, since)
    _tell_membership(scene, draft)


def _roles_for(scene: Scene, place: Place) -> set[str]:
    """The roles of which one is needed to take from a place; none where that is not known."""
    division = scene.division(place)
    if division is None:
        return set()
    boxed = {f"Container_Take_{division}"} if scene.is_box(place[0]) else set()
    return {DIRECTOR, f"Hangar_Take_{division}", *boxed}


def _tell_roles(scene: Scene, draft: Draft, takes: Collection[str], since: float) -> None:
    """Roles that were given and taken meanwhile: of who is named, or what taking needs."""
    if math.isinf(since):
        return
    first = f"{datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ}"
    for when, who, role_type, row_hash, new, old in scene.db.execute(
        ROLE_CHANGES, (scene.corporation_id, first)
    ):
        differing = set(json.loads(new)) ^ set(json.loads(old))
        time = seconds_of(when)
        if who not in draft.people and not differing & set(takes):
            continue
        key = {
            "changed_at": when,
            "character_id": who,
            "role_type": role_type,
            "row_hash": row_hash,
        }
        sentence, name = scene.describe("role_change", key, time), scene.names.who(who)
        draft.add(
            Movement(
                time, "member log", sentence, "proven", who=name, table="role_change", row_key=key
            )
        )


def _tell_membership(scene: Scene, draft: Draft) -> None:
    """When somebody who is named joined or left."""
    keys = [key_text({"character_id": who}) for who in sorted(draft.people)]
    for event in read_events(
        scene.db, scene.corporation_id, "member", keys, kinds=(ADDED, REMOVED)
    ):
        change = Change(
            0, 0, event.time, scene.corporation_id, "member", event.kind, event.row_key,
            event.before, None,
        )  # fmt: skip
        sentence = scene.describer.describe(change)
        name = scene.names.who(event.row_key["character_id"])
        draft.add(Movement(event.time, "member log", sentence, "proven", who=name))


def _tell_about(scene: Scene, draft: Draft) -> None:
    """Who was seen on the days on which things went untold, and may take from there."""
    roles = {
        who: {role for some in json.loads(lists) for role in some or ()}
        for who, lists in scene.db.execute(ROLES, (scene.corporation_id,))
    }

    @cache
    def seen(first: str, last: str) -> list[int]:
        found = scene.db.execute(SEEN, (scene.corporation_id, first, last))
        return [who for (who,) in found]

    done = set()
    for suspicion in sorted(draft.suspicions, key=lambda s: s.time, reverse=True):
        days = tuple(_day(at) for at in (suspicion.window.start, suspicion.window.until))
        about, case = seen(*days), (days, suspicion.place)
        if not about or case in done:
            continue
        done.add(case)
        needed = _roles_for(scene, suspicion.place) if roles else set()
        may = [who for who in about if roles.get(who, set()) & needed]
        when = " or ".join(f"{datetime.fromisoformat(day):%d %b}" for day in dict.fromkeys(days))
        sentence = (
            f"{plural(len(about), 'member')} {'was' if len(about) == 1 else 'were'} seen on {when}"
        )
        if needed:
            sentence += f", {len(may)} of them may take from there"
        names = _names(scene, may if needed else about)
        draft.add(_by_members(suspicion, sentence, "cannot be proven", BY_THE_DAY, names))


def _tell_sessions(scene: Scene, draft: Draft) -> None:
    """Who was online where things went untold, as far as ESI knows: the last time alone."""
    if not draft.suspicions:
        return
    for who, logon, logoff, place in scene.db.execute(SESSIONS, (scene.corporation_id,)):
        start, end = seconds_of(logon), seconds_of(logoff)
        is_online = end < start
        for suspicion in draft.suspicions:
            window = suspicion.window
            overlaps = start <= window.until and (is_online or end > window.start)
            if overlaps and place in scene.around(suspicion.place[0]):
                name = scene.names.who(who)
                lasted = "on" if is_online else f"until {moment_of(logoff)}"
                where = scene.place((place, ""))
                sentence = f"{name} was online from {moment_of(logon)} {lasted}, last in {where}"
                draft.add(_by_members(suspicion, sentence, "proven", "", name))


def _by_members(
    suspicion: Suspicion, sentence: str, certainty: Certainty, reason: str, who: str
) -> Movement:
    return Movement(
        suspicion.time, "member log", sentence, certainty, reason, who, suspicion.window
    )


def _names(scene: Scene, who: Sequence[int]) -> str:
    named = [scene.names.who(one) for one in who[:NAMED]]
    more = [f"{len(who) - NAMED:,} more"] if len(who) > NAMED else []
    return ", ".join([*named, *more])


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
