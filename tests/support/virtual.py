"""A world in which days pass in seconds: one virtual clock for corpsync and the simulator."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.simulator.verbs import Verbs
from corpsync_tui.workspace import Workspace
from tests.support.cast import PROCESSES
from tests.support.clock import START, ManualClock
from tests.support.house import House, free_port, log_in, settings_for

QUIET_TURNS = 12
"""Turns of the loop in which nothing may begin before it counts as being at rest."""


class VirtualClock(ManualClock):
    """A clock that moves on only when nothing is under way outside of the event loop.

    What is under way is counted where it leaves the loop: `watch` an object's coroutine method,
    such as a store's `write`, and the loop's pool of threads.
    """

    def __init__(self, start: float = START) -> None:
        super().__init__(start)
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def settle(self) -> None:
        """Wait until everything has come to rest that needs no time to pass."""
        quiet = 0
        while quiet < QUIET_TURNS:
            if self._under_way:
                quiet = 0
                await self._idle.wait()
            quiet += 1
            await asyncio.sleep(0)

    def watch(self, owner: object, *methods: str) -> None:
        """Count what these coroutine methods have under way."""
        for name in methods:
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(real)
        async def call(*arguments: Any, **options: Any) -> Any:
            with self.busy():
                return await real(*arguments, **options)

        return call

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Hold the time while this is under way."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin(self) -> None:
        """Something has begun."""
        self._under_way += 1
        self._idle.clear()

    def end(self) -> None:
        """It has ended."""
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()


class WatchedPool(ThreadPoolExecutor):
    """The loop's pool of threads, whose work holds the clock until the loop has its result.

    A thread that told the loop itself could be stopped between the result and the clock.
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(max_workers=4)
        self._clock = clock

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """Start work in a thread."""
        loop, told = asyncio.get_running_loop(), Future[Any]()
        told.set_running_or_notify_cancel()
        self._clock.begin()

        def tell(done: Future[Any]) -> None:
            if error := done.exception():
                told.set_exception(error)
            else:
                told.set_result(done.result())
            self._clock.end()

        done = super().submit(work, *arguments, **options)
        done.add_done_callback(lambda done: loop.call_soon_threadsafe(tell, done))
        return told


class VirtualHouse(House):
    """A house whose time passes when a test says so."""

    def __init__(self, simulator: Simulator, workspace: Workspace, clock: VirtualClock) -> None:
        super().__init__(simulator, workspace)
        self.clock = clock

    async def live(self, seconds: float) -> None:
        """Let time pass, with all that happens in it."""
        await self.clock.advance(seconds)

    async def sleep(self, seconds: float) -> None:
        """Let the computer sleep: time passes for ESI alone."""
        await self.clock.settle()
        self.clock.jump(seconds)
        await self.clock.settle()


async def open_watched(
    home: Path, simulator: Verbs, clock: VirtualClock, **options: Any
) -> Workspace:
    """A workspace below `home` that the virtual clock waits for."""
    settings = settings_for(home, simulator, simulator.config.redirect_uris[0])
    with clock.busy():
        workspace = await Workspace.open(
            settings, clock, **{"command": "corpsync run", "processes": PROCESSES, **options}
        )
    watch(workspace, clock)
    return workspace


def watch(workspace: Workspace, clock: VirtualClock) -> None:
    """Let the virtual clock wait for what a workspace has under way."""
    clock.watch(workspace.store, "write", "read")
    clock.watch(workspace.connection.http, "send")
    clock.watch(workspace.connection.tokens._vault, "read", "write", "erase")


@asynccontextmanager
async def virtual_house(
    home: Path, config: SimulatorConfig | None = None, **options: Any
) -> AsyncIterator[VirtualHouse]:
    """A logged-in house in virtual time; the schedule is followed once it is started."""
    clock = VirtualClock()
    asyncio.get_running_loop().set_default_executor(WatchedPool(clock))
    callback = f"http://127.0.0.1:{free_port()}/callback"
    config = replace(config or SimulatorConfig(), redirect_uris=(callback,), machine=clock.time)
    with Simulator(config) as simulator:
        async with await open_watched(home, simulator, clock, **options) as workspace:
            await log_in(workspace)
            yield VirtualHouse(simulator, workspace, clock)
