"""Where one is, where one can go, and the way back with everything as it was."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.binding import Binding
from textual.command import CommandList
from textual.pilot import Pilot

from corpsync_tui.esi.requestlog import SentRequest
from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.queries.browse_types import Key
from corpsync_tui.service.esi_status import BucketUsage, EsiStatus
from corpsync_tui.sync.events import ScheduleStatus
from corpsync_tui.tui.dialogs.palette import MOVES, Palette
from corpsync_tui.tui.header_text import esi_state
from corpsync_tui.tui.screens import SCREENS
from corpsync_tui.tui.screens.login.screen import LoginScreen
from corpsync_tui.tui.screens.sync.text import meanwhile, process_row
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.way import Way
from corpsync_tui.tui.widgets.tab_line import TabLine
from tests.support.database import make_database
from tests.tui import esi_stage
from tests.tui.boards_stage import BoardsApp, boards_home
from tests.tui.changes_stage import ITEMS, StageChanges, say
from tests.tui.data_stage import BOX, ORES, DataApp, fill, screen_lines, screen_text
from tests.tui.pictures import resize
from tests.tui.scenes import SCENES, filled_to
from tests.tui.stage import HEDU, NOW, FrozenClock, StageApp, corporation, status

pytestmark = pytest.mark.anyio

ORE = OpenAlert(
    HEDU,
    "ore",
    "1",
    "medium",
    "Pyerite in a box",
    "open",
    NOW.timestamp(),
    process_type="assets",
    table_name="asset",
    row_key={"item_id": ORES[20]},
)


@asynccontextmanager
async def opened(
    tmp_path: Path, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[DataApp, Pilot[str]]]:
    """The app on its Sync screen, with something on each of the others."""
    path = make_database(tmp_path, fill)
    app = DataApp(path, screen="sync", data={"table": "asset"})
    app.stage.change_log = StageChanges()
    app.stage.esi = esi_stage.esi(esi_stage.well())
    try:
        async with app.run_test(size=size) as pilot:
            await app.settle(pilot)
            yield app, pilot
    finally:
        app.browser.close()


async def press(app: DataApp, pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await app.rest(pilot)
        await app.wait(pilot)


async def test_the_first_line_names_every_screen_and_marks_the_present_one(tmp_path: Path) -> None:
    async with opened(tmp_path, (60, 24)) as (app, pilot):
        say(app, *ITEMS)
        for width, spec in itertools.product((60, 80, 140), SCREENS):
            await resize(pilot, (width, 24))
            await press(app, pilot, spec.key)
            line = screen_lines(app)[0]
            assert cell_len(line) <= width, spec
            assert line.endswith("14:05")
            assert all(f"{other.key} {other.title[:3]}" in line for other in SCREENS)
            assert "5 Cha" in line.replace("Changes", "Cha")
            assert "·6" in line
            assert "·3" in line
            tabs = app.screen.query_one(TabLine)
            assert app.current_mode == spec.id == tabs._shown[0]


async def test_titles_stay_whole_beside_news_in_thousands(tmp_path: Path) -> None:
    async with opened(tmp_path, (80, 24)) as (app, pilot):
        news = {"changes": 2_618, "attention": 168}
        app.screen.query_one(TabLine).show("sync", news, "14:05")
        await pilot.pause()
        assert screen_lines(app)[0] == (
            " 1 Sync 2 Data 3 History 4 ESI 5 Changes·2,618 6 Attention·168 7 Boards   14:05"
        )


async def test_a_click_on_a_tab_goes_there(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        for tab in app.screen.query_one(TabLine).tabs():
            await pilot.click(TabLine, offset=(tab.start + 1, 0))
            await app.wait(pilot)
            assert app.current_mode == tab.screen.id


async def test_an_alert_opens_its_very_row_and_esc_comes_back_to_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        say(app, ITEMS[0], ORE)
        await press(app, pilot, "6", "j", "enter")
        row = app.data._current()
        assert row is not None
        assert row.key == (HEDU, ORES[20])
        await press(app, pilot, "escape")
        assert app.current_mode == "attention"
        assert "Pyerite in a box" in screen_lines(app)[-3]
        await press(app, pilot, "escape")
        assert app.current_mode == "sync"


async def test_what_stood_on_the_data_screen_stands_there_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", "j", "right")
        before = app.data.place()
        say(app, ORE)
        await press(app, pilot, "6", "enter")
        assert app.data.place() != before
        await press(app, pilot, "escape", "2")
        assert app.data.place() == before


async def test_an_alert_about_a_process_opens_it_on_sync(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        say(app, ITEMS[0])
        await press(app, pilot, "6", "enter")
        assert app.current_mode == "sync"
        assert "History of Wallet" in screen_text(app)
        await press(app, pilot, "escape")
        assert app.current_mode == "attention"


async def test_the_help_says_where_esc_leads(tmp_path: Path) -> None:
    keys = {spec.id: spec.key for spec in SCREENS}
    async with opened(tmp_path, (100, 90)) as (app, pilot):
        for screen in SCREENS:
            before = "attention" if screen.id != "attention" else "esi"
            await press(app, pilot, SCREENS[0].key, keys[before], screen.key, "question_mark")
            (said,) = (line for line in screen_lines(app) if "esc " in line and "Back" in line)
            assert re.search("then go back|then the screen before", said), screen
            await press(app, pilot, "escape", "escape")
            at_home = screen is SCREENS[0]  # a way begins there, but for an alert's process
            assert app.current_mode == (screen.id if at_home else before), screen


async def test_a_row_is_opened_below_the_login_that_stands_on_its_screen(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await pilot.press("2")
        await app.wait(pilot)
        app.push_screen(LoginScreen())
        await pilot.pause()
        app.action_show("attention")
        await pilot.pause()
        app.show_row("asset", HEDU, {"item_id": ORES[20]})
        await pilot.pause()
        assert isinstance(app.screen, LoginScreen)
        await pilot.press("escape")
        await app.wait(pilot, lambda: stands_on(app, "asset", (HEDU, ORES[20])))
        assert app._exception is None


async def test_a_row_that_is_gone_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        say(app, replace(ORE, row_key={"item_id": 5}))
        await press(app, pilot, "6", "enter")
        assert "not in the table any more" in app.notices[0].sentence


async def test_the_history_of_a_row_leads_back_to_the_row(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", "enter", "d")
        assert app.current_mode == "changes"
        assert "one row of asset" in screen_text(app)
        await press(app, pilot, "escape")
        assert app.current_mode == "data"
        row = app.data._current()
        assert row is not None
        assert app.data.grid.cursor == 1
        await press(app, pilot, "5")
        assert "one row of asset" not in screen_text(app)


async def test_a_run_leads_to_its_changes_and_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await press(app, pilot, "3", "j", "j", "enter", "d")
        assert app.current_mode == "changes"
        await press(app, pilot, "escape")
        assert app.current_mode == "history"


async def test_the_charts_of_history_stay_as_they_are_after_other_screens(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await press(app, pilot, "3")
        before = screen_lines(app)
        assert before[4].startswith(" Requests ")
        await press(app, pilot, *(spec.key for spec in SCREENS), "3")
        assert screen_lines(app)[3:] == before[3:]


async def test_a_table_keeps_its_place_and_no_other_takes_it_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await press(app, pilot, "2", "G", *["right"] * 6)
        asset = app.data.place()
        await press(app, pilot, "right_square_bracket")
        assert (app.data.grid.column, int(app.data.grid.scroll_offset.x)) == (0, 0)
        await press(app, pilot, "left_square_bracket")
        assert app.data.place() == asset


async def test_the_palette_knows_tables_processes_characters_and_actions_elsewhere(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (app, pilot):
        commands = {c.title: c.callback for c in app.get_system_commands(app.screen)}
        assert {"Data screen", "Sync Wallet now", "Data: Export", "ESI: Remove"} <= set(commands)
        commands["Table Wallet journal"]()
        await app.wait(pilot)
        assert app.data.place() is not None
        assert app.data.table.name == "wallet_journal"
        commands["Process Mining"]()
        await app.rest(pilot)
        assert "History of Mining" in screen_text(app)
        commands["Character Aldra Vex"]()
        await app.rest(pilot)
        assert app.current_mode == "esi"
        commands["Data: Table"]()
        await app.wait(pilot)
        assert "Journal" in screen_text(app) or "Assets" in screen_text(app)


async def test_the_palette_opens_a_board_before_boards_was_ever_shown(tmp_path: Path) -> None:
    app = BoardsApp(boards_home(tmp_path), screen="sync")
    async with app.run_test(size=(140, 40)) as pilot:
        await app.settle(pilot)
        await app.rest(pilot)
        assert app.current_mode == "sync"
        commands = {c.title: c.callback for c in app.get_system_commands(app.screen)}
        commands["Board Contracts"]()
        await app.rest(pilot)
        assert app.current_mode == "boards"
        assert "Old Orca" in screen_text(app)
    app.close()


ROWS_BY_NAME = [
    ("rifter", "Rifter · Industry jobs", "industry_job", (HEDU, 7)),
    ("spare", "Spare [b]parts · Assets", "asset", (HEDU, BOX)),
    ("aldra", "Aldra Vex · Industry jobs", "industry_job", (HEDU, 7)),
    ("jita", "Jita · Killmails", "killmail", (HEDU, 1001)),
]


def found(app: DataApp, hit: str) -> bool:
    """Whether the palette has looked everywhere, and shows this."""
    searching = any(w.group == Palette._GATHER_COMMANDS_GROUP for w in app.workers)
    return not searching and hit in screen_text(app)


def stands_on(app: DataApp, table: str, key: Key) -> bool:
    """Whether the cursor of the Data screen is on this row."""
    if app.current_mode != "data" or app.data.place() is None:
        return False
    row = app.data._current()
    return app.data.table.name == table and row is not None and row.key == key


async def test_the_palette_finds_rows_by_name_and_opens_the_very_row(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        for typed, hit, table, key in ROWS_BY_NAME:
            await pilot.press("colon", *typed)
            await app.wait(pilot, partial(found, app, hit))
            palette = app.screen.query_one(CommandList)
            lines = [str(option.prompt).split("\n")[0] for option in palette.options]
            palette.highlighted = lines.index(hit)
            await pilot.press("enter")
            await app.wait(pilot, partial(stands_on, app, table, key))


async def test_every_action_of_a_screen_that_was_never_shown_is_found_by_name(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (app, _):
        titles = {command.title for command in app.get_system_commands(app.screen)}
        for spec in SCREENS[1:]:
            for binding in spec.screen_class.BINDINGS:
                assert isinstance(binding, Binding)
                known = f"{spec.title}: {binding.description}"
                assert known in titles or binding.action in MOVES


def test_a_way_never_runs_in_circles() -> None:
    way, undone = Way(), []
    way.go("sync", "data")
    way.go("data", "attention")
    way.jump("attention", lambda: undone.append("row"))
    way.go("data", "attention")
    assert undone == ["row"]
    assert [way.back(), way.back(), way.back()] == ["data", "sync", None]


STOP = NOW + timedelta(minutes=3)
OK = SentRequest(NOW.timestamp(), "GET", "/status", None, "", 200, 0, 0.1)


@pytest.mark.parametrize(
    ("esi", "shown"),
    [
        (EsiStatus(requests=(OK,)), "● ok"),
        (EsiStatus(), "· not asked yet"),
        (EsiStatus(down_since=NOW, requests=(OK,)), "○ down since 14:05"),
        (EsiStatus(errors_left=0, errors_until=STOP, requests=(OK,)), "! stopped, 3m"),
        (EsiStatus(errors_left=7, errors_until=STOP, requests=(OK,)), "! 7 errors left"),
        (EsiStatus(requests=(OK, replace(OK, status=502))), "! 1 of 2 failed"),
        (EsiStatus(requests=(replace(OK, status=429),)), "! 1 of 1 failed"),
        (
            EsiStatus(buckets=(BucketUsage("x", "", 0, 9, 60, STOP),), requests=(OK,)),
            "! limit reached, 3m",
        ),
    ],
)
def test_esi_is_called_ok_only_where_nothing_is_wrong(esi: EsiStatus, shown: str) -> None:
    assert esi_state(esi, NOW)[0] == shown


async def test_every_process_stands_on_the_screen_at_80_by_24() -> None:
    scene = filled_to(13, SCENES["idle"]())
    app = StageApp(scene)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one("#processes")
        assert len(scene.statuses) == 13
        assert table.size.height == 14
        assert table.max_scroll_y == 0


def test_a_step_says_first_what_it_waits_for_and_at_rest_what_the_last_run_brought() -> None:
    now = NOW
    waits = "Fetching market orders from ESI… (waiting for ESI's limit, 38 s)"
    scene = corporation(
        market=status("market", status="running", progress=20.0, current_step=waits)
    )
    state = SyncState(FrozenClock(), lambda _: None, lambda *_: None)
    state.load(scene)
    steps = {kind: process_row(state, f"{HEDU}/{kind}", now).step for kind in ("market", "assets")}
    assert steps["market"].startswith("waiting for ESI's limit, 38 s · Fetching market orders")
    assert steps["assets"] == "4,300 items +0 ~40 −9"


def test_one_is_said_as_one() -> None:
    never = status("wallet", last_run_time=None, last_success_time=None, current_until=None)
    scene = corporation(wallet=replace(never, status="idle", current_step=""))
    runs = [replace(r, items=1) if r.process_type == "assets" else r for r in scene.runs]
    state = SyncState(FrozenClock(), lambda _: None, lambda *_: None)
    state.load(replace(scene, runs=runs))
    assert process_row(state, f"{HEDU}/assets", NOW).step == "1 item +0 ~40 −9"
    assert meanwhile(state, NOW).endswith(": 1 was due")


def test_what_is_blocked_and_queued_says_both() -> None:
    blocked = status("wallet", status="error", error_kind="auth", needs="role:Accountant")
    queued = ScheduleStatus(waiting={f"{HEDU}/wallet": "Queued (1st)"})
    state = SyncState(FrozenClock(), lambda _: None, lambda *_: None)
    state.load(replace(corporation(wallet=blocked), schedule=queued))
    step = process_row(state, f"{HEDU}/wallet", NOW).step
    assert step == "Queued (1st) · Needs role Accountant"
