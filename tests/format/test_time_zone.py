"""Where this computer's clock is put back an hour, EVE's is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.esi.headers import moment
from corpsync_tui.format.times import eve_time, moment_of, seconds_of

HOURS = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in range(3, 9)]
"""In New York summer time ends at 06:00 UTC of that day: 01:30 comes twice."""


@pytest.fixture(autouse=True, params=["America/New_York", "Pacific/Chatham", "UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_an_instant_is_the_same_in_every_zone() -> None:
    for when in HOURS:
        text, seconds = f"{when:%Y-%m-%dT%H:%M:%SZ}", when.timestamp()
        assert seconds_of(text) == seconds == moment(f"{when:%a, %d %b %Y %H:%M:%S GMT}")
        assert f"{when:%Y-%m-%d %H:%M}" in eve_time(seconds)
        assert moment_of(text) == f"{when:%d %b %H:%M}"
        now = Clock(seconds - time.time()).now()
        assert abs((now - when).total_seconds()) < 60
