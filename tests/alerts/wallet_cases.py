"""What in the wallets' journals needs attention, and what does not."""

from __future__ import annotations

from typing import Any

from tests.alerts.support import DAY, HOUR, Case, Home, esi, later
from tests.support.database import NOW


def entry(home: Home, id_: int, amount: float, balance: float, **values: Any) -> None:
    """A row of the journal, an hour old."""
    told = {"division": 1, "id": id_, "description": "", "ref_type": "player_donation"}
    sums = {"amount": amount, "balance": balance}
    home.put("wallet_journal", **{**told, **sums, "date": esi(NOW - HOUR), **values})


def gap(home: Home, age: float = HOUR) -> None:
    """A row of old, and one of that age before which 5 M are missing."""
    entry(home, 1, 1e6, 1e6, date=esi(NOW - 60 * DAY))
    entry(home, 9, 2e6, 8e6, date=esi(NOW - age))


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
]
