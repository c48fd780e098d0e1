"""Wallet: what did we earn and spend, by month and kind, and is the journal whole?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
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
from corpsync_tui.boards.kit.cells import UNCOUNTED
from corpsync_tui.format.amounts import isk, plural

KINDS: Mapping[str, tuple[str, ...]] = {
    "bounties": (
        "bounty_prizes", "bounty_prize", "bounty", "bounty_reimbursement", "ess_escrow_transfer",
        "bounty_prize_corporation_tax", "npc_bounty_security_tax", "bounty_surcharge",
    ),
    "missions": (
        "agent_mission_reward", "agent_mission_time_bonus_reward", "daily_goal_payouts",
        "agent_mission_reward_corporation_tax", "agent_mission_time_bonus_reward_corporation_tax",
        "agents_preward", "agent_donation", "daily_goal_payouts_tax", "daily_challenge_reward",
        "mission_completion", "mission_reward", "operation_bonus", "corporate_reward_payout",
        "corporate_reward_tax", "project_discovery_reward", "project_discovery_tax",
        "resource_wars_reward", "milestone_reward_payment", "season_challenge_reward",
        "opportunity_reward", "flux_payout", "flux_tax", "campaign_objective_isk_reward",
        "air_career_program_reward", "insurgency_corruption_contribution_reward",
        "insurgency_suppression_contribution_reward", "freelance_jobs_reward_corporation_tax",
    ),
    "industry": (
        "industry_job_tax", "industry_security_tax", "reprocessing_tax", "manufacturing",
        "reaction", "copying", "researching_material_productivity", "researching_technology",
        "researching_time_productivity", "reverse_engineering", "factory_slot_rental_fee",
        "datacore_fee",
    ),
    "contracts": (
        "contract_auction_bid", "contract_auction_bid_corp", "contract_auction_bid_refund",
        "contract_auction_sold", "contract_collateral", "contract_collateral_deposited_corp",
        "contract_collateral_payout", "contract_collateral_refund", "contract_deposit",
        "contract_deposit_corp", "contract_deposit_refund", "contract_price",
        "contract_price_payment_corp", "contract_reversal", "contract_reward",
        "contract_reward_deposited", "contract_reward_deposited_corp", "contract_reward_refund",
    ),
    "planets": (
        "planetary_import_tax", "planetary_export_tax", "planetary_construction",
        "skyhook_claim_fee",
    ),
    "fees": (
        "brokers_fee", "transaction_tax", "contract_brokers_fee", "contract_brokers_fee_corp",
        "contract_sales_tax", "contract_deposit_sales_tax", "market_provider_tax",
        "market_security_tax", "market_fine_paid", "asset_safety_recovery_tax",
        "advertisement_listing_fee", "security_processing_fee", "cspa", "cspaofflinerefund",
        "cosmetic_market_skin_sale_broker_fee", "cosmetic_market_skin_sale_tax",
        "freelance_jobs_broadcasting_fee", "freelance_jobs_duration_fee",
    ),
    "upkeep": (
        "office_rental_fee", "sovereignity_bill", "infrastructure_hub_maintenance",
        "upkeep_adjustment_fee", "structure_gate_jump", "alliance_maintainance_fee",
        "alliance_registration_fee", "corporation_registration_fee",
        "corporation_logo_change_cost", "war_fee", "war_fee_surrender", "war_ally_contract",
        "docking_fee", "jump_clone_installation_fee", "jump_clone_activation_fee",
        "clone_activation", "clone_transfer", "acceleration_gate_fee", "repair_bill",
    ),
    "members": (
        "corporation_account_withdrawal", "corporation_payment", "corporation_bulk_payment",
        "corporation_dividend_payment", "project_payouts", "freelance_jobs_reward",
        "freelance_jobs_reward_escrow", "freelance_jobs_escrow_refund", "medal_creation",
        "medal_issued",
    ),
}  # fmt: skip
"""The words of ESI's `ref_type` by kind; a word that is in none of them is `other`."""

BY_SIGN: Mapping[str, tuple[str, str]] = {
    "market_transaction": ("sales", "purchases"),
    "market_escrow": ("sales", "purchases"),
    "player_donation": ("donations", "members"),
    "player_trading": ("donations", "members"),
}
"""Words whose kind depends on whether ISK came or went."""

TITLES = {
    "bounties": "Bounties and ESS",
    "missions": "Missions, goals",
    "industry": "Industry, reprocessing",
    "sales": "Market sales",
    "contracts": "Contracts",
    "planets": "PI, POCO, skyhooks",
    "donations": "Donations, moon tax",
    "purchases": "Market purchases",
    "fees": "Fees and taxes",
    "upkeep": "Offices, sovereignty, bridges",
    "members": "Paid to members",
    "other": "Other",
}
"""The kinds in the order of the screen."""


def _case() -> str:
    """The SQL for the kind of a journal's row."""
    signs = "".join(
        f" WHEN ref_type = '{word}' THEN CASE WHEN amount < 0 THEN '{out}' ELSE '{come}' END"
        for word, (come, out) in BY_SIGN.items()
    )
    fixed = "".join(
        f" WHEN ref_type IN ({', '.join(repr(word) for word in words)}) THEN '{kind}'"
        for kind, words in KINDS.items()
    )
    return f"CASE{signs}{fixed} ELSE 'other' END"


INSIDE = "first_party_id IS corporation_id AND second_party_id IS corporation_id"
"""ISK moved between the corporation's own divisions: no income and no cost."""

VIEW = f"""
SELECT corporation_id, month, {_case()} AS kind, ref_type, division, SUM(amount) AS amount,
    SUM(count) AS count
FROM (
    SELECT corporation_id, substr(date, 1, 7) AS month, ref_type, division,
        SUM(amount) AS amount, COUNT(*) AS count
    FROM wallet_journal WHERE amount IS NOT NULL AND NOT ({INSIDE})
    GROUP BY corporation_id, month, ref_type, division, amount < 0)
GROUP BY 1, 2, 3, 4, 5
"""

SUMS = f"""
SELECT month, {_case()} AS kind, ref_type, division, SUM(amount) AS amount,
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
SELECT month, {_case()} AS kind, is_cost, SUM(amount) AS amount FROM (
    SELECT substr(date, 1, 7) AS month, ref_type, amount < 0 AS is_cost, SUM(amount) AS amount
    FROM wallet_journal
    WHERE corporation_id = :c AND amount IS NOT NULL AND NOT ({INSIDE}) GROUP BY 1, 2, 3)
GROUP BY 1, 2, 3
"""

BALANCES = """
SELECT division, id, amount, balance FROM wallet_journal
WHERE corporation_id = :c AND balance IS NOT NULL AND amount IS NOT NULL ORDER BY division, id
"""

CENT = 0.015
"""What rounding may make of a sum."""

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
    summary = {
        "net": sum(row["amount"] for row in rows),
        "inside": sum(inside.values()),
        "gaps": find_gaps(context),
        "balance": balance.get("b"),
        "net_30": net_30,
        "runway_days": runway(balance.get("b"), net_30),
        "months": _months(rows, inside),
    }
    return BoardAnswer(rows, summary)


def read_sides(context: BoardContext) -> Mapping[str, Mapping[tuple[str, bool], float]]:
    """By month (EVE time): what came and what went of each kind, the latter below zero."""
    months: defaultdict[str, dict[tuple[str, bool], float]] = defaultdict(dict)
    for row in context.rows(SIDES):
        months[row["month"]][row["kind"], bool(row["is_cost"])] = row["amount"]
    return months


def find_gaps(context: BoardContext) -> list[Row]:
    """Where a balance is not the one before it plus the amount, rows are missing in between.

    The route ends at 10,000 rows (esi-issues#1172), and a month offline loses what is older.
    """
    gaps: list[Row] = []
    last: tuple[int, int, float] | None = None
    for division, id_, amount, balance in context.db.execute(
        BALANCES, {"c": context.corporation_id}
    ):
        if last is not None and last[0] == division:
            difference = balance - (last[2] + amount)
            if abs(difference) > CENT:
                gaps.append(
                    {
                        "division": division,
                        "before_id": last[1],
                        "after_id": id_,
                        "difference": round(difference, 2),
                    }
                )
        last = division, id_, balance
    return gaps


def runway(balance: float | None, net_30: float) -> float | None:
    """Days until the wallets are empty at the mean daily loss of 30 days; None without a loss."""
    if balance is None or net_30 >= 0:
        return None
    return balance / (-net_30 / RUNWAY_DAYS)


def _months(rows: Sequence[Row], moved: Mapping[str, float]) -> dict[str, dict[str, float]]:
    net: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        net[row["month"]] += row["amount"]
    return {
        month: {"net": net[month], "inside": moved.get(month, 0.0)}
        for month in sorted({*net, *moved})
    }


def describe(summary: Mapping[str, Any]) -> str:
    """`18.42 B · 30 d −0.4 B · ✓ no gap`."""
    parts = [isk(summary["balance"])] if summary["balance"] is not None else []
    parts.append(f"30 d {isk(summary['net_30'])}")
    if summary["runway_days"] is not None:
        parts.append(f"lasts {summary['runway_days']:,.0f} d")
    gaps = len(summary["gaps"])
    parts.append(f"! {gaps} gap{'s' if gaps > 1 else ''} in the journal" if gaps else "✓ no gap")
    return " · ".join(parts)


def charts(_context: BoardContext, answer: BoardAnswer) -> list[BoardChart]:
    """Net by month, and the balance at the end of each as far as the journal leads back."""
    net = [(month, sums["net"]) for month, sums in answer.summary["months"].items()]
    found = [BoardChart("Net by month", "isk", net[-WIDE_MONTHS:])]
    left = answer.summary["balance"]
    if left is not None:
        balances: list[tuple[str, float]] = []
        for month, amount in reversed(net[-WIDE_MONTHS:]):
            balances.insert(0, (month, left))
            left -= amount
        found.append(BoardChart("Balance by month", "isk", balances, level=True))
    return found


SHOWN_MONTHS, WIDE_MONTHS = 5, 12
"""Months beside each other at 80 and at 140 columns."""
MOVED = "inside (not counted)"
"""The row of what was moved between the corporation's own divisions."""


def lay_out(context: BoardContext, answer: BoardAnswer) -> tuple[list[BoardColumn], list[Row]]:
    """Kinds as rows and months as columns, the newest last; the present month is not over.

    Of `other` each word has a row of its own, so that one that is new is seen. Beside the months
    stand a kind's share of all that came, or went, in them, and its lines of the newest month.
    """
    rows = answer.rows
    months = sorted({row["month"] for row in rows})[-WIDE_MONTHS:]
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        sums[_title(row), row["month"]] += row["amount"]
    counts = Counter[str]()
    for row in rows:
        counts[_title(row)] += row["count"] * (row["month"] == months[-1])
    present = f"{datetime.fromtimestamp(context.now, UTC):%Y-%m}"
    columns = [BoardColumn("kind", "text", "Kind")]
    for i, month in enumerate(months):
        title = f"{datetime.strptime(month, '%Y-%m').replace(tzinfo=UTC):%b %y}"
        wide = i < len(months) - SHOWN_MONTHS
        columns.append(
            BoardColumn(month, "isk", f"{title}{'*' * (month == present)}", wide=wide, summed=True)
        )
    columns.append(BoardColumn("share", "percent", wide=True))
    columns.append(BoardColumn("count", "count", "Lines", wide=True))
    places = {title: place for place, title in enumerate(TITLES.values())}
    shown = {title for title, month in sums if month in months}
    total = {title: sum(sums.get((title, month), 0.0) for month in months) for title in shown}
    sides = [sum(abs(v) for v in total.values() if (v < 0) == side) for side in (False, True)]
    laid: list[Row] = [
        {
            "kind": title,
            **{month: sums.get((title, month)) for month in months},
            "share": 100 * abs(total[title]) / sides[total[title] < 0] if total[title] else None,
            "count": counts[title],
        }
        for title in sorted(shown, key=lambda title: (places.get(title, len(places)), title))
    ]
    moved = {m: answer.summary["months"][m]["inside"] or None for m in months}
    if any(moved.values()):
        laid.append({"kind": MOVED, **moved, UNCOUNTED: True})
    return columns, laid


def details(_context: BoardContext, answer: BoardAnswer, shown: Sequence[Row]) -> list[list[str]]:
    """The words of a kind in the newest month, the largest sums first."""
    newest = max((row["month"] for row in answer.rows), default="")
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lines: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in answer.rows:
        if row["month"] == newest:
            words[_title(row)][row["ref_type"]] += row["amount"]
            lines[_title(row)][row["ref_type"]] += row["count"]
    return [
        [
            f"{word.replace('_', ' ')}  {isk(amount)}  {plural(lines[row['kind']][word], 'line')}"
            for word, amount in sorted(words[row["kind"]].items(), key=lambda item: -abs(item[1]))
        ]
        for row in shown
    ]


def _title(row: Row) -> str:
    title = TITLES[row["kind"]]
    return f"{title}: {row['ref_type'].replace('_', ' ')}" if row["kind"] == "other" else title


BY_MEMBER = """
SELECT month, character_id, SUM(bounties) AS bounties,
    SUM(bounties) * 100.0 / NULLIF((SELECT json_extract(tax_rates, '$.isk') FROM corporation_info
        WHERE corporation_id = :c), 0) AS before_tax, SUM(donated) AS donated, SUM(paid) AS paid
FROM (
    SELECT substr(date, 1, 7) AS month, second_party_id AS character_id,
        CASE WHEN ref_type = 'bounty_prizes' THEN amount ELSE 0.0 END AS bounties, 0.0 AS donated,
        CASE WHEN amount < 0 THEN -amount ELSE 0.0 END AS paid
    FROM wallet_journal WHERE corporation_id = :c AND amount IS NOT NULL
        AND (ref_type = 'bounty_prizes' OR amount < 0 AND first_party_id = :c)
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
    rate; None where that is not known. ESS comes later, in sums that name no member.
    """
    rows = context.rows(BY_MEMBER)
    return BoardAnswer(
        rows, {name: sum(row[name] for row in rows) for name in ("bounties", "donated", "paid")}
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
        BoardColumn("division", "division"),
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
    ),
)
