"""What commands that only look are told."""

from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.lock import OwnerLock
from corpsync_tui.upkeep.reading import read_history, read_status
from tests.support.database import (
    CORPORATION,
    NOW,
    insert_character,
    insert_process,
    insert_run,
)

PROCESS_KEYS = [
    "process_id",
    "process_type",
    "corporation_id",
    "corporation_name",
    "enabled",
    "interval_minutes",
    "status",
    "progress",
    "current_step",
    "last_run_time",
    "last_success_time",
    "next_run_time",
    "current_until",
    "error_kind",
    "error_message",
    "error_count",
    "items_processed",
    "total_items",
    "needs",
]
RUN_KEYS = [
    "id",
    "process_id",
    "process_type",
    "corporation_id",
    "trigger",
    "start_time",
    "duration",
    "result",
    "items",
    "rows_added",
    "rows_changed",
    "rows_removed",
    "requests_sent",
    "not_modified",
    "items_failed",
    "error_kind",
    "error_message",
    "note",
    "current_until",
]


def test_nothing_yet(tmp_path: Path) -> None:
    missing = tmp_path / "data/corpsync.db"

    assert read_status(missing) == ([], [])
    assert read_history(missing, process=None, limit=10) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("column", "nonsense", "shown"),
    [
        ("enabled", "maybe", True),
        ("enabled", 7, True),
        ("interval_minutes", "soon", 60.0),
        ("interval_minutes", -4, 60.0),
        ("interval_minutes", 1e9, 60.0),
        ("interval_minutes", 0.05, 0.05),
        ("next_run_time", "tomorrow", None),
        ("next_run_time", 1e300, None),
        ("next_run_time", float("inf"), None),
    ],
)
def test_nonsense_in_the_schedule_is_shown_as_the_next_start_takes_it(
    database: Path, column: str, nonsense: Any, shown: object
) -> None:
    insert_process(database, "assets", **{column: nonsense})
    ((process,), _) = read_status(database)

    assert process[column] == shown


@pytest.mark.parametrize("why", [{"enabled": 0}, {"needs": "role:Director"}])
def test_what_is_off_or_parked_has_no_next_run(database: Path, why: dict[str, Any]) -> None:
    insert_process(database, "assets", next_run_time=NOW + 60, **why)
    ((process,), _) = read_status(database)

    assert process["next_run_time"] is None


def test_a_process_with_all_its_keys(database: Path) -> None:
    insert_character(database)
    insert_process(database, "assets", enabled=0, next_run_time=None)
    ((process,), (character,)) = read_status(database)

    assert list(process) == PROCESS_KEYS
    assert process["enabled"] is False
    assert process["corporation_id"] == CORPORATION
    assert process["corporation_name"] == "Hedion Freight Union"
    assert character == {
        "character_id": 90000001,
        "name": "Aldra Vex",
        "corporation_id": CORPORATION,
        "scopes": [],
        "roles": ["Director"],
        "needs": None,
    }


def test_processes_stand_in_the_order_of_the_screen(database: Path) -> None:
    insert_process(database, "wallet")
    insert_process(database, "members", corporation_id=CORPORATION + 1)
    insert_process(database, "members")
    processes, _ = read_status(database)

    assert [p["process_id"] for p in processes] == [
        f"{CORPORATION}/members",
        f"{CORPORATION}/wallet",
        f"{CORPORATION + 1}/members",
    ]


def test_runs_newest_first_and_filtered(database: Path) -> None:
    insert_run(database, "members", start_time=NOW)
    insert_run(database, "assets", start_time=NOW + 1)
    insert_run(database, "assets", corporation_id=CORPORATION + 1, start_time=NOW + 2)

    def ids(process: str | None = None, limit: int = 10) -> list[int]:
        return [run["id"] for run in read_history(database, process=process, limit=limit)]

    assert ids() == [3, 2, 1]
    assert ids(limit=1) == [3]
    assert ids("assets") == [3, 2]
    assert ids(f"{CORPORATION}/assets") == [2]
    assert list(read_history(database, process=None, limit=1)[0]) == RUN_KEYS


@pytest.mark.parametrize("failures", [0, 2])
def test_what_nobody_runs_is_interrupted(database: Path, failures: int) -> None:
    insert_process(database, "assets", status="running", error_count=failures)
    insert_run(database, "assets", result="running", duration=None)
    ((process,), _) = read_status(database)
    (run,) = read_history(database, process=None, limit=10)

    assert process["status"] == "idle"
    assert (run["result"], run["duration"]) == ("interrupted", None)


def test_what_a_holder_runs_is_running(database: Path) -> None:
    insert_process(database, "assets", status="running")
    insert_run(database, "assets", result="running", duration=None)
    lock = OwnerLock(database.parent, "corpsync run", Clock())
    lock.acquire()
    try:
        ((process,), _) = read_status(database)
        (run,) = read_history(database, process=None, limit=10)
    finally:
        lock.release()

    assert (process["status"], run["result"]) == ("running", "running")


@pytest.mark.parametrize("content", [b"", b"<html>" * 1000, b"SQLite format 3\x00" + b"x" * 5000])
def test_a_foreign_file_is_told_and_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "corpsync.db").write_bytes(content)
    with pytest.raises(DatabaseError, match=r"corpsync\.db"):
        read_status(tmp_path / "corpsync.db")

    assert (tmp_path / "corpsync.db").read_bytes() == content
