"""Figures of each day: what the wallet held and earned, what was mined."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from corpsync_tui.queries.daily import DailyFigures, read_daily
from tests.support.cast import PROCESSES
from tests.support.database import insert, make_database
from tests.tui.scenes import SCENES
from tests.tui.stage import HEDU, StageApp

DAILY = {process.type: process.daily for process in PROCESSES}
TODAY = date(2026, 3, 14)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = make_database(tmp_path)
    for division, balance in ((1, 900.0), (2, 100.0)):
        insert(path, "wallet_balance", corporation_id=HEDU, division=division, balance=balance)
    moves = [("2026-03-11", 1, 300.0), ("2026-03-13", 1, -50.0), ("2026-03-13", 2, 20.0)]
    for number, (day, division, amount) in enumerate(moves):
        insert(
            path,
            "wallet_journal",
            corporation_id=HEDU,
            division=division,
            id=number,
            date=f"{day}T12:00:00Z",
            amount=amount,
            ref_type="bounty_prizes",
            description="",
        )
    return path


def test_balance_and_income_of_each_day(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        balance, income = read_daily(db, DAILY["wallet"], HEDU, TODAY)
        assert read_daily(db, DAILY["mining"], HEDU, TODAY) == []
    assert (balance.first, balance.values) == (date(2026, 3, 11), [1030, 1030, 1000, 1000])
    assert (income.first, income.values) == (date(2026, 3, 11), [300, 0, -30, 0])


def test_every_declared_figure_can_be_read(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        for process in PROCESSES:
            read_daily(db, process.daily, HEDU, TODAY)


@pytest.mark.anyio
async def test_they_are_drawn_below_the_panes_of_their_process() -> None:
    app = StageApp(SCENES["idle"]())
    balance = DailyFigures("Balance, ISK", "isk", date(2026, 3, 11), [1.0e9, 1.2e9, 1.1e9], True)
    app.stage.figures[f"{HEDU}/wallet"] = [balance]
    async with app.run_test(size=(140, 40)) as pilot:
        await app.settle(pilot)
        assert not any("Balance" in line for line in app.text())
        for key in "jjjj":
            await pilot.press(key)
            await app.rest(pilot)
        await pilot.pause()
        shown = "\n".join(app.text())
        assert "Balance, ISK  1.1 B" in shown
        assert "11 Mar" in shown
        assert "Duration" in shown
