"""A run cancelled at each of its awaits: what the history says is what happened."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import House, comparable, open_house

pytestmark = pytest.mark.anyio

RENEWED = 3_700


class CancelledAt:
    """A coroutine that is cancelled while it waits for the n-th time."""

    def __init__(self, work: Coroutine[Any, Any, Any], at: int) -> None:
        self._work, self._at = work, at
        self.waits = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        """Wait for what the coroutine waits for, one by one."""
        task = asyncio.current_task()
        assert task is not None
        steps = self._work.__await__()
        resume: Callable[[], Any] = partial(steps.send, None)
        while True:
            try:
                waited = resume()
            except StopIteration as end:
                return end.value
            self.waits += 1
            if self.waits == self._at:
                asyncio.get_running_loop().call_soon(task.cancel)
            try:
                resume = partial(steps.send, (yield waited))
            except BaseException as error:
                resume = partial(steps.throw, error)


async def sync_assets(house: House, at: int) -> bool:
    """Sync assets, and cancel that at an await; whether there were so many."""
    work = CancelledAt(house.workspace.run(house.id_of("assets"), "schedule"), at)

    async def run() -> None:
        await work

    (outcome,) = await asyncio.gather(asyncio.create_task(run()), return_exceptions=True)
    assert outcome is None or isinstance(outcome, asyncio.CancelledError)
    assert outcome is None or work.waits >= at
    return work.waits >= at


async def assets(house: House) -> list[str]:
    return comparable(await house.rows("asset"), house.simulator.truth("asset"))


async def test_a_run_is_cancelled_at_any_await_and_the_history_says_what_became_of_it(
    tmp_path: Path,
) -> None:
    results: set[str] = set()
    async with open_house(tmp_path / "home") as house:
        await house.sync("assets")
        state = house.workspace.state
        for at in itertools.count(1):
            old, runs = await assets(house), len(await state.get_sync_history(limit=1_000))
            house.simulator.mutate("asset", change=0.1, add=5, remove=3)
            house.advance(RENEWED)
            came_so_far = await sync_assets(house, at)
            truth = house.simulator.truth("asset")
            history = await state.get_sync_history(limit=1_000)
            began = history[: len(history) - runs]
            stored = [run.result for run in began] == ["success"]
            assert [run.result for run in began] in (["cancelled"], ["success"], [])
            assert await assets(house) == (comparable(truth, truth) if stored else old)
            assert not state.is_process_running(house.id_of("assets"))
            results.update(run.result for run in began)
            if not came_so_far:
                break
        assert at > 10
        assert results == {"cancelled", "success"}
        house.advance(RENEWED)
        assert (await house.sync("assets")).result == "success"
        await house.assert_true("asset")
