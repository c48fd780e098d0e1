"""Told to end in the middle of a large merge: nothing half done, no trace of a crash."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.cli.logins import Program
from tests.cli.terminal import Terminal
from tests.durability.homes import Home, logged_in

ASSETS = 40_000
LARGE = SimulatorConfig(scale=replace(SCALES["small"], assets=ASSETS, page_size=1_000))
STORING = "Storing assets"
SYNC_LIMIT = RUN_LIMIT = 10.0
"""Seconds; the contract's outer limits, which a busy machine keeps, too."""
QUIT_LIMIT = 5.0
LEFT, SHOWN = b"\x1b[?1049l", b"\x1b[?25h"
"""What leaves the alternate screen, and shows the cursor again."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with so many assets that storing them takes a while."""
    with logged_in(tmp_path_factory.mktemp("large") / "home", LARGE) as home:
        yield home


@pytest.fixture
def home(large: Home) -> Iterator[Home]:
    """The same home as if nothing had been synced; of the schedule only the assets are on."""
    with closing(sqlite3.connect(large.database)) as db, db:
        db.execute("UPDATE sync_schedule SET enabled = process_type = 'assets', next_run_time = 0")
        for table in ("asset", "validator", "sync_history"):
            db.execute(f"DELETE FROM {table}")
        db.execute("UPDATE sync_status SET status = 'idle', current_until = NULL")
    (large.home / "logs/corpsync.log").unlink(missing_ok=True)
    large.sim.clear_log()
    yield large
    large.kill_all()


def wait_for_line(process: Program, words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"it ended before it told {words!r}")


def last_page_came(home: Home) -> bool:
    """Whether the last page was answered: what follows is the merge."""
    return bool(home.sim.requests(page=ASSETS // 1_000, status=200))


def wait_for_last_page(home: Home) -> None:
    deadline = time.monotonic() + 30
    while not last_page_came(home):
        assert time.monotonic() < deadline
        os.sched_yield()


def assert_truthful(home: Home) -> None:
    """The last run is called what it was, by the rows it left."""
    (rows,) = home.query("SELECT COUNT(*) FROM asset")[0]
    (copies,) = home.query("SELECT COUNT(*) FROM validator WHERE dataset = 'asset'")[0]
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


@pytest.fixture
def terminal(home: Home) -> Iterator[Terminal]:
    """The app in a terminal."""
    opened = Terminal(home.command, home.environment, (140, 40))
    yield opened
    opened.process.kill()
    opened.process.wait()


@pytest.mark.parametrize("how", ["q", "SIGTERM", "SIGHUP", "closed window"])
def test_the_app(home: Home, terminal: Terminal, how: str) -> None:
    terminal.wait_until(lambda: last_page_came(home))
    sent = time.monotonic()
    if how == "closed window":
        terminal.hang_up()
        code = terminal.process.wait(timeout=30)
    elif how == "q":
        terminal.press("q")
        code = terminal.end()
    else:
        terminal.process.send_signal(signal.Signals[how])
        code = terminal.end()
    assert time.monotonic() - sent < QUIT_LIMIT
    assert code == 0
    if how != "closed window":
        assert terminal.left_modes == terminal.first_modes
        assert LEFT in terminal.painted
        assert SHOWN in terminal.painted.rpartition(LEFT)[2]
    assert b"Traceback" not in terminal.painted
    assert_truthful(home)


def test_another_program_holds_the_lock(home: Home) -> None:
    """A locked database holds up nobody's end."""
    process = home.start("run")
    wait_for_line(process, "assets: started")
    with closing(sqlite3.connect(home.database, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        process.send_signal(signal.SIGTERM)
        sent = time.monotonic()
        _, err = process.communicate(timeout=30)
        db.execute("ROLLBACK")
    assert time.monotonic() - sent < RUN_LIMIT
    assert process.returncode == 0
    assert "Traceback" not in err
    told = home.run("history", "--json").stdout
    assert '"result": "interrupted"' in told
    assert home.query("SELECT COUNT(*) FROM asset") == [(0,)]
