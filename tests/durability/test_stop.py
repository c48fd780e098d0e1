"""Told to end in the middle of a large merge: nothing half done, no trace of a crash."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.cli.terminal import Terminal
from tests.durability.homes import Home, logged_in

ASSETS = 60_000
LARGE = SimulatorConfig(scale=replace(SCALES["small"], assets=ASSETS, page_size=1_000))
STORING = "Storing assets"
SYNC_LIMIT = RUN_LIMIT = 10.0
"""Seconds; the contract's outer limits, which a busy machine keeps, too."""
QUIT_LIMIT = 5.0
CTRL_C = "\x03"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with so many assets that storing them takes a while."""
    with logged_in(tmp_path_factory.mktemp("large") / "home", LARGE) as home:
        yield home


@pytest.fixture
def home(large: Home) -> Home:
    """The same home as if nothing had been synced; of the schedule only the assets are on."""
    with closing(sqlite3.connect(large.database)) as db, db:
        db.execute("UPDATE sync_schedule SET enabled = process_type = 'assets', next_run_time = 0")
        for table in ("asset", "validator", "sync_history"):
            db.execute(f"DELETE FROM {table}")
        db.execute("UPDATE sync_status SET status = 'idle', current_until = NULL")
    large.sim.clear_log()
    return large


def wait_for_line(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"it ended before it told {words!r}")


def wait_for_last_page(home: Home) -> None:
    """Wait until the last page was answered: what follows is the merge."""
    deadline = time.monotonic() + 30
    last = {"page": ASSETS // 1_000, "status": 200}
    while not home.sim.requests(**last):
        assert time.monotonic() < deadline
        os.sched_yield()


def assert_truthful(home: Home) -> None:
    """The last run is called what it was, by the rows it left."""
    (rows,) = home.query("SELECT COUNT(*) FROM asset")[0]
    (copies,) = home.query("SELECT COUNT(*) FROM validator")[0]
    result = home.results()[-1]
    assert (result, rows, copies > 0) in [("cancelled", 0, False), ("success", ASSETS, True)]
    status = home.query("SELECT status FROM sync_status WHERE process_id LIKE '%/assets'")
    assert status == [("idle" if result == "cancelled" else "success",)]
    assert home.query("PRAGMA integrity_check") == [("ok",)]
    wal = home.database.with_name("corpsync.db-wal")
    assert not wal.exists()
    assert "Traceback" not in home.log
    assert "ERROR" not in home.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_sync(home: Home, number: signal.Signals) -> None:
    process = home.start("sync", "assets")
    wait_for_line(process, STORING)
    process.send_signal(number)
    sent = time.monotonic()
    _, err = process.communicate(timeout=30)

    assert time.monotonic() - sent < SYNC_LIMIT
    assert process.returncode == (1 if home.results()[-1] == "cancelled" else 0)
    assert "Traceback" not in err
    assert_truthful(home)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run(home: Home, number: signal.Signals) -> None:
    process = home.start("run")
    wait_for_last_page(home)
    process.send_signal(number)
    sent = time.monotonic()
    _, err = process.communicate(timeout=30)

    assert time.monotonic() - sent < RUN_LIMIT
    assert process.returncode == 0
    assert "Traceback" not in err
    assert_truthful(home)


@pytest.mark.parametrize("how", ["q", CTRL_C, "SIGTERM", "SIGHUP", "closed window"])
def test_the_app(home: Home, how: str) -> None:
    terminal = Terminal(home.command, home.environment, (140, 40))
    before = terminal.modes()
    terminal.wait_for(STORING)
    sent = time.monotonic()
    if how == "closed window":
        terminal.hang_up()
        code = terminal.process.wait(timeout=30)
    else:
        if how.startswith("SIG"):
            terminal.process.send_signal(signal.Signals[how])
        else:
            terminal.press("q" if how == "q" else "q")
        code = terminal.end()
        assert (
            terminal.painted.rstrip().endswith(b"\x1b[?25h") or b"\x1b[?1049l" in terminal.painted
        )
    assert time.monotonic() - sent < QUIT_LIMIT
    assert code == 0
    assert b"Traceback" not in terminal.painted
    assert_truthful(home)
