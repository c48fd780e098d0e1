"""The charts of boards: their figures, step by step."""

from __future__ import annotations

import sqlite3

from corpsync_tui.boards.kit.board import BoardChart, BoardContext
from corpsync_tui.service.boards import read_page
from corpsync_tui.settings.boards import check_boards
from tests.boards.support import C, empty_database, put, seconds

NOW = "2026-11-28T12:00"


def charts(db: sqlite3.Connection, board: str) -> list[BoardChart]:
    page = read_page(BoardContext(db, C, seconds(NOW), check_boards({})), board, "")
    return list(page.charts)


def test_balances_are_reckoned_back_from_today_s() -> None:
    with empty_database() as db:
        for id_, month, amount in ((1, "09", 5.0), (2, "10", -20.0), (3, "11", 7.0)):
            put(db, "wallet_journal", {"id": id_, "division": 1, "amount": amount,
                "date": f"2026-{month}-03T10:00:00Z", "ref_type": "player_donation",
                "first_party_id": 1, "second_party_id": C})  # fmt: skip
        put(db, "wallet_balance", {"division": 1, "balance": 100.0})
        net, balance = charts(db, "wallet")

    assert net.steps == [("2026-09", 5.0), ("2026-10", -20.0), ("2026-11", 7.0)]
    assert balance.steps == [("2026-09", 113.0), ("2026-10", 93.0), ("2026-11", 100.0)]


def test_days_without_ore_are_days_too() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 34, "average_price": 2.0})
        put(db, "mining_ledger", {"observer_id": 1, "character_id": 7, "quantity": 10,
            "recorded_corporation_id": C, "type_id": 34, "last_updated": "2026-11-27"})  # fmt: skip
        (ore,) = charts(db, "moons")

    assert len(ore.steps) == 30
    assert ore.steps[-2:] == [("2026-11-27", 20.0), ("2026-11-28", 0.0)]
    assert not any(value for _, value in ore.steps[:-2])


def test_online_is_the_mean_of_two_weeks_and_value_the_sum_of_divisions() -> None:
    with empty_database() as db:
        for day, hour, count in (("26", 20, 10), ("27", 20, 20), ("27", 21, 8)):
            put(db, "presence", {"day": f"2026-11-{day}", "hour": hour, "count": count})
        put(db, "presence", {"day": "2026-10-01", "hour": 20, "count": 900})
        for day, division, value in (("26", 1, 5.0), ("27", 1, 6.0), ("27", 2, 1.0)):
            put(db, "value_day", {"day": f"2026-11-{day}", "division": division, "value": value})
        (online, _), (value_,) = charts(db, "members"), charts(db, "stock")

    assert online.steps == [("20:00", 15.0), ("21:00", 8.0)]
    assert value_.steps == [("2026-11-26", 5.0), ("2026-11-27", 7.0)]


def test_too_few_figures_are_no_chart() -> None:
    with empty_database() as db:
        for board in ("wallet", "moons", "members", "stock", "kills"):
            assert charts(db, board) == []


def test_online_is_shown_by_day_of_the_week_in_parts_of_the_day_with_gaps_between() -> None:
    with empty_database() as db:
        for day, hour, count in (
            ("2026-11-23", 0, 4),  # a Monday
            ("2026-11-23", 4, 8),
            ("2026-11-16", 0, 6),
            ("2026-11-22", 23, 9),  # a Sunday
            ("2026-11-02", 0, 99),  # too long ago
        ):
            put(db, "presence", {"day": day, "hour": hour, "count": count})
        _, week = charts(db, "members")

    assert len(week.steps) == 7 * 5 + 6
    assert week.steps[0] == ("Mo", 6.0)
    assert week.steps[-1] == ("Su", 9.0)
    assert [step for step in week.steps if step[1] is not None] == [("Mo", 6.0), ("Su", 9.0)]
    assert week.steps[5] == ("", None)
