"""One member in one view: last seen, roles, and what passed through their hands in 30 days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from corpsync_tui.boards.kit.board import BoardContext, Row, esi_time
from corpsync_tui.boards.kit.killmails import Attacker, KillPrices, Victim, value_of
from corpsync_tui.boards.kit.ore import OrePrices
from corpsync_tui.boards.kit.ref_types import words_of
from corpsync_tui.boards.members import read_members
from corpsync_tui.format.amounts import isk, plural
from corpsync_tui.format.times import NOTHING
from corpsync_tui.store.naming import Naming, short_place

DAYS = 30
"""The days that all sums are of."""

MINED = """
SELECT type_id, last_updated AS day, SUM(quantity) AS quantity FROM mining_ledger
WHERE corporation_id = :c AND character_id = :who AND last_updated >= substr(:since, 1, 10)
GROUP BY type_id, last_updated
"""

MADE = """
SELECT COUNT(*) AS jobs, SUM(j.runs * IFNULL(b.quantity, 1) * p.price) AS worth
FROM industry_job j LEFT JOIN temp.price p ON p.type_id = j.product_type_id
LEFT JOIN ref.blueprint_product b ON b.blueprint_type_id = j.blueprint_type_id
    AND b.type_id = j.product_type_id
WHERE j.corporation_id = :c AND j.installer_id = :who AND j.activity_id IN (1, 9, 11)
    AND j.end_date BETWEEN :since AND :now AND j.status <> 'cancelled'
"""

MAILS = """
SELECT substr(killmail_time, 1, 10) AS day, victim, attackers FROM killmail
WHERE corporation_id = :c AND killmail_time >= :since
    AND (instr(victim, :who) OR instr(attackers, :who))
"""

TOOK = """
SELECT COUNT(*) AS lines, SUM(quantity * price) AS worth
FROM container_log LEFT JOIN temp.price USING (type_id)
WHERE corporation_id = :c AND character_id = :who AND action = 'move' AND logged_at >= :since
"""

PAID = f"""
SELECT SUM(CASE WHEN second_party_id = :who AND ref_type IN ({words_of("members")})
        THEN -MIN(amount, 0.0) END) AS out,
    SUM(CASE WHEN first_party_id = :who THEN MAX(amount, 0.0) END) AS came
FROM wallet_journal
WHERE corporation_id = :c AND date >= :since AND :who IN (first_party_id, second_party_id)
"""  # noqa: S608 - words of our own
"""`out` is of the kind “paid to members”, without what the corporation bought of them."""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A member, or somebody who left."""

    character_id: int
    name: str
    is_member: bool
    facts: Sequence[tuple[str, str]]
    """Label and text, in the order of the page."""


def read_member(context: BoardContext, character_id: int) -> MemberPage:
    """What the database knows of a member. Raises `sqlite3.Error`."""
    prices = OrePrices.of(context)  # fills the table of prices, too
    rows = read_members(context).rows
    member = next((row for row in rows if row["character_id"] == character_id), None)
    name = Naming(context.db).known(character_id) or str(character_id)
    facts = [*_presence(context, member), *_work(context, character_id, prices)]
    return MemberPage(character_id, name, member is not None, facts)


def _presence(context: BoardContext, member: Row | None) -> Iterator[tuple[str, str]]:
    """Since when, last seen, where, and which roles."""
    if member is None:
        yield "Member", "no: left, or never was one"
        return
    names, idle = Naming(context.db), member["idle_days"]
    yield "Member since", _day(member["joined"])
    if idle is None:
        yield "Last seen", "never"
    else:
        yield "Last seen", f"{idle:,.0f} days ago" if idle >= 1 else "today"
    yield "Ship", names.known(member["ship_type_id"]) or NOTHING
    place = names.known(member["location_id"])
    yield "Place", NOTHING if place is None else short_place(place)
    for label in ("roles", "titles"):
        held = member[label]
        unknown = NOTHING if held is None else "none"
        yield label.capitalize(), ", ".join(held).replace("_", " ") if held else unknown


def _day(seconds: float | None) -> str:
    return NOTHING if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def _work(context: BoardContext, character_id: int, prices: OrePrices) -> Iterator[tuple[str, str]]:
    """What was mined, made, killed, lost, taken and paid."""
    about = {"who": character_id, "since": esi_time(context.now - DAYS * 86_400)}
    mined = context.rows(MINED, **about)
    ore = sum((prices.unit(row["type_id"], row["day"]) or 0.0) * row["quantity"] for row in mined)
    yield f"Mined, {DAYS} days", isk(ore) if mined else NOTHING
    yield "Made", _worth(context.one(MADE, **about), "jobs", "job")
    yield from _fights(context, character_id, about["since"])
    yield "Took", _worth(context.one(TOOK, **about), "lines", "move")
    paid = context.one(PAID, **about)
    yield "Paid to member", isk(paid["out"]) if paid["out"] else NOTHING
    yield "Paid by member", isk(paid["came"]) if paid["came"] else NOTHING


def _worth(found: Row, key: str, noun: str) -> str:
    """`3 jobs, 1.2 B`; a dash where there is nothing."""
    if not found[key]:
        return NOTHING
    return f"{plural(found[key], noun)}, {isk(found['worth'] or 0.0)}"


def _fights(context: BoardContext, character_id: int, since: object) -> Iterator[tuple[str, str]]:
    """Final blows and losses, by the prices of each day."""
    prices = KillPrices(context)
    victims, blows = msgspec.json.Decoder(Victim), msgspec.json.Decoder(list[Attacker])
    killed: list[float] = []
    lost: list[float] = []
    for row in context.rows(MAILS, who=str(character_id), since=since):
        victim = victims.decode(row["victim"])
        known = prices.of(row["day"], [victim])
        value = known.get(victim.ship_type_id, 0.0) + value_of(victim.items, known)
        if victim.character_id == character_id:
            lost.append(value)
        elif any(b.final_blow and b.character_id == character_id for b in _of(blows, row)):
            killed.append(value)
    for label, found, noun in (("Killed", killed, "final blow"), ("Lost", lost, "ship")):
        yield label, f"{plural(len(found), noun)}, {isk(sum(found))}" if found else NOTHING


def _of(decoder: msgspec.json.Decoder[list[Attacker]], row: Row) -> list[Attacker]:
    return decoder.decode(row["attackers"])
