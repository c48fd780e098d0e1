"""What a new director asks first, found with keys that the screens name: eight at the most."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from corpsync_tui.tui.screens.boards.member import MemberDialog
from tests.tui.boards_stage import BoardsApp, boards_home
from tests.tui.changes_stage import item, say
from tests.tui.data_stage import screen_lines, screen_text
from tests.tui.stage import NOW, corporation, status

pytestmark = pytest.mark.anyio

Begun = tuple[BoardsApp, Pilot[Any]]
MOST = 8
"""Keys."""
WAITS = "(waiting for ESI's limit, 38 s) Fetching market orders…"
READY = item("job_ready", "Maurasi: 12 × Rifter ready to deliver", "medium", 35)
JOINED = item("member", "Aldra Vex joined", "low", 60)


@pytest.fixture
async def begun(tmp_path: Path) -> AsyncIterator[Begun]:
    """The app as it opens: Market waits for ESI, jobs are ready, members come."""
    waits = status("market", status="running", progress=30.0, current_step=WAITS)
    app = BoardsApp(boards_home(tmp_path), "", corporation(market=waits))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        app.action_show("sync")
        alerts = [replace(a, dedupe_key=str(n)) for a in (READY, JOINED) for n in range(12)]
        say(app, *alerts)
        await app.rest(pilot)
        yield app, pilot
    app.close()


async def keys(begun: Begun, *pressed: str, text: str, line: int | None = None) -> None:
    """Press so few keys, and wait for what is to be found, perhaps on one line."""
    app, pilot = begun
    assert len(pressed) <= MOST
    for key in pressed:
        await pilot.press(key)
        await app.rest(pilot)
    for _ in range(1_000):
        if text in (screen_text(app) if line is None else screen_lines(app)[line]):
            return
        await pilot.pause(0.01)
    raise AssertionError(f"{text} is not on\n{screen_text(app)}")


async def test_the_biggest_payment_of_last_week_stands_first(begun: Begun) -> None:
    app, _ = begun
    week = f"{NOW - timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
    with closing(sqlite3.connect(app.browser._path)) as db, db:
        values = "corporation_id, division, ?, ?, description, id + 1000000, ref_type"
        db.execute(
            "INSERT INTO wallet_journal (corporation_id, division, amount, date, description, id,"
            f" ref_type) SELECT {values} FROM wallet_journal LIMIT 1",
            (-9e12, f"{NOW - timedelta(days=8):%Y-%m-%dT%H:%M:%SZ}"),
        )
        ((date, amount),) = db.execute(
            "SELECT date, min(amount) FROM wallet_journal WHERE date > ?", (week,)
        )
    biggest = f"{amount:,.2f}"
    await keys(begun, "j", "j", "j", "j", "enter", text="f Period")
    await keys(begun, "f", "right", "o", text="by Amount ↑ · with “date>7d”")
    await keys(begun, text=biggest, line=4)
    assert date[:10] in screen_lines(app)[4]


async def test_what_a_named_member_did(begun: Begun) -> None:
    app, pilot = begun
    await keys(begun, "colon", *"joit", text="Member Joiten Kador")
    await pilot.press("enter")
    await keys(begun, text="Mined")
    assert isinstance(app.screen, MemberDialog)


async def test_which_jobs_are_ready_where(begun: Begun) -> None:
    await keys(begun, "6", "enter", text="Maurasi: 12 × Rifter ready to deliver")


async def test_why_market_waits(begun: Begun) -> None:
    await keys(begun, "j", "j", "j", text="waiting for ESI's limit")


async def test_noise_is_muted_and_one_is_back(begun: Begun) -> None:
    app, _ = begun
    await keys(begun, "6", "f", "f", "f", "x", "enter", "escape", "escape", text="History of")
    muted = next(asked for asked in app.stage.asked if asked[0] == "mute")
    assert (muted[1], muted[-1]) == ("rule", 86_400.0)
    assert "member" in str(muted[2])
