"""Nothing is hidden: every binding is explained in the help, and every action is in the palette."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.binding import ActiveBinding, Binding

from corpsync_tui.tui.dialogs.help import HelpLine, help_lines
from corpsync_tui.tui.screens import SCREENS
from corpsync_tui.tui.widgets.footer import KeyFooter
from tests.tui.scenes import SCENES
from tests.tui.stage import StageApp

pytestmark = pytest.mark.anyio

TEXTUALS_OWN = {"ctrl+c", "super+c"}
"""Copying a selection with the mouse's help: Textual's, and not an action of ours."""


@pytest.mark.parametrize("keys", [[], ["tab"], ["tab", "tab"], ["3"], ["tab", "enter"]], ids=str)
async def test_every_binding_is_explained(keys: Sequence[str]) -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        for active in app.screen.active_bindings.values():
            binding = active.binding
            if binding.key not in TEXTUALS_OWN and not binding.system:
                assert binding.description, binding
                assert binding.tooltip, binding


@pytest.mark.parametrize("keys", [[], ["tab"], ["3"]], ids=str)
async def test_every_action_is_in_the_palette(keys: Sequence[str]) -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        offered = {command.title for command in app.get_system_commands(app.screen)}
        active = app.screen.active_bindings.values()
        bindings = [a.binding for a in active if a.binding.tooltip]
        wanted = {b.description for b in bindings if not b.action.startswith("show(")}
        assert wanted <= offered
        assert {f"{spec.title} screen" for spec in SCREENS} <= offered
        assert "Theme" in offered


async def test_palette_runs_an_action() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        commands = {c.title: c for c in app.get_system_commands(app.screen)}
        commands["Pause"].callback()
        await app.rest(pilot)
        assert ("pause",) in app.stage.asked


@pytest.mark.parametrize("width", [60, 80, 100, 140])
async def test_footer_shows_whole_keys_and_always_help(width: int) -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(width, 24)) as pilot:
        await app.settle(pilot)
        keys = app.screen.query_one(KeyFooter).shown_keys()
        assert keys[-1].end <= width
        assert "Help" in [key.binding.description for key in keys]
        assert [key.binding.description for key in keys][:2] == ["Sync", "Sync all"]


async def test_a_click_on_the_footer_presses_the_key() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        shown = app.screen.query_one(KeyFooter).shown_keys()
        pause = next(key for key in shown if key.binding.action == "pause")
        await pilot.click(KeyFooter, offset=(pause.start + 1, 0))
        await app.rest(pilot)
        assert ("pause",) in app.stage.asked


def test_help_joins_the_keys_of_one_action() -> None:
    node = StageApp(SCENES["idle"]())
    both = [Binding(key, "down", "Down", tooltip="One down") for key in ("j", "down")]
    active = [ActiveBinding(node, binding, True, "") for binding in both]
    assert help_lines(active, {"j": "j", "down": "↓"}) == [HelpLine("j ↓", "Down", "One down")]
