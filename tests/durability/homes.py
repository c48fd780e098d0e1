"""A data folder of a logged-in director, and a simulator that answers for CCP."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corpsync_tui.clock import Clock
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.workspace import Workspace
from tests.cli.logins import Cli, Program
from tests.support.database import make_database
from tests.support.house import free_port, log_in, settings_for


@dataclass
class Home(Cli):
    """A command line whose director is logged in."""

    started: list[Program] = field(default_factory=list)

    def start(self, *arguments: str, **variables: str) -> Program:
        """Start a command, and remember it."""
        process = super().start(*arguments, **variables)
        self.started.append(process)
        return process

    def kill_all(self) -> None:
        """Let nothing outlive a test that failed."""
        for process in self.started:
            process.kill()
        self.started.clear()

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the file holds, read as any other program would."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(sql, values).fetchall()

    def results(self) -> list[str]:
        """The results of all runs, oldest first, as the file has them."""
        return [row[0] for row in self.query("SELECT result FROM sync_history ORDER BY id")]

    @property
    def log(self) -> str:
        """The log so far."""
        file = self.home / "logs/corpsync.log"
        return file.read_text() if file.exists() else ""


@contextmanager
def logged_in(home: Path, config: SimulatorConfig | None = None) -> Iterator[Home]:
    """A home below which the simulator's first director is logged in."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    with Simulator(replace(config or SimulatorConfig(), redirect_uris=(callback,))) as simulator:
        clock = Clock(simulator.config.clock_offset)
        asyncio.run(_log_in(home, simulator, clock))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CORPSYNC_", "XDG_"))}
        variables = {
            "CORPSYNC_HOME": str(home),
            "CORPSYNC_ESI_URL": simulator.url,
            "CORPSYNC_SSO_URL": simulator.url,
            "CORPSYNC_CLIENT_ID": simulator.config.client_id,
            "CORPSYNC_CALLBACK_URL": callback,
            "CORPSYNC_KEYRING": "file",
            "HOME": str(home.with_name("user")),
        }
        yield Home(home, simulator, kept | variables)


async def _log_in(home: Path, simulator: Simulator, clock: Clock) -> None:
    settings = settings_for(home, simulator, simulator.config.redirect_uris[0])
    make_database(home)
    async with await Workspace.open(settings, clock, command="corpsync") as workspace:
        await log_in(workspace)
