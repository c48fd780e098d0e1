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
ORDER = (
    *("sync", "run", "app", "watched", "upgrade"),
    *("sync", "run", "sync", "upgrade", "sync"),
)
"""Whose turn it is: more often what takes little time; "watched" are three deaths."""
WHOLE_EVERY = 25
"""Kills between two syncs that may end, after which every table must be true."""
CHANGE_AFTER = 4
"""Kills at the most before the data change again."""
CONFIG = SimulatorConfig(scale=replace(SCALES["small"], page_size=100))
"""However long it goes on, the lists of killmails fit into their bucket of 30 tokens."""

Table = list[str]
Tables = dict[str, Table]


@pytest.fixture
def far_home(tmp_path: Path) -> Iterator[Home]:
    """One whose clock starts at noon, away from the daily downtime."""
    with logged_in(tmp_path / "home", replace(CONFIG, clock_offset=noon())) as opened:
        yield opened


def stored(home: Home, columns: dict[str, list[str]]) -> dict[str, Tables]:
    """Each process's tables as they are in the file."""
    found: dict[str, Tables] = {}
    with closing(sqlite3.connect(home.database)) as db:
        for process in ALL:
            tables = {table: columns[table] for table in tables_of(process)}
            found[process.type] = {t: _texts(db, t, names) for t, names in tables.items()}
    return found


def _texts(db: sqlite3.Connection, table: str, columns: list[str]) -> Table:
    nested = [index for index, name in enumerate(columns) if name in NESTED[table]]
    texts = []
    for row in db.execute(f"SELECT {', '.join(columns)} FROM {table}"):
        values = list(row)
        for index in nested:
            values[index] = None if row[index] is None else json.loads(row[index])
        texts.append(json.dumps(values, sort_keys=True))
    return sorted(texts)


def true(home: Home) -> dict[str, Tables]:
    """Each process's tables as they are at ESI."""
    return {
        process.type: {
            table: comparable(rows, rows)
            for table in tables_of(process)
            for rows in [home.sim.truth(table)]
        }
        for process in ALL
    }


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
    mutate("killmail", add=1)
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
    columns: dict[str, list[str]] = field(default_factory=dict)
    """Those of each table that ESI's answers give."""
    found: dict[str, Tables] = field(default_factory=dict)
    """What was stored when it was looked last."""
    new: dict[str, Tables] = field(default_factory=dict)
    """What is to be stored."""
    kills: int = 0
    """How many there were since the data changed."""
    last_run: int = 0
    """The newest that was looked at."""

    def __post_init__(self) -> None:
        tables = [table for process in ALL for table in tables_of(process)]
        self.columns = {table: list(self.home.sim.truth(table)[0]) for table in tables}

    def kill_once(self, kind: str) -> None:
        """Let the data change, start a program or several, kill them, and look."""
        if kind == "upgrade":
            self.older.kill_once(self)
            return
        self._change()
        if kind == "watched":
            self._kill_all_of_a_house()
        else:
            arguments, terminal = KINDS[kind]
            pid = self.start(arguments, self.terminal.name if terminal else os.devnull)
            self._wait_for_a_moment()
            os.kill(pid, signal.SIGKILL)
            code = self.forge.end(pid)
            assert code in (0, -signal.SIGKILL), (code, self.home.log, self.terminal.painted)
        self._look()

    def _change(self) -> None:
        """Let there be something to do: for most processes, until the next time."""
        self.kills += 1
        if self.kills <= CHANGE_AFTER and 2 * self._behind() > len(ALL):
            return
        self.kills = 0
        change(self.home)
        self.home.sim.advance(RENEWED)
        self.new = true(self.home)

    def _behind(self) -> int:
        """How many processes have still to store what is new."""
        return sum(found != self.new[name] for name, found in self.found.items())

    def _wait_for_a_moment(self) -> None:
        """Until so many requests were sent and a little longer, or none comes any more."""
        log, share = self.home.sim.state.log, self._behind() / len(ALL)
        wanted = self.rng.randrange(max(1, round(self.requests * share)))
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
        self.found, self.new = stored(self.home, self.columns), true(self.home)
        assert self.found == self.new
        self._look_at_history(set())

    def start(self, arguments: Sequence[str], terminal: str = os.devnull, **variables: str) -> int:
        """Start `corpsync` at the simulator's time; its pid."""
        offset = self.home.sim.call("GET", "clock")["offset"]
        return self.forge.start(arguments, offset, terminal, **variables)

    def _look(self) -> None:
        assert self.home.query("PRAGMA integrity_check") == [("ok",)]
        before, self.found = self.found, stored(self.home, self.columns)
        for name, found in self.found.items():
            if name == "killmails":
                assert_between(before[name], found, self.new[name])
            else:
                assert found in (before[name], self.new[name]), name
            self.renewed += found == self.new[name]
        self._look_at_history({name for name, found in self.found.items() if found != before[name]})

    def _look_at_history(self, changed: set[str]) -> None:
        ended = "result NOT IN ('running', 'interrupted')"
        since = f"SELECT process_type FROM sync_history WHERE id > ? AND {ended}"
        stored = {name for (name,) in self.home.query(since, self.last_run)}
        assert changed <= stored | {"killmails"}, "rows are stored with the end of their run"
        ((self.last_run,),) = self.home.query("SELECT max(id) FROM sync_history")
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
    "times", [pytest.param(5, id="few"), pytest.param(1_700, id="many", marks=pytest.mark.long)]
)
def test_killed_again_and_again(far_home: Home, tally: Tally, times: int) -> None:
    """A sync, `run`, the app, all of a house together, and an upgrade."""
    written = far_home.home.with_name("output")
    screen = Screen()
    far_home.environment["TERM"] = "xterm-256color"
    with forge(far_home.environment, written, EVERYTHING) as started:
        started.start(["sync", "--quiet"], far_home.sim.call("GET", "clock")["offset"])
        assert started.end() == 0
        older = Older.of(far_home)
        loop = Loop(far_home, started, random.Random(tally.seed), screen, older)
        loop.sync_whole()
        for number in tally.rounds("rounds", times):
            kind = ORDER[number % len(ORDER)]
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
