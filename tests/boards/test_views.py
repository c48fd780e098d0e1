"""The SQL views `board_<name>`: any program that reads SQLite has the boards too."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.boards import all_boards, board_views, view_name
from corpsync_tui.boards.kit.board import Board, BoardContext
from corpsync_tui.settings.boards import check_boards
from tests.boards.simulated import simulated
from tests.boards.support import C, empty_database, put
from tests.support.database import make_database

CONTRACT = {
    "structures": "id name kind type_id system_id state fuel_hours fuel_source in_bay "
    "burn_per_hour timer_end services_offline",
    "moons": "structure_id structure_name moon_id moon_name state chunk_arrival natural_decay "
    "mined miners",
    "wallet": "month kind ref_type division amount count",
    "industry": "installer_id installer_name member manufacturing science reactions ready paused "
    "next_end worth",
    "members": "character_id name idle_days joined roles titles dangerous_roles ship_type_id "
    "location_id",
    "market": "order_id type_id is_buy price left total expires sold_per_day days_of_stock escrow "
    "value",
    "contracts": "contract_id type state title issuer_id assignee_id acceptor_id price reward "
    "collateral expires late value_in value_out",
    "stock": "type_id quantity volume value price_source",
    "kills": "week losses lost_isk final_blows destroyed_isk",
    "projects": "id name kind state progress desired isk_left done_on expires",
    "audit": "container_id character_id day adds moves lock_changes password_fails first_time "
    "unusual",
}
"""What SQL alone can say of a row: a board's keys without what settings or notices decide."""

BOARDS = pytest.mark.parametrize("board", all_boards(), ids=lambda board: board.name)


def test_every_board_has_its_view() -> None:
    assert set(CONTRACT) == {board.name for board in all_boards()}
    assert {view_name(name) for name in CONTRACT} <= set(board_views())


@BOARDS
def test_a_bare_connection_opens_it_in_an_empty_database(board: Board, tmp_path: Path) -> None:
    uri = f"{make_database(tmp_path).as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as db:
        found = db.execute(f"SELECT * FROM {view_name(board.name)}")
        columns = [column[0] for column in found.description]
        assert found.fetchall() == []

    assert {"corporation_id", *CONTRACT[board.name].split()} <= set(columns)


@pytest.fixture(scope="module")
def world() -> Any:
    """Two corporations, as the simulator made them; the views share own trades between them."""
    with simulated(corporations=2, ticks=200) as (db, _):
        db.execute("DELETE FROM wallet_transaction")
        yield db


@BOARDS
def test_it_says_of_each_corporation_what_the_board_says(
    board: Board, world: sqlite3.Connection
) -> None:
    keys = CONTRACT[board.name].split()
    compared = 0
    for corporation_id in (C, C + 1):
        found = world.execute(
            f"SELECT * FROM {view_name(board.name)} WHERE corporation_id = ?", (corporation_id,)
        )
        names = [column[0] for column in found.description]
        view = [dict(zip(names, row, strict=True)) for row in found]
        context = BoardContext(world, corporation_id, time.time(), check_boards({}))
        rows = board.read(context).rows

        assert len(view) == len(rows)
        compared += len(rows)
        expected = _sorted([{key: _stored(row[key]) for key in keys} for row in rows])
        told = _sorted([{key: row[key] for key in keys} for row in view])
        for mine, theirs in zip(told, expected, strict=True):
            shown = {key: _stored(mine[key]) for key in keys}
            assert shown == {k: _near(v) for k, v in theirs.items()}
    assert compared


def test_its_lists_are_json_so_that_they_can_be_exported(world: sqlite3.Connection) -> None:
    compared = set()
    for board in all_boards():
        found = world.execute(f"SELECT * FROM {view_name(board.name)}")
        names = [column[0] for column in found.description]
        lists = {c.name for c in board.columns if c.kind == "list"}.intersection(names)
        for row in found:
            values = dict(zip(names, row, strict=True))
            for name in lists:
                assert values[name] is None or isinstance(json.loads(values[name]), list)
                compared.add((board.name, name))
    assert compared >= {("audit", "hours"), ("members", "roles")}


def test_a_type_without_a_market_price_has_that_of_the_last_own_trade() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 34, "average_price": 5.0})
        trades = [(1, 34, 9.0), (2, 35, 7.0), (3, 35, 8.0)]
        for id_, type_id, price in trades:
            row = {"transaction_id": id_, "type_id": type_id, "unit_price": price}
            put(db, "wallet_transaction", row)
        found = db.execute("SELECT * FROM type_price ORDER BY type_id").fetchall()

    assert found == [(34, 5.0, "average"), (35, 8.0, "own")]


def _stored(value: Any) -> Any:
    """Lists as their text, truth as a number."""
    if isinstance(value, list):
        return json.dumps(value)
    if isinstance(value, str) and value.startswith("["):
        return json.dumps(json.loads(value))
    return int(value) if isinstance(value, bool) else value


def _near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=0.01) if isinstance(value, int | float) else value


@pytest.mark.parametrize("board", ["market", "projects", "structures"])
def test_changes_of_a_row_are_found_by_its_key_however_many_there_are(board: str) -> None:
    with empty_database() as db:
        plan = db.execute(f"EXPLAIN QUERY PLAN SELECT * FROM board_{board}")
        found = {detail for *_, detail in plan if " x " in detail}

    assert found == {
        "SEARCH x USING INDEX change_table_name_row_key (table_name=? AND row_key=?)",
    }


ORDER = (
    *("id", "order_id", "contract_id", "structure_id", "chunk_arrival", "month", "ref_type"),
    *("division", "type_id", "installer_id", "container_id", "character_id", "day", "week"),
)


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [name for name in ORDER if all(name in row for row in rows)]
    return sorted(rows, key=lambda row: [str(row[name]) for name in names])
