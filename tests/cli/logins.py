"""A command line that talks to a simulator, and a browser that says yes."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from corpsync_tui.clock import Clock
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.vault import FileVault
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.workspace import Workspace
from tests.support import house
from tests.support.commands import COMMAND, Program, Started, run_command
from tests.support.database import make_database
from tests.support.house import free_port

__all__ = ["Cli", "Program", "Result", "browse", "free_port", "until"]

Result = subprocess.CompletedProcess[str]

_direct = build_opener(ProxyHandler({}))


def browse(url: str) -> str:
    """Open an address as a browser would, following redirects; the last page."""
    try:
        with _direct.open(url, timeout=20) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        return error.read().decode()


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that another process does without a word."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


AS_NEW = 300
"""Seconds for which what ESI said at a login is as good as new."""


@lru_cache(maxsize=1)
def _left_by_a_login(_: int) -> dict[Path, bytes]:
    """The files that a login of the simulator's director leaves, but for the token."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(SimulatorConfig(redirect_uris=(callback,))) as simulator,
    ):
        home = Path(folder)
        settings = house.settings_for(home, simulator, callback)
        make_database(home)

        async def work() -> None:
            opening = Workspace.open(settings, Clock(), command="corpsync login", hold=False)
            async with await opening as workspace:
                await house.log_in(workspace)

        asyncio.run(work())
        files = [file for file in home.rglob("*") if file.is_file() and file.suffix != ".token"]
        return {file.relative_to(home): file.read_bytes() for file in files}


@dataclass
class Cli:
    """`corpsync` in a home of its own, pointed at a simulator."""

    home: Path
    sim: Simulator
    environment: dict[str, str]
    command: tuple[str, ...] = COMMAND
    offset: float = 0.0
    """Seconds that the clocks of its commands are ahead."""

    @property
    def database(self) -> Path:
        return self.home / "data/corpsync.db"

    def run(self, *arguments: str, **variables: str) -> Result:
        """Run a command to its end."""
        if self.command == COMMAND:
            return run_command(arguments, self.environment | variables, offset=self.offset)
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=90)
        return subprocess.CompletedProcess(arguments, process.wait(), out, err)

    def start(self, *arguments: str, **variables: str) -> Program:
        """Start a command."""
        if self.command == COMMAND:
            return Started.piped(arguments, self.environment | variables, offset=self.offset)
        return subprocess.Popen(
            [*self.command, *arguments],
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def welcome(self) -> None:
        """Leave the home as a login leaves it, with a token of this simulator."""
        for name, content in _left_by_a_login(int(time.time() / AS_NEW)).items():
            file = self.home / name
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_bytes(content)
        token = Secret(self.sim.refresh_token(self.sim.character_id))
        FileVault(self.home / "data").write(self.sim.character_id, token)

    def log_in(self, *options: str) -> Result:
        """Log the simulator's director in by the command."""
        process = self.start("login", "--no-browser", *options)
        assert process.stdout is not None
        browse(process.stdout.readline().strip())
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(["login"], process.wait(), out, err)
