"""Gaps in the journal: told as they come, however old the rows around them are."""

from __future__ import annotations

from tests.alerts.support import DAY, Home
from tests.alerts.wallet_cases import entry, gap
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
