"""A month's report: sums, the month before, and what makes them doubtful."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.upkeep.calendar import as_icalendar, find_moments
from corpsync_tui.upkeep.report import as_text, make_report, month_before
from tests.boards.support import C, empty_database, put, seconds

NOW = seconds("2026-11-28T12:00")


def row(id_: int, amount: float, balance: float, **values: object) -> dict[str, object]:
    told = {"division": 1, "date": "2026-11-20T10:00:00Z", "ref_type": "bounty_prizes"}
    return {"id": id_, "amount": amount, "balance": balance, **told, **values}


def test_income_and_cost_by_kind_and_what_came_of_the_month() -> None:
    lost = {"ship_type_id": 587, "damage_taken": 1, "corporation_id": C}
    with empty_database() as db:
        put(db, "market_price", {"type_id": 587, "average_price": 100.0})
        put(
            db,
            "wallet_journal",
            row(1, 50.0, 50.0, date="2026-10-01T00:00:00Z"),
            row(2, 10.0, 60.0),
            row(3, -4.0, 56.0, ref_type="brokers_fee"),
        )
        put(
            db,
            "wallet_transaction",
            {"transaction_id": 1, "date": "2026-11-02T00:00:00Z", "quantity": 3, "unit_price": 2.0},
        )
        put(
            db,
            "industry_job",
            {
                "job_id": 1,
                "activity_id": 1,
                "status": "delivered",
                "completed_date": "2026-11-03T00:00:00Z",
                "runs": 2,
                "product_type_id": 587,
            },
        )
        put(
            db,
            "killmail",
            {
                "killmail_id": 1,
                "killmail_time": "2026-11-04T00:00:00Z",
                "victim": json.dumps(lost),
                "attackers": "[]",
            },
        )
        put(
            db,
            "mining_ledger",
            {"type_id": 587, "last_updated": "2026-11-05", "quantity": 4},
        )
        put(
            db,
            "change",
            {
                "run_id": 1,
                "time": seconds("2026-11-06T00:00"),
                "table_name": "member",
                "kind": "added",
            },
        )
        context = BoardContext(db, C, NOW)
        report, before = make_report(context, "2026-11"), make_report(context, "2026-10")

    assert report.income == [{"kind": "bounties", "amount": 10.0}]
    assert report.cost == [{"kind": "fees", "amount": -4.0}]
    assert (report.net, before.net) == (6.0, 50.0)
    assert (report.mined, report.built, report.sold, report.lost) == (400.0, 200.0, 6.0, 100.0)
    assert (report.joined, report.left) == (1, 0)
    assert report.notes == ["The month is not over."]
    assert any(line.startswith("| Net |") for line in as_text(report, before, markdown=True))


def test_a_gap_and_a_late_beginning_are_said() -> None:
    with empty_database() as db:
        put(db, "wallet_journal", row(1, 10.0, 10.0), row(2, 5.0, 115.0))
        report = make_report(BoardContext(db, C, seconds("2026-12-02T00:00")), "2026-11")

    assert report.notes == [
        "The journal begins on 2026-11-20: what was before is not in the sums.",
        "What lies in 1 gap of the journal, 100.00, is in no sum.",
    ]


def test_a_missing_price_is_said() -> None:
    with empty_database() as db:
        put(db, "wallet_journal", row(1, 10.0, 10.0, date="2026-11-01T00:00:00Z"))
        put(db, "mining_ledger", {"type_id": 587, "last_updated": "2026-11-05", "quantity": 4})
        report = make_report(BoardContext(db, C, seconds("2026-12-02T00:00")), "2026-11")

    assert report.mined == 0.0
    assert report.notes == ["Things without a price count as nothing (1 row)."]


def test_january_comes_after_december() -> None:
    assert month_before("2026-01") == "2025-12"


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
