"""A connection to a simulator, with a clock on which waiting takes no time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpsync_tui.clock import Clock
from corpsync_tui.esi.buckets import LimitStore
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.http import Bounds
from corpsync_tui.esi.routes import RequestStats, Route
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.vault import FileVault, Vault
from corpsync_tui.simulator.config import DEFAULT_CLIENT_ID, DEFAULT_REDIRECT_URI
from corpsync_tui.simulator.verbs import Verbs

ASSETS = Route(
    "/corporations/{corporation_id}/assets",
    cache_seconds=3600,
    scope="esi-assets.read_corporation_assets.v1",
    roles=("Director",),
    group="corp-asset",
    tokens=1800,
    paged=True,
)
KILLMAILS = Route(
    "/corporations/{corporation_id}/killmails/recent",
    cache_seconds=300,
    scope="esi-killmails.read_corporation_killmails.v1",
    roles=("Director",),
    group="corp-killmail",
    tokens=30,
    paged=True,
)
WALLETS = Route(
    "/corporations/{corporation_id}/wallets",
    cache_seconds=300,
    scope="esi-wallet.read_corporation_wallets.v1",
    roles=("Accountant", "Junior_Accountant"),
    group="corp-wallet",
    tokens=300,
)
TRANSACTIONS = Route(
    "/corporations/{corporation_id}/wallets/{division}/transactions",
    cache_seconds=3600,
    scope="esi-wallet.read_corporation_wallets.v1",
    roles=("Accountant", "Junior_Accountant"),
    group="corp-wallet",
    tokens=300,
)
LOGS = Route(
    "/corporations/{corporation_id}/containers/logs",
    cache_seconds=600,
    scope="esi-corporations.read_container_logs.v1",
    roles=("Director",),
    group="corp-structure",
    tokens=300,
    paged=True,
)
CORPORATION = Route("/corporations/{corporation_id}", cache_seconds=3600)
NAMES = Route("/universe/names")


class LeapingClock(Clock):
    """Who sleeps wakes at once and finds the time passed, here and at the simulator."""

    def __init__(self, simulator: Verbs | None = None) -> None:
        super().__init__(0.0 if simulator is None else simulator.now() - time.time())
        self.slept: list[float] = []
        self._simulator = simulator
        self._leapt = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._leapt

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.leap(max(0.0, seconds))
        await asyncio.sleep(0)

    def leap(self, seconds: float) -> None:
        """Let time pass, here and there."""
        self.offset += seconds
        self._leapt += seconds
        if self._simulator is not None:
            self._simulator.advance(seconds)


@dataclass
class Options:
    """The settings that talking to CCP needs."""

    esi_url: str
    sso_url: str
    data_dir: Path
    client_id: str = DEFAULT_CLIENT_ID
    callback_url: str = DEFAULT_REDIRECT_URI
    contact: str = "director@corporation.example"
    keyring: Literal["system", "file"] = "file"


class Voice:
    """What a run said while it waited."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._spoken = asyncio.Event()

    def traffic(self) -> RequestStats:
        """A run's traffic that speaks with this voice."""
        return RequestStats(on_wait=self._say)

    async def spoken(self) -> None:
        """Wait for the first word."""
        async with asyncio.timeout(10):
            await self._spoken.wait()

    def _say(self, text: str) -> None:
        self.said.append(text)
        self._spoken.set()


@asynccontextmanager
async def connected(
    simulator: Verbs,
    folder: Path,
    clock: Clock | None = None,
    *,
    store: LimitStore | None = None,
    vault: Vault | None = None,
    bounds: Bounds | None = None,
    **options: str,
) -> AsyncIterator[Connection]:
    """A connection to the simulator, with time that leaps unless a clock is given."""
    url = str(getattr(simulator, "url", ""))
    settings = Options(options.pop("esi_url", url), options.pop("sso_url", url), folder)
    for name, value in options.items():
        setattr(settings, name, value)
    clock = clock or LeapingClock(simulator)
    connection = await Connection.open(settings, clock, store, vault=vault, bounds=bounds)
    try:
        yield connection
    finally:
        await connection.aclose()


def log_in(simulator: Verbs, folder: Path, character_id: int) -> Secret:
    """Put a character's refresh token where a login would have, in the data folder."""
    token = Secret(simulator.refresh_token(character_id))
    FileVault(folder).write(character_id, token)
    return token
