"""Wallet: what did we earn and spend, by month and kind, and is the journal whole?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardChart,
    BoardColumn,
    BoardContext,
    Row,
    Variant,
    esi_time,
)
from corpsync_tui.boards.kit.cells import known_names
from corpsync_tui.boards.kit.contributions import find_drops, last_months
from corpsync_tui.boards.kit.ref_types import TITLES, kind_case, words_of
from corpsync_tui.boards.kit.wallet_months import (
    WIDE_MONTHS,
    Laid,
    lay_months,
    month_title,
    present_month,
)
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog.wallet import DIVISIONS
from corpsync_tui.format.amounts import isk, plural, signed_isk
from corpsync_tui.format.months import month_bounds
from corpsync_tui.format.times import moment_of, seconds_of

INSIDE = "first_party_id IS corporation_id AND second_party_id IS corporation_id"
"""ISK moved between the corporation's own divisions: no income and no cost."""

VIEW = f"""
SELECT corporation_id, month, {kind_case()} AS kind, ref_type, division, SUM(amount) AS amount,
    SUM(count) AS count
FROM (
    SELECT corporation_id, substr(date, 1, 7) AS month, ref_type, division,
        SUM(amount) AS amount, COUNT(*) AS count
    FROM wallet_journal WHERE amount IS NOT NULL AND NOT ({INSIDE})
    GROUP BY corporation_id, month, ref_type, division, amount < 0)
GROUP BY 1, 2, 3, 4, 5
"""

SUMS = f"""
SELECT month, {kind_case()} AS kind, ref_type, division, SUM(amount) AS amount,
    SUM(count) AS count, inside, SUM(late) AS late
FROM (
    SELECT substr(date, 1, 7) AS month, ref_type, division, {INSIDE} AS inside,
        SUM(amount) AS amount, COUNT(*) AS count, SUM(amount * (date >= :since)) AS late
    FROM wallet_journal WHERE corporation_id = :c AND amount IS NOT NULL
    GROUP BY month, ref_type, division, amount < 0, inside)
GROUP BY 1, 2, 3, 4, inside, CASE WHEN inside THEN amount < 0 END
ORDER BY month, kind, ref_type, division
"""
"""As the view, and beside it what was moved inside and what came in the last 30 days."""

SIDES = f"""
SELECT month, {kind_case()} AS kind, is_cost, SUM(amount) AS amount FROM (
    SELECT substr(date, 1, 7) AS month, ref_type, amount < 0 AS is_cost, SUM(amount) AS amount
    FROM wallet_journal
    WHERE corporation_id = :c AND amount IS NOT NULL AND NOT ({INSIDE}) GROUP BY 1, 2, 3)
GROUP BY 1, 2, 3
"""

BALANCES = """
SELECT division, id, amount, balance FROM wallet_journal
WHERE corporation_id = :c AND balance IS NOT NULL AND amount IS NOT NULL ORDER BY division, id
"""
NEWEST_BALANCES = """
SELECT division, id, amount, balance, date FROM wallet_journal
WHERE corporation_id = :c AND division = :division ORDER BY id DESC
"""
"""Read until a row is old enough: there is no index of dates, and none is needed."""

CENT = 0.015
"""What rounding may make of a sum."""

NOTHING_YET: Row = {"amount": 0.0, "count": 0}

SHOWN_WORDS, SHOWN_PARTIES = 5, 3
"""Words of a kind, and parties paid for the first time, that the pane names."""
MOST_PARTIES = 10
"""Parties of a month that are looked for in all months before it."""

RUNWAY_DAYS = 30
"""The days whose mean daily loss tells how long the balance lasts."""


def read(context: BoardContext) -> BoardAnswer:
    """Sums by month (EVE time), kind, reference type and division; gaps and moves beside them."""
    since = esi_time(context.now - RUNWAY_DAYS * 86_400)
    rows: list[Row] = []
    moved: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    net_30 = 0.0
    for row in context.rows(SUMS, since=since):
        late = row.pop("late")
        if row.pop("inside"):
            moved[row["month"]][row["amount"] < 0] += abs(row["amount"])
        else:
            rows.append(row)
            net_30 += late
    balance = context.one("SELECT SUM(balance) AS b FROM wallet_balance WHERE corporation_id = :c")
    inside = {month: max(sides) for month, sides in moved.items()}
    months = _months(rows, inside, balance.get("b"))
    month = present_month(context)
    journals = len({row["division"] for row in rows})
    summary = {
        "net": sum(row["amount"] for row in rows),
        "inside": sum(inside.values()),
        "gaps": find_gaps(context),
        "balance": balance.get("b"),
        "net_30": net_30,
        "runway_days": runway(balance.get("b"), net_30),
        "month": month,
        "month_net": months[month]["net"] if month in months else 0.0,
        "journals": journals,
        "months": months,
    }
    return BoardAnswer(rows, summary)


def read_sides(context: BoardContext) -> Mapping[str, Mapping[tuple[str, bool], float]]:
    """By month (EVE time): what came and what went of each kind, the latter below zero."""
    months: defaultdict[str, dict[tuple[str, bool], float]] = defaultdict(dict)
    for row in context.rows(SIDES):
        months[row["month"]][row["kind"], bool(row["is_cost"])] = row["amount"]
    return months


def find_gaps(context: BoardContext, since: str | None = None) -> list[Row]:
    """Where a balance is not the one before it plus the amount, rows are missing in between.

    The route ends at 10,000 rows (esi-issues#1172), and a month offline loses what is older.
    With `since`, as ESI writes a moment, those alone whose second row is no older.
    """
    rows: Iterable[tuple[Any, ...]]
    if since is None:
        rows = context.db.execute(BALANCES, {"c": context.corporation_id})
    else:
        rows = chain.from_iterable(_newest_rows(context, since, **of) for of in DIVISIONS)
    return [
        {
            "division": after[0],
            "before_id": before[1],
            "after_id": after[1],
            "difference": round(difference, 2),
        }
        for before, after in pairwise(rows)
        if before[0] == after[0] and abs(difference := after[3] - (before[3] + after[2])) > CENT
    ]


def _newest_rows(context: BoardContext, since: str, division: int) -> list[tuple[Any, ...]]:
    """A division's rows since then and the one before them, the oldest first."""
    found = []
    bound = {"c": context.corporation_id, "division": division}
    for row in context.db.execute(NEWEST_BALANCES, bound):
        if row[2] is not None and row[3] is not None:
            found.append(row)
        if row[4] < since:
            break
    return found[::-1]


def runway(balance: float | None, net_30: float) -> float | None:
    """Days until the wallets are empty at the mean daily loss of 30 days; None without a loss."""
    if balance is None or net_30 >= 0:
        return None
    return balance / (-net_30 / RUNWAY_DAYS)


def _months(
    rows: Sequence[Row], moved: Mapping[str, float], balance: float | None
) -> dict[str, dict[str, float | None]]:
    """Net, what was moved inside, and the balance at the end of each month, oldest first."""
    net: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        net[row["month"]] += row["amount"]
    found: dict[str, dict[str, float | None]] = {}
    for month in sorted({*net, *moved}, reverse=True):
        found[month] = {"net": net[month], "inside": moved.get(month, 0.0), "balance": balance}
        balance = None if balance is None else balance - net[month]
    return dict(reversed(found.items()))


def describe(summary: Mapping[str, Any]) -> str:
    """`18.4 B · Nov −0.7 B net · 30 d −0.4 B · ✓ no gap in 7 journals`."""
    parts = [isk(summary["balance"])] if summary["balance"] is not None else []
    parts.append(f"{month_title(summary['month']):.3} {isk(summary['month_net'])} net")
    parts.append(f"30 d {isk(summary['net_30'])}")
    if summary["runway_days"] is not None:
        parts.append(f"lasts {summary['runway_days']:,.0f} d")
    gaps, journals = len(summary["gaps"]), plural(summary["journals"], "journal")
    parts.append(f"! {plural(gaps, 'gap')} in {journals}" if gaps else f"✓ no gap in {journals}")
    return " · ".join(parts)


def charts(_context: BoardContext, answer: BoardAnswer) -> list[BoardChart]:
    """Net by month, and the balance at the end of each as far as the journal leads back."""
    months = list(answer.summary["months"].items())[-WIDE_MONTHS:]
    found = [BoardChart("Net by month", "isk", [(m, sums["net"]) for m, sums in months])]
    balances = [(m, sums["balance"]) for m, sums in months if sums["balance"] is not None]
    if balances:
        found.append(BoardChart("Balance by month", "isk", balances, level=True))
    return found


def lay_out(context: BoardContext, answer: BoardAnswer) -> Laid:
    """Kinds as rows, months as columns; of `other` each word, so that one that is new is seen."""
    return lay_months(context, answer, BoardColumn("kind"), title_of, tuple(TITLES.values()))


PAID = f"""b.corporation_id = :c AND b.amount < 0 AND b.first_party_id = :c
    AND b.second_party_id <> :c AND b.ref_type IN ({words_of("members")})"""

FIRST_PAID = f"""
SELECT who, at, amount, division FROM (
    SELECT second_party_id AS who, MIN(date) AS at, amount, division FROM wallet_journal b
    WHERE {PAID} AND date >= :month GROUP BY second_party_id ORDER BY amount LIMIT {MOST_PARTIES})
WHERE EXISTS (SELECT 1 FROM wallet_journal WHERE corporation_id = :c AND date < :month)
    AND NOT EXISTS (SELECT 1 FROM wallet_journal b
        WHERE {PAID} AND b.second_party_id = who AND b.date < :month)
LIMIT {SHOWN_PARTIES}
"""
"""Who was paid for the first time in the newest month, of those that got most in it, where the
journal reaches back behind it."""


def details(context: BoardContext, answer: BoardAnswer, shown: Sequence[Row]) -> list[list[str]]:
    """The words of a kind in the newest month, the largest sums first; then whom it paid first."""
    newest = max((row["month"] for row in answer.rows), default="")
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lines: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in answer.rows:
        if row["month"] == newest:
            words[title_of(row)][row["ref_type"]] += row["amount"]
            lines[title_of(row)][row["ref_type"]] += row["count"]
    found = {
        kind: [
            f"{word.replace('_', ' ')}  {isk(amount)}  {plural(lines[kind][word], 'line')}"
            for word, amount in sorted(sums.items(), key=lambda item: -abs(item[1]))
        ][:SHOWN_WORDS]
        for kind, sums in words.items()
    }
    known = known_names(context)
    found.setdefault(TITLES["members"], []).extend(
        f"{known('character', row['who']) or row['who']} {isk(row['amount'])} on "
        f"{moment_of(row['at'])} from {known('wallet', row['division'])}: first payment ever"
        for row in context.rows(FIRST_PAID, month=newest)
    )
    return [found.get(row["kind"], []) for row in shown]


def title_of(row: Row) -> str:
    """The line of the screen that a row is counted in."""
    title = TITLES[row["kind"]]
    return f"{title}: {row['ref_type'].replace('_', ' ')}" if row["kind"] == "other" else title


BY_MEMBER = f"""
SELECT month, character_id, SUM(bounties) AS bounties,
    SUM(bounties) * 100.0 / NULLIF((SELECT json_extract(tax_rates, '$.isk') FROM corporation_info
        WHERE corporation_id = :c), 0) AS before_tax, SUM(donated) AS donated, SUM(paid) AS paid
FROM (
    SELECT substr(date, 1, 7) AS month, second_party_id AS character_id,
        CASE WHEN ref_type = 'bounty_prizes' THEN amount ELSE 0.0 END AS bounties, 0.0 AS donated,
        CASE WHEN amount < 0 THEN -amount ELSE 0.0 END AS paid
    FROM wallet_journal WHERE corporation_id = :c AND amount IS NOT NULL
        AND (ref_type = 'bounty_prizes' OR amount < 0 AND first_party_id = :c
            AND ref_type IN ({words_of("members")}))
    UNION ALL
    SELECT substr(date, 1, 7), first_party_id, 0.0, amount, 0.0 FROM wallet_journal
    WHERE corporation_id = :c AND ref_type = 'player_donation' AND amount > 0)
WHERE character_id IN (SELECT character_id FROM member WHERE corporation_id = :c)
GROUP BY month, character_id
ORDER BY month DESC, bounties DESC, character_id
"""


def read_members(context: BoardContext) -> BoardAnswer:
    """What each member brought and got by month (EVE time), the newest first.

    `bounties` is the corporation's tax of his bounties, `before_tax` the bounties by today's tax
    rate; None where that is not known. ESS comes later, in sums that name no member. `paid` is of
    the kind “paid to members”, without what the corporation bought of him.
    """
    rows = context.rows(BY_MEMBER)
    return BoardAnswer(
        rows, {name: sum(row[name] for row in rows) for name in ("bounties", "donated", "paid")}
    )


def read_divisions(context: BoardContext) -> BoardAnswer:
    """Sums by month and division; what was moved between them is in none."""
    return _summed(read(context), ("month", "division"))


def read_words(context: BoardContext) -> BoardAnswer:
    """Sums by month and reference type."""
    return _summed(read(context), ("month", "ref_type"))


def _summed(answer: BoardAnswer, names: tuple[str, str]) -> BoardAnswer:
    """Rows that are alike in these columns, added up."""
    found: dict[tuple[str, Any], Row] = {}
    for row in answer.rows:
        key = row[names[0]], row[names[1]]
        total = found.setdefault(key, {**dict(zip(names, key, strict=True)), **NOTHING_YET})
        total["amount"] += row["amount"]
        total["count"] += row["count"]
    return BoardAnswer([found[key] for key in sorted(found)], answer.summary)


def lay_out_divisions(context: BoardContext, answer: BoardAnswer) -> Laid:
    """Divisions as rows and months as columns."""
    known = known_names(context)
    numbers = sorted({row["division"] for row in answer.rows})
    names = {number: known("wallet", number) or str(number) for number in numbers}
    first = BoardColumn("division")
    return lay_months(context, answer, first, lambda r: names[r["division"]], [*names.values()])


def lay_out_words(context: BoardContext, answer: BoardAnswer) -> Laid:
    """Reference types as rows and months as columns."""
    first = BoardColumn("ref_type", "word", "Reason")
    return lay_months(context, answer, first, lambda row: row["ref_type"])


LAST_BEFORE = """
SELECT start_time FROM sync_history
WHERE process_id = :process AND result = 'success' AND start_time < :recent
ORDER BY id DESC LIMIT 1
"""

DATE = """
SELECT date FROM wallet_journal
WHERE corporation_id = :corporation AND division = :division AND id = :after_id
"""


def find_new_gaps(context: RuleContext) -> Iterator[Alert]:
    """A gap that a run of late left in a journal; none of before the first load.

    The row behind a gap may be a month old as it comes, yet no older than the last run before
    those of late: what there was at that time, that run has read.
    """
    known = context.first_load("wallet_journal")
    last = context.rows(LAST_BEFORE, process=context.process_id, recent=context.recent)
    since = max(context.recent if known is None else known, *(time for (time,) in last), 0.0)
    for gap in find_gaps(BoardContext.of(context), context.esi(since)):
        ((date,),) = context.rows(DATE, division=gap["division"], after_id=gap["after_id"])
        wallet = context.names.division(context.corporation_id, "wallet", gap["division"])
        yield Alert(
            f"{gap['division']}/{gap['after_id']}",
            f"{wallet}: rows are missing in the journal before {moment_of(date)}, "
            f"{signed_isk(gap['difference'])} in all",
            "medium",
            seconds_of(date),
            table_name="wallet_journal",
            row_key={"division": gap["division"], "id": gap["after_id"]},
        )


def find_contribution_drops(context: RuleContext) -> Iterator[Alert]:
    """A member who brought much less than before, where no row of that time is missing."""
    drops, months = [*find_drops(context)], last_months(context.now)
    if not drops or find_gaps(BoardContext.of(context), months[0]):
        return
    _, over = month_bounds(months[-1])
    since, until = (f"{month_title(month):.3}" for month in (months[0], months[-1]))
    for drop in drops:
        who = context.names.who(drop.character_id)
        yield Alert(
            f"{drop.character_id}/{months[-1]}",
            f"{who} brought {isk(drop.late)} a month in bounty tax and donations from {since} to "
            f"{until}, and {isk(drop.before)} before",
            "medium",
            over,
            table_name="member",
            row_key={"character_id": drop.character_id},
        )


BOARD = Board(
    name="wallet",
    title="Wallet",
    question="What did we earn and spend, by month and kind, and is the journal whole?",
    order=3,
    tables=("wallet_balance", "wallet_journal"),
    columns=(
        BoardColumn("month", "text"),
        BoardColumn("kind", "word"),
        BoardColumn("ref_type", "word", "Reason"),
        BoardColumn("division", "wallet"),
        BoardColumn("amount", "isk", summed=True),
        BoardColumn("count", "count", summed=True),
    ),
    read=read,
    describe=describe,
    details=details,
    lay_out=lay_out,
    charts=charts,
    view=VIEW,
    variants=(
        Variant(
            "member",
            "what each member brought and got",
            (
                BoardColumn("month"),
                BoardColumn("character_id", "character", "Member"),
                BoardColumn("bounties", "isk", "Bounty tax", summed=True),
                BoardColumn("before_tax", "isk", "Before tax", wide=True, summed=True),
                BoardColumn("donated", "isk", summed=True),
                BoardColumn("paid", "isk", "Paid to him", summed=True),
            ),
            read_members,
            option="by",
        ),
        Variant(
            "division",
            "months by division",
            (
                BoardColumn("month"),
                BoardColumn("division", "wallet"),
                BoardColumn("amount", "isk", summed=True),
                BoardColumn("count", "count", "Lines", summed=True),
            ),
            read_divisions,
            option="by",
            lay_out=lay_out_divisions,
            key="d",
        ),
        Variant(
            "ref_type",
            "months by reference type",
            (
                BoardColumn("month"),
                BoardColumn("ref_type", "word", "Reason"),
                BoardColumn("amount", "isk", summed=True),
                BoardColumn("count", "count", "Lines", summed=True),
            ),
            read_words,
            option="by",
            lay_out=lay_out_words,
            key="r",
        ),
    ),
    rules=[
        Rule(
            "journal_gap",
            find_new_gaps,
            says="Rows that are missing in a wallet's journal.",
            many="gaps in the journal",
        ),
        Rule(
            "contribution",
            find_contribution_drops,
            says="A member who brought more ISK than this a month, and now less than a fifth.",
            default=50_000_000,
            many="members who bring much less",
        ),
    ],
)
