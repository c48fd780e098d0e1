"""How far back a table goes: `f` turns through the periods of its filter."""

from __future__ import annotations

from corpsync_tui.tui.screens.data.period import turn_period


def test_a_key_turns_through_the_periods_and_leaves_the_rest_of_the_filter() -> None:
    filter_ = "type:rifter"
    seen = []
    for _ in range(4):
        filter_ = turn_period(filter_, "date")
        seen.append(filter_)
    assert seen == [
        "type:rifter date>7d",
        "type:rifter date>24h",
        "type:rifter date>30d",
        "type:rifter",
    ]


def test_a_period_of_ones_own_gives_way_and_other_columns_stay() -> None:
    assert turn_period("date>3d rifter", "date") == "rifter date>7d"
    assert turn_period("update>7d", "date") == "update>7d date>7d"
    assert turn_period("date>2026-01-01", "date") == "date>2026-01-01 date>7d"
