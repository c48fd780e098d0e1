"""Every key of every screen acts in an app that watches, as it does in the one that holds."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from corpsync_tui.clock import Clock
from corpsync_tui.service.holder import open_service, served
from corpsync_tui.service.remote import RemoteService, open_either
from corpsync_tui.settings import Settings
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.tui.app import CorpsyncApp, Open
from corpsync_tui.tui.screens import SCREENS
from corpsync_tui.workspace import Workspace
from tests.support.house import free_port, log_in, settings_for
from tests.support.noon import noon

pytestmark = [pytest.mark.anyio, pytest.mark.long]

LEAVING = {"quit", "suspend_process", "app.quit", "app.suspend_process"}
MOVING = re.compile(r"(^|[._])(cursor|scroll|page|focus)(_|$)")
"""Actions that only move about: they ask nothing, and how far depends on what is loaded yet."""
STEP = 0.05
"""Seconds between two looks at the screen."""
AT_ONCE, PATIENT = 10, 400
"""Looks until a key must have shown something, at the holder and beside it."""
FAILED = "the log says why"

Key = tuple[str, str]
"""A screen's id, and a key on it."""


@pytest.fixture
async def homes(tmp_path: Path) -> AsyncIterator[list[Settings]]:
    """Three homes alike, whose processes have run."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    config = SimulatorConfig(redirect_uris=(callback,), clock_offset=noon())
    with Simulator(config) as simulator:
        settings = [settings_for(tmp_path / name, simulator, callback) for name in "abc"]
        async with await Workspace.open(settings[0], Clock(noon()), command="x") as workspace:
            await log_in(workspace)
            for process_type in workspace.processes:
                await workspace.run(f"{simulator.corporation_id}/{process_type}", "manual")
            await workspace.names.settled()
            await workspace.alerts.evaluate()
        for name in "bc":
            shutil.copytree(tmp_path / "a", tmp_path / name)
        yield settings


class Keys:
    """Presses keys, and looks whether they show anything."""

    def __init__(self, app: CorpsyncApp, pilot: Pilot[str]) -> None:
        self.app, self.pilot = app, pilot

    async def show(self, screen: str) -> None:
        """Show a main screen, its cursor on the second line, whatever was open before."""
        for _ in range(5):
            if self.app.screen.is_modal or len(self.app.screen_stack) > 1:
                await self.pilot.press("escape")
        self.app.action_show(screen)
        await self.pilot.pause()
        if self.app.screen.AUTO_FOCUS:
            self.app.screen.query(self.app.screen.AUTO_FOCUS).first().focus()
        await self.pilot.press("j")

    def keys_of(self, screen: str) -> list[str]:
        """The keys that are in force; those of the app itself on the first screen alone."""
        first = screen == SCREENS[0].id
        return [
            active.binding.key
            for active in self.app.screen.active_bindings.values()
            if active.binding.action not in LEAVING
            and not MOVING.search(active.binding.action)
            and active.binding.tooltip
            and (first or active.node is not self.app)
        ]

    async def acts(self, key: str, looks: int) -> bool:
        """Whether something is shown or told within so many looks."""
        before = self._picture()
        await self.pilot.press(key)
        for _ in range(looks):
            if self._picture() != before:
                return True
            await self.pilot.pause(STEP)
        return False

    def _picture(self) -> tuple[object, ...]:
        """All that stands on the screen but figures, which time moves."""
        strips = self.app.screen._compositor.render_strips()
        text = "\n".join("".join(segment.text for segment in strip) for strip in strips)
        told = len(self.app.notices), self.app.clipboard
        return re.sub(r"[\d.,]+", "", text), self.app.screen, self.app.focused, told


@asynccontextmanager
async def keys(opened: Open) -> AsyncIterator[Keys]:
    app = CorpsyncApp(opened, clock=Clock(noon()))
    async with app.run_test(size=(140, 40)) as pilot:
        await app.opened()
        await pilot.pause(1.0)
        yield Keys(app, pilot)
        await pilot.press("escape", "escape", "q")
        await pilot.pause()


async def acting(settings: Settings, wanted: Collection[Key] | None = None) -> list[Key]:
    """The keys that show something in an app that holds the folder: of those wanted, or of all."""
    found: list[Key] = []
    async with keys(lambda spawn: open_service(settings, Clock(noon()), spawn)) as at_holder:
        for spec in SCREENS:
            await at_holder.show(spec.id)
            for key in at_holder.keys_of(spec.id):
                if wanted is not None and (spec.id, key) not in wanted:
                    continue
                await at_holder.show(spec.id)
                if await at_holder.acts(key, AT_ONCE):
                    found.append((spec.id, key))
    return found


async def test_every_key_acts_as_it_does_at_the_holder(homes: list[Settings]) -> None:
    clock = Clock(noon())
    at_holder = await acting(homes[0])
    assert {screen for screen, _ in at_holder} == {spec.id for spec in SCREENS}
    opening = Workspace.open(homes[1], clock, command="corpsync run")
    silent: list[Key] = []
    async with await opening as workspace, served(workspace) as service:
        await service.start()
        beside = keys(lambda spawn: open_either(homes[1], clock, command="corpsync", spawn=spawn))
        async with beside as watcher:
            assert isinstance(await watcher.app.opened(), RemoteService)
            for screen, key in at_holder:
                await watcher.show(screen)
                if not await watcher.acts(key, PATIENT):
                    silent.append((screen, key))
            told = [notice.sentence for notice in watcher.app.notices]
    assert [sentence for sentence in told if FAILED in sentence] == []
    # What moved by itself while a key was pressed does so hardly again.
    assert not silent or await acting(homes[2], silent) == []
