"""Nothing is hidden: every binding is explained in the help, and every action is in the palette."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.binding import ActiveBinding, Binding

from corpsync_tui.tui.dialogs.help import HERE, MOVE, HelpDialog, HelpLine, help_groups
from corpsync_tui.tui.screens import SCREENS
from corpsync_tui.tui.screens.history.run_detail import RunDetail
from corpsync_tui.tui.widgets.footer import KeyFooter
from tests.tui.pictures import resize
from tests.tui.scenes import SCENES
from tests.tui.stage import StageApp

pytestmark = pytest.mark.anyio

TEXTUALS_OWN = {"ctrl+c", "super+c"}
"""Copying a selection with the mouse's help: Textual's, and not an action of ours."""


async def test_every_binding_is_explained() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        for keys in ([], ["tab"], ["tab"], ["3"], ["1", "tab", "tab", "enter"]):
            await app.press(pilot, *keys)
            for active in app.screen.active_bindings.values():
                binding = active.binding
                if binding.key not in TEXTUALS_OWN and not binding.system:
                    assert binding.description, binding
                    assert binding.tooltip, binding
        assert isinstance(app.screen, RunDetail)


async def test_every_action_is_in_the_palette() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        for keys in ([], ["tab"], ["3"]):
            await app.press(pilot, *keys)
            titles = [command.title for command in app.get_system_commands(app.screen)]
            offered = set(titles)
            assert len(offered) == len(titles)
            assert not offered & {"Maximize", "Screenshot"}  # they fail, or blow up a box
            active = app.screen.active_bindings.values()
            bindings = [a.binding for a in active if a.binding.tooltip]
            wanted = {b.description for b in bindings if not b.action.startswith("show(")}
            assert wanted <= offered
            assert {f"{spec.title} screen" for spec in SCREENS} <= offered
            assert "Theme" in offered


def test_panes_are_walked_by_the_same_name_everywhere() -> None:
    bindings = [b for spec in SCREENS for b in spec.screen_class.BINDINGS if isinstance(b, Binding)]
    assert {b.description for b in bindings if b.action == "pane(-1)"} == {"Previous pane"}


async def test_palette_runs_an_action() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        commands = {c.title: c for c in app.get_system_commands(app.screen)}
        commands["Pause"].callback()
        await app.rest(pilot)
        assert ("pause",) in app.stage.asked


async def test_the_palette_is_a_box_like_every_other() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(140, 40)) as pilot:
        await app.settle(pilot)
        await pilot.press("colon")
        while not any("Attention screen" in line for line in app.text()):
            await pilot.pause()
        top = next(line for line in app.text() if "Go to" in line)
        assert top[20:120].startswith("╭─ Go to ─")
        assert top[20:120].endswith("─╮")


async def test_footer_shows_whole_keys_and_always_help() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(60, 24)) as pilot:
        await app.settle(pilot)
        for width in (60, 80, 100, 140):
            await resize(pilot, (width, 24))
            await app.rest(pilot)
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


def test_help_joins_the_keys_of_one_action_in_its_group() -> None:
    app = StageApp(SCENES["idle"]())
    screen = app.get_default_screen()
    both = [Binding(key, "down", "Down", show=False, tooltip="One down") for key in ("j", "down")]
    sync = Binding("s", "sync", "Sync", tooltip="Sync it")
    active = [ActiveBinding(screen, binding, True, "") for binding in (*both, sync)]
    assert help_groups(active, {"j": "j", "down": "↓", "s": "s"}) == {
        HERE: [HelpLine("s", "Sync", "Sync it")],
        MOVE: [HelpLine("j ↓", "Down", "One down")],
    }


@pytest.mark.parametrize(("width", "together"), [(80, False), (140, True)])
async def test_help_stands_in_groups_and_in_two_columns_where_there_is_room(
    width: int, together: bool
) -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(width, 90)) as pilot:
        await app.settle(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        lines = app.text()
        for group in (HERE, MOVE, "Screens", "Everywhere", "Signs"):
            assert any(group in line for line in lines), group
        sync = next(n for n, line in enumerate(lines) if "Sync the process under" in line)
        beside = " ".join(lines[sync - 1 : sync + 2])
        assert ("Everywhere" in beside or "Screens" in beside or "Move" in beside) is together


async def test_the_last_line_of_the_help_can_be_read() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("question_mark")
        await app.settle(pilot)
        assert not any("as fresh as you asked for" in line for line in app.text())
        await pilot.press("G")
        await app.settle(pilot)
        assert any("as fresh as you asked for" in line for line in app.text())


async def test_help_is_searched() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(100, 40)) as pilot:
        await app.settle(pilot)
        await pilot.press("question_mark", "slash", *"interval")
        await pilot.pause()
        text = "\n".join(app.text())
        assert "How often this process syncs" in text
        assert "Sync every process that is on" not in text
        await pilot.press("escape")
        await pilot.pause()
        assert "Sync every process that is on" in "\n".join(app.text())
        await pilot.press("slash", *"tone")  # a word of the code, and of no line
        await pilot.pause()
        assert "No matching keys (esc: all)" in "\n".join(app.text())
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert not isinstance(app.screen, HelpDialog)


async def test_the_log_is_read_inside_and_by_level() -> None:
    app = StageApp(SCENES["idle"]())
    app.stage.log = [
        "2026-03-14T14:00:00Z INFO    corpsync_tui.sync: members: 3 rows",
        "2026-03-14T14:01:00Z ERROR   corpsync_tui.sync: it failed",
        "Traceback (most recent call last):",
        "2026-03-14T14:02:00Z INFO    corpsync_tui.sync: [bold]assets\x1b[2J",
    ]
    async with app.run_test(size=(100, 30)) as pilot:
        await app.settle(pilot)
        await pilot.press("ctrl+l")
        await app.rest(pilot)
        text = "\n".join(app.text())
        assert "members: 3 rows" in text
        assert "[bold]assets" in text
        assert "\x1b" not in text
        await pilot.press("f", "f", "y")
        await app.rest(pilot)
        assert app.clipboard.splitlines()[1:] == ["Traceback (most recent call last):"]
        assert "members: 3 rows" not in "\n".join(app.text())


WATCHING = "watching corpsync run · pid 12345"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, f"[HEDU] · {WATCHING} · 2 running"),
        (140, f"Hedion Freight Union [HEDU] · {WATCHING} · "),
    ],
)
async def test_whom_one_watches_fits_the_second_line(width: int, shown: str) -> None:
    app = StageApp(replace(SCENES["running"](), watching=WATCHING))
    async with app.run_test(size=(width, 24)) as pilot:
        await app.settle(pilot)
        assert shown in app.text()[1]
        assert "…" not in app.text()[1]


async def test_the_demo_is_marked() -> None:
    app = StageApp(SCENES["idle"]())
    app.demo = True
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        assert "[HEDU] · demo · " in app.text()[1]
