"""How the Data screen looks, at two sizes each."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.database import make_database
from tests.tui.data_stage import DataApp, fill
from tests.tui.pictures import SIZES, Compare, Size, look_as_ever

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


def compare_data(
    database: Path,
    table: str,
    keys: Sequence[str],
    compare: Compare,
    sizes: Sequence[Size] = SIZES,
) -> None:
    async def act(pilot: Pilot[str]) -> None:
        app = pilot.app
        assert isinstance(app, DataApp)
        await app.wait(pilot)
        for key in keys:
            await pilot.press(key)
            await app.wait(pilot)

    app = DataApp(database, data={"table": table})
    try:
        look_as_ever(app, compare, act, sizes)
    finally:
        app.browser.close()


@pytest.mark.parametrize(("table", "keys"), [p[1:] for p in PICTURES], ids=[p[0] for p in PICTURES])
def test_data(
    database: Path,
    table: str,
    keys: Sequence[str],
    snap_compare: Compare,
) -> None:
    compare_data(database, table, keys, snap_compare)


def test_hostile_names(database: Path, snap_compare: Compare) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        for id_, name in HOSTILE.items():
            db.execute("UPDATE eve_name SET name = ? WHERE id = ?", (name, id_))
    compare_data(database, "asset", ["j"], snap_compare)


def test_other_sizes(database: Path, snap_compare: Compare) -> None:
    compare_data(database, "asset", ["G"], snap_compare, [(200, 50), (60, 15), (50, 10)])
