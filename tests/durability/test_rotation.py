"""Refresh tokens that rotate at every use, and whose reuse ends them: never lost, never reused."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from corpsync_tui.simulator.config import SimulatorConfig
from tests.cli.logins import browse
from tests.durability.homes import Home, logged_in
from tests.support.forge import Forge, forge
from tests.support.journal_keyring import FOLDER, passwords, returned
from tests.support.long import Tally
from tests.support.noon import noon

RENEWED = 3_700.0
TOKEN = "/v2/oauth/token"
SPAN = 1.5
"""Kills come until so many times the time after a refresh in which its token is first used."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """One whose refresh tokens rotate, in a keyring that tells what it took."""
    config = SimulatorConfig(rotate_refresh_tokens=True, clock_offset=noon())
    with logged_in(tmp_path / "home", config) as opened:
        folder = tmp_path / "keyring"
        folder.mkdir()
        opened.environment |= {
            "CORPSYNC_KEYRING": "system",
            "PYTHON_KEYRING_BACKEND": "tests.support.journal_keyring.JournalKeyring",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            FOLDER: str(folder),
        }
        yield opened
        opened.kill_all()


def log_in(home: Home) -> None:
    """As the director would."""
    result = home.log_in()
    assert result.returncode == 0, result.stderr


@dataclass
class Loop:
    """One login through many deaths."""

    home: Home
    forge: Forge
    rng: random.Random
    latest_kill: float = 0.0
    """Seconds after the refresh was asked for: what this machine needs until its use, and more."""
    lost: int = 0
    """Logins that died between CCP's answer and the keyring's: nobody can save those."""
    moments: set[str] = field(default_factory=set)
    """How far the refreshes had come when their program died."""

    @property
    def folder(self) -> Path:
        return Path(self.home.environment[FOLDER])

    def measure(self) -> None:
        """Let one refresh come to the use of its token, and take the time."""
        pid = self._start_refreshing()
        begin = time.monotonic()
        self._wait_for(self._used)
        self.latest_kill = SPAN * (time.monotonic() - begin)
        self._kill(pid)
        self._refresh_again(must_live=True)

    def kill_once(self) -> None:
        """Sync, kill in the refresh, and look whether the login lives."""
        before = returned(self.folder)
        pid = self._start_refreshing()
        time.sleep(self.rng.uniform(0, self.latest_kill))
        self._kill(pid)
        written = returned(self.folder) != before
        used = self._used()
        assert written or not used, "a token was used that the keyring had not taken"
        self.moments.add("used" if used else "written" if written else "asked")
        self._refresh_again(must_live=written)

    def _refresh_again(self, *, must_live: bool) -> None:
        """The next program goes on with what the keyring holds, or asks for a login."""
        self.home.sim.advance(RENEWED)
        self.forge.start(["sync", "members", "--quiet"], self._offset())
        code = self.forge.end()
        if code:
            assert not must_live, "a login was lost whose write had returned"
            self.lost += 1
            log_in(self.home)

    def _offset(self) -> float:
        return float(self.home.sim.now() - time.time())

    def _start_refreshing(self) -> int:
        self.home.sim.advance(RENEWED)
        self.home.sim.clear_log()
        # Who lives on to use its token does not end.
        self.home.sim.fault("^/(corporations|characters/[0-9]).*$", delay=60)
        pid = self.forge.start(["sync", "members", "--quiet"], self._offset())
        self._wait_for(lambda: self.home.sim.requests(path=TOKEN))
        return pid

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        assert self.forge.end() == -signal.SIGKILL
        self.home.sim.clear_faults()

    def _used(self) -> bool:
        return any(request["authorization"] for request in self.home.sim.requests())

    def _wait_for(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.001)


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.long)])
def test_no_login_is_lost_that_the_keyring_had_taken(
    home: Home, tmp_path: Path, tally: Tally, kills: int
) -> None:
    log_in(home)
    with forge(home.environment, tmp_path / "told") as started:
        loop = Loop(home, started, random.Random(tally.seed))
        loop.measure()
        for _ in tally.rounds("kills", kills):
            loop.kill_once()
    kills = int(tally.figures["kills"])
    tally.count("logins lost between CCP and the keyring", loop.lost)
    if kills >= 20:  # a few may all strike at the same moment
        assert loop.lost < kills / 2
        assert len(loop.moments) > 1
    assert len(passwords(loop.folder)) == 1


@pytest.mark.long
def test_two_syncs_and_a_login_beside_each_other(home: Home) -> None:
    """Many rounds: no refresh token is ever used twice, and everybody succeeds."""
    log_in(home)
    for _ in range(15):
        home.sim.clear_log()
        programs = [home.start("sync", name) for name in ("members", "manufacturing")]
        beside = home.start("login", "--no-browser")
        assert beside.stdout is not None
        browse(beside.stdout.readline().strip())
        for program in (*programs, beside):
            _, err = program.communicate(timeout=60)
            assert program.returncode == 0, err
        home.started.clear()
        assert {r["status"] for r in home.sim.requests(path=TOKEN)} == {200}
        home.sim.renew()
