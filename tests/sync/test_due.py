"""The rules of the schedule: next run, current, and a clock that runs back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from corpsync_tui.queries.records import SyncConfig, SyncStatus
from corpsync_tui.sync import due
from corpsync_tui.sync.stagger import Stagger

NOW = datetime(2026, 9, 21, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CONFIG = SyncConfig("1/assets", "assets", 1, interval_minutes=30)
STATUS = SyncStatus("1/assets", "assets", 1, status="success", last_run_time=NOW - MINUTE)


@pytest.mark.parametrize(
    ("minutes", "until", "expected"),
    [
        (30, None, 30 * MINUTE),
        (30, 20 * MINUTE, 30 * MINUTE),
        (30, 60 * MINUTE, 60 * MINUTE),
        (30, -5 * MINUTE, 30 * MINUTE),
        (0.25, None, timedelta(seconds=15)),
    ],
)
def test_the_next_run_is_the_later_of_interval_and_expiry(
    minutes: float, until: timedelta | None, expected: timedelta
) -> None:
    config = replace(CONFIG, interval_minutes=minutes)
    current_until = None if until is None else NOW + until
    found = due.next_run_time(config, needs=None, end=NOW, current_until=current_until)

    assert found == NOW + expected


def test_off_and_parked_processes_have_no_next_run() -> None:
    off = replace(CONFIG, enabled=False)

    assert due.next_run_time(off, needs=None, end=NOW, current_until=None) is None
    assert due.next_run_time(CONFIG, needs="login", end=NOW, current_until=None) is None


def test_more_to_come_is_due_at_once() -> None:
    found = due.next_run_time(
        CONFIG, needs=None, end=NOW, current_until=NOW + MINUTE, more_to_come=True
    )

    assert found == NOW


@pytest.mark.parametrize(
    ("change", "current"),
    [
        ({}, True),
        ({"current_until": NOW}, False),
        ({"current_until": None}, False),
        ({"current_until": NOW + timedelta(days=365)}, False),
        ({"status": "error"}, False),
        ({"status": "idle"}, False),
        ({"needs": "login"}, False),
    ],
)
def test_current_is_what_succeeded_and_has_not_expired(
    change: dict[str, object], current: bool
) -> None:
    status = replace(STATUS, current_until=NOW + MINUTE)

    assert due.is_current(replace(status, **change), NOW) is current  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("next_run", "expected"),
    [(NOW + timedelta(days=365), NOW + 30 * MINUTE), (NOW + MINUTE, NOW + MINUTE), (None, None)],
)
def test_a_clock_set_back_brings_runs_near(
    next_run: datetime | None, expected: datetime | None
) -> None:
    found = due.brought_near(replace(CONFIG, next_run_time=next_run), NOW)

    assert found.next_run_time == expected


def test_a_clock_set_back_shows_in_what_lies_in_the_future() -> None:
    on = replace(STATUS, next_run_time=NOW)
    assert not due.ahead([on], NOW)
    assert not due.ahead([replace(on, last_run_time=NOW + MINUTE / 2)], NOW)
    assert due.ahead([replace(on, last_run_time=NOW + 2 * MINUTE)], NOW)
    assert due.ahead([replace(on, last_success_time=NOW + 2 * MINUTE)], NOW)
    assert not due.ahead([replace(STATUS, last_run_time=NOW + 2 * MINUTE)], NOW)


def test_only_a_month_ahead_and_beyond_the_interval_is_far() -> None:
    def far(days: float, interval_minutes: float = 30) -> bool:
        config = replace(CONFIG, interval_minutes=interval_minutes)
        return due.is_far(replace(config, next_run_time=NOW + timedelta(days=days)), NOW)

    assert not far(29)
    assert far(31)
    assert not far(31, interval_minutes=60 * 24 * 60)


def test_staggered_starts_keep_their_order_and_come_no_later_than_15_s() -> None:
    stagger, names = Stagger(), [f"1/{n}" for n in range(30)]
    started: dict[str, float] = {}
    now = 100.0
    waiting = list(names)
    while waiting:
        for name in stagger.release(waiting, now):
            started[name] = now
            waiting.remove(name)
        now += 0.5

    assert list(started) == names
    assert started[names[0]] == 100
    assert max(started.values()) <= 115
    assert len(set(started.values())) >= 9


def test_what_is_no_longer_due_loses_its_moment() -> None:
    stagger = Stagger()
    assert stagger.release(["a", "b"], 0.0) == ["a"]
    assert stagger.release([], 1.0) == []

    assert stagger.moments() == []
