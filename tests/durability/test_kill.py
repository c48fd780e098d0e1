"""The whole program, killed at random moments while it syncs data that changes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import shutil
import signal
import sqlite3
import struct
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.store.lock import HOLDER_NAME
from corpsync_tui.store.migrations import FIRST_VERSION, latest
from tests.cli.logins import until
from tests.durability.homes import Home, logged_in
from tests.engine.test_old_home import as_of_the_first_release
from tests.support.differences import tables_of
from tests.support.forge import EVERYTHING, Forge, forge
from tests.support.house import NESTED, comparable
from tests.support.long import Tally
from tests.support.looking import read_history
from tests.support.noon import noon

RENEWED = 3_700.0
"""Seconds after which every copy has expired."""
LATEST_KILL = 0.05
"""Seconds after a request that is chosen by chance."""
QUIET = 0.7
"""Seconds without a request after which a program has done all."""
LATEST_UPGRADE = 0.6
"""Seconds after its start: an upgrade takes less."""
STEPS = range(FIRST_VERSION, latest() + 1)
"""Versions of the schema that an upgrade goes through, each whole."""
KINDS: dict[str, tuple[Sequence[str], bool]] = {
    "sync": (["sync", "--quiet"], False),
    "run": (["run", "--quiet"], False),
    "app": ([], True),
}
"""Programs that are killed alone: their words, and whether they want a terminal."""
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
    terminal: Screen
    older: Older
    cut_off: set[int] = field(default_factory=set)
    """Runs that were under way when their program died."""
    renewed: int = 0
    """How often a process's tables were those of the new state."""
    requests: int = 100
    """How many a whole sync takes."""

    def kill_once(self, kind: str) -> None:
        """Let the data change, start a program or several, kill them, and look."""
        if kind == "upgrade":
            self.older.kill_once(self)
            return
        old = {p.type: stored(self.home, p) for p in ALL}
        change(self.home)
        self.home.sim.advance(RENEWED)
        if kind == "watched":
            self._kill_all_of_a_house()
        else:
            arguments, terminal = KINDS[kind]
            pid = self.start(arguments, self.terminal.name if terminal else os.devnull)
            self._wait_for_a_moment()
            os.kill(pid, signal.SIGKILL)
            code = self.forge.end(pid)
            assert code in (0, -signal.SIGKILL), (code, self.home.log, self.terminal.painted)
        self._look(old)

    def _wait_for_a_moment(self) -> None:
        """Until so many requests were sent and a little longer, or none comes any more."""
        log, wanted = self.home.sim.state.log, self.rng.randrange(self.requests)
        log.clear()
        seen, quiet_at = 0, time.monotonic() + 20  # before its first request it may take long
        while (count := len(log.entries)) < wanted and time.monotonic() < quiet_at:
            if count != seen:
                seen, quiet_at = count, time.monotonic() + QUIET
            time.sleep(0.001)
        time.sleep(self.rng.uniform(0, LATEST_KILL))

    def _kill_all_of_a_house(self) -> None:
        """The holder, an app that watches it and a command to it, in any order."""
        minutes = self.rng.randrange(5, 50)
        run = self.start(["run", "--quiet"])
        until(lambda: str(run) in self._note())
        app = self.start([], self.terminal.name)
        until(lambda: bool(self.home.query("SELECT 1 FROM watcher WHERE pid = ?", app)))
        asked = self.start(["every", "members", str(minutes)])
        codes = {}
        for pid in self.rng.sample([run, app, asked], 3):
            time.sleep(self.rng.uniform(0, 0.5))
            os.kill(pid, signal.SIGKILL)
            codes[pid] = self.forge.end(pid)
        sql = "SELECT interval_minutes FROM sync_schedule WHERE process_type = 'members'"
        assert codes[run] == codes[app] == -signal.SIGKILL, (codes, self.home.log)
        assert codes[asked] or self.home.query(sql) == [(minutes,)], "what was answered is done"

    def _note(self) -> str:
        note = self.home.home / "data" / HOLDER_NAME
        return note.read_text() if note.exists() else ""

    def sync_whole(self) -> None:
        """A sync that may end: everything is true then."""
        self.home.sim.advance(RENEWED)
        self.home.sim.clear_log()
        self.start(["sync", "--quiet"])
        assert self.forge.end() == 0
        self.requests = len(self.home.sim.state.log.entries)
        for process in ALL:
            assert stored(self.home, process) == true(self.home, process), process.type
        assert "running" not in self.home.results()

    def start(self, arguments: Sequence[str], terminal: str = os.devnull, **variables: str) -> int:
        """Start `corpsync` at the simulator's time; its pid."""
        offset = self.home.sim.call("GET", "clock")["offset"]
        return self.forge.start(arguments, offset, terminal, **variables)

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


@dataclass
class Older:
    """A home of the first release, which its upgrade is killed in."""

    kept: Path
    assets: int
    """Rows that the first release has stored."""

    @classmethod
    def of(cls, home: Home) -> Older:
        """Such a home beside another one, with what that has stored."""
        kept = home.home.with_name("older")
        shutil.copytree(home.home, kept)
        as_of_the_first_release(kept / "data/corpsync.db")
        ((assets,),) = home.query("SELECT count(*) FROM asset")
        return cls(kept, assets)

    def kill_once(self, loop: Loop) -> None:
        """Open it with this version, kill that, look, and let the next one come to its end."""
        again = self.kept.with_name("upgraded")
        shutil.rmtree(again, ignore_errors=True)
        shutil.copytree(self.kept, again)
        words, home = ("sync", "members", "--quiet"), {"CORPSYNC_HOME": str(again)}
        pid = loop.start(words, **home)
        time.sleep(loop.rng.uniform(0, LATEST_UPGRADE))
        os.kill(pid, signal.SIGKILL)
        assert loop.forge.end(pid) in (0, -signal.SIGKILL)
        self._look(again / "data/corpsync.db", STEPS)
        for copy in again.rglob("*before-upgrade*.db"):
            self._look(copy, STEPS)
        loop.start(words, **home)
        assert loop.forge.end() == 0
        self._look(again / "data/corpsync.db", range(latest(), latest() + 1))

    def _look(self, file: Path, versions: range) -> None:
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("PRAGMA user_version").fetchone()[0] in versions
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT count(*) FROM asset").fetchone() == (self.assets,)


class Screen:
    """A terminal that many apps die on; what they paint is read."""

    def __init__(self) -> None:
        self._end, self._other = pty.openpty()
        fcntl.ioctl(self._other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
        self.name = os.ttyname(self._other)
        self.painted = b""
        """The last of it."""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with suppress(OSError):
            while painted := os.read(self._end, 65_536):
                self.painted = (self.painted + painted)[-8_192:]

    def close(self) -> None:
        """Nobody paints any more."""
        os.close(self._other)
        os.close(self._end)


def assert_between(old: Tables, found: Tables, new: Tables) -> None:
    """A log that commits in batches has all of the old and nothing but the new."""
    for table in found:
        assert set(old[table]) <= set(found[table]) <= set(new[table])


@pytest.mark.parametrize(
    "times", [pytest.param(1, id="few"), pytest.param(400, id="many", marks=pytest.mark.long)]
)
def test_killed_again_and_again(far_home: Home, tally: Tally, times: int) -> None:
    """So many times each: a sync, `run`, the app, all of a house together, and an upgrade."""
    kinds, written = (*KINDS, "watched", "upgrade"), far_home.home.with_name("output")
    screen = Screen()
    far_home.environment["TERM"] = "xterm-256color"
    with forge(far_home.environment, written, EVERYTHING) as started:
        started.start(["sync", "--quiet"], far_home.sim.call("GET", "clock")["offset"])
        assert started.end() == 0
        older = Older.of(far_home)
        loop = Loop(far_home, started, random.Random(tally.seed), screen, older)
        loop.sync_whole()
        for number in tally.rounds("rounds", times * len(kinds)):
            kind = kinds[number % len(kinds)]
            loop.kill_once(kind)
            tally.count(f"{kind} killed", 3 if kind == "watched" else 1)
            if number % WHOLE_EVERY == WHOLE_EVERY - 1:
                loop.sync_whole()
        loop.sync_whole()
    screen.close()
    rounds = tally.figures["rounds"]
    tally.count("runs cut off", len(loop.cut_off))
    tally.count("tables renewed", loop.renewed)
    assert rounds < 20 or len(loop.cut_off) >= rounds / 4
    assert rounds < 20 or loop.renewed >= rounds / 4
    assert "Traceback" not in written.read_text()
