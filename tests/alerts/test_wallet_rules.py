"""Alerts of gaps in the journal as they come, however old; and of members who bring less."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.alerts.support import DAY, HOUR, Home
from tests.alerts.wallet_cases import TURN, brought, entry, gap
from tests.support.database import NOW, insert_run


def test_a_gap_that_a_month_offline_left_is_news_for_two_days(home: Home) -> None:
    home.put("change_start", table_name="wallet_journal", time=NOW - 50 * DAY)
    insert_run(home.path, "wallet", start_time=NOW - 40 * DAY)
    insert_run(home.path, "wallet", start_time=NOW - 60)
    gap(home, 29 * DAY)
    (alert,) = home.look("journal_gap")
    assert alert.row_key == {"division": 1, "id": 9}

    home.now += 3 * DAY
    assert home.look("journal_gap") == ()


def test_a_run_that_failed_has_not_read_what_there_was(home: Home) -> None:
    home.put("change_start", table_name="wallet_journal", time=NOW - 50 * DAY)
    insert_run(home.path, "wallet", start_time=NOW - 40 * DAY)
    insert_run(home.path, "wallet", start_time=NOW - 4 * DAY, result="error")
    gap(home, 5 * DAY)

    assert len(home.look("journal_gap")) == 1


def test_a_row_without_a_balance_proves_nothing(home: Home) -> None:
    entry(home, 1, 1.0, 1.0)
    entry(home, 2, 1.0, 2.0)
    home.sql("UPDATE wallet_journal SET balance = NULL")

    assert home.look("journal_gap") == ()


def test_each_gap_of_late_is_an_alert_of_its_own(home: Home) -> None:
    entry(home, 1, 1.0, 1.0, division=7)
    entry(home, 2, 1.0, 9.0, division=7)
    entry(home, 3, 1.0, 5.0, division=7)

    assert [alert.row_key for alert in home.look("journal_gap")] == [
        {"division": 7, "id": 2},
        {"division": 7, "id": 3},
    ]


def test_bounty_tax_and_donations_are_contributions_and_trade_is_none(home: Home) -> None:
    brought(home, [90, 90, 90, 0, 0, 0], 7, ref_type="bounty_prizes")
    brought(home, [90, 90, 90, 0, 0, 0], 8)
    brought(home, [90, 90, 90, 0, 0, 0], 9, ref_type="market_transaction")

    found = [alert.row_key for alert in home.look("contribution")]
    assert found == [{"character_id": 7}, {"character_id": 8}]


@pytest.mark.parametrize(
    "millions",
    [
        pytest.param([90, 90, 90, 0, 0, 0, 0], id="as low for a month more"),
        pytest.param([0, 0, 300, 0, 50, 0, 30, 0], id="a quarter in between is no recovery"),
    ],
)
def test_a_drop_that_goes_on_is_told_once(home: Home, millions: Sequence[float]) -> None:
    brought(home, millions)

    assert home.look("contribution") == ()


@pytest.mark.parametrize("least", [91_000_000, False])
def test_who_never_brought_much_is_not_missed(home: Home, least: int) -> None:
    brought(home, [90, 90, 90, 0, 0, 0])

    assert home.look("contribution", contribution=least) == ()


def test_who_left_brings_nothing_any_more(home: Home) -> None:
    brought(home, [90, 90, 90, 0, 0, 0])
    home.sql("DELETE FROM member")

    assert home.look("contribution") == ()


def test_nothing_is_said_of_a_month_that_is_not_read_to_its_end(home: Home) -> None:
    brought(home, [90, 90, 90, 0, 0, 0])
    home.sql("UPDATE sync_status SET last_success_time = ?", TURN - 2 * HOUR)

    assert home.look("contribution") == ()


def test_nothing_is_said_where_the_journal_begins_within_the_six_months(home: Home) -> None:
    brought(home, [90, 90, 90, 0, 0, 0])
    home.sql("DELETE FROM wallet_journal WHERE id = 693")

    assert home.look("contribution") == ()


def test_what_a_gap_swallowed_may_be_what_is_missed(home: Home) -> None:
    brought(home, [90, 90, 90, 0, 0, 0])
    entry(home, 901, 1.0, 1.0, date="2026-07-01T00:00:00Z")
    entry(home, 902, 1.0, 9.0, date="2026-07-02T00:00:00Z")

    assert home.look("contribution") == ()
    home.sql("UPDATE wallet_journal SET balance = 2.0 WHERE id = 902")
    assert len(home.look("contribution")) == 1
