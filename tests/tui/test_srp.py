"""Losses are marked on the board of kills: to pay, paid, refused, with a sum and a note."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Input

from corpsync_tui.boards.kit.marks import Mark
from corpsync_tui.errors import DatabaseError
from corpsync_tui.tui.screens.boards.srp import MarkDialog
from tests.boards.support import put
from tests.tui.boards_stage import BoardsApp, boards_app, boards_home
from tests.tui.data_stage import screen_lines, screen_text
from tests.tui.stage import HEDU
from tests.tui.test_boards import press, reads

pytestmark = pytest.mark.anyio

LOSSES = ("v", "j", "enter")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that no test changes."""
    path = boards_home(tmp_path_factory.mktemp("boards"))
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("killmail_ref", "killmail"):
            put(db, "change_start", {"table_name": table, "time": 0.0})
    return path


def asked(app: BoardsApp) -> list[object]:
    """The last that was asked for of losses: the corporation, and what was marked."""
    return [list(a[1:]) for a in app.stage.asked if a[0] == "mark_losses"][-1]


async def test_a_loss_is_marked_with_a_sum_and_a_note(filled: Path) -> None:
    async with boards_app(filled, "kills") as (app, pilot):
        await press(app, pilot, *LOSSES)
        before = reads(app)
        await press(app, pilot, "p")
        assert "Joiten Kador, Tristan" in screen_text(app)
        await press(app, pilot, "j", "enter")
        field = app.screen.query_one("#srp-sum", Input)
        assert field.value == "390,000"  # hull and cargo less the insurance
        field.value = "much"
        await press(app, pilot, "enter", "enter")
        assert "amounts read like 12.5m" in screen_text(app)
        field.value = "0.5 m ISK"
        app.screen.query_one("#srp-note", Input).value = " home defence "
        await press(app, pilot, "enter")
        assert asked(app) == [HEDU, Mark(3000, "paid", 500_000.0, "home defence")]
        assert reads(app) > before
        assert app.notices[0].sentence == "Done"


async def test_a_refusal_asks_for_a_note_alone_and_a_mark_is_taken_back_at_once(
    filled: Path,
) -> None:
    async with boards_app(filled, "kills") as (app, pilot):
        await press(app, pilot, *LOSSES, "p", "j", "j", "enter")
        assert not app.screen.query("#srp-sum")
        await press(app, pilot, *"alt", "enter")
        assert asked(app) == [HEDU, Mark(3000, "refused", None, "alt")]
        await press(app, pilot, "p", "G", "enter")
        assert asked(app) == [HEDU, Mark(3000, "open")]


async def test_a_pilot_s_losses_are_marked_together_each_with_its_own_sum(filled: Path) -> None:
    async with boards_app(filled, "kills") as (app, pilot):
        await press(app, pilot, "v", "j", "j", "enter", "p", "enter")
        assert isinstance(app.screen, MarkDialog)
        assert "Joiten Kador: 3 losses" in screen_text(app)
        assert "together 1.2 M ISK" in screen_text(app)
        await press(app, pilot, "enter")
        assert asked(app) == [HEDU, *(Mark(n, "to_pay", 390_000.0) for n in (3000, 3002, 3003))]


async def test_the_key_stands_where_there_are_losses_and_the_past_is_not_marked(
    filled: Path,
) -> None:
    async with boards_app(filled, "kills", size=(140, 40)) as (app, pilot):
        assert "Pay back" not in screen_lines(app)[-1]
        await press(app, pilot, "p")
        assert "v shows each" in app.notices[0].sentence
        await press(app, pilot, *LOSSES)
        assert "Pay back" in screen_lines(app)[-1]
        await press(app, pilot, "at", *"1m", "enter", "p")
        assert "leaves the past" in app.notices[0].sentence
        assert not any(a[0] == "mark_losses" for a in app.stage.asked)


async def test_the_key_goes_with_the_losses_though_what_follows_cannot_be_read(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseError("The database could not be read")

    async with boards_app(filled, "kills", size=(140, 40)) as (app, pilot):
        await press(app, pilot, *LOSSES)
        monkeypatch.setattr(app.stage, "read_board", fail)
        await press(app, pilot, "right_square_bracket")
        assert "could not be read" in app.notices[0].sentence
        assert "Pay back" not in screen_lines(app)[-1]
