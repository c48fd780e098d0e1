"""Losses and what is paid back for them: by hand, or as the journal shows."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from corpsync_tui.boards.kit.board import BoardAnswer, BoardContext, Row
from corpsync_tui.boards.kit.killmails import Kill, find_kills
from corpsync_tui.boards.kit.marks import Claim
from corpsync_tui.boards.kit.ref_types import GIVEN
from corpsync_tui.boards.kit.srp import read_marks

PAID_DAYS = 14
"""Days after a loss in which a payment to its pilot may be for it."""
SRP_DAYS = 30
"""The days whose losses the list of what is owed to whom is of."""
PAID_SHARES = (0.5, 1.2)
"""A payment between these shares of the value is taken for the loss's own."""
PROMISED_SHARES = (0.99, 1.01)
"""The same of a sum that was marked."""
COUNTED = ("open", "to_pay", "refused")
"""The states of losses that are counted by pilot; the others are `paid`."""
OWED = ("open", "to_pay")
"""Those for which a pilot is owed something."""

INSURED = "SELECT type_id, payout FROM insurance_price"

PAYMENTS = f"""
SELECT second_party_id AS pilot, CAST(strftime('%s', date) AS INTEGER) AS at, -amount AS amount,
    division
FROM wallet_journal
WHERE corporation_id = :c AND amount < 0 AND first_party_id = :c AND date >= :first
    AND ref_type IN {GIVEN} AND second_party_id IN (SELECT value FROM json_each(:pilots))
ORDER BY date
"""


def read_losses(context: BoardContext) -> BoardAnswer:
    """Every loss, what its insurance pays at best, and what became of paying its pilot back.

    `srp` is what was marked by hand, else `paid` where the journal has a payment that fits, else
    `open`; None where nobody sat in it, such as in a structure. `owed` is what was promised, else
    what no insurance covers; 0 once it is `paid` or `refused`.
    """
    losses = [kill for kill in find_kills(context) if kill.is_loss]
    marks = read_marks(context)
    payments = _paid(losses, marks, _payments(context, losses))
    insured = dict(context.db.execute(INSURED).fetchall())
    rows = []
    for kill in losses:
        id_, insurance = kill.killmail_id, insured.get(kill.victim.ship_type_id)
        rows.append(_loss(kill, insurance, marks.get(id_, {}), payments.get(id_, {})))
    sums = ("value", "payout", "owed")
    return BoardAnswer(
        rows, {"losses": len(rows), **{n: sum(row[n] or 0.0 for row in rows) for n in sums}}
    )


def _loss(kill: Kill, insurance: float | None, mark: Row, payment: Row) -> Row:
    """`mark` and `payment` are empty where there is none."""
    pilot = kill.victim.character_id
    state = None if pilot is None else _state(mark, payment)
    promised = _uncovered(kill.value, insurance) if mark.get("paid") is None else mark["paid"]
    by_hand = mark if state == "paid" else {}
    return {
        "killmail_id": kill.killmail_id,
        "time": _seconds(kill.time),
        "victim_id": pilot,
        "ship_type_id": kill.victim.ship_type_id,
        "solar_system_id": kill.solar_system_id,
        "value": kill.value,
        "srp": state,
        "owed": promised if state in OWED else 0.0,
        "killer_id": kill.killer_id,
        "hull": kill.hull,
        "cargo": kill.cargo,
        "insurance": insurance,
        "payout": payment.get("amount", by_hand.get("paid")),
        "paid_at": payment.get("at", by_hand.get("time")),
        "paid_from": payment.get("division"),
        "paid_by": by_hand.get("by"),
        "note": mark.get("note") or None,
        "marked_by": mark.get("by"),
        "marked_at": mark.get("time"),
        "link": f"https://zkillboard.com/kill/{kill.killmail_id}/",
    }


def _uncovered(value: float, insurance: float | None) -> float:
    """What the best insurance leaves of a loss to its pilot."""
    return max(0.0, value - (insurance or 0.0))


def _state(mark: Row, payment: Row) -> str:
    if mark.get("state") in ("paid", "refused"):
        return str(mark["state"])
    return "paid" if payment else str(mark.get("state", "open"))


def claims_of(row: Row) -> list[Claim]:
    """What can be decided on of a row: of its own loss, or of a pilot's that are owed for."""
    if "claims" in row:
        return [Claim(**claim) for claim in row["claims"]]
    if row["srp"] is None:
        return []
    owed = row["owed"] or row["payout"] or _uncovered(row["value"], row["insurance"])
    return [Claim(row["killmail_id"], owed)]


def read_srp(context: BoardContext) -> BoardAnswer:
    """What is owed to whom for the losses of the last days, and what was paid for them.

    `claims` are the losses of the pilot that are owed for.
    """
    pilots: dict[int, Row] = {}
    for loss in read_losses(context).rows:
        state = loss["srp"]
        if state is None or context.now - loss["time"] > SRP_DAYS * 86_400:
            continue
        row = pilots.setdefault(
            loss["victim_id"],
            {
                "victim_id": loss["victim_id"],
                **dict.fromkeys(("losses", *COUNTED), 0),
                **dict.fromkeys(("value", "insurance", "paid", "owed"), 0.0),
                "first": loss["time"],
                "last": loss["time"],
                "claims": [],
            },
        )
        row["losses"] += 1
        if state in COUNTED:
            row[state] += 1
        if state in OWED:
            row["claims"].append({"killmail_id": loss["killmail_id"], "owed": loss["owed"]})
        row["first"] = loss["time"]
        for name, key in (("value",) * 2, ("insurance",) * 2, ("paid", "payout"), ("owed",) * 2):
            row[name] += loss[key] or 0.0
    rows = sorted(pilots.values(), key=lambda row: (-row["owed"], row["victim_id"]))
    sums = ("losses", *COUNTED, "value", "paid", "owed")
    return BoardAnswer(rows, {name: sum(row[name] for row in rows) for name in sums})


def _payments(context: BoardContext, losses: Sequence[Kill]) -> list[Row]:
    """What the corporation gave the pilots of losses since the first of them."""
    pilots = json.dumps(sorted({kill.victim.character_id or 0 for kill in losses}))
    first = min((kill.time for kill in losses), default="")
    return context.rows(PAYMENTS, pilots=pilots, first=first)


def _paid(
    losses: Sequence[Kill], marks: Mapping[int, Row], payments: Sequence[Row]
) -> dict[int, Row]:
    """Of each loss the payment to the pilot that fits, by amount and time; each pays one.

    Losses of which a sum was marked come first: theirs is the payment of just that sum.
    """
    left: defaultdict[int, list[Row]] = defaultdict(list)
    for payment in payments:
        left[payment["pilot"]].append(payment)
    found: dict[int, Row] = {}
    for kill in sorted(losses, key=lambda k: (k.killmail_id not in marks, k.time, k.killmail_id)):
        mark = marks.get(kill.killmail_id, {})
        if mark.get("state") == "refused":
            continue
        mine = left[kill.victim.character_id or 0]
        place = _place(kill, mark, mine)
        if place is not None:
            found[kill.killmail_id] = mine.pop(place)
    return found


def _place(kill: Kill, mark: Row, payments: Sequence[Row]) -> int | None:
    """Which of the pilot's payments, oldest first, is for this loss; None where none is.

    It comes within days of the loss, or of a mark that came later.
    """
    died, promised = _seconds(kill.time), mark.get("paid")
    until = max(died, mark.get("time", died)) + PAID_DAYS * 86_400
    shares = PAID_SHARES if promised is None else PROMISED_SHARES
    least, most = ((kill.value if promised is None else promised) * share for share in shares)
    for place in range(bisect_left(payments, died, key=itemgetter("at")), len(payments)):
        if payments[place]["at"] > until:
            break
        if least <= payments[place]["amount"] <= most:
            return place
    return None


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
