"""The demo's corporation: a simulator that runs beside the app, and a director logged in to it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.queries.processes import logged_in
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.workspace import Workspace


STATE = "simulator"
"""The folder below the demo's home in which the simulator keeps what lasts."""
SPREAD = 5.0
"""Seconds between the first runs of two processes."""


class DemoError(CorpsyncError):
    """The demo cannot be shown."""


@dataclass(frozen=True, slots=True)
class Corporation:
    """A simulator that answers on this computer."""

    url: str
    static_url: str
    client_id: str
    callback: str

    @property
    def settings(self) -> dict[str, str]:
        """The settings that lead there."""
        return {
            "esi_url": self.url,
            "sso_url": self.url,
            "static_url": self.static_url,
            "client_id": self.client_id,
            "callback_url": self.callback,
            "keyring": "file",
        }

    async def prepare(self, settings: Settings) -> None:
        """Log the corporation's director in and read what things are, unless that was done."""
        from corpsync_tui.clock import Clock
        from corpsync_tui.reference.update import ReferenceUpdate

        await self._log_in(settings)
        await ReferenceUpdate(settings, Clock()).newest()

    async def _log_in(self, settings: Settings) -> None:
        characters = await asyncio.to_thread(logged_in, settings.database)
        if any(character["needs"] is None for character in characters):
            return
        from corpsync_tui.clock import Clock
        from corpsync_tui.workspace import Workspace

        opening = Workspace.open(settings, Clock(), command="corpsync demo", hold=False)
        async with await opening as workspace, await workspace.logins.begin() as login:
            visit = asyncio.create_task(asyncio.to_thread(_visit, login.authorize_url))
            await workspace.logins.finish(await login.wait())
            await visit
            await _spread(workspace)


async def _spread(workspace: Workspace) -> None:
    """Let the first runs begin one after the other, so that later ones do not fall together."""
    now = workspace.clock.now()
    for number, config in enumerate(workspace.state.get_configs()):
        moment = now + timedelta(seconds=number * SPREAD)
        await workspace.state.set_next_run_time(config.process_id, moment)


@contextmanager
def simulator(home: Path) -> Iterator[Corporation]:
    """Start the simulator; it ends with the block, or with this process.

    Raises:
        DemoError: It does not start.
    """
    callback = f"http://127.0.0.1:{_free_port()}/callback"
    command = (sys.executable, "-m", "corpsync_tui.simulator", "--demo")
    state = ("--state-dir", str(home / STATE), "--callback", callback)
    with _private_file(home / "simulator.log") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [*command, *state],
            stdin=subprocess.PIPE,  # it ends when this end is closed, as a killed app's is
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # ctrl+c at the terminal is for the app
        )
    try:
        hello = _hello(process, home)
        yield Corporation(hello["url"], hello["static_url"], hello["client_id"], callback)
    finally:
        process.communicate()


def _hello(process: subprocess.Popen[bytes], home: Path) -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout is not None else b""
    if not line:
        raise DemoError(f"The demo's simulator did not start: {home / 'simulator.log'} says why.")
    hello: dict[str, Any] = json.loads(line)
    return hello


@contextmanager
def _private_file(file: Path) -> Iterator[int]:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _visit(url: str) -> None:
    """Go through the login as a browser would; the simulator's director agrees at once."""
    from urllib.request import ProxyHandler, build_opener

    with build_opener(ProxyHandler({})).open(url, timeout=20) as page:
        page.read()
