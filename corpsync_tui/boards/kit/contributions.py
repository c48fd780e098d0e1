"""What members brought by month, and who brings much less than before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpsync_tui.catalog.kit.rules import RuleContext
from corpsync_tui.catalog.wallet import DIVISIONS
from corpsync_tui.format.months import month_after, month_bounds, month_of

MONTHS = 3
"""Months that are added up, and as many before them."""
LOW, AGAIN = 0.2, 0.5
"""Shares of what was brought before: below the first a member's contribution has dropped, and from
the second on it has recovered, as Corp Wallet Manager for SeAT has it."""
NEWS_DAYS = 7
"""Days after the end of a month for which what it brought is news."""
COPY = 3_600.0
"""Seconds for which ESI's copy of a journal may be old."""

FIRST = """
SELECT date FROM wallet_journal WHERE corporation_id = :corporation AND division = 1
ORDER BY id LIMIT 1
"""
"""Of the Master wallet, which taxes go to."""
READ = "SELECT last_success_time FROM sync_status WHERE process_id = :process"

BROUGHT = """
SELECT CASE ref_type WHEN 'bounty_prizes' THEN second_party_id ELSE first_party_id END AS who,
    substr(date, 1, 7) AS month, SUM(amount)
FROM wallet_journal
WHERE corporation_id = :corporation AND division = :division AND id > IFNULL(
        (SELECT id FROM wallet_journal WHERE corporation_id = :corporation
            AND division = :division AND date < :start ORDER BY id DESC LIMIT 1), 0)
    AND date < :end AND amount > 0 AND ref_type IN ('bounty_prizes', 'player_donation')
GROUP BY who, month
HAVING who IN (SELECT character_id FROM member WHERE corporation_id = :corporation)
"""
"""As the wallet board has it by member: the corporation's tax of bounties, and donations.

A division is walked back to its last row before, so that older years cost nothing.
"""


@dataclass(frozen=True, slots=True)
class Drop:
    """A member who brought much less in three months than in the three before."""

    character_id: int
    before: float
    late: float
    """ISK a month, of the three months before and of the last three."""


def last_months(now: float) -> list[str]:
    """The last three months that are over, in EVE time."""
    month = month_of(now)
    return [month_after(month, -n) for n in range(MONTHS, 0, -1)]


def find_drops(context: RuleContext) -> Iterator[Drop]:
    """Whose contribution has dropped with the month that is over, and had not with those before.

    In the first days of a month alone, once all of the month before is read: sums of months that
    are over change no more. A journal that begins within the six months tells nothing.
    """
    month = month_of(context.now)
    begin, _ = month_bounds(month)
    ((read,),) = context.rows(READ, process=context.process_id) or [(None,)]
    ((first,),) = context.rows(FIRST) or [("9999",)]
    if (
        context.now >= begin + NEWS_DAYS * 86_400
        or (read or 0.0) < begin + COPY
        or first[:7] >= month_after(month, -2 * MONTHS)
    ):
        return
    months = [month_after(month, -n) for n in range(3 * MONTHS, 0, -1)]
    sums: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for division in DIVISIONS:
        for who, of, amount in context.rows(BROUGHT, start=months[0], end=month, **division):
            sums[who][of] = sums[who].get(of, 0.0) + amount
    for who, brought in sums.items():
        series = [brought.get(of, 0.0) for of in months]
        if drop := _find_drop(who, series, context.threshold):
            yield drop


def _find_drop(who: int, series: Sequence[float], least: float) -> Drop | None:
    """The drop that begins with the last month of a series; of one that goes on nothing."""
    lasts = False
    drop = None
    for end in range(2 * MONTHS, len(series) + 1):
        before = sum(series[end - 2 * MONTHS : end - MONTHS]) / MONTHS
        late = sum(series[end - MONTHS : end]) / MONTHS
        drops = before >= least and late < before * LOW
        drop = Drop(who, before, late) if drops and not lasts else None
        lasts = drops or (lasts and late < before * AGAIN)
    return drop
