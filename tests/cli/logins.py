"""A command line that talks to a simulator, and a browser that says yes."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from corpsync_tui.clock import Clock
from corpsync_tui.settings import load_settings
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
        """Leave the home as a login leaves it, without a process of its own."""

        async def work() -> None:
            settings = load_settings(self.environment)
            make_database(self.home)
            opening = Workspace.open(settings, Clock(), command="corpsync login", hold=False)
            async with await opening as workspace:
                await house.log_in(workspace)

        asyncio.run(work())

    def log_in(self, *options: str) -> Result:
        """Log the simulator's director in by the command."""
        process = self.start("login", "--no-browser", *options)
        assert process.stdout is not None
        browse(process.stdout.readline().strip())
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(["login"], process.wait(), out, err)
