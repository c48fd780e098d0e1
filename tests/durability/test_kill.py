"""The whole program, killed at random moments while it syncs data that changes."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.durability.homes import Home, logged_in
from tests.support.differences import tables_of
from tests.support.forge import Forge, forge
from tests.support.house import NESTED, comparable
from tests.support.looking import read_history
from tests.support.noon import noon

RENEWED = 3_700.0
"""Seconds after which every copy has expired."""
LATEST_KILL = 1.0
"""Seconds after its start: a sync of everything takes about that long here."""
WHOLE_EVERY = 25
"""Kills between two syncs that may end, after which every table must be true."""
CONFIG = SimulatorConfig(scale=replace(SCALES["small"], assets=2_000, page_size=500))

Table = list[str]
Tables = dict[str, Table]


@pytest.fixture
def far_home(tmp_path: Path) -> Iterator[Home]:
    """One whose clock starts at noon, away from the daily downtime."""
    with logged_in(tmp_path / "home", replace(CONFIG, clock_offset=noon())) as opened:
        yield opened


def stored(home: Home, process: Process) -> Tables:
    """The process's tables as they are in the file."""
    found: Tables = {}
    for table in tables_of(process):
        truth = home.sim.truth(table)
        columns = list(truth[0])
        rows = home.query(f"SELECT {', '.join(columns)} FROM {table}")
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        for record in records:
            nested = {k for k in NESTED[table] if record.get(k) is not None}
            record.update({k: json.loads(record[k]) for k in nested})
        found[table] = comparable(records, truth)
    return found


def true(home: Home, process: Process) -> Tables:
    """The process's tables as they are at ESI."""
    truths = {table: home.sim.truth(table) for table in tables_of(process)}
    return {table: comparable(rows, rows) for table, rows in truths.items()}


def change(home: Home) -> None:
    """What happens in a corporation between two syncs; nothing is forgotten unseen."""
    mutate = home.sim.mutate
    mutate("member", change=3, add=2, remove=1)
    mutate("asset", change=0.1, add=9, remove=5)
    for table in ("industry_job", "market_order", "mining_ledger"):
        mutate(table, change=4, add=3)
    for table in ("wallet_balance", "mining_observer", "mining_extraction"):
        mutate(table, change=1)
    mutate("market_order", close=1, state="expired")
    for division in (1, 4):
        mutate("wallet_journal", division=division, add=5)
        mutate("wallet_transaction", division=division, add=5)
    mutate("killmail", add=3)
    mutate("container_log", add=5)


@dataclass
class Loop:
    """One home through many deaths."""

    home: Home
    forge: Forge
    rng: random.Random
    cut_off: set[int] = field(default_factory=set)
    """Runs that were under way when their program died."""
    renewed: int = 0
    """How often a process's tables were those of the new state."""

    def kill_once(self) -> None:
        """Let the data change, sync, kill, and look."""
        old = {p.type: stored(self.home, p) for p in ALL}
        change(self.home)
        self.home.sim.advance(RENEWED)
        pid = self._start()
        time_to_live = self.rng.uniform(0, LATEST_KILL)
        killer = threading.Timer(time_to_live, os.kill, (pid, signal.SIGKILL))
        killer.start()
        code = self.forge.end()
        killer.cancel()
        assert code in (0, -signal.SIGKILL), (code, self.home.log)
        self._look(old)

    def sync_whole(self) -> None:
        """A sync that may end: everything is true then."""
        self.home.sim.advance(RENEWED)
        self._start()
        assert self.forge.end() == 0
        for process in ALL:
            assert stored(self.home, process) == true(self.home, process), process.type
        assert "running" not in self.home.results()

    def _start(self) -> int:
        offset = self.home.sim.call("GET", "clock")["offset"]
        return self.forge.start(["sync", "--quiet"], offset)

    def _look(self, old: dict[str, Tables]) -> None:
        assert self.home.query("PRAGMA integrity_check") == [("ok",)]
        for process in ALL:
            found, new = stored(self.home, process), true(self.home, process)
            if process.type == "killmails":
                assert_between(old[process.type], found, new)
            else:
                assert found in (old[process.type], new), process.type
            self.renewed += found == new
        self._look_at_history()

    def _look_at_history(self) -> None:
        cut_off = "SELECT id FROM sync_history WHERE result IN ('running', 'interrupted')"
        assert self.cut_off <= {row[0] for row in self.home.query(cut_off)}
        self.cut_off = {row[0] for row in self.home.query(cut_off)}
        runs = read_history(self.home.database)
        assert {run.id for run in runs if run.result == "interrupted"} == self.cut_off
        assert "running" not in {run.result for run in runs}


def assert_between(old: Tables, found: Tables, new: Tables) -> None:
    """A log that commits in batches has all of the old and nothing but the new."""
    for table in found:
        assert set(old[table]) <= set(found[table]) <= set(new[table])


def kill_again_and_again(home: Home, times: int, seed: int) -> None:
    with forge(home.environment, home.home.with_name("output")) as started:
        loop = Loop(home, started, random.Random(seed))
        loop.sync_whole()
        for number in range(1, times + 1):
            loop.kill_once()
            if number % WHOLE_EVERY == 0 or number == times:
                loop.sync_whole()
    assert len(loop.cut_off) >= times / 4
    assert loop.renewed >= times / 4
    assert "Traceback" not in home.home.with_name("output").read_text()


def test_ten_kills(far_home: Home) -> None:
    kill_again_and_again(far_home, 10, seed=1)


@pytest.mark.long
def test_two_hundred_kills(far_home: Home) -> None:
    kill_again_and_again(far_home, 200, seed=2)
