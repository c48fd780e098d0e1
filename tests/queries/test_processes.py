"""Processes and runs as commands that only look read them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.processes import LAST_ENDS
from corpsync_tui.queries.records import RunFilter
from corpsync_tui.store.lock import OwnerLock
from tests.support.database import (
    CORPORATION,
    NOW,
    insert_process,
    insert_run,
)
from tests.support.looking import read_history, read_status


def test_nothing_yet(tmp_path: Path) -> None:
    missing = tmp_path / "data/corpsync.db"

    assert read_status(missing) == []
    assert read_history(missing) == []
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
    ((_, config),) = read_status(database)

    assert getattr(config, column) == shown


@pytest.mark.parametrize("why", [{"enabled": 0}, {"needs": "role:Director"}])
def test_what_is_off_or_parked_has_no_next_run(database: Path, why: dict[str, Any]) -> None:
    insert_process(database, "assets", next_run_time=NOW + 60, **why)
    ((process, config),) = read_status(database)

    assert config.next_run_time is None
    assert process.next_run_time is None


def test_processes_stand_in_the_order_of_the_screen(database: Path) -> None:
    insert_process(database, "wallet")
    insert_process(database, "members", corporation_id=CORPORATION + 1)
    insert_process(database, "members")

    assert [status.process_id for status, _ in read_status(database)] == [
        f"{CORPORATION}/members",
        f"{CORPORATION}/wallet",
        f"{CORPORATION + 1}/members",
    ]


def test_runs_newest_first_and_filtered(database: Path) -> None:
    insert_run(database, "members", start_time=NOW)
    insert_run(database, "assets", start_time=NOW + 1)
    insert_run(database, "assets", corporation_id=CORPORATION + 1, start_time=NOW + 2)

    def ids(which: RunFilter | None = None, limit: int = 10) -> list[int | None]:
        return [run.id for run in read_history(database, which, limit)]

    assert ids() == [3, 2, 1]
    assert ids(limit=1) == [3]
    assert ids(RunFilter(process_type="assets")) == [3, 2]
    assert ids(RunFilter(process_id=f"{CORPORATION}/assets")) == [2]


@pytest.mark.parametrize("failures", [0, 2])
def test_what_nobody_runs_is_interrupted(database: Path, failures: int) -> None:
    insert_process(database, "assets", status="running", error_count=failures)
    insert_run(database, "assets", result="running", duration=None)
    ((process, _),) = read_status(database)
    (run,) = read_history(database)

    assert process.status == "idle"
    assert (run.result, run.duration) == ("interrupted", None)


def test_what_a_holder_runs_is_running(database: Path) -> None:
    insert_process(database, "assets", status="running")
    insert_run(database, "assets", result="running", duration=None)
    lock = OwnerLock(database.parent, "corpsync run", Clock())
    lock.acquire()
    try:
        ((process, _),) = read_status(database)
        (run,) = read_history(database)
    finally:
        lock.release()

    assert (process.status, run.result) == ("running", "running")


@pytest.mark.parametrize("content", [b"", b"<html>" * 1000, b"SQLite format 3\x00" + b"x" * 5000])
def test_a_foreign_file_is_told_and_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "corpsync.db").write_bytes(content)
    with pytest.raises(DatabaseError, match=r"corpsync\.db"):
        read_status(tmp_path / "corpsync.db")

    assert (tmp_path / "corpsync.db").read_bytes() == content


def test_a_long_history_is_not_read_for_the_last_runs(database: Path) -> None:
    for start in (NOW - 600, NOW - 60):
        insert_run(database, "members", start_time=start, duration=5.0)
    insert_process(database, "members")
    with closing(sqlite3.connect(database)) as db:
        assert db.execute(LAST_ENDS).fetchall() == [(f"{CORPORATION}/members", NOW - 55)]
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {LAST_ENDS}")]
    assert not [step for step in plan if step.startswith("SCAN sync_history")]
