"""Kills and losses: what did we lose this week, and what do we pay back?"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardChart,
    BoardColumn,
    BoardContext,
    Row,
    Variant,
    row_of,
)
from corpsync_tui.boards.kit.prices import make_prices
from corpsync_tui.format.amounts import isk

COPY = 2
"""What a killmail's `singleton` says of a blueprint copy."""
COPY_SHARE = 0.01
"""A copy is worth a hundredth of its original, as zKillboard reckons."""
ESCAPE_BAY = 179
"""The flag of the frigate escape bay: what lies there got away (zKillboard issue 259)."""
PAID_DAYS = 14
"""Days after a loss in which a payment to its pilot may be for it."""
SRP_DAYS = 30
"""The days whose losses the list of what is owed to whom is of."""
PAID_SHARES = (0.5, 1.2)
"""A payment between these shares of the value is taken for the loss's own."""


class Item(msgspec.Struct, gc=False):
    """An item of the ship; a container holds further ones."""

    item_type_id: int
    flag: int = 0
    singleton: int = 0
    quantity_destroyed: int = 0
    quantity_dropped: int = 0
    items: list[Item] = []


class Victim(msgspec.Struct, gc=False):
    """Who lost which ship, and what it held."""

    ship_type_id: int
    character_id: int | None = None
    corporation_id: int | None = None
    items: list[Item] = []


class Attacker(msgspec.Struct, gc=False):
    """Who shot, and whether it was the last blow."""

    final_blow: bool = False
    corporation_id: int | None = None
    character_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kill:
    """A killmail that concerns the corporation: its own loss, or its own final blow."""

    killmail_id: int
    time: str
    solar_system_id: int
    victim: Victim
    killer_id: int | None
    """Whose final blow it was; None where it was nobody's, such as a rat's."""
    is_loss: bool
    hull: float
    """ISK of today's prices, as all of them here."""
    cargo: float
    """Everything destroyed or dropped."""

    @property
    def value(self) -> float:
        """Hull and cargo."""
        return self.hull + self.cargo


CARGO = f"""
SELECT k.corporation_id, k.killmail_id, SUM(
    (IFNULL(json_extract(i.value, '$.quantity_destroyed'), 0)
        + IFNULL(json_extract(i.value, '$.quantity_dropped'), 0)) * p.price
    * CASE json_extract(i.value, '$.singleton') WHEN {COPY} THEN {COPY_SHARE} ELSE 1 END) AS isk
FROM killmail k JOIN json_tree(k.victim, '$.items') i ON i.type = 'object'
LEFT JOIN temp.price p ON p.type_id = json_extract(i.value, '$.item_type_id')
WHERE json_extract(i.value, '$.flag') IS NOT {ESCAPE_BAY}
GROUP BY k.corporation_id, k.killmail_id
"""

THURSDAY = "date(substr(k.killmail_time, 1, 10), '-3 days', 'weekday 4')"
"""The Thursday of an ISO week tells its year and number."""

VIEW = f"""
SELECT corporation_id, week, SUM(is_loss) AS losses,
    SUM(CASE WHEN is_loss THEN value ELSE 0.0 END) AS lost_isk, SUM(NOT is_loss) AS final_blows,
    SUM(CASE WHEN is_loss THEN 0.0 ELSE value END) AS destroyed_isk
FROM (
    SELECT k.corporation_id, strftime('%Y', {THURSDAY}) || '-'
            || substr('0' || ((strftime('%j', {THURSDAY}) - 1) / 7 + 1), -2) AS week,
        json_extract(k.victim, '$.corporation_id') IS k.corporation_id AS is_loss,
        IFNULL(p.price, 0.0) + IFNULL(c.isk, 0.0) AS value
    FROM killmail k LEFT JOIN ({CARGO}) c USING (corporation_id, killmail_id)
    LEFT JOIN temp.price p ON p.type_id = json_extract(k.victim, '$.ship_type_id')
    WHERE json_extract(k.victim, '$.corporation_id') IS k.corporation_id OR EXISTS (
        SELECT 1 FROM json_each(k.attackers) a WHERE json_extract(a.value, '$.final_blow')
            AND json_extract(a.value, '$.corporation_id') = k.corporation_id))
GROUP BY corporation_id, week
"""
"""As `read`, which is faster with many killmails."""

MAILS = """
SELECT killmail_id, killmail_time, solar_system_id, victim, attackers FROM killmail
WHERE corporation_id = :c AND killmail_time >= :since AND killmail_time < :until
ORDER BY killmail_time DESC, killmail_id DESC LIMIT :most
"""

INSURED = "SELECT type_id, payout FROM insurance_price"

SHOWN_WEEKS = 26
MOST = 10_000
"""Killmails that the board reckons with, the newest ones: what can be read in half a second. The
view knows all of them."""

PAYMENTS = """
SELECT second_party_id AS pilot, CAST(strftime('%s', date) AS INTEGER) AS at, -amount AS amount,
    division
FROM wallet_journal
WHERE corporation_id = :c AND amount < 0 AND first_party_id = :c AND date >= :first
    AND second_party_id IN (SELECT value FROM json_each(:pilots))
ORDER BY date
"""


def value_of(items: Sequence[Item], prices: Mapping[int, float]) -> float:
    """What items are worth in ISK: destroyed and dropped alike, boxes within boxes once."""
    total = 0.0
    for item in items:
        if item.flag == ESCAPE_BAY:
            continue
        share = COPY_SHARE if item.singleton == COPY else 1.0
        count = item.quantity_destroyed + item.quantity_dropped
        total += count * prices.get(item.item_type_id, 0.0) * share
        if item.items:
            total += value_of(item.items, prices)
    return total


def types_in(items: Sequence[Item]) -> Iterator[int]:
    """The types of all items that `value_of` counts."""
    for item in items:
        if item.flag != ESCAPE_BAY:
            yield item.item_type_id
            yield from types_in(item.items)


def find_kills(context: BoardContext, within: tuple[str, str] | None = None) -> Iterator[Kill]:
    """The corporation's losses and final blows, newest first.

    Those of the newest `MOST` killmails, or all from one moment to before another, as ESI writes
    them.
    """
    make_prices(context)
    since, until = within or ("", "~")
    most = -1 if within else MOST
    prices = dict(context.db.execute("SELECT type_id, price FROM temp.price").fetchall())
    victims, attackers = msgspec.json.Decoder(Victim), msgspec.json.Decoder(list[Attacker])
    own = str(context.corporation_id)
    for id_, time, system, victim_text, attackers_text in context.db.execute(
        MAILS, {"c": context.corporation_id, "since": since, "until": until, "most": most}
    ):
        if own not in victim_text and own not in attackers_text:
            continue
        victim = victims.decode(victim_text)
        is_loss = victim.corporation_id == context.corporation_id
        last = next((a for a in attackers.decode(attackers_text) if a.final_blow), Attacker())
        if not is_loss and last.corporation_id != context.corporation_id:
            continue
        hull, cargo = prices.get(victim.ship_type_id, 0.0), value_of(victim.items, prices)
        yield Kill(id_, time, system, victim, last.character_id, is_loss, hull, cargo)


@cache
def week_of(day: str) -> str:
    """The ISO week of a day in EVE time: `2026-48` for `2026-11-28`."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-{week:02}"


def read(context: BoardContext) -> BoardAnswer:
    """Losses and final blows by ISO week, the newest first.

    ESI lists a killmail for the victim and for the final blow alone, so a kill is one whose last
    blow was ours, never one we took part in.
    """
    weeks: dict[str, Row] = {}
    for kill in find_kills(context):
        week = week_of(kill.time[:10])
        row = weeks.setdefault(
            week,
            {"week": week, "losses": 0, "lost_isk": 0.0, "final_blows": 0, "destroyed_isk": 0.0},
        )
        count, amount = ("losses", "lost_isk") if kill.is_loss else ("final_blows", "destroyed_isk")
        row[count] += 1
        row[amount] += kill.value
    rows = sorted(weeks.values(), key=lambda row: str(row["week"]), reverse=True)
    names = ("losses", "lost_isk", "final_blows", "destroyed_isk")
    return BoardAnswer(rows, {name: sum(row[name] for row in rows) for name in names})


def read_losses(context: BoardContext) -> BoardAnswer:
    """Every loss, what its insurance pays at best, and whether its pilot was paid for it.

    `owed` is what no insurance covers of a loss that is `open`. Where nobody sat in it, such as in
    a structure, nobody is owed anything, and `srp` is None.
    """
    losses = [kill for kill in find_kills(context) if kill.is_loss]
    payments = _paid(losses, _payments(context, losses))
    insured = dict(context.db.execute(INSURED).fetchall())
    rows = [_loss(k, insured.get(k.victim.ship_type_id), payments) for k in losses]
    sums = ("value", "payout", "owed")
    return BoardAnswer(
        rows, {"losses": len(rows), **{n: sum(row[n] or 0.0 for row in rows) for n in sums}}
    )


def _loss(kill: Kill, insurance: float | None, payments: Mapping[int, Row]) -> Row:
    payment = payments.get(kill.killmail_id)
    pilot = kill.victim.character_id
    is_open = pilot is not None and payment is None
    return {
        "killmail_id": kill.killmail_id,
        "time": _seconds(kill.time),
        "victim_id": pilot,
        "ship_type_id": kill.victim.ship_type_id,
        "solar_system_id": kill.solar_system_id,
        "value": kill.value,
        "srp": None if pilot is None else "open" if is_open else "paid",
        "owed": max(0.0, kill.value - (insurance or 0.0)) if is_open else 0.0,
        "killer_id": kill.killer_id,
        "hull": kill.hull,
        "cargo": kill.cargo,
        "insurance": insurance,
        "payout": payment and payment["amount"],
        "paid_at": payment and payment["at"],
        "paid_from": payment and payment["division"],
        "link": f"https://zkillboard.com/kill/{kill.killmail_id}/",
    }


def read_srp(context: BoardContext) -> BoardAnswer:
    """What is owed to whom for the losses of the last days, and what was paid for them."""
    pilots: dict[int, Row] = {}
    for loss in read_losses(context).rows:
        if loss["srp"] is None or context.now - loss["time"] > SRP_DAYS * 86_400:
            continue
        row = pilots.setdefault(
            loss["victim_id"],
            {
                "victim_id": loss["victim_id"],
                **dict.fromkeys(("losses", "open"), 0),
                **dict.fromkeys(("value", "insurance", "paid", "owed"), 0.0),
                "first": loss["time"],
                "last": loss["time"],
            },
        )
        row["losses"] += 1
        row["open"] += loss["srp"] == "open"
        row["first"] = loss["time"]
        for name, key in (("value",) * 2, ("insurance",) * 2, ("paid", "payout"), ("owed",) * 2):
            row[name] += loss[key] or 0.0
    rows = sorted(pilots.values(), key=lambda row: (-row["owed"], row["victim_id"]))
    sums = ("losses", "open", "value", "paid", "owed")
    return BoardAnswer(rows, {name: sum(row[name] for row in rows) for name in sums})


def _payments(context: BoardContext, losses: Sequence[Kill]) -> list[Row]:
    """What the corporation paid to the pilots of losses since the first of them."""
    pilots = json.dumps(sorted({kill.victim.character_id or 0 for kill in losses}))
    first = min((kill.time for kill in losses), default="")
    return context.rows(PAYMENTS, pilots=pilots, first=first)


def _paid(losses: Sequence[Kill], payments: Sequence[Row]) -> dict[int, Row]:
    """Of each loss the payment to the pilot that fits, by amount and time; each pays one."""
    left: defaultdict[int, list[Row]] = defaultdict(list)
    for payment in payments:
        left[payment["pilot"]].append(payment)
    found: dict[int, Row] = {}
    for kill in reversed(losses):
        died = _seconds(kill.time)
        mine = left[kill.victim.character_id or 0]
        least, most = (kill.value * share for share in PAID_SHARES)
        for payment in mine:
            late = payment["at"] - died
            if late > PAID_DAYS * 86_400:
                break
            if late >= 0 and least <= payment["amount"] <= most:
                found[kill.killmail_id] = payment
                mine.remove(payment)
                break
    return found


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def charts(_context: BoardContext, answer: BoardAnswer) -> list[BoardChart]:
    """What was lost in each of the last weeks."""
    weeks = [(row["week"], row["lost_isk"]) for row in reversed(answer.rows)]
    return [BoardChart("Losses by week", "isk", weeks[-SHOWN_WEEKS:])]


def describe(summary: Mapping[str, Any]) -> str:
    """`12 losses, 8.1 B · 31 final blows, 22.4 B`."""
    return (
        f"{summary['losses']:,} losses, {isk(summary['lost_isk'])} · "
        f"{summary['final_blows']:,} final blows, {isk(summary['destroyed_isk'])}"
    )


BOARD = Board(
    name="kills",
    title="Kills and losses",
    question="What did we lose this week, and what do we pay back?",
    order=9,
    tables=("killmail_ref", "killmail"),
    columns=(
        BoardColumn("week"),
        BoardColumn("losses", "count", summed=True),
        BoardColumn("lost_isk", "isk", "Lost", summed=True),
        BoardColumn("final_blows", "count", summed=True),
        BoardColumn("destroyed_isk", "isk", "Destroyed", summed=True),
    ),
    read=read,
    describe=describe,
    charts=charts,
    view=VIEW,
    variants=(
        Variant(
            "losses",
            "each loss, and whether it was paid for",
            (
                BoardColumn("killmail_id", "id", hidden=True),
                BoardColumn("time", "when"),
                BoardColumn("victim_id", "character", "Pilot"),
                BoardColumn("ship_type_id", "type", "Ship"),
                BoardColumn("solar_system_id", "system", "System"),
                BoardColumn("value", "isk", summed=True),
                BoardColumn("srp", "word", "SRP"),
                BoardColumn("owed", "isk", wide=True, summed=True),
                BoardColumn("killer_id", "character", "Killer", wide=True),
                BoardColumn("hull", "isk", wide=True, summed=True),
                BoardColumn("cargo", "isk", wide=True, summed=True),
                BoardColumn("insurance", "isk", wide=True, summed=True),
                BoardColumn("payout", "isk", wide=True, summed=True),
                BoardColumn("paid_at", "when", "Paid", wide=True),
                BoardColumn("paid_from", "division", "From wallet", wide=True),
                BoardColumn("link", wide=True),
            ),
            read_losses,
            opens=row_of("killmail", killmail_id="killmail_id"),
        ),
        Variant(
            "srp",
            f"what is owed to whom, {SRP_DAYS} days of losses",
            (
                BoardColumn("victim_id", "character", "Pilot"),
                BoardColumn("losses", "count", summed=True),
                BoardColumn("open", "count", summed=True),
                BoardColumn("value", "isk", summed=True),
                BoardColumn("insurance", "isk", wide=True, summed=True),
                BoardColumn("paid", "isk", summed=True),
                BoardColumn("owed", "isk", summed=True),
                BoardColumn("first", "when", wide=True),
                BoardColumn("last", "when", wide=True),
            ),
            read_srp,
        ),
    ),
)
