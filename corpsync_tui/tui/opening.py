"""The workspace for the screens: everything but textual is imported after the first frame."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpsync_tui.clock import Clock
from corpsync_tui.service.api import SyncService
from corpsync_tui.tui.app import Open, Spawn

if TYPE_CHECKING:
    from corpsync_tui.settings import Settings


def open_later(settings: Settings, clock: Clock) -> Open:
    """How the app opens its workspace: the imports, too, happen off the event loop.

    Beside another process that holds the data folder, the app watches that one.
    """

    @asynccontextmanager
    async def opened(spawn: Spawn) -> AsyncIterator[SyncService]:
        remote = await asyncio.to_thread(_import)
        opening = remote.open_either(settings, clock, command="corpsync", spawn=spawn)
        async with opening as service:
            yield service

    return opened


def _import() -> Any:
    """What opens the workspace, and what httpx would import on the loop at the first request."""
    for name in ("httpcore", "anyio"):
        import_module(name)
    return import_module("corpsync_tui.service.remote")
