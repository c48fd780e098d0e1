"""A month's report: sums, the month before, and what makes them doubtful."""

import json
import sqlite3

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.format.months import month_after, month_bounds, month_name
from corpsync_tui.upkeep.month_report import MonthReport, read_month
from corpsync_tui.upkeep.report import TABLES, read_copies
from tests.boards.support import C, copied, empty_database, put, seconds

NOW = seconds("2026-12-02T00:00")


def row(id_: int, amount: float, balance: float, **values: object) -> dict[str, object]:
    told = {"division": 1, "date": "2026-11-20T10:00:00Z", "ref_type": "bounty_prizes"}
    return {"id": id_, "amount": amount, "balance": balance, **told, **values}


def read_all(db: sqlite3.Connection, at: str = "2026-12-01T00:00") -> None:
    """Say that everything was read at a moment, and is known since long."""
    for table in TABLES:
        copied(db, "wallet", table, at)
    put(db, "change_start", {"table_name": "member", "time": 0.0})


def report(db: sqlite3.Connection, month: str = "2026-11", now: float = NOW) -> MonthReport:
    return read_month(BoardContext(db, C, now), month)


def in_every_form(found: MonthReport, note: str) -> bool:
    """Whether text, Markdown and JSON all bear a note about the month."""
    return (
        note in found.as_text()
        and f"- {note}" in found.as_markdown()
        and note in found.document()["notes"]
    )


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
        read_all(db)
        found = report(db, now=seconds("2026-11-28T12:00"))
        context = BoardContext(db, C, NOW)
        assert set(read_copies(context).values()) == {seconds("2026-12-01T00:00")}

    month, before = found.month, found.before
    assert month.income == [{"kind": "bounties", "amount": 10.0}]
    assert month.cost == [{"kind": "fees", "amount": -4.0}]
    assert (month.net, before.net) == (6.0, 50.0)
    assert (month.mined, month.built, month.sold, month.lost) == (400.0, 200.0, 6.0, 100.0)
    assert (month.joined, month.left) == (1, 0)
    assert found.notes == ["The month is not over."]
    assert found.as_text()[:4] == [
        "                        2026-11      2026-10",
        "Income                    10.00        50.00",
        "  Bounties and ESS        10.00        50.00",
        "Cost                      −4.00         0.00",
    ]
    assert found.as_markdown()[:5] == [
        f"## Corporation {C}: November 2026",
        "",
        "|  | 2026-11 | 2026-10 |",
        "| --- | ---: | ---: |",
        "| Income | 10.00 | 50.00 |",
    ]
    assert found.document()["previous"]["month"] == "2026-10"


def test_a_gap_in_the_journal_is_said_of_every_month_that_it_touches() -> None:
    """What is missing lies between two rows: here between those of October and of November."""
    with empty_database() as db:
        read_all(db)
        put(
            db,
            "wallet_journal",
            row(1, 10.0, 10.0, date="2026-09-01T00:00:00Z"),
            row(2, 1.0, 11.0, date="2026-10-31T23:59:59Z"),
            row(3, 5.0, 116.0, date="2026-11-01T00:00:00Z"),
        )
        months = {m: report(db, m) for m in ("2026-09", "2026-10", "2026-11")}
    note = "What lies in 1 gap of the journal, 100.00, is in no sum."
    assert {m: in_every_form(found, note) for m, found in months.items()} == {
        "2026-09": False,
        "2026-10": True,
        "2026-11": True,
    }


@pytest.mark.parametrize("figure", ["mined", "built", "lost"])
def test_a_missing_price_is_said(figure: str) -> None:
    mined = {"type_id": 587, "last_updated": "2026-11-05", "quantity": 4}
    job = {"job_id": 1, "activity_id": 1, "status": "delivered", "product_type_id": 587}
    item = {"item_type_id": 34, "quantity_dropped": 1, "flag": 5}
    box = {"item_type_id": 17366, "quantity_dropped": 1, "flag": 5, "items": [item]}
    victim = {"ship_type_id": 593, "corporation_id": C, "items": [box]}
    with empty_database() as db:
        read_all(db)
        put(db, "wallet_journal", row(1, 10.0, 10.0, date="2026-11-01T00:00:00Z"))
        put(db, "market_price", *({"type_id": t, "average_price": 7.0} for t in (593, 17366)))
        if figure == "mined":
            put(db, "mining_ledger", mined)
        elif figure == "built":
            put(db, "industry_job", {**job, "runs": 2, "completed_date": "2026-11-05T00:00:00Z"})
        else:
            mail = {"killmail_id": 1, "killmail_time": "2026-11-04T00:00:00Z", "attackers": "[]"}
            put(db, "killmail", {**mail, "victim": json.dumps(victim)})
        found = report(db)

    assert getattr(found.month, figure) == (14.0 if figure == "lost" else 0.0)
    assert found.month.notes == ["Things without a price count as nothing (1 row)."]
    assert in_every_form(found, found.month.notes[0])


def test_losses_of_long_ago_count_however_many_came_since() -> None:
    victim = json.dumps({"ship_type_id": 587, "corporation_id": C})
    with empty_database() as db:
        put(db, "market_price", {"type_id": 587, "average_price": 100.0})
        mail = {"victim": victim, "attackers": "[]"}
        first = {**mail, "killmail_id": 1, "killmail_time": "2026-10-04T00:00:00Z"}
        later = {**mail, "killmail_time": "2026-11-04T00:00:00Z"}
        put(db, "killmail", first, *({**later, "killmail_id": n} for n in range(2, 10_102)))
        found = report(db)
    assert (found.before.lost, found.month.lost) == (100.0, 1_010_000.0)


def test_what_is_not_known_of_a_month_is_said() -> None:
    with empty_database() as db:
        put(db, "wallet_journal", row(1, 10.0, 10.0))
        copied(db, "wallet", "wallet_journal", "2026-11-28T12:30")
        copied(db, "members", "member", "2026-12-01T00:00")
        put(db, "change_start", {"table_name": "member", "time": seconds("2026-11-19T08:00")})
        found = report(db)
        empty = read_month(BoardContext(db, C + 1, NOW), "2027-01")

    assert found.month.notes == [
        "Wallet was last read 2026-11-28 12:30 EVE: what came later is in no sum.",
        "Never read, and so in no sum: Manufacturing, Mining, Killmails.",
        "The journal begins on 2026-11-20: what was before is not in the sums.",
        "Who joined and left is known since 2026-11-19.",
    ]
    assert all(in_every_form(found, note) for note in found.month.notes)
    assert found.notes == found.month.notes  # those of October say the same
    assert empty.notes[0] == "The month has not begun."
    assert "Wallet" in empty.notes[1]


def test_the_name_of_a_corporation_is_text_in_markdown() -> None:
    with empty_database() as db:
        put(db, "eve_name", {"id": C, "name": "*A|B* [x](https://evil)\x1b[2J", "category": "x"})
        found = report(db)
    (heading,) = (line for line in found.as_markdown() if line.startswith("#"))
    escaped = r"## \*A\|B\* \[x\]\(https\://evil\)␛\[2J: November 2026"
    assert heading == escaped


def test_months_follow_each_other_over_the_turn_of_the_year() -> None:
    assert month_after("2026-01", -1) == "2025-12"
    assert month_after("2025-12") == "2026-01"
    assert month_name("2026-01") == "January 2026"
    assert month_bounds("2025-12") == (seconds("2025-12-01T00:00"), seconds("2026-01-01T00:00"))
