"""What lists and workers owe every screen: no line is cut unseen, nothing is left unawaited."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from corpsync_tui.tui.dialogs.fields import Field, FieldsDialog
from corpsync_tui.tui.supervised import SupervisedApp
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.virtual_table import ShownColumn, ShownRow, VirtualTable
from tests.support.database import make_database
from tests.tui.data_stage import data_app
from tests.tui.pictures import resize
from tests.tui.scenes import SCENES
from tests.tui.stage import StageApp

pytestmark = pytest.mark.anyio


class Lists(SupervisedApp):
    """One list and nothing else."""

    def compose(self) -> ComposeResult:
        """The list."""
        yield LineList()


async def test_a_line_that_is_too_long_ends_in_an_ellipsis() -> None:
    app = Lists()
    async with app.run_test(size=(12, 5)) as pilot:
        lines = app.query_one(LineList)
        whole = Row(2, [("exactly ", "strong"), ("four", "")])
        padded = Row(3, [("short" + " " * 20, "")])
        wide = Row(4, [("漢字漢字漢字漢", "muted")])
        lines.show([Row(1, [("12 Mar ", "muted"), ("copied", "")]), whole, padded, wide])
        await pilot.pause()
        shown = [lines.render_line(y).text for y in range(4)]
        assert shown == ["12 Mar copi…", "exactly four", "short       ", "漢字漢字漢 …"]


async def test_beside_a_scrollbar_too() -> None:
    app = Lists()
    async with app.run_test(size=(12, 5)) as pilot:
        app.query_one(LineList).show([Row(n, [(f"{n} copied rows", "")]) for n in range(9)])
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert [strip.text[:11] for strip in strips[:2]] == ["0 copied r…", "1 copied r…"]


class Numbers:
    """A hundred rows, of which some have come."""

    def __init__(self) -> None:
        self.landed = range(0)

    def __len__(self) -> int:
        return 100

    def row(self, place: int) -> ShownRow | None:
        return ShownRow((f"row {place}",)) if place in self.landed else None


class Table(SupervisedApp):
    """One table of numbers and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = Numbers()

    def compose(self) -> ComposeResult:
        """The table."""
        yield VirtualTable()

    def on_mount(self) -> None:
        """Its rows."""
        table = self.query_one(VirtualTable)
        table.show_columns([ShownColumn("number", "Number", 8, right=False)])
        table.show_rows(self.numbers, cursor=0, empty=[])
        table.focus()


class LongList(SupervisedApp):
    """One list of numbers and nothing else."""

    def compose(self) -> ComposeResult:
        """The list."""
        yield LineList()

    def on_mount(self) -> None:
        """Its lines."""
        self.query_one(LineList).show([Row(n, [(f"row {n}", "")]) for n in range(100)])
        self.query_one(LineList).focus()


async def painted(app: SupervisedApp, pilot: Pilot[str]) -> list[Strip]:
    """What is on screen."""
    await pilot.pause()
    return [strip.crop(0, 12) for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("keys", ["k", "kk", "kkj"])
@pytest.mark.parametrize("kind", [LongList, Table])
async def test_a_move_is_seen_where_one_has_scrolled(kind: type[SupervisedApp], keys: str) -> None:
    app = kind()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.press("G")
        await painted(app, pilot)
        await pilot.press(*keys)
        seen = await painted(app, pilot)
        app.screen.query_one("LineList, VirtualTable").refresh()
        assert seen == await painted(app, pilot)


@pytest.mark.parametrize("kind", [LongList, Table])
async def test_a_window_that_shrinks_keeps_the_cursor_in_sight(kind: type[SupervisedApp]) -> None:
    app = kind()
    async with app.run_test(size=(20, 20)) as pilot:
        table = app.focused
        assert isinstance(table, LineList | VirtualTable)
        await pilot.press("pagedown")
        await resize(pilot, (20, 6))
        assert 0 <= table.cursor - table.scroll_offset.y < 6


async def test_a_line_that_changes_is_seen_where_one_has_scrolled() -> None:
    app = LongList()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.press("G")
        await painted(app, pilot)
        lines = app.query_one(LineList)
        lines.show([Row(n, [(f"now {n}" if n == 95 else f"row {n}", "")]) for n in range(100)])
        assert "now 95" in [strip.text.rstrip() for strip in await painted(app, pilot)]


async def test_rows_that_come_are_seen_where_one_has_scrolled() -> None:
    app = Table()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.press("G", "k", "k")
        assert "row 97" not in [strip.text.strip() for strip in await painted(app, pilot)]
        app.numbers.landed = range(90, 100)
        app.query_one(VirtualTable).rows_landed(90, 10)
        seen = [strip.text.strip() for strip in await painted(app, pilot)]
        assert seen[1:] == [f"row {n}" for n in range(93, 100)]


async def test_a_long_label_never_touches_its_value() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.shown() as pilot:
        app.push_screen(FieldsDialog("Contract", [Field("For corporation", "no")]))
        await pilot.pause()
        assert not any("corporationno" in line for line in app.text())


async def test_what_is_cancelled_before_it_begins_leaves_no_warning(tmp_path: Path) -> None:
    async with data_app(make_database(tmp_path)) as (app, pilot):
        gc.collect()  # what earlier tests left
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            for _ in range(3):
                app.data.reload()
            await app.wait(pilot)
            gc.collect()
    assert [str(warning.message) for warning in heard] == []
