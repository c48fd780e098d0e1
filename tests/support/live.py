"""The whole app over a workspace and a simulator, driven by keys, with a browser beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import Clock
from corpsync_tui.esi.login import PATIENCE
from corpsync_tui.service.holder import open_service
from corpsync_tui.service.local import LocalService
from corpsync_tui.settings import Settings
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.tui.app import CorpsyncApp, Spawn
from corpsync_tui.workspace import Workspace
from tests.support.database import make_database
from tests.support.house import browse, free_port, log_in, settings_for
from tests.support.noon import noon

PATIENT = 40.0
"""Seconds in which what is waited for must have come."""


class ClosedTabClock(Clock):
    """The machine's clock, but how long a browser is waited for is decided by the test."""

    def __init__(self, offset: float) -> None:
        super().__init__(offset)
        self.gave_up = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds == PATIENCE:
            await self.gave_up.wait()
            self.gave_up.clear()
        else:
            await super().sleep(seconds)


class Live:
    """An app that runs, what can be read on it, and the world around it."""

    def __init__(
        self, app: CorpsyncApp, pilot: Pilot[str], simulator: Simulator, clock: ClosedTabClock
    ) -> None:
        self.app = app
        self.pilot = pilot
        self.simulator = simulator
        self.clock = clock
        self.corporation_id = simulator.corporation_id

    @property
    def workspace(self) -> Workspace:
        """What the screens stand on."""
        assert self.app._service is not None
        service = self.app._service.result()
        assert isinstance(service, LocalService)
        return service._workspace

    def read(self) -> str:
        """All that stands on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def press(self, *keys: str) -> None:
        """Press keys, and let what they begin settle."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def paste(self, text: str) -> None:
        """Paste into what has the focus."""
        assert self.app.focused is not None
        self.app.focused.post_message(events.Paste(text))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to become true; says what was on the screen if it does not."""
        try:
            async with asyncio.timeout(PATIENT):
                while not condition():
                    await self.pilot.pause(0.05)
        except TimeoutError:
            raise AssertionError(f"it did not come true:\n{self.read()}") from None

    async def reads(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        await self.until(lambda: text in self.read())

    async def told(self, text: str) -> None:
        """Wait for a notice."""
        await self.until(lambda: any(text in n.sentence for n in self.app.notices))

    async def visit(self) -> str:
        """Let a browser open the login's address; where CCP sends it."""
        await self.press("y")
        return await asyncio.to_thread(browse, self.app.clipboard)

    async def log_in_again(self) -> None:
        """Through the Login screen that is open, by the pasted address."""
        await self.press("b")
        await self.reads("Waiting for the browser")
        address = await self.visit()
        await self.press("v")
        await self.paste(address)
        await self.press("enter")

    def state(self, process_type: str) -> str:
        """The word that the Sync screen has for a process."""
        sync_state = self.app.sync_state
        process_id = f"{self.corporation_id}/{process_type}"
        if process_id not in sync_state.process_ids():
            return ""
        return sync_state.shown_state(process_id, self.clock.now())

    def advance(self, seconds: float) -> None:
        """Let time pass for the app and for CCP."""
        self.simulator.advance(seconds)
        self.clock.offset += seconds


@asynccontextmanager
async def open_app(
    home: Path,
    *,
    logged_in: bool = True,
    processes: Sequence[Process] = ALL,
    size: tuple[int, int] = (140, 40),
    **config: Any,
) -> AsyncIterator[Live]:
    """The app on a data folder below `home`; new, or with one character logged in."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    offset = noon()
    world = SimulatorConfig(redirect_uris=(callback,), clock_offset=offset, **config)
    with Simulator(world) as simulator:
        settings = settings_for(home, simulator, callback)
        if logged_in:
            if processes is ALL and not settings.database.exists():
                make_database(home)
            await _log_in(settings, offset, processes)
        else:
            settings = replace(settings, client_id="")
        clock = ClosedTabClock(offset)

        def opened(spawn: Spawn) -> AbstractAsyncContextManager[LocalService]:
            return open_service(settings, clock, spawn, processes)

        app = CorpsyncApp(opened, clock=clock)
        async with app.run_test(size=size) as pilot:
            await app.opened()
            yield Live(app, pilot, simulator, clock)
            await pilot.press("escape", "q")
            await pilot.pause()


async def _log_in(settings: Settings, offset: float, processes: Sequence[Process]) -> None:
    async with await Workspace.open(
        settings, Clock(offset), command="corpsync login", hold=False, processes=processes
    ) as workspace:
        await log_in(workspace)
