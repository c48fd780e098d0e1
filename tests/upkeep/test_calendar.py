"""The calendar: what is to come, as any calendar program reads it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import icalendar
import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.upkeep.calendar import as_icalendar
from tests.boards.support import C, copied, empty_database, put, seconds

NOW = seconds("2026-11-28T12:00")
HOSTILE = "Home; \\, [x]\nBEGIN:VEVENT\x1b[2J 株式会社 " + "long " * 20
SHOWN = "Home; \\, [x] BEGIN:VEVENT␛[2J 株式会社 " + "long " * 20


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """Two of each kind of thing to come, and one that has passed."""
    with empty_database() as opened:
        put(opened, "eve_name", {"id": 587, "name": "Rifter", "category": "x"})
        put(
            opened,
            "structure",
            {"structure_id": 1, "name": HOSTILE, "fuel_expires": "2026-12-01T10:00:07Z",
             "state": "armor_reinforce", "state_timer_end": "2026-11-29T03:12:00Z",
             "unanchors_at": "2026-12-05T00:00:00Z"},
            {"structure_id": 2, "name": "Dry", "fuel_expires": "2026-11-28T11:00:00Z"},
        )  # fmt: skip
        put(opened, "starbase", {"starbase_id": 3, "state": "reinforced", "moon_id": 40300101,
            "reinforced_until": "2026-11-30T05:00:00Z"})  # fmt: skip
        fuels = [{"type_id": 4246, "quantity": 400}]
        put(opened, "starbase_detail", {"starbase_id": 3, "fuels": json.dumps(fuels)})
        copied(opened, "structures", "starbase_detail", "2026-11-28T11:00")
        for arrives, state in (("12-01T20:00", "active"), ("12-02T20:00", "cancelled")):
            put(opened, "mining_extraction", {"structure_id": 1, "moon_id": 40300101,
                "extraction_start_time": f"2026-{arrives}:01Z", "state": state,
                "chunk_arrival_time": f"2026-{arrives}:00Z",
                "natural_decay_time": "2026-12-10T00:00:00Z"})  # fmt: skip
        jobs = {"product_type_id": 587, "status": "active"}
        put(
            opened,
            "industry_job",
            {**jobs, "job_id": 4, "end_date": "2026-11-28T12:00:01Z"},
            {**jobs, "job_id": 5, "end_date": "2026-11-28T11:59:59Z"},
            {**jobs, "job_id": 6, "end_date": "2026-12-01T00:00:00Z", "status": "paused"},
        )
        order = {"issued": "2026-09-01T00:00:00Z", "duration": 90, "type_id": 587, "state": "open"}
        put(opened, "market_order", {**order, "order_id": 7, "volume_remain": 1_200})
        contract = {"title": HOSTILE, "date_expired": "2026-12-02T00:00:00Z"}
        put(
            opened,
            "contract",
            {**contract, "contract_id": 8, "state": "outstanding"},
            {"contract_id": 9, "state": "in_progress", "date_expired": "2026-11-27T00:00:00Z",
             "date_accepted": "2026-11-27T06:00:00Z", "days_to_complete": 3},
            {**contract, "contract_id": 10, "state": "finished"},
        )  # fmt: skip
        yield opened


def events(db: sqlite3.Connection, now: float = NOW) -> dict[str, tuple[str, str]]:
    """Moment and text of every event, by its UID."""
    written = as_icalendar(BoardContext(db, C, now))
    parsed: Any = icalendar.Calendar.from_ical(written)
    return {
        str(e["UID"]): (e["DTSTART"].to_ical().decode(), str(e["SUMMARY"]))
        for e in parsed.walk("VEVENT")
    }


def test_every_kind_of_thing_to_come_stands_in_it_in_utc(db: sqlite3.Connection) -> None:
    tower = "Starbase 3"
    assert {uid.removesuffix(f"-{C}@corpsync"): e for uid, e in events(db).items()} == {
        "job-4": ("20261128T120001Z", "Rifter: job ready"),
        "fuel-3": ("20261128T210000Z", f"{tower}: out of fuel"),
        "timer-1": ("20261129T031200Z", f"{SHOWN}: armor reinforce"),
        "timer-3": ("20261130T050000Z", f"{tower}: reinforced"),
        "order-7": ("20261130T000000Z", "sell order for 1,200 Rifter ends"),
        "contract-9": ("20261130T060000Z", "contract 9 is due"),
        "fuel-1": ("20261201T100007Z", f"{SHOWN}: out of fuel"),
        f"chunk-1-{seconds('2026-12-01T20:00'):.0f}": (
            "20261201T200000Z",
            f"{SHOWN}: chunk of 40300101 arrives",
        ),
        "contract-8": ("20261202T000000Z", f"contract {SHOWN} ends"),
        "unanchors-1": ("20261205T000000Z", f"{SHOWN}: unanchors"),
    }


def test_its_uids_are_the_same_at_the_next_time(db: sqlite3.Connection) -> None:
    before = events(db)
    db.execute("UPDATE structure SET fuel_expires = '2026-12-20T00:00:00Z' WHERE structure_id = 1")
    after = events(db, NOW + 7_201.3)
    assert after.keys() == {uid for uid in before if not uid.startswith("job-4")}
    moved = {uid for uid in after if after[uid] != before[uid]}
    assert moved == {f"fuel-1-{C}@corpsync"}


def test_text_from_outside_is_escaped_and_lines_are_folded(db: sqlite3.Connection) -> None:
    written = as_icalendar(BoardContext(db, C, NOW))
    lines = written.split(b"\r\n")
    assert sum(line == b"BEGIN:VEVENT" for line in lines) == len(events(db))
    assert max(map(len, lines)) <= 75
    assert b"\x1b" not in written
    assert rb"Home\; \\\, [x] BEGIN" in written.replace(b"\r\n ", b"")
