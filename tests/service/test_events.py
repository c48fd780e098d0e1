"""Everything that front ends are told can travel to another process, and comes back alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from corpsync_tui.esi.requestlog import SentRequest
from corpsync_tui.queries.records import RunRecord, SyncConfig, SyncStatus
from corpsync_tui.service.api import Corporation, Snapshot
from corpsync_tui.service.esi_status import (
    BucketUsage,
    CharacterStatus,
    EsiStatus,
    ProcessAccess,
    ReferenceStatus,
)
from corpsync_tui.sync import events
from corpsync_tui.sync.action import ActionResult

NOW = datetime(2026, 3, 14, 14, 5, 0, 250_000, UTC)
STATUS = SyncStatus("1/assets", "assets", 1, "error", 30.0, "No answer.", NOW, error_kind="network")
CONFIG = SyncConfig("1/assets", "assets", 1, next_run_time=NOW)
RUN = RunRecord(7, "1/assets", "assets", 1, "manual", NOW, 1.5, "error", items=3)
RECORDS = (
    events.StatusChanged(STATUS),
    events.RunRecorded(RUN),
    events.ScheduleChanged(CONFIG),
    events.ScheduleStatus(paused=True, waiting={"1/assets": "Queued (1st)"}, esi_down_since=NOW),
    events.Noticed("The clock was set.", NOW),
    events.TerminalNotified("\x1b]9;corpsync: Fuel ends.\a"),
    events.Watching("watching corpsync run · pid 4711"),
    ActionResult("Assets is current until 14:52 EVE time.", "current", NOW),
    EsiStatus(
        down_since=NOW,
        buckets=(BucketUsage("corp-asset", "Aldra Vex", 3, 10, 900, NOW, (("assets", 4),)),),
        requests=(SentRequest(NOW.timestamp(), "GET", "/status", None, "", None, 0, 0.5),),
        characters=(
            CharacterStatus(
                9,
                "Aldra Vex",
                1,
                "Hedion Freight Union",
                scopes=("esi-assets.read_corporation_assets.v1",),
                processes=(ProcessAccess("1/assets", "assets", "could"),),
            ),
        ),
        reference=ReferenceStatus(updated=NOW),
    ),
    Snapshot(
        statuses=[STATUS],
        configs=[CONFIG],
        runs=[RUN],
        corporations=[Corporation(1, "Hedion Freight Union", "HEDU")],
        process_types=["assets"],
        settings={"screen": "data"},
    ),
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_alike(record: object) -> None:
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


def test_no_event_is_left_out() -> None:
    """What needs attention is read from the database instead."""
    assert set(get_args(events.SyncEvent)) - {type(record) for record in RECORDS} == {
        events.AttentionChanged
    }
