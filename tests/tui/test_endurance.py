"""What no director should be able to break: any size, any order of keys, any text."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import ModalScreen

from corpsync_tui.format.amounts import bar
from corpsync_tui.text import one_line
from corpsync_tui.tui.app import CorpsyncApp
from corpsync_tui.tui.cells import fit, fit_middle, fit_path
from corpsync_tui.tui.dialogs.palette import Palette
from corpsync_tui.tui.screens.changes.text import alert_line
from corpsync_tui.tui.screens.data.values import value_text
from corpsync_tui.tui.screens.esi.character_text import access_line, character_line
from corpsync_tui.tui.screens.esi.text import bucket_line, errors_line, request_line
from corpsync_tui.tui.screens.history.run_line import run_line
from corpsync_tui.tui.screens.sync.interval import IntervalDialog
from corpsync_tui.tui.screens.sync.process_table import columns_for
from tests.support.database import make_database
from tests.tui import esi_stage
from tests.tui.changes_stage import ITEMS, StageChanges, say
from tests.tui.data_stage import DataApp, fill
from tests.tui.pictures import resize
from tests.tui.scenes import SCENES
from tests.tui.stage import HEDU, NOW, StageApp, run

WIDTHS = st.integers(-5, 200)
LEAST, MOST = (1, 1), (200, 60)
SECONDS = 60
"""Of processor time: far more than any of these tests takes, but a loop without an end does."""

LINES: dict[str, Callable[[int], object]] = {
    "alert": lambda width: alert_line(ITEMS[0], NOW, width, "HEDU"),
    "character": lambda width: character_line(esi_stage.scopeless(), NOW, width, homes=True),
    "process of a character": lambda width: access_line(esi_stage.well().processes[0], width),
    "error limit": lambda width: errors_line(esi_stage.esi(), width),
    "limit": lambda width: bucket_line(esi_stage.esi().buckets[0], NOW, width, named=True),
    "request": lambda width: request_line(esi_stage.esi().requests[0], width),
    "run": lambda width: run_line(run(1, "assets"), NOW, width, with_process=True),
    "bar": lambda width: bar(55, width),
    "columns": lambda width: columns_for(width, width),
}


@contextmanager
def deadline() -> Iterator[None]:
    """Ends a loop that has no end, also one in which no await stands."""

    def ring(*_: object) -> None:
        raise TimeoutError("this has no end")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@given(st.text(), WIDTHS)
def test_texts_fit_every_width(text: str, width: int) -> None:
    with deadline():
        assert cell_len(fit(text, width)) == max(0, width)
        assert cell_len(fit(text, width, right=True)) == max(0, width)
        assert cell_len(fit_middle(text, width)) <= max(0, width)
        assert cell_len(fit_path(f"{text} › {text} › {text}", width)) <= max(0, width)
        assert len(one_line(text, width)) <= max(0, width)


def test_a_text_cut_in_the_middle_keeps_its_end() -> None:
    assert fit_middle("Jita 4-4 › Office › Hangar 3", 18) == "Jita…e › Hangar 3"


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@given(width=WIDTHS)
def test_lines_end_for_every_width(line: Callable[[int], object], width: int) -> None:
    with deadline():
        line(width)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("when", "9999-12-31T23:59:59-05:00"),
        ("when", "0001-01-01T00:00:00+14:00"),
        ("isk", b"\xff"),
        ("count", [1, 2]),
        ("seconds", {"a": 1}),
        ("number", float("inf")),
        ("seconds", float("nan")),
    ],
)
def test_a_value_that_cannot_be_shown_is_shown_raw(kind: str, value: Any) -> None:
    shown = value_text(kind, value, None, NOW)
    assert shown
    assert shown.isprintable()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[DataApp]:
    """Every screen with something to show."""
    path = make_database(tmp_path, fill)
    app = DataApp(path)
    app.stage.move_esi(esi_stage.esi(esi_stage.well()))
    app.stage.change_log = StageChanges()
    yield app
    app.browser.close()


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["sync", *CorpsyncApp.MODES])
async def test_every_screen_bears_every_size(app: DataApp, mode: str) -> None:
    with deadline():
        async with app.run_test(size=MOST) as pilot:
            await app.settle(pilot)
            say(app, *ITEMS)
            app.action_show(mode)
            await app.wait(pilot)
            for size in sizes():
                await resize(pilot, size)
            assert app.current_mode == mode


def sizes() -> Iterator[tuple[int, int]]:
    """From the largest down to a single cell, and back."""
    widths, heights = (140, 100, 80, 61, 41, 32, 31, 9, 2), (50, 36, 24, 15, 10, 6, 4, 2, 1)
    down = list(zip(widths, heights, strict=True))
    flat, thin = [(140, 1), (33, 1)], [(1, 50), (5, 24)]
    return iter([*down, LEAST, *flat, *thin, *down[::-2], MOST])


@pytest.mark.anyio
async def test_a_size_that_comes_late_is_not_taken_up() -> None:
    """Textual tells a screen each size it was laid out in: two in turn could have no end."""
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(140, 40)) as pilot:
        await app.settle(pilot)
        laid_out: list[object] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.screen, laid_out.append)
        app.screen.post_message(events.Resize(Size(80, 24), Size(80, 24)))
        await pilot.pause()
        assert laid_out == []


@pytest.mark.anyio
async def test_a_dialog_closed_twice_leaves_the_screen_below() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("i")
        dialog = app.screen
        assert isinstance(dialog, IntervalDialog)
        dialog.dismiss(5)
        dialog.dismiss(6)
        await app.rest(pilot)
        assert not isinstance(app.screen, ModalScreen)
        assert [verb for verb in app.stage.asked if verb[0] == "set_interval"] == [
            ("set_interval", f"{HEDU}/members", 5)
        ]


@pytest.mark.anyio
async def test_a_screen_never_changes_under_a_dialog() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("i")
        app.action_show("history")
        await pilot.pause()
        assert isinstance(app.screen, IntervalDialog)
        await pilot.press("escape")
        assert app.current_mode == "sync"


@pytest.mark.anyio
async def test_the_palette_is_closed_while_it_still_searches() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        app.action_command_palette()
        await pilot.pause()
        palette = app.screen
        assert isinstance(palette, Palette)
        palette._gather_commands("sync")
        palette.dismiss()
        palette._gather_commands("sync now")  # for a letter that was typed just before
        searches = [w for w in app.workers if w.group == Palette._GATHER_COMMANDS_GROUP]
        assert [search for search in searches if not search.is_cancelled] == []
        await app.rest(pilot)
        assert not app.screen.is_modal
        assert app._exception is None


@pytest.mark.anyio
async def test_keys_typed_while_the_app_ends_go_to_nobody() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
    app._screen_stacks[app._current_mode].clear()
    await app.on_event(events.Key("q", "q"))
    await app.on_event(events.MouseDown(None, 1, 1, 0, 0, 1, False, False, False))
    assert app._exception is None


KEYS = [*"1234567jkgGhrfetmy/?nicobvwxuADLY@<>[]", "tab", "escape", "enter", "up", "down", "left"]
KEYS += ["right", "shift+left", "shift+right", "ctrl+p", "ctrl+l", "space"]


@pytest.mark.anyio
@pytest.mark.parametrize("seed", range(2))
async def test_a_monkey_breaks_nothing(app: DataApp, seed: int) -> None:
    dice = random.Random(seed)
    with deadline():
        async with app.run_test(size=(100, 30)) as pilot:
            await app.settle(pilot)
            say(app, *ITEMS)
            for _ in range(100):
                await act(app, pilot, dice)
            for _ in range(8):
                await pilot.press("escape")
                await pilot.pause()
            assert not app.screen.is_modal
            assert app._exception is None


async def act(app: DataApp, pilot: Pilot[str], dice: random.Random) -> None:
    """One thing that an impatient director might do; not always waited for."""
    match dice.randrange(10):
        case 0:
            if not isinstance(app.screen, Palette):
                await pilot.click(offset=(dice.randrange(100), dice.randrange(30)), times=2)
        case 1:
            app.action_show(dice.choice([*app.MODES, "sync"]))
        case 2:
            app.open_table(dice.choice(["assets", "wallet", "killmails"]))
        case _:
            for key in dice.choices(KEYS, k=dice.randrange(1, 4)):
                chooses = key == "enter" and isinstance(app.screen, Palette)  # quitting, perhaps
                app.simulate_key("escape" if chooses else key)
    if dice.random() < 0.5:
        await pilot.pause()
