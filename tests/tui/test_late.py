"""What was asked for comes late: the director is on another screen, or wants something else."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import OptionList

from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.browse import Browser, Listing
from corpsync_tui.queries.browse_types import Key
from corpsync_tui.queries.change_list import ChangeList
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.service.boards import BoardPage
from corpsync_tui.tui.dialogs.choices import Choice, ChoiceDialog
from corpsync_tui.tui.screens import SCREENS, ScreenSpec
from corpsync_tui.tui.screens.changes.screen import ChangesScreen
from corpsync_tui.tui.widgets.text_field import TextField
from tests.support.database import make_database
from tests.tui.boards_stage import boards_app, boards_home
from tests.tui.changes_stage import ITEMS, StageChanges, app_at_night, line, say
from tests.tui.data_stage import ORES, DataApp, asset, data_app, fill, screen_text
from tests.tui.stage import HEDU, OTHER, both
from tests.tui.test_data import pressed

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, fill)


@pytest.mark.parametrize("action", ["pick_table", "group", "open"])
async def test_no_box_opens_over_the_screen_that_one_went_on_to(
    database: Path, action: str
) -> None:
    async with data_app(database) as (app, pilot):
        if action == "open":
            app.data._open_row()
        else:
            getattr(app.data, f"action_{action}")()
        app.action_show("history")
        await app.wait(pilot)
        assert app.current_mode == "history"
        assert not app.screen.is_modal


async def test_enter_twice_opens_one_box(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        app.data._open_row()
        app.data._open_row()
        await app.wait(pilot)
        await pilot.press("escape")
        assert app.screen is app.data


async def test_a_column_moved_twice_at_once_moves_twice(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        before = [column.name for column in app.data.columns]
        app.data.action_shift(1)
        app.data.action_shift(1)
        await app.wait(pilot)
        after = [column.name for column in app.data.columns]
        assert after[:3] == [*before[1:3], before[0]]


async def test_a_period_counts_that_is_asked_for_before_the_rows_are_there(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, allowed = Browser.listing, asyncio.Event()

    async def read_late(self: Browser, *arguments: Any, **options: Any) -> Listing:
        await allowed.wait()
        return await read(self, *arguments, **options)

    async with data_app(database) as (app, pilot):
        monkeypatch.setattr(Browser, "listing", read_late)
        app.data.show_table("wallet_journal")
        await pilot.press("f")
        allowed.set()
        await app.wait(pilot)
        assert "with “date>7d”" in screen_text(app)


async def test_a_row_that_was_asked_for_is_reached_over_a_reload(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, reloads = Listing.find, iter([1])

    async def find_late(self: Listing, key: Key) -> int | None:
        if next(reloads, None):
            app.data.reload(keep=True)
        return await find(self, key)

    async with data_app(database) as (app, pilot):
        monkeypatch.setattr(Listing, "find", find_late)
        app.show_row("asset", HEDU, {"item_id": ORES[20]})
        await app.wait(pilot)
        row = app.data._current()
        assert row is not None
        assert row.key == (HEDU, ORES[20])


async def test_what_was_narrowed_on_another_screen_is_narrowed_here(database: Path) -> None:
    asset(database, 1, corporation_id=OTHER, type_id=34, location_id=60003760)
    async with data_app(database) as (app, pilot):
        app.stage.welcome(both())
        app.clock.moment = app.clock.moment.replace(minute=6)
        await app.wait(pilot, lambda: "34 rows" in screen_text(app))
        await pressed(app, pilot, "j", "1")
        app.narrow(OTHER)
        await pressed(app, pilot, "2")
        await app.wait(pilot, lambda: "1 row" in screen_text(app))
        await pressed(app, pilot, "j", "right", "y")


async def test_words_typed_while_a_board_is_read_narrow_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, typed, arrange = threading.Event(), threading.Event(), BoardPage.arrange

    def arrange_late(page: BoardPage, words: str, *rest: object, **more: object) -> list[int]:
        if not words:
            begun.set()
            typed.wait(10)
        return arrange(page, words, *rest, **more)  # type: ignore[arg-type]

    async with boards_app(boards_home(tmp_path), board="members") as (app, pilot):
        every = len(app.boards.shown_rows)
        monkeypatch.setattr(BoardPage, "arrange", arrange_late)
        app.boards.reload()
        while not begun.is_set():
            await pilot.pause()
        app.boards._filter = "joiten"
        app.boards.narrow_rows()
        typed.set()
        await app.rest(pilot)
        assert len(app.boards.shown_rows) == 1 < every


class SlowChanges(StageChanges):
    """Has the director narrow the list to one process while its changes are being read."""

    screen: ChangesScreen

    async def changes(self, which: ChangeFilter, text: str, before_id: int | None) -> ChangeList:
        found = await super().changes(which, text, before_id)
        if which.kind == "added" and not which.tables:
            before = self.screen._found
            self.screen.action_next_process()
            while self.screen._found is before:  # noqa: ASYNC110  (the screen tells nobody)
                await asyncio.sleep(0)
        return found


async def test_changes_read_for_another_list_are_dropped() -> None:
    joined = [line(n, 39, "member", "added", f"Pilot {n} joined") for n in range(20)]
    other = [line(n, 39, "asset", "added", f"Rifter {n} came") for n in range(20, 40)]
    app = app_at_night((*other, *joined))
    app.stage.change_log = slow = SlowChanges((*other, *joined))
    async with app.run_test(size=(100, 30)) as pilot:
        await app.settle(pilot)
        app.action_show("changes")
        assert isinstance(app.screen, ChangesScreen)
        slow.screen = app.screen
        await app.rest(pilot)
        await pilot.press("enter")
        await app.rest(pilot)
        shown = app.screen.lines.text
        assert "joined" in shown
        assert "Rifter" not in shown


async def test_alerts_that_cannot_be_marked_seen_say_why() -> None:
    app = app_at_night()

    async def refuse() -> None:
        raise DatabaseError("the file is locked")

    app.stage.change_log.mark_seen = refuse
    async with app.run_test(size=(100, 30)) as pilot:
        await app.settle(pilot)
        say(app, *ITEMS)
        await pilot.press("6", "m")
        await app.rest(pilot)
        assert app.notices[0].sentence == "the file is locked"


@pytest.mark.parametrize("spec", SCREENS[1:], ids=lambda spec: spec.id)
async def test_keys_typed_ahead_wait_for_their_screen(database: Path, spec: ScreenSpec) -> None:
    app = DataApp(database, screen="sync")
    async with app.run_test(size=(100, 30)) as pilot:
        await app.settle(pilot)
        app.action_show(spec.id)
        for action in ("back", "filter", "copy", "move(1)"):
            await app.run_action(action, app.screen)
        await app.wait(pilot)
        await app.rest(pilot)
    app.browser.close()


async def test_keys_typed_ahead_wait_for_the_login() -> None:
    app = app_at_night()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.settle(pilot)
        app.action_login()
        for action in ("scroll(1)", "client_id"):
            await app.run_action(action, app.screen)
        await app.rest(pilot)
        assert app.focused is app.screen.query_one("#client-id")


async def test_no_key_goes_to_a_filter_that_is_not_shown() -> None:
    app = app_at_night()
    had_the_keys: list[type[Widget]] = []

    class Watched(ChoiceDialog):
        def on_descendant_focus(self, event: DescendantFocus) -> None:
            had_the_keys.append(type(event.widget))

    async with app.shown() as pilot:
        app.push_screen(Watched("Table", [Choice("a", "Assets")]))
        await pilot.pause()
        await pilot.press("slash", "a")
        await pilot.pause()
    assert had_the_keys == [OptionList, TextField]
