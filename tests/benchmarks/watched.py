"""The app with a probe on its event loop: idle, idle but repainting, and while it syncs.

`python -m tests.benchmarks.watched RESULT SECONDS`; the environment says where its folder is. The
lags of each phase go to the file RESULT, in milliseconds, with the memory of before,
its peak, and what is left of it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from corpsync_tui.clock import Clock
from corpsync_tui.queries.records import SyncStatus
from corpsync_tui.service.api import SyncService
from corpsync_tui.settings import load_settings
from corpsync_tui.sync.events import RunRecorded, StatusChanged, SyncEvent
from corpsync_tui.tui.app import CorpsyncApp
from corpsync_tui.tui.opening import open_later
from tests.benchmarks.peak import peak

STEP = 0.005
"""Seconds between two looks at the loop."""
TOLD_EVERY = 0.02
"""Seconds between two events of a run that is only played."""
SETTLED = 2.0


class Watched(CorpsyncApp):
    """The app, and who watches it."""

    def __init__(self, result: Path, seconds: float) -> None:
        clock = Clock()
        super().__init__(open_later(load_settings(os.environ), clock), clock=clock)
        self.lags: list[float] = []
        self._result_file, self._each_seconds = result, seconds

    def on_mount(self) -> None:
        """Textual calls the app's own `on_mount` beside this one."""
        self.run_worker(self._measure_all(), exit_on_error=True)

    async def _measure_all(self) -> None:
        service = await self.opened()
        await asyncio.sleep(SETTLED)
        process_id = next(p for p in self.sync_state.process_ids() if p.endswith("/assets"))
        status = self.sync_state.status(process_id)
        idle = await self._during(asyncio.sleep(self._each_seconds))
        played = await self._during(self._play(status))
        self.sync_state.listen(StatusChanged(status))
        await asyncio.sleep(SETTLED)
        before = _resident()
        syncing = await self._during(self._sync(service, process_id))
        await asyncio.sleep(SETTLED)
        self._result_file.write_text(
            json.dumps(
                {
                    "idle": idle,
                    "played": played,
                    "syncing": syncing,
                    "before": before,
                    "peak": peak(),
                    "after": _resident(),
                }
            )
        )
        self.exit()

    async def _during(self, work: Coroutine[Any, Any, None]) -> list[float]:
        """The lags of the loop while something goes on."""
        lags: list[float] = []
        task = asyncio.create_task(work)
        while not task.done():
            start = perf_counter()
            await asyncio.sleep(STEP)
            lags.append((perf_counter() - start - STEP) * 1e3)
        await task
        return lags

    async def _play(self, status: SyncStatus) -> None:
        """A run that nobody makes: the screens repaint as they do for a real one."""
        end = perf_counter() + self._each_seconds
        page = 0
        while perf_counter() < end:
            page += 1
            step = f"Fetching assets from ESI… (page {page} of 500)"
            told = replace(
                status, status="running", progress=10 + page % 400 / 10, current_step=step
            )
            self.sync_state.listen(StatusChanged(told))
            await asyncio.sleep(TOLD_EVERY)

    async def _sync(self, service: SyncService, process_id: str) -> None:
        ended = asyncio.Event()

        def hear(event: SyncEvent) -> None:
            if isinstance(event, RunRecorded) and event.run.result != "running":
                ended.set()

        service.subscribe(hear)
        await service.sync_now(process_id)
        await ended.wait()


def _resident() -> float:
    """MiB held now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2


if __name__ == "__main__":
    gc.disable()  # until it is open, as the app that is started
    app = Watched(Path(sys.argv[1]), float(sys.argv[2]))
    app.run()
    sys.exit(app.return_code)
