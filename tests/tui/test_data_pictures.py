"""How the Data screen looks, at two sizes each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.database import make_database
from tests.tui.data_stage import DataApp, fill

SIZES = [(80, 24), (140, 40)]
Compare = Callable[..., bool]
HOSTILE = {
    34: "[/b]\x1b]0;owned\x07[red]Tritanium",
    35: "\u202eetireyP 漢字の名前",
    60003760: "Jita\nIV [HELD]",
}

PICTURES: list[tuple[str, str, Sequence[str]]] = [
    ("assets", "asset", ["j", "j"]),
    ("sorted-at-the-end", "asset", ["right", "o", "o", "G"]),
    ("filtered", "asset", ["slash", *"trit 8,000"]),
    ("filter-kept", "asset", ["slash", *"pyerite", "enter"]),
    ("nothing-found", "asset", ["slash", *"zzz", "enter"]),
    ("nothing-yet", "member", []),
    ("far-columns", "asset", ["right", "right", "right", "right", "right"]),
    ("jobs", "industry_job", []),
    ("balances", "wallet_balance", []),
    ("killmails", "killmail", []),
    ("tables", "asset", ["t"]),
    ("columns", "asset", ["v"]),
    ("copies", "asset", ["Y"]),
    ("job-in-full", "industry_job", ["enter"]),
    ("killmail-in-full", "killmail", ["enter"]),
    ("help", "asset", ["question_mark"]),
]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, fill)


def compared(
    database: Path, table: str, keys: Sequence[str], size: tuple[int, int], compare: Compare
) -> bool:
    async def act(pilot: Pilot[str]) -> None:
        app = pilot.app
        assert isinstance(app, DataApp)
        await app.wait(pilot)
        for key in keys:
            await pilot.press(key)
            await app.wait(pilot)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        app.clear_notifications()
        await app.wait(pilot)

    app = DataApp(database, data={"table": table})
    try:
        return compare(app, terminal_size=size, run_before=act)
    finally:
        app.browser.close()


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
@pytest.mark.parametrize(("table", "keys"), [p[1:] for p in PICTURES], ids=[p[0] for p in PICTURES])
def test_data(
    database: Path,
    table: str,
    keys: Sequence[str],
    size: tuple[int, int],
    snap_compare: Compare,
) -> None:
    assert compared(database, table, keys, size, snap_compare)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
def test_hostile_names(database: Path, size: tuple[int, int], snap_compare: Compare) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        for id_, name in HOSTILE.items():
            db.execute("UPDATE eve_name SET name = ? WHERE id = ?", (name, id_))
    assert compared(database, "asset", ["j"], size, snap_compare)


@pytest.mark.parametrize("size", [(60, 15), (50, 10), (200, 50)], ids=str)
def test_other_sizes(database: Path, size: tuple[int, int], snap_compare: Compare) -> None:
    assert compared(database, "asset", ["G"], size, snap_compare)
