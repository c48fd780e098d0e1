"""What holds for every board, whichever there are."""

import json
import sqlite3
import time
from collections.abc import Iterator

import pytest

from corpsync_tui.boards import all_boards, board_names
from corpsync_tui.boards.kit.board import Board, BoardContext
from corpsync_tui.boards.kit.read import BoardResult, read_board
from corpsync_tui.catalog import ALL
from corpsync_tui.settings.boards import check_boards
from tests.boards.simulated import simulated
from tests.boards.support import C, empty_database, read

BOARDS = pytest.mark.parametrize("board", all_boards(), ids=lambda board: board.name)


@BOARDS
def test_it_is_the_file_of_its_name_and_says_what_it_answers(board: Board) -> None:
    assert board.name in board_names()
    assert board.question.endswith("?")


@BOARDS
def test_it_opens_without_a_row_and_prints_as_json(board: Board) -> None:
    for variant in ("", *board.by_variant):
        with empty_database() as db:
            result = read(db, board.name, "2026-11-28T12:00", variant)
        assert json.loads(json.dumps(result.document()))["rows"] == []


@BOARDS
def test_the_tables_it_stands_on_are_the_catalog_s(board: Board) -> None:
    tables = {dataset.table for process in ALL for dataset in process.datasets}

    assert set(board.tables) <= tables


@BOARDS
def test_its_columns_have_names_of_their_own(board: Board) -> None:
    names = [column.name for column in board.columns]

    assert len(set(names)) == len(names)


def test_no_two_boards_stand_in_one_place() -> None:
    orders = [board.order for board in all_boards()]

    assert len(set(orders)) == len(orders)


KEYS = {
    "structures": "id name kind type_id system_id state fuel_hours fuel_source in_bay "
    "burn_per_hour timer_end services_offline attention",
    "moons": "structure_id structure_name moon_id moon_name state chunk_arrival natural_decay "
    "worth mined miners",
    "moons --miners": "character_id corporation_id type_id quantity value tax",
    "wallet": "month kind ref_type division amount count",
    "industry": "installer_id installer_name member manufacturing science reactions ready paused "
    "next_end worth",
    "members": "character_id name idle_days joined roles titles dangerous_roles ship_type_id "
    "location_id",
    "market": "order_id type_id is_buy price left total expires sold_per_day days_of_stock escrow "
    "value",
    "contracts": "contract_id type state title issuer_id assignee_id acceptor_id price reward "
    "collateral expires late value_in value_out",
    "stock": "type_id quantity volume value price_source want have missing",
    "kills": "week losses lost_isk final_blows destroyed_isk",
    "kills --losses": "killmail_id victim_id ship_type_id value srp",
    "projects": "id name kind state progress desired isk_left done_on expires",
    "audit": "container_id character_id day adds moves lock_changes password_fails first_time "
    "unusual",
}
"""The keys that scripts rely on, of each board and of its other rows."""

SUMMARIES = {
    "wallet": {"net", "inside", "gaps"},
    "industry": {"active", "ready", "idle_facilities"},
    "members": {"count", "limit", "idle_30", "idle_90"},
}

NOW = time.time()
COPIED = float(int(NOW) - 60)
"""When ESI made the copies that the boards stand on."""

TARGETS = check_boards({"stock": [{"item": 34, "want": 10**12}]})


@pytest.fixture(scope="module")
def world() -> Iterator[sqlite3.Connection]:
    """Two corporations without static data, as the simulator made them."""
    with simulated(corporations=2, ticks=200, copied=COPIED) as (db, _):
        yield db


@pytest.fixture
def changed(world: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """The same, to be changed by one test."""
    world.execute("BEGIN")
    yield world
    world.execute("ROLLBACK")


def _answer(
    db: sqlite3.Connection, board: Board, variant: str = "", corporation_id: int = C
) -> BoardResult:
    context = BoardContext(db, corporation_id, NOW, TARGETS)
    return read_board(board, context, board.by_variant[variant] if variant else None)


@BOARDS
def test_its_rows_and_summary_have_the_keys_that_scripts_rely_on(
    board: Board, world: sqlite3.Connection
) -> None:
    for variant in ("", *board.by_variant):
        document = json.loads(json.dumps(_answer(world, board, variant).document()))
        assert list(document) == ["board", "corporation_id", "as_of", "stale", "summary", "rows"]
        assert (document["board"], document["corporation_id"]) == (board.name, C)
        assert document["as_of"] == COPIED
        assert document["stale"] is False
        wanted = KEYS.get(f"{board.name} --{variant}" if variant else board.name, "").split()
        assert document["rows"]
        assert all(row.keys() >= set(wanted) for row in document["rows"])
    assert _answer(world, board).summary.keys() >= SUMMARIES.get(board.name, set())


@BOARDS
def test_it_opens_without_prices(board: Board, changed: sqlite3.Connection) -> None:
    with_prices = {v: len(_answer(changed, board, v).rows) for v in ("", *board.by_variant)}
    changed.execute("DELETE FROM market_price")
    changed.execute("DELETE FROM wallet_transaction")

    assert {v: len(_answer(changed, board, v).rows) for v in with_prices} == with_prices


@BOARDS
def test_another_corporation_changes_nothing(board: Board, changed: sqlite3.Connection) -> None:
    both = {v: _answer(changed, board, v) for v in ("", *board.by_variant)}
    other = _answer(changed, board, corporation_id=C + 1)
    for process in ALL:
        for model in process.models:
            changed.execute(
                f"DELETE FROM {model._meta.table_name} WHERE corporation_id = ?", (C + 1,)
            )

    assert {v: _answer(changed, board, v) for v in both} == both
    assert board.read(BoardContext(changed, C + 1, NOW, check_boards({}))).rows == []
    assert other.corporation_id == C + 1
