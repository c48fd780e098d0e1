"""What in the wallets' journals needs attention, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpsync_tui.format.months import month_after
from tests.alerts.support import DAY, HOUR, Case, Home, esi, later
from tests.support.database import NOW


def entry(home: Home, id_: int, amount: float, balance: float | None, **values: Any) -> None:
    """A row of the journal, an hour old."""
    told = {"division": 1, "id": id_, "description": "", "ref_type": "player_donation"}
    sums = {"amount": amount, "balance": balance}
    home.put("wallet_journal", **{**told, **sums, "date": esi(NOW - HOUR), **values})


def gap(home: Home, age: float = HOUR) -> None:
    """A row of old, and one of that age before which 5 M are missing."""
    entry(home, 1, 1e6, 1e6, date=esi(NOW - 60 * DAY))
    entry(home, 9, 2e6, 8e6, date=esi(NOW - age))


TURN = 1_788_220_800.0 + 2 * HOUR
"""Two hours into September 2026."""


def brought(
    home: Home, millions: Sequence[float], who: int = 7, *, ref_type: str = "player_donation"
) -> None:
    """A member, and what he brought in the months before September, the last one last."""
    home.now = TURN
    home.sql("UPDATE sync_status SET last_success_time = ?", TURN - 60)
    home.sql(
        "INSERT OR IGNORE INTO member (corporation_id, character_id) VALUES (98000001, ?)", who
    )
    party = "second_party_id" if ref_type == "bounty_prizes" else "first_party_id"
    for n, amount in enumerate((*reversed(millions), 0.0), 1):
        when = f"{month_after('2026-09', -n)}-20T00:00:00Z"
        of = {"date": when, "ref_type": ref_type, party: who}
        entry(home, who * 100 - n, amount * 1e6, None, **of)


def whole(home: Home) -> None:
    """Two divisions' rows, which add up each by itself."""
    entry(home, 1, 1e6, 1e6)
    entry(home, 2, 7e6, 7e6, division=2)
    entry(home, 3, 2e6, 3e6 + 0.01)


CASES = [
    Case(
        "journal_gap",
        gap,
        "Master wallet: rows are missing in the journal before 21 Sep 13:13, +5.0 M in all",
        whole,
        later(3 * DAY),
    ),
    Case(
        "contribution",
        lambda h: brought(h, [80, 90, 100, 40, 10, 2]),
        "Character 7 brought 17.3 M a month in bounty tax and donations from Jun to Aug, and "
        "90.0 M before",
        lambda h: brought(h, [80, 90, 100, 40, 15, 2]),
        later(7 * DAY),
    ),
]
