"""The calendar: what is to come, as any calendar program reads it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.upkeep.calendar import as_icalendar, find_moments
from tests.boards.support import C, empty_database, put, seconds

NOW = seconds("2026-11-28T12:00")


def test_the_calendar_has_what_is_to_come_in_utc() -> None:
    import icalendar

    with empty_database() as db:
        put(
            db,
            "structure",
            {"structure_id": 1, "name": "Home\x1b", "fuel_expires": "2026-12-01T10:00:00Z"},
        )
        put(
            db,
            "market_order",
            {"order_id": 2, "issued": "2026-09-01T00:00:00Z", "duration": 90, "state": "open"},
        )
        put(
            db,
            "industry_job",
            {"job_id": 3, "status": "active", "end_date": "2026-11-01T00:00:00Z"},
        )
        context = BoardContext(db, C, NOW)
        moments, text = find_moments(context), as_icalendar(context)

    assert [m.key for m in moments] == ["order-2", "fuel-1"]
    parsed: Any = icalendar.Calendar.from_ical(text)
    ends = [event["DTSTART"].dt for event in parsed.walk("VEVENT")]
    assert ends == [
        datetime(2026, 11, 30, tzinfo=UTC),
        datetime(2026, 12, 1, 10, tzinfo=UTC),
    ]
    assert b"\x1b" not in text
    assert text.count(b"@corpsync") == pytest.approx(2)
