"""What holds on every screen: hostile text is text, colours are never the only sign."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from corpsync_tui.catalog_index import process_title
from corpsync_tui.service.api import Snapshot
from corpsync_tui.sync.events import ScheduleStatus, StatusChanged
from corpsync_tui.tui.screens.sync.panes import DetailsPane, HistoryPane
from corpsync_tui.tui.screens.sync.process_table import ProcessTable
from tests.support.cast import CAST
from tests.tui.pictures import SIZES, resize
from tests.tui.scenes import HOSTILE, SCENES, filled_to
from tests.tui.stage import HEDU, OTHER, StageApp, status

pytestmark = pytest.mark.anyio

PLACES: list[Sequence[str]] = [
    [],
    ["j"],
    ["j", "j", "j", "j"],
    ["h"],
    ["j", "tab", "enter"],
    ["3"],
    ["j", "y", "n"],
    ["slash", "left_square_bracket", "slash", "b", "right_square_bracket"],
    ["3", "slash", "left_square_bracket", "slash", "b", "right_square_bracket"],
]


@pytest.mark.parametrize("keys", PLACES, ids=str)
async def test_hostile_text_shows_as_text(keys: Sequence[str]) -> None:
    app = StageApp(SCENES["hostile"]())
    async with app.run_test(size=SIZES[0], notifications=True) as pilot:
        await app.settle(pilot)
        app.tell(HOSTILE)
        for key in keys:
            await pilot.press(key)
            await app.rest(pilot)
        for size in SIZES:
            await resize(pilot, size)
            await app.rest(pilot)
            lines = app.text()
            assert any("[/b]" in line for line in lines), size
            assert all(cell_len(line) == size[0] for line in lines), size
            assert not any(c in line for line in lines for c in "\x1b\x07\u202e"), size


async def test_columns_stay_aligned_beside_hostile_text() -> None:
    app = StageApp(SCENES["hostile"]())
    async with app.run_test(size=(120, 24)) as pilot:
        await app.settle(pilot)
        rows = [
            line
            for line in app.text()
            if any(f" {n} " in line[:18] for n in map(process_title, CAST))
        ]
        assert len(rows) == len(CAST)
        assert len({cell_len(row[: row.index("%")]) for row in rows}) == 1
        assert len({cell_len(row.rstrip()) for row in rows}) == 1


async def test_wider_terminals_show_more_columns() -> None:
    app = StageApp(SCENES["error"]())
    async with app.run_test(size=(80, 30)) as pilot:
        await app.settle(pilot)
        for width, last_ok, items in (
            (80, False, False),
            (99, False, False),
            (100, True, False),
            (119, True, False),
            (120, True, True),
            (140, True, True),
        ):
            await resize(pilot, (width, 30))
            await app.rest(pilot)
            header = next(line for line in app.text() if "Process" in line)
            assert [word in header for word in ("Step", "Fails", "Next")] == [True] * 3, width
            assert ("Last ok" in header, "Items" in header) == (last_ok, items), width


def all_troubles() -> Snapshot:
    """Some run, some wait, one fails and one is blocked."""
    scene, failing, blocked = (SCENES[name]() for name in ("waiting", "error", "blocked"))
    ill = {s.process_id: s for s in (*failing.statuses, *blocked.statuses) if s.error_message}
    return replace(scene, statuses=[ill.get(s.process_id, s) for s in scene.statuses])


async def test_every_theme_can_be_worn() -> None:
    app = StageApp(all_troubles())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        shown = app.text()
        states = " ".join(shown)
        assert all(word in states for word in ("running", "waiting", "error", "blocked"))
        for theme in app.available_themes:
            app.theme = theme
            await pilot.pause()
            assert app.text() == shown, theme


async def test_the_mouse_reaches_rows_and_runs() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one(ProcessTable)
        await pilot.click(ProcessTable, offset=(4, 4))
        assert table.current == f"{HEDU}/market"
        await pilot.click(HistoryPane, offset=(4, 3))
        assert app.screen.query_one(HistoryPane).cursor == 2
        await pilot.click(HistoryPane, offset=(4, 3))
        await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_the_mouse_goes_past_titles_and_headings() -> None:
    app = StageApp(SCENES["both"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one(ProcessTable)
        for line, current in ((4, f"{HEDU}/manufacturing"), (0, f"{HEDU}/manufacturing"),
                              (10, f"{OTHER}/members"), (1, f"{HEDU}/members")):  # fmt: skip
            await pilot.click(ProcessTable, offset=(4, line))
            assert table.current == current


async def test_a_cursor_that_moves_on_at_once_leaves_no_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    gc.collect()  # what earlier tests left
    recwarn.clear()
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(140, 40)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one(ProcessTable)
        for _ in range(3):
            table.action_move(1)
        await app.settle(pilot)
    gc.collect()
    assert [str(warning.message) for warning in recwarn] == []


async def test_cursor_and_scroll_survive_updates() -> None:
    app = StageApp(SCENES["both"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("G")
        await pilot.pause()
        table = app.screen.query_one(ProcessTable)
        before = (table.current, table.scroll_offset)
        app.stage.say(StatusChanged(status("members", status="running", progress=5.0)))
        app.sync_state.flush()
        await pilot.pause()
        assert (table.current, table.scroll_offset) == before


async def test_runs_of_many_steps_leave_keys_answering() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        table = app.screen.query_one(ProcessTable)
        for n in range(1250):
            for process_type in CAST:
                step = status(process_type, status="running", progress=n / 12.5)
                app.stage.say(StatusChanged(step))
        began = time.perf_counter()
        await pilot.press("j")
        await pilot.pause()
        assert table.current == f"{HEDU}/assets"
        assert time.perf_counter() - began < 2.0
        app.sync_state.flush()
        await pilot.pause()
        assert sum("running" in line and " 99%" in line for line in app.text()) == len(CAST)


async def test_behind_a_dialog_nothing_is_repainted_until_it_closes() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        table = app.screen_stack[0].query_one(ProcessTable)
        before = [table.render_line(y) for y in range(table.size.height)]
        app.stage.say(StatusChanged(status("assets", status="running", progress=5.0)))
        app.sync_state.flush()
        await pilot.pause()
        assert [table.render_line(y) for y in range(table.size.height)] == before
        await pilot.press("escape")
        await pilot.pause()
        assert any("running" in line for line in app.text())


LONG = "Perimeter - Freight Terminal: material research of 26 × Catalyst Blueprint is ready"


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_a_notice_covers_keys_and_no_data(size: tuple[int, int]) -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=size, notifications=True) as pilot:
        await app.settle(pilot)
        before = app.text()
        for sentence in ("Assets is current until 14:52: nothing was asked", LONG):
            app.tell(sentence)
            await app.rest(pilot)
            await pilot.pause()
            assert app.text()[:-1] == before[:-1]
            notice = app.text()[-1].partition("▌")[2].strip()
            assert sentence == notice or (sentence is LONG and notice.endswith("…"))
            assert sentence.startswith(notice.rstrip("…"))
        await app.press(pilot, "n")
        assert "Blueprint is ready" in " ".join("\n".join(app.text()).replace("│", "").split())


async def test_keys_that_would_do_nothing_are_not_offered() -> None:
    for scene, offered in (("idle", False), ("both", True)):
        app = StageApp(SCENES[scene]())
        async with app.run_test(size=(140, 24)) as pilot:
            await app.settle(pilot)
            assert (" c Corporation " in app.text()[-1]) is offered


async def test_an_error_is_told_without_the_name_that_stands_beside_it() -> None:
    app = StageApp(SCENES["error"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("j", "j", "j")
        await pilot.pause()
        lines = app.text()
        row = next(line for line in lines if "! Market" in line)
        assert "%  ESI fails at page 3" in row
        assert not any("Market: " in line for line in lines)


async def test_what_failed_for_a_downtime_says_that_it_goes_on_by_itself() -> None:
    down = ScheduleStatus(esi_down_since=datetime(2026, 3, 14, 14, 2, tzinfo=UTC))
    app = StageApp(replace(SCENES["error"](), schedule=down))
    async with app.run_test(size=(140, 40)) as pilot:
        await app.settle(pilot)
        await pilot.press("j", "j", "j")
        await pilot.pause()
        told = app.screen.query_one(DetailsPane).text.splitlines()
        assert told[1] == "Nothing to do: corpsync goes on by itself when ESI is back."
        assert told[4] == "every 20 min"


async def test_what_to_do_is_in_sight_beside_every_process_at_80_by_24() -> None:
    app = StageApp(filled_to(13, SCENES["blocked"]()))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pilot.press("j", "j", "j", "j")
        await pilot.pause()
        pane = " ".join(line.partition("│")[2].strip() for line in app.text()[-6:-1])
        assert "Have the role Accountant granted in the game, then press s" in pane
