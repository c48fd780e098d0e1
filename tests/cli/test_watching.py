"""The app beside a holder of its folder: it shows it, steers it, and takes over when it ends."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace

import pytest

from tests.cli.logins import Cli, until
from tests.cli.terminal import Terminal
from tests.cli.test_steering import calm, holder, is_paused, query
from tests.support.long import Tally

WIDE = (140, 40)


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """One whose director is logged in, and where nothing is due."""
    cli.welcome()
    calm(cli)
    return cli


def watching(cli: Cli, pid: int) -> Terminal:
    terminal = Terminal(cli.command, cli.environment, WIDE)
    terminal.wait_for("watching corpsync run")
    terminal.wait_for(f"pid {pid}")
    return terminal


def test_the_app_beside_run_steers_it_and_shows_what_it_does(cli: Cli) -> None:
    cli.sim.fault("/corporations/{corporation_id}/membertracking", delay=4, count=1)
    with holder(cli) as run:
        app = watching(cli, run.pid)
        app.press("p")
        app.wait_until(lambda: is_paused(cli), 5)
        app.wait_for("schedule paused", 5)
        app.press("s")
        app.wait_for("Fetching members", 10)  # progress, which is not written without a watcher
        app.wait_until(lambda: query(cli, "SELECT 1 FROM sync_history WHERE result = 'success'"))
        app.press("q")
        assert app.end() == 0
        assert run.poll() is None
        assert query(cli, "SELECT * FROM watcher") == []


def test_when_the_holder_was_killed_the_app_takes_over(cli: Cli) -> None:
    with holder(cli) as run:
        app = watching(cli, run.pid)
        os.kill(run.pid, signal.SIGKILL)
        app.wait_for("T takes", 15)
        app.press("T")
        app.wait_for("follows the schedule from now on", 10)
        refused = cli.run("run")
        assert str(app.process.pid) in refused.stderr
        paused = cli.run("pause")
        assert paused.returncode == 0
        app.wait_for("schedule paused", 5)
        app.press("q")
        assert app.end() == 0


def test_two_that_take_over_leave_one_holder(cli: Cli) -> None:
    with holder(cli) as run:
        apps = [watching(cli, run.pid) for _ in range(2)]
        os.kill(run.pid, signal.SIGKILL)
        for app in apps:
            app.wait_for("T takes", 15)
        for app in apps:
            app.press("T")
        pids = [app.process.pid for app in apps]
        holders = [pid for pid in pids if str(pid) in cli.run("run").stderr]
        assert len(holders) == 1
        (other,) = [app for app in apps if app.process.pid not in holders]
        other.wait_for(f"pid {holders[0]}", 15)
        for app in apps:
            app.press("q")
            assert app.end() == 0


def test_a_database_of_another_version_is_not_watched(cli: Cli) -> None:
    with holder(cli):
        with closing(sqlite3.connect(cli.database, timeout=10)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            db.execute("PRAGMA user_version = 99")
        app = Terminal(cli.command, cli.environment, WIDE)
        code = app.end()
        with closing(sqlite3.connect(cli.database, timeout=10)) as db:
            db.execute(f"PRAGMA user_version = {version}")
    assert code == 1
    assert b"\x1b[?1049h" not in app.painted


def test_unwatched_the_holder_writes_no_progress(cli: Cli) -> None:
    execute(cli, "UPDATE sync_schedule SET next_run_time = 0 WHERE process_type = 'members'")
    with holder(cli):
        until(lambda: bool(query(cli, "SELECT 1 FROM sync_history WHERE result = 'success'")))
    assert query(cli, "SELECT * FROM setting WHERE key = 'live'") == []


@pytest.mark.parametrize(
    "rounds", [pytest.param(2, id="few"), pytest.param(100, id="many", marks=pytest.mark.long)]
)
def test_killed_and_stopped_at_any_moment_nothing_happens_twice_or_late(
    cli: Cli, tally: Tally, rounds: int
) -> None:
    """What was asked happened exactly where it was answered, or not at all.

    The holder, one that asks it, or one that watches is killed or stopped while assets are
    synced; the one that asks may have another time than the holder. A watcher that lives goes on.
    """
    dice = random.Random(tally.seed)
    app: Terminal | None = None
    happened: Counter[str] = Counter()
    for number in tally.rounds("deaths and stops", rounds):
        minutes, leap = 10 + number, dice.choice([0.0, 0.0, 3_600.0, -3_600.0])
        execute(cli, "UPDATE sync_schedule SET next_run_time = 0 WHERE process_type = 'assets'")
        with holder(cli) as run:
            app = app or watching(cli, run.pid)
            asked = replace(cli, offset=leap).start("every", "members", str(minutes))
            pids = {"holder": run.pid, "command": asked.pid, "watcher": app.process.pid}
            victim = dice.choice([*pids])
            end = dice.choice([signal.SIGKILL, signal.SIGSTOP])
            time.sleep(dice.uniform(0.0, 0.8))
            with suppress(ProcessLookupError):
                os.kill(pids[victim], end)
            happened[f"{victim} {end.name}"] += 1
            if victim == "command":
                asked.kill()
            out, _ = asked.communicate(timeout=60)
            answered = asked.returncode == 0
        assert asked.returncode in (0, 1, -signal.SIGKILL)
        stored = interval(cli)
        said = "Members runs" in out
        assert not said or stored == minutes
        assert said or not answered
        assert answered or not said or victim == "command"  # killed between its word and its end
        assert query(cli, "PRAGMA integrity_check") == [("ok",)]
        if victim == "watcher" and end is signal.SIGKILL:
            app = None
        else:
            os.kill(app.process.pid, signal.SIGCONT)
        with holder(cli) as run:
            assert cli.run("off", "wallet").returncode == 0  # nothing is stuck
            if app is not None:
                app.wait_for(f"pid {run.pid}", 30)
        assert interval(cli) == stored  # nothing comes true later
    if app is not None:
        app.press("q")
        assert app.end() == 0
    assert cli.run("sync", "assets").returncode == 0
    assert query(cli, "SELECT count(*) FROM asset") == [(len(cli.sim.truth("asset")),)]
    assert query(cli, "SELECT * FROM sync_history WHERE result = 'running'") == []
    for what, count in happened.items():
        tally.count(what, count)


def interval(cli: Cli) -> float:
    sql = "SELECT interval_minutes FROM sync_schedule WHERE process_type = 'members'"
    ((minutes,),) = query(cli, sql)
    return float(minutes)


def execute(cli: Cli, sql: str) -> None:
    with closing(sqlite3.connect(cli.database, timeout=10)) as db, db:
        db.execute(sql)
