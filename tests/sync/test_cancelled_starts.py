"""A run cancelled while its start is written: either it never was, or its end is told."""

from __future__ import annotations

import asyncio
import threading

import pytest

from corpsync_tui.store import jobs
from tests.support.sync import CORPORATION_ID, Bench

pytestmark = pytest.mark.anyio

ASSETS = f"{CORPORATION_ID}/assets"


@pytest.mark.parametrize(("sealed", "results"), [(False, []), (True, ["cancelled"])])
async def test_no_start_stays_running(
    world: Bench, monkeypatch: pytest.MonkeyPatch, sealed: bool, results: list[str]
) -> None:
    """The cancellation comes just before the commit can no longer be stopped, or just after."""
    loop, real = asyncio.get_running_loop(), jobs.Job.seal

    def cancel_run() -> None:
        """On the writer's thread: returns when the run has heard of it."""
        heard = threading.Event()
        loop.call_soon_threadsafe(task.cancel)
        loop.call_soon_threadsafe(loop.call_soon, loop.call_soon, heard.set)
        assert heard.wait(10)

    def seal(job: jobs.Job[object]) -> None:
        monkeypatch.setattr(jobs.Job, "seal", real)
        if not sealed:
            cancel_run()
        real(job)
        if sealed:
            cancel_run()

    async def run() -> None:
        try:
            await world.state.start_sync(ASSETS)
            await asyncio.Event().wait()
        finally:
            await world.state.cancel_sync(ASSETS)

    monkeypatch.setattr(jobs.Job, "seal", seal)
    task = asyncio.create_task(run())
    with pytest.raises(asyncio.CancelledError):
        await task

    assert [record.result for record in await world.state.get_sync_history()] == results
    assert await world.value("SELECT count(*) FROM sync_status WHERE status = 'running'") == 0
    assert not world.state.is_process_running(ASSETS)
    await world.state.start_sync(ASSETS)
