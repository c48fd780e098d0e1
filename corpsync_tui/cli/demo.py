"""`corpsync demo`: the app on a made-up corporation."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from corpsync_tui.cli.app import open_app, require_terminal
from corpsync_tui.cli.command import Command
from corpsync_tui.errors import CorpsyncError, HeldError
from corpsync_tui.settings import Settings, load_settings, private_folder

MISSING = "The demo needs its simulator: pip install 'corpsync-tui[demo]'."
INTERVALS = {
    "members": 1,
    "assets": 2,
    "manufacturing": 1,
    "market": 2,
    "wallet": 3,
    "mining": 3,
    "killmails": 1,
    "container_logs": 2,
}
"""Minutes between two runs: something always happens."""


@dataclass(frozen=True, slots=True)
class Served:
    """A simulator that answers."""

    url: str
    character_id: int
    client_id: str

    def refresh_token(self) -> str:
        """A login that nobody had to go through."""
        address = f"{self.url}/_sim/refresh_token?character_id={self.character_id}"
        with build_opener(ProxyHandler({})).open(address, timeout=10) as answer:
            return str(json.load(answer)["refresh_token"])


def run(_: Namespace, __: Settings) -> int:
    """Show the demo until it is left."""
    return run_demo()


def run_demo() -> int:
    """Start the simulator and the app on it; both end together.

    Raises:
        CorpsyncError: The extra is not installed, or the demo is open already.
    """
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise CorpsyncError(MISSING)
    require_terminal()
    from corpsync_tui.store.lock import holder

    home = demo_home()
    other = holder(home / "data")
    if other is not None:
        raise HeldError(other.sentence())
    private_folder(home)
    with simulator(home / "simulator") as served:
        settings = demo_settings(home, served)
        asyncio.run(_log_in(settings, served))
        result = open_app(settings)
    return result if isinstance(result, int) else 0


def demo_home() -> Path:
    """The demo's own folder, never the director's."""
    from platformdirs import user_data_path

    return user_data_path("corpsync-demo", appauthor=False)


def demo_settings(home: Path, served: Served) -> Settings:
    """Settings below `home` that know the simulator alone, whatever the environment says."""
    settings = load_settings(
        {
            "CORPSYNC_HOME": str(home),
            "CORPSYNC_ESI_URL": served.url,
            "CORPSYNC_SSO_URL": served.url,
            "CORPSYNC_CLIENT_ID": served.client_id,
            "CORPSYNC_KEYRING": "file",
        }
    )
    return replace(settings, intervals=INTERVALS)


@contextmanager
def simulator(state_dir: Path) -> Iterator[Served]:
    """A simulator of a living corporation, as a process that ends with this one."""
    command = [sys.executable, "-m", "corpsync_tui.simulator", "--demo"]
    with subprocess.Popen(  # noqa: S603 - our own module
        [*command, "--state-dir", str(state_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise CorpsyncError("The demo's simulator did not start.")
        try:
            hello = json.loads(process.stdout.readline() or b"{}")
            if "url" not in hello:
                raise CorpsyncError("The demo's simulator did not start.")
            yield Served(hello["url"], hello["character_id"], hello["client_id"])
        finally:
            process.stdin.close()


async def _log_in(settings: Settings, served: Served) -> None:
    """Keep a login in the demo's own file, and schedule the corporation."""
    from corpsync_tui.clock import Clock
    from corpsync_tui.esi.secret import Secret
    from corpsync_tui.esi.vault import FileVault
    from corpsync_tui.workspace import Workspace

    opening = Workspace.open(settings, Clock(), command="corpsync demo")
    async with await opening as workspace:
        FileVault(settings.data_dir).write(served.character_id, Secret(served.refresh_token()))
        access = await workspace.connection.tokens.access(served.character_id)
        await workspace.welcome(access.identity)


COMMAND = Command(
    name="demo",
    summary="look around on a made-up corporation, without an EVE account",
    about="It has a data folder of its own, apart from yours. Needs the extra: corpsync-tui[demo].",
    examples=("corpsync demo",),
    run=run,
    works=False,
)
