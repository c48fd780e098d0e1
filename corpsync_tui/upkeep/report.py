"""What a month brought: income and cost, and what was mined, built, sold and lost. EVE time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.boards import kills, wallet
from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.ore import OrePrices
from corpsync_tui.boards.kit.prices import make_prices
from corpsync_tui.format.amounts import isk, plural

BUILT = """
SELECT SUM(j.runs * IFNULL(b.quantity, 1) * p.price) AS worth, SUM(p.price IS NULL) AS unpriced
FROM industry_job j
LEFT JOIN temp.price p ON p.type_id = j.product_type_id
LEFT JOIN ref.blueprint_product b ON b.blueprint_type_id = j.blueprint_type_id
    AND b.type_id = j.product_type_id
    AND b.activity = CASE j.activity_id WHEN 1 THEN 'manufacturing' ELSE 'reaction' END
WHERE j.corporation_id = :c AND j.activity_id IN (1, 9, 11) AND j.status = 'delivered'
    AND substr(COALESCE(j.completed_date, j.end_date), 1, 7) = :month
"""

SOLD = """
SELECT SUM(quantity * unit_price) AS sold FROM wallet_transaction
WHERE corporation_id = :c AND NOT is_buy AND substr(date, 1, 7) = :month
"""

MINED = """
SELECT type_id, last_updated AS day, SUM(quantity) AS quantity FROM mining_ledger
WHERE corporation_id = :c AND substr(last_updated, 1, 7) = :month GROUP BY 1, 2
"""

MOVED = """
SELECT SUM(iif(kind = 'bulk', json_extract(after, '$.added'), kind = 'added')) AS joined,
    SUM(iif(kind = 'bulk', json_extract(after, '$.removed'), kind = 'removed')) AS gone FROM change
WHERE corporation_id = :c AND table_name = 'member' AND time >= :start AND time < :end
"""

FIRST = "SELECT MIN(date) AS first FROM wallet_journal WHERE corporation_id = :c"


@dataclass(frozen=True, slots=True)
class Report:
    """A month of one corporation; ISK as numbers, what it cost below zero."""

    month: str
    """`2026-11`."""
    income: Sequence[Mapping[str, Any]]
    """`kind` and `amount`, the largest first."""
    cost: Sequence[Mapping[str, Any]]
    net: float
    mined: float
    built: float
    sold: float
    lost: float
    joined: int
    left: int
    notes: Sequence[str]
    """What makes the sums doubtful."""

    def document(self) -> dict[str, Any]:
        """As a part of `corpsync report month --format json`."""
        return {name: getattr(self, name) for name in self.__slots__}


def month_before(month: str) -> str:
    """`2025-12` for `2026-01`."""
    year, number = map(int, month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def _bounds(month: str) -> tuple[float, float]:
    """Unix seconds of a month's first moment and of the next month's."""
    year, number = map(int, month.split("-"))
    start = datetime(year, number, 1, tzinfo=UTC)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return start.timestamp(), end.timestamp()


def make_report(context: BoardContext, month: str) -> Report:
    """Add the month up."""
    answer = wallet.read(context)
    sums: defaultdict[tuple[str, bool], float] = defaultdict(float)
    for row in answer.rows:
        if row["month"] == month:
            sums[row["kind"], row["amount"] < 0] += row["amount"]
    make_prices(context)
    start, end = _bounds(month)
    mined, unpriced_ore = _mined(context, month)
    built = context.one(BUILT, month=month)
    moved = context.one(MOVED, start=start, end=end)
    unpriced = unpriced_ore + (built["unpriced"] or 0)
    return Report(
        month,
        _parts(sums, cost=False),
        _parts(sums, cost=True),
        sum(sums.values()),
        mined,
        built["worth"] or 0.0,
        context.one(SOLD, month=month)["sold"] or 0.0,
        sum(k.value for k in kills.find_kills(context) if k.is_loss and k.time[:7] == month),
        moved["joined"] or 0,
        moved["gone"] or 0,
        list(_notes(context, month, answer.summary["gaps"], unpriced)),
    )


def _parts(sums: Mapping[tuple[str, bool], float], *, cost: bool) -> list[dict[str, Any]]:
    """The kinds on one side, the largest first."""
    side = [(kind, amount) for (kind, is_cost), amount in sums.items() if is_cost is cost]
    side.sort(key=lambda part: -abs(part[1]))
    return [{"kind": kind, "amount": amount} for kind, amount in side]


def _mined(context: BoardContext, month: str) -> tuple[float, int]:
    prices = OrePrices.of(context)
    total, unpriced = 0.0, 0
    for row in context.rows(MINED, month=month):
        price = prices.unit(row["type_id"], row["day"])
        total += (price or 0.0) * row["quantity"]
        unpriced += price is None
    return total, unpriced


def _notes(
    context: BoardContext, month: str, gaps: Sequence[Mapping[str, Any]], unpriced: int
) -> list[str]:
    notes = []
    start, end = _bounds(month)
    if context.now < end:
        notes.append("The month is not over.")
    first = context.one(FIRST)["first"]
    if first is None or first[:10] > f"{month}-01":
        since = "never" if first is None else f"on {first[:10]}"
        notes.append(f"The journal begins {since}: what was before is not in the sums.")
    within = [gap for gap in gaps if _is_within(context, gap, start, end)]
    if within:
        missing = sum(gap["difference"] for gap in within)
        gaps_found = plural(len(within), "gap")
        notes.append(f"What lies in {gaps_found} of the journal, {isk(missing)}, is in no sum.")
    if unpriced:
        notes.append(f"Things without a price count as nothing ({plural(unpriced, 'row')}).")
    return notes


def _is_within(context: BoardContext, gap: Mapping[str, Any], start: float, end: float) -> bool:
    when = context.one(
        "SELECT date FROM wallet_journal WHERE corporation_id = :c AND division = :division "
        "AND id = :id",
        division=gap["division"],
        id=gap["after_id"],
    )["date"]
    return start <= datetime.fromisoformat(when).timestamp() < end


AMOUNTS = ("mined", "built", "sold", "lost")


def as_text(report: Report, before: Report, *, markdown: bool = False) -> list[str]:
    """The report beside the month before, line by line, as plain text or as Markdown."""
    rows = [("", report.month, before.month)]
    for title, side in (("Income", "income"), ("Cost", "cost")):
        parts, old = getattr(report, side), {p["kind"]: p["amount"] for p in getattr(before, side)}
        kinds = {part["kind"]: part["amount"] for part in parts}
        rows += [
            (f"{title}: {wallet.TITLES[kind]}", isk(kinds.get(kind, 0.0)), isk(old.get(kind, 0.0)))
            for kind in dict.fromkeys([*kinds, *old])
        ]
    rows.append(("Net", isk(report.net), isk(before.net)))
    rows += [
        (name.capitalize(), isk(getattr(report, name)), isk(getattr(before, name)))
        for name in AMOUNTS
    ]
    rows.append(("Members joined", f"{report.joined:,}", f"{before.joined:,}"))
    rows.append(("Members left", f"{report.left:,}", f"{before.left:,}"))
    if markdown:
        lines = [f"| {name} | {now} | {then} |" for name, now, then in rows]
        lines.insert(1, "| --- | ---: | ---: |")
        return [*lines, "", *(f"- {note}" for note in report.notes)]
    width = max(len(name) for name, *_ in rows)
    return [
        *(f"{name:<{width}} {now:>12} {then:>12}" for name, now, then in rows),
        *report.notes,
    ]
