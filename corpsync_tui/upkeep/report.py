"""What a month brought: income and cost, and what was mined, built, sold and lost. EVE time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpsync_tui.boards import wallet
from corpsync_tui.boards.kit.board import BoardContext, esi_time
from corpsync_tui.boards.kit.killmails import find_kills
from corpsync_tui.boards.kit.ore import OrePrices
from corpsync_tui.boards.kit.read import copied_at
from corpsync_tui.catalog import ALL
from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import isk, plural
from corpsync_tui.format.months import month_bounds
from corpsync_tui.format.times import eve_time
from corpsync_tui.queries.as_of import exact_since

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
SELECT SUM(CASE kind WHEN 'bulk' THEN json_extract(after, '$.added') ELSE kind = 'added' END)
    AS joined,
    SUM(CASE kind WHEN 'bulk' THEN json_extract(after, '$.removed') ELSE kind = 'removed' END)
    AS gone
FROM change
WHERE corporation_id = :c AND table_name = 'member' AND time >= :start AND time < :end
"""

FIRST = "SELECT MIN(date) AS first FROM wallet_journal WHERE corporation_id = :c"

DATE = """
SELECT date FROM wallet_journal WHERE corporation_id = :c AND division = :division AND id = :id
"""

TABLES = (
    "wallet_journal",
    "wallet_transaction",
    "industry_job",
    "mining_ledger",
    "killmail_ref",
    "member",
)
"""The tables whose copies a report stands on."""


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


@dataclass(frozen=True, slots=True)
class Basis:
    """What the reports of all months stand on."""

    context: BoardContext
    prices: OrePrices
    sides: Mapping[str, Mapping[tuple[str, bool], float]]
    """What came and went, see `wallet.read_sides`."""
    gaps: Sequence[tuple[str, str, float]]
    """Gaps in the journal: the months of the rows around each, and the ISK that it swallows."""
    copies: Mapping[str, float | None]
    """By process type: when ESI made the oldest copy, in Unix seconds; None: never."""

    @classmethod
    def of(cls, context: BoardContext) -> Basis:
        """Read it. Raises `sqlite3.Error`."""
        prices = OrePrices.of(context)  # fills the table of prices, too
        gaps = [*_dated_gaps(context)]
        return cls(context, prices, wallet.read_sides(context), gaps, read_copies(context))


def read_copies(context: BoardContext) -> dict[str, float | None]:
    """When the copies were made that a report stands on, see `Basis.copies`."""
    found = {}
    for process in ALL:
        filled = [d.table for d in process.datasets if d.table in TABLES]
        if filled:
            made = [copied_at(context, table) for table in filled]
            found[process.type] = min((at for at in made if at is not None), default=None)
    return found


def _dated_gaps(context: BoardContext) -> Iterator[tuple[str, str, float]]:
    for gap in wallet.find_gaps(context):
        before, after = (
            context.one(DATE, division=gap["division"], id=gap[key])["date"][:7]
            for key in ("before_id", "after_id")
        )
        yield before, after, gap["difference"]


def make_report(basis: Basis, month: str) -> Report:
    """Add a month up. Raises `sqlite3.Error`."""
    context = basis.context
    sides = basis.sides.get(month, {})
    start, end = month_bounds(month)
    mined, unpriced_ore = _mined(basis, month)
    lost, unpriced_losses = _lost(basis, start, end)
    built = context.one(BUILT, month=month)
    moved = context.one(MOVED, start=start, end=end)
    unpriced = unpriced_ore + unpriced_losses + (built["unpriced"] or 0)
    return Report(
        month,
        _parts(sides, is_cost=False),
        _parts(sides, is_cost=True),
        sum(sides.values()),
        mined,
        built["worth"] or 0.0,
        context.one(SOLD, month=month)["sold"] or 0.0,
        lost,
        moved["joined"] or 0,
        moved["gone"] or 0,
        [*_notes(basis, month, unpriced)],
    )


def _parts(sides: Mapping[tuple[str, bool], float], *, is_cost: bool) -> list[dict[str, Any]]:
    """The kinds on one side, the largest first."""
    side = [(kind, amount) for (kind, cost), amount in sides.items() if cost is is_cost]
    side.sort(key=lambda part: -abs(part[1]))
    return [{"kind": kind, "amount": amount} for kind, amount in side]


def _mined(basis: Basis, month: str) -> tuple[float, int]:
    """ISK at the prices of each day, and how many sums of a day's ore have no price."""
    total, unpriced = 0.0, 0
    for row in basis.context.rows(MINED, month=month):
        price = basis.prices.unit(row["type_id"], row["day"])
        total += (price or 0.0) * row["quantity"]
        unpriced += price is None
    return total, unpriced


def _lost(basis: Basis, start: float, end: float) -> tuple[float, int]:
    """ISK at the prices of each day, and how many losses hold something without a price."""
    total, unpriced = 0.0, 0
    for kill in find_kills(basis.context, (esi_time(start), esi_time(end))):
        if kill.is_loss:
            total += kill.value
            unpriced += not kill.is_priced
    return total, unpriced


def _notes(basis: Basis, month: str, unpriced: int) -> Iterator[str]:
    start, end = month_bounds(month)
    now = basis.context.now
    if now < start:
        yield "The month has not begun."
    elif now < end:
        yield "The month is not over."
    else:
        for type_, made in basis.copies.items():
            if made is not None and made < end:
                title, since = process_title(type_), eve_time(made)[:-3]
                yield f"{title} was last read {since} EVE: what came later is in no sum."
    if never := [process_title(t) for t, made in basis.copies.items() if made is None]:
        yield f"Never read, and so in no sum: {', '.join(never)}."
    yield from _beginnings(basis, month, start)
    within = [isk_ for before, after, isk_ in basis.gaps if before <= month <= after]
    if within:
        some = plural(len(within), "gap")
        yield f"What lies in {some} of the journal, {isk(sum(within))}, is in no sum."
    if unpriced:
        yield f"Things without a price count as nothing ({plural(unpriced, 'row')})."


def _beginnings(basis: Basis, month: str, start: float) -> Iterator[str]:
    """What of the month was before anything is known."""
    first = basis.context.one(FIRST)["first"]
    if first is not None and first[:10] > f"{month}-01":
        yield f"The journal begins on {first[:10]}: what was before is not in the sums."
    members = exact_since(basis.context.db, "member", basis.context.corporation_id)
    if members is not None and members > start:
        yield f"Who joined and left is known since {eve_time(members)[:10]}."
