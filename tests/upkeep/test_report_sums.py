"""Every figure of a report against plain Python over what the simulator's corporation is."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.ref_types import BY_SIGN, KINDS
from corpsync_tui.settings.boards import check_boards
from corpsync_tui.upkeep.month_report import read_month
from tests.boards.simulated import simulated
from tests.boards.support import C, put

TABLES = ("wallet_journal", "wallet_transaction", "industry_job", "mining_ledger", "killmail")
OUTSIDER = 95_000_001
JOINED, LEFT = 2, 3
"""Members who came and went in each month, a run that was only counted among them."""


@dataclass(frozen=True)
class World:
    db: sqlite3.Connection
    truth: Mapping[str, list[dict[str, Any]]]
    months: list[str]
    prices: Mapping[int, float]
    dear: tuple[str, int]
    """A day, and an ore that cost three times as much on it."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The demo's corporation, and rows at the very edges of its months."""
    with simulated("demo", ticks=200) as (db, simulator):
        truth = {table: list(simulator.truth(table)) for table in TABLES}
        months = sorted({row["date"][:7] for row in truth["wallet_journal"]})
        # Thirty days may lie within one month: there is another before it.
        months.insert(0, f"{datetime.fromisoformat(f'{months[0]}-01') - timedelta(days=1):%Y-%m}")
        trades = sorted(truth["wallet_transaction"], key=lambda row: row["transaction_id"])
        prices = {row["type_id"]: row["unit_price"] for row in trades}
        for row in simulator.truth("market_price"):
            price = row["average_price"]
            prices[row["type_id"]] = row["adjusted_price"] if price is None else price
        for month in months:
            _add_edges(db, truth, month)
            _add_members(db, month)
        ledger = max(truth["mining_ledger"], key=lambda row: row["quantity"])
        dear = ledger["last_updated"], ledger["type_id"]
        put(db, "price_day", {"day": dear[0], "type_id": dear[1], "average_price": 1e6})
        yield World(db, truth, months, prices, dear)


def _edges(month: str) -> tuple[str, str]:
    """The first and the last second of a month, as ESI writes them."""
    year, number = map(int, month.split("-"))
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC).timestamp() - 1
    return f"{month}-01T00:00:00Z", f"{datetime.fromtimestamp(end, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _add_edges(db: sqlite3.Connection, truth: Mapping[str, list[Any]], month: str) -> None:
    """Income, cost, a sale, and a move between own divisions at both edges."""
    for number, date in enumerate(_edges(month)):
        id_ = 9_000_000_000 + int(month[-2:]) * 10 + number
        sides = {"first_party_id": OUTSIDER, "second_party_id": C}
        own = {"first_party_id": C, "second_party_id": C}
        move = "corporation_account_withdrawal"
        journal = [
            {"division": 3, "ref_type": "contract_price", "amount": 1e9 + 1, **sides},
            {"division": 3, "ref_type": "contract_price", "amount": -4e8, **sides},
            {"division": 3, "ref_type": "player_donation", "amount": -7e7, **sides},
            {"division": 5, "ref_type": "a_new_word", "amount": 12.25, **sides},
            {"division": 6, "ref_type": move, "amount": -5e9, **own},
            {"division": 7, "ref_type": move, "amount": 5e9, **own},
        ]
        common = {"date": date, "balance": None}
        journal = [{**row, **common, "id": id_ + n * 10_000} for n, row in enumerate(journal)]
        sale = {"transaction_id": id_, "division": 2, "date": date, "quantity": 3}
        sales = [{**sale, "unit_price": 1e7, "is_buy": number, "type_id": 34}]
        put(db, "wallet_journal", *journal)
        put(db, "wallet_transaction", *sales)
        truth["wallet_journal"] += journal
        truth["wallet_transaction"] += sales


def _add_members(db: sqlite3.Connection, month: str) -> None:
    start, last = (datetime.fromisoformat(edge).timestamp() for edge in _edges(month))
    row = {"run_id": 1, "table_name": "member", "row_key": "{}"}
    counted = json.dumps({"added": 1, "changed": 5, "removed": 2})
    put(
        db,
        "change",
        {**row, "time": start, "kind": "added"},
        {**row, "time": last + 0.999, "kind": "removed"},
        {**row, "time": last, "kind": "changed"},
        {**row, "time": last, "kind": "bulk", "row_key": None, "after": counted},
        {**row, "time": last, "kind": "added", "table_name": "asset"},
        {**row, "time": last, "kind": "added", "corporation_id": C + 1},
    )


def _kind(ref_type: str, amount: float) -> str:
    if ref_type in BY_SIGN:
        return BY_SIGN[ref_type][amount < 0]
    return next((kind for kind, words in KINDS.items() if ref_type in words), "other")


def _sides(world: World, month: str) -> dict[tuple[str, str], float]:
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in world.truth["wallet_journal"]:
        inside = row["first_party_id"] == C and row["second_party_id"] == C
        if row["date"].startswith(month) and not inside:
            side = "cost" if row["amount"] < 0 else "income"
            sums[side, _kind(row["ref_type"], row["amount"])] += row["amount"]
    return sums


def _mined(world: World, month: str) -> float:
    total = 0.0
    for row in world.truth["mining_ledger"]:
        if row["last_updated"].startswith(month):
            is_dear = (row["last_updated"], row["type_id"]) == world.dear
            price = 1e6 if is_dear else world.prices.get(row["type_id"], 0.0)
            total += row["quantity"] * price
    return total


def _cargo(world: World, items: list[dict[str, Any]]) -> float:
    total = 0.0
    for item in items:
        if item["flag"] != 179:  # the frigate escape bay
            number = item.get("quantity_destroyed", 0) + item.get("quantity_dropped", 0)
            share = 0.01 if item.get("singleton") == 2 else 1.0
            total += number * world.prices.get(item["item_type_id"], 0.0) * share
            total += _cargo(world, item.get("items", []))
    return total


def _lost(world: World, month: str) -> float:
    victims = [
        mail["victim"]
        for mail in world.truth["killmail"]
        if mail["killmail_time"].startswith(month) and mail["victim"].get("corporation_id") == C
    ]
    return sum(
        world.prices.get(victim["ship_type_id"], 0.0) + _cargo(world, victim.get("items", []))
        for victim in victims
    )


def _expected(world: World, month: str) -> dict[str, Any]:
    sides = _sides(world, month)
    built = sum(
        job["runs"] * world.prices.get(job["product_type_id"], 0.0)
        for job in world.truth["industry_job"]
        if job["status"] == "delivered"
        and job["activity_id"] in (1, 9, 11)
        and job["completed_date"].startswith(month)
    )
    sold = sum(
        row["quantity"] * row["unit_price"]
        for row in world.truth["wallet_transaction"]
        if not row["is_buy"] and row["date"].startswith(month)
    )
    sums = {"mined": _mined(world, month), "built": built, "sold": sold}
    sums |= {"lost": _lost(world, month), "net": sum(sides.values())}
    return {
        "month": month,
        **{
            side: {kind: pytest.approx(v) for (s, kind), v in sides.items() if s == side}
            for side in ("income", "cost")
        },
        **{name: pytest.approx(value, abs=0.01) for name, value in sums.items()},
        "joined": JOINED if month in world.months else 0,
        "left": LEFT if month in world.months else 0,
    }


def test_every_figure_of_every_month_is_that_of_the_truth(world: World) -> None:
    context = BoardContext(world.db, C, time.time(), check_boards({}))
    names = [*world.months, f"{int(world.months[-1][:4]) + 1}-01"]
    assert len(world.months) > 1
    some: defaultdict[str, float] = defaultdict(float)
    for month in names:
        document = read_month(context, month).document()
        for found in (document, document["previous"]):
            told = {key: found[key] for key in found if key not in ("notes", "previous")}
            for side in ("income", "cost"):
                amounts = [part["amount"] for part in told[side]]
                assert amounts == sorted(amounts, key=abs, reverse=True)
                told[side] = {part["kind"]: part["amount"] for part in told[side]}
            assert told == _expected(world, found["month"])
            for name in ("mined", "built", "sold", "lost"):
                some[name] += found[name]
    assert all(some.values()), some
