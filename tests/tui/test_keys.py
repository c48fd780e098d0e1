"""Every key does what it says, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from corpsync_tui.errors import DatabaseError
from corpsync_tui.service.api import Snapshot
from corpsync_tui.tui.dialogs.help import HelpDialog
from corpsync_tui.tui.dialogs.notices import NoticesDialog
from corpsync_tui.tui.screens.history.run_detail import RunDetail
from corpsync_tui.tui.screens.history.run_list import RunList
from corpsync_tui.tui.screens.history.screen import HistoryScreen
from corpsync_tui.tui.screens.login.screen import DEMO, LoginScreen
from corpsync_tui.tui.screens.sync.interval import IntervalDialog
from corpsync_tui.tui.screens.sync.panes import DetailsPane, HistoryPane
from corpsync_tui.tui.screens.sync.process_table import ProcessTable
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from tests.support.cast import CAST
from tests.tui.scenes import SCENES
from tests.tui.stage import HEDU, OTHER, StageApp, ago

pytestmark = pytest.mark.anyio


async def pressed(app: StageApp, pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await app.rest(pilot)


def told(app: StageApp) -> str:
    """The newest notice."""
    return app.notices[0].sentence if app.notices else ""


def focus(app: StageApp) -> str | None:
    """The id of the widget that keys go to."""
    return app.focused.id if app.focused is not None else None


def asked(app: StageApp) -> list[tuple[object, ...]]:
    """What was asked of the workspace, without the start."""
    return [verb for verb in app.stage.asked if verb[0] not in ("start", "cancel_login")]


def history_lines(app: StageApp) -> str:
    """What the pane of runs says."""
    pane = app.screen.query_one(HistoryPane)
    return "\n".join(pane.render_line(y).text for y in range(pane.size.height))


@pytest.mark.parametrize(
    ("scene", "keys", "verb"),
    [
        ("error", ["r"], ("retry", None)),
        ("blocked", ["r"], ("retry", None)),
        ("running", ["x"], ("cancel", f"{HEDU}/members")),
        ("paused", ["p"], ("resume",)),
    ],
)
async def test_key_asks_for_its_action_in_need(
    scene: str, keys: Sequence[str], verb: tuple[object, ...]
) -> None:
    app = StageApp(SCENES[scene]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, *keys)
        assert asked(app) == [verb]


async def test_keys_ask_for_their_actions() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        for keys, verb in (
            (["j", "s"], ("sync_now", f"{HEDU}/assets")),
            (["a"], ("sync_all", None)),
            (["j", "k", "space"], ("toggle", f"{HEDU}/assets")),
            (["G", "s"], ("sync_now", f"{HEDU}/container_logs")),
            (["g", "s"], ("sync_now", f"{HEDU}/members")),
            (["i", "4", "5", "enter"], ("set_interval", f"{HEDU}/members", 45)),
            (["p"], ("pause",)),
        ):
            app.stage.asked.clear()
            await pressed(app, pilot, *keys)
            assert asked(app) == [verb]


async def test_sync_now_shows_the_answer() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "j", "s")
        assert "current until 14:52" in " ".join(app.text())


async def test_a_failing_action_shows_its_sentence() -> None:
    app = StageApp(SCENES["idle"]())
    app.stage.failure = DatabaseError("The disk is full [at] /data; nothing was changed.")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "space")
        assert told(app) == "The disk is full [at] /data; nothing was changed."


@pytest.mark.parametrize(
    ("scene", "keys", "reason"),
    [
        ("idle", ["x"], "Members is not running"),
        ("idle", ["c"], "one corporation only"),
        ("empty", ["escape", "s"], "No character is logged in yet: press l"),
        ("empty", ["escape", "a"], "No character is logged in yet: press l"),
        ("idle", ["slash", "z", "z", "enter", "s"], "No process is shown"),
    ],
)
async def test_key_that_cannot_act_says_why(scene: str, keys: Sequence[str], reason: str) -> None:
    app = StageApp(SCENES[scene]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, *keys)
        assert reason in told(app)
        assert asked(app) == []


async def test_interval_takes_whole_minutes_up_to_a_year() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "i")
        for wrong in ("0", "525601", "1.5", "x", ""):
            app.screen.query_one(Input).value = wrong
            await pressed(app, pilot, "enter")
            assert isinstance(app.screen, IntervalDialog), wrong
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)
        assert asked(app) == []


async def test_filter_narrows_keeps_and_clears() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one(ProcessTable)
        await pressed(app, pilot, "slash", "k", "i", "l")
        assert isinstance(app.focused, Input)
        assert table.process_ids == [f"{HEDU}/killmails"]
        await pressed(app, pilot, "enter")
        assert focus(app) == "processes"
        assert table.process_ids == [f"{HEDU}/killmails"]
        await pressed(app, pilot, "slash", "escape")
        assert focus(app) == "processes"
        assert len(table.process_ids) == len(CAST)
        assert app.screen.query_one(FilterBar).display is False


async def test_headings_take_no_stop() -> None:
    app = StageApp(SCENES["both"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one(ProcessTable)
        assert table.current == f"{HEDU}/members"
        await pressed(app, pilot, *"jjjjjjj")
        assert table.current == f"{HEDU}/container_logs"
        await pressed(app, pilot, "j")
        assert table.current == f"{OTHER}/members"
        await pressed(app, pilot, "k")
        assert table.current == f"{HEDU}/container_logs"
        await pressed(app, pilot, "G", "g")
        assert table.current == f"{HEDU}/members"
        assert "Hedion Freight Union [HEDU]" in app.text()[3]
        await pressed(app, pilot, "k")
        assert table.current == f"{HEDU}/members"


async def test_corporation_narrows_and_is_remembered() -> None:
    app = StageApp(SCENES["both"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one(ProcessTable)
        for shown, first in [(8, HEDU), (8, OTHER), (16, HEDU)]:
            await pressed(app, pilot, "c")
            assert len(table.process_ids) == shown
            assert table.process_ids[0].startswith(str(first))
        assert app.stage.settings["corporation_id"] is None


async def test_the_panes_are_painted_together_with_the_cursor() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        app.screen.query_one(ProcessTable).action_move(1)  # no turn of the loop follows
        assert str(app.screen.query_one(HistoryPane).border_title).strip() == "History of Assets"


async def test_panes_follow_and_tab_goes_round() -> None:
    app = StageApp(SCENES["error"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        history, details = app.screen.query_one(HistoryPane), app.screen.query_one(DetailsPane)
        await pressed(app, pilot, "j", "j", "j")
        assert str(history.border_title).strip() == "History of Market"
        assert "failed 3 times since 13:02" in details.text
        assert "ESI fails at page 3" in details.text
        await pressed(app, pilot, "h")
        assert str(history.border_title).strip() == "History of all processes"
        assert app.stage.settings["history_of_all"] is True
        await pressed(app, pilot, "tab")
        assert focus(app) == "history"
        await pressed(app, pilot, "j", "j", "G", "g", "tab")
        assert focus(app) == "details"
        await pressed(app, pilot, "j", "k", "G", "g", "tab")
        assert focus(app) == "processes"


async def test_the_history_of_all_processes_is_of_the_corporation_that_is_shown() -> None:
    app = StageApp(SCENES["both"]())
    async with app.run_test(size=(140, 40)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "h", "tab", "G")
        assert "SLSV" in history_lines(app)
        await pressed(app, pilot, "c", "G")
        assert "SLSV" not in history_lines(app)
        assert "HEDU" in history_lines(app)
        await pressed(app, pilot, "c")
        assert "SLSV" in history_lines(app)
        assert "HEDU" not in history_lines(app)


async def test_run_detail_opens_copies_and_returns() -> None:
    app = StageApp(SCENES["error"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "j", "j", "j", "tab", "enter", "y")
        assert isinstance(app.screen, RunDetail)
        assert "Error: ESI fails at page 3" in app.clipboard
        await pressed(app, pilot, "escape")
        assert app.screen.query_one(ProcessTable).current == f"{HEDU}/market"
        assert focus(app) == "history"
        await pressed(app, pilot, "j", "enter")
        assert isinstance(app.screen, RunDetail)


async def test_copy_takes_what_the_pane_in_focus_says() -> None:
    app = StageApp(SCENES["error"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "y")
        assert app.clipboard.startswith("Members\ncurrent until 14:52")
        await pressed(app, pilot, "tab", "y")
        assert "Process: Members" in app.clipboard


async def test_help_and_notices_open_and_close() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(100, 40)) as pilot:
        await app.settle(pilot)
        for key, dialog in [("question_mark", HelpDialog), ("n", NoticesDialog)]:
            await pressed(app, pilot, key)
            assert isinstance(app.screen, dialog)
            await pressed(app, pilot, "escape")
            assert isinstance(app.screen, SyncScreen)


@pytest.mark.parametrize("scene", ["idle", "running", "empty"])
async def test_q_leaves(scene: str) -> None:
    app = StageApp(SCENES[scene]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("q")
    assert app.return_code == 0
    assert app.return_value is None


async def test_history_screen_narrows_and_goes_back() -> None:
    app = StageApp(SCENES["error"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "3")
        assert isinstance(app.screen, HistoryScreen)
        assert any("41 runs: all processes" in line for line in app.text())
        await pressed(app, pilot, "e")
        assert any("1 run: all processes · ✗ error" in line for line in app.text())
        await pressed(app, pilot, "y", "enter")
        assert "Result: error" in app.clipboard
        assert isinstance(app.screen, RunDetail)
        await pressed(app, pilot, "escape", "f", "t", "slash", "z", "enter")
        assert any("0 runs: Members · ✗ error · 30 days · “z”" in line for line in app.text())
        await pressed(app, pilot, "escape")
        assert any("41 runs" in line for line in app.text())
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)


async def test_history_runs_through_a_long_list() -> None:
    scene = SCENES["idle"]()
    many = [replace(scene.runs[n % 40], id=n) for n in range(5000)]
    app = StageApp(replace(scene, runs=many))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "3", "G")
        runs = app.screen.query_one(RunList)
        assert runs.cursor == 4999
        assert runs.current is not None
        await pressed(app, pilot, "g", "pagedown", "pageup")
        assert runs.cursor == 0


async def test_history_stays_on_its_run_while_a_box_or_a_screen_is_over_it() -> None:
    scene = SCENES["both"]()
    app = StageApp(scene)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "3", *["j"] * 30)
        runs = app.screen.query_one(RunList)
        run, before = runs.current, app.text()
        assert run is not None
        await pressed(app, pilot, "enter")
        assert isinstance(app.screen, RunDetail)
        await pressed(app, pilot, "escape")
        assert app.text() == before
        await pressed(app, pilot, "question_mark", "escape", "4", "3")
        assert app.text() == before
        new = [replace(run, id=900 + n, start_time=ago(-n)) for n in range(3)]
        app.stage._snapshot = replace(scene, runs=[*scene.runs, *new])
        await pressed(app, pilot, "4", "3")
        assert runs.cursor == 33
        assert runs.current == run
        await pressed(app, pilot, "1", "c", "3")  # one corporation alone: another list
        assert runs.cursor == 0


async def test_screen_settings_last() -> None:
    settings = {"theme": "nord", "screen": "history", "corporation_id": OTHER}
    app = StageApp(SCENES["both"](), settings=settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        assert isinstance(app.screen, HistoryScreen)
        assert app.theme == "nord"
        assert any("Sinq Laison Survey" in line for line in app.text())
        await pressed(app, pilot, "1")
        assert app.stage.settings == {"screen": "sync"}


# Login


async def test_login_opens_first_without_focus_and_esc_shows_blocked_rows() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        assert isinstance(app.screen, LoginScreen)
        assert app.focused is None
        await pressed(app, pilot, "escape")
        rows = [line for line in app.text() if "blocked" in line and "Needs login" in line]
        assert len(rows) == len(CAST)


async def test_login_through_the_browser() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "b")
        assert any("client id is missing" in line for line in app.text())
        await pressed(app, pilot, "i", *"abc", "enter")
        assert asked(app)[0] == ("begin_login", "abc", "members", "wallet")
        assert asked(app)[1][0] == "open_browser"
        await pressed(app, pilot, "y")
        assert app.clipboard.startswith("https://login.eveonline.com/")
        app.stage.callback.set()
        await app.workers.wait_for_complete([w for w in app.workers if w.group == "login-wait"])
        await pilot.pause()
        assert isinstance(app.screen, SyncScreen)
        assert told(app) == "Aldra Vex of Hedion Freight Union is logged in"


async def test_login_with_a_pasted_address_and_copies() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "s")
        assert app.clipboard.splitlines()[0] == "esi-a.read.v1"
        await pressed(app, pilot, "u")
        assert app.clipboard == "http://localhost:8635/callback"
        await pressed(app, pilot, "v", *"http", "enter")
        assert asked(app) == [("paste", "http")]
        assert isinstance(app.screen, SyncScreen)


async def test_login_offers_the_demo() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("d")
    assert app.return_value == DEMO


async def test_a_corporation_that_logs_in_elsewhere_appears() -> None:
    app = StageApp(Snapshot(logged_in=False, process_types=CAST))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "escape")
        app.stage.welcome(SCENES["idle"]())
        await app.rest(pilot)
        assert any("Hedion Freight Union [HEDU]" in line for line in app.text())


async def test_keys_in_one_burst_act_in_the_order_in_which_they_were_typed() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.shown("i") as pilot:
        app.screen.query_one(Input).value = "30"
        await app.press(pilot, "end")
        for key, character in (("backspace", "\x7f"), ("backspace", "\x7f"), ("7", "7")):
            app.post_message(Key(key, character))
        await pilot.pause()
        assert app.screen.query_one(Input).value == "7"
