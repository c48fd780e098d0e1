"""`corpsync run` through a week of virtual time: the function behind the command itself."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.plans import ForEach
from corpsync_tui.cli import run as command
from corpsync_tui.cli.status import read_report
from corpsync_tui.settings import Settings
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.workspace import Workspace
from tests.support.footprint import Footprint
from tests.support.house import free_port, log_in, settings_for
from tests.support.looking import read_history
from tests.support.virtual import VirtualClock, WatchedPool, open_watched, watch

pytestmark = pytest.mark.anyio

HOUR = 3_600.0
EVENTS_AN_HOUR = 10
CONFIG = SimulatorConfig(
    scale=replace(SCALES["small"], page_size=1_000), rotate_refresh_tokens=True
)
GROWING = {
    "corpsync_tui.esi.requestlog.SentRequest",
    "corpsync_tui.catalog.kit.rules.Alert",
    "corpsync_tui.queries.alerts.OpenAlert",
}
"""A ring of fixed size that is not full at first, and what the director leaves undone."""
CACHED = {process.type: 3_600.0 for process in ALL} | {
    "manufacturing": 300.0,
    "killmails": 300.0,
    "container_logs": 600.0,
    "market": 1_200.0,
}
"""Seconds for which the copy that ends a process's run soonest may be kept."""


class Log(logging.Handler):
    """Counts what the command tells, and keeps no record: records would be what grows."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines, self.first, self.last = 0, "", ""

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        self.last = record.getMessage()
        self.first = self.first or self.last


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """What `corpsync run` tells, kept from pytest, too."""
    ours, whole = logging.getLogger(command.__name__), logging.getLogger("corpsync_tui")
    monkeypatch.setattr(whole, "propagate", False)
    level, handler = ours.level, Log()
    ours.setLevel(logging.INFO)
    ours.addHandler(handler)
    yield handler
    ours.removeHandler(handler)
    ours.setLevel(level)


@pytest.mark.parametrize(
    ("warm", "hours"), [(1, 1), pytest.param(24, 6 * 24, marks=pytest.mark.long, id="a week")]
)
async def test_run(
    tmp_path: Path,
    warm: int,
    hours: int,
    monkeypatch: pytest.MonkeyPatch,
    log: Log,
) -> None:
    clock = VirtualClock()
    asyncio.get_running_loop().set_default_executor(WatchedPool(clock))
    callback = f"http://127.0.0.1:{free_port()}/callback"
    config = replace(CONFIG, redirect_uris=(callback,), machine=clock.time)
    with Simulator(config) as simulator:
        async with await open_watched(
            tmp_path, simulator, clock, hold=False, processes=ALL
        ) as workspace:
            await log_in(workspace)
        simulator.clear_log()
        settings = settings_for(tmp_path, simulator, callback)
        _watch_what_is_opened(monkeypatch, clock)
        running = asyncio.create_task(command.serve(settings, clock))
        await clock.advance(warm * HOUR)
        before = Footprint.now()
        await _live(simulator, clock, hours)
        after = Footprint.now()
        assert _ill(settings, clock) == []
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0
        assert (log.first.partition(" of ")[0], log.last) == ("following the schedule", "ending")
        _assert_every_run_was_made(settings, warm + hours, log.lines)
        _assert_nothing_grew(before, after)


def _watch_what_is_opened(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
    """The command opens its workspace itself; the clock has to wait for it, too."""
    real = Workspace.open

    async def opened(*arguments: Any, **options: Any) -> Workspace:
        with clock.busy():
            workspace = await real(*arguments, **options)
        watch(workspace, clock)
        return workspace

    monkeypatch.setattr(Workspace, "open", opened)


async def _live(simulator: Simulator, clock: VirtualClock, hours: int) -> None:
    for _ in range(hours):
        await clock.advance(HOUR)
        simulator.tick(EVENTS_AN_HOUR)
        assert [r["path"] for r in simulator.requests() if r["early"]] == []
        assert {r["status"] for r in simulator.requests()} <= {200, 304, 403, 404}
        simulator.clear_log()


def _ill(settings: Settings, clock: VirtualClock) -> list[str]:
    """Whom `corpsync status --check` would name."""
    return read_report(settings, clock.time()).ill()


def _assert_every_run_was_made(settings: Settings, hours: int, lines: int) -> None:
    """All runs succeeded, as many as the schedule and ESI's cache times give."""
    runs = read_history(settings.database)
    assert {run.result for run in runs} == {"success"}
    assert lines == 2 * len(runs) + 2
    made = Counter(run.process_type for run in runs)
    for process in ALL:
        apart = max(60 * process.interval_minutes, CACHED[process.type])
        possible = hours * HOUR / apart
        at_once = any(isinstance(d.plan, ForEach) and d.plan.budget for d in process.datasets)
        oftenest = hours * HOUR / (60 * process.interval_minutes) + 1
        most = made[process.type] if at_once else oftenest  # a backlog of details goes on
        assert 0.9 * possible - 1 <= made[process.type] <= most, process.type


def _assert_nothing_grew(before: Footprint, after: Footprint) -> None:
    assert before.grown_to(after).keys() <= GROWING
    assert after.tasks <= before.tasks + 8  # names may be looked up just now
    assert after.threads <= before.threads + 1
    assert after.files <= before.files + 2
    assert after.sockets <= before.sockets + 4
    assert after.memory - before.memory < 20_000_000
