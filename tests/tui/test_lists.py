"""What lists and workers owe every screen: no line is cut unseen, nothing is left unawaited."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

import pytest
from textual.app import ComposeResult

from corpsync_tui.tui.dialogs.fields import Field, FieldsDialog
from corpsync_tui.tui.supervised import SupervisedApp
from corpsync_tui.tui.widgets.line_list import LineList, Row
from tests.support.database import make_database
from tests.tui.data_stage import data_app
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
