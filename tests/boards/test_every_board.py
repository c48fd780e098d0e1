"""What holds for every board, whichever there are."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from corpsync_tui.boards import all_boards, board_names
from corpsync_tui.boards.kit.board import Board, BoardContext
from corpsync_tui.boards.kit.read import BoardResult, read_board
from corpsync_tui.catalog import ALL
from corpsync_tui.clock import Clock
from corpsync_tui.reference.archive import Watch, load
from corpsync_tui.reference.builds import Build
from corpsync_tui.service.boards import read_page
from corpsync_tui.settings.boards import check_boards
from corpsync_tui.simulator.archive import archive
from corpsync_tui.store.reference import Attached
from corpsync_tui.tui.screens.boards.text import (
    BoardRows,
    detail_lines,
    fit_columns,
    nothing_line,
    summary_line,
)
from corpsync_tui.tui.widgets.virtual_table import GAP, MARGIN
from tests.boards.simulated import simulated
from tests.boards.support import C, empty_database

BOARDS = pytest.mark.parametrize("board", all_boards(), ids=lambda board: board.name)


@BOARDS
def test_it_is_the_file_of_its_name_and_says_what_it_answers(board: Board) -> None:
    assert board.name in board_names()
    assert board.question.endswith("?")


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
    "kills --srp": "victim_id losses open value insurance paid owed",
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


CASES = ("all of it", "no static data", "no prices", "no row", "several corporations")
SIZES = (80, 140)
"""The widths of both terminals that the screens are made for."""


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static data of the simulator's universe."""
    path = tmp_path_factory.mktemp("static") / "reference.db"
    load(BytesIO(archive(1)), path, Clock(), Build(1), Watch(lambda _: None))
    return path


@pytest.fixture(scope="module")
def cases(reference: Path) -> Iterator[dict[str, sqlite3.Connection]]:
    """One database of each case."""
    with (
        simulated(ticks=200, copied=COPIED) as (whole, _),
        simulated(ticks=200, copied=COPIED) as (without, _),
        simulated(corporations=2, copied=COPIED) as (several, _),
        empty_database() as empty,
    ):
        for db in (whole, several):
            db.execute("DETACH ref")
            Attached(reference).renew(db)
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as unpriced:
            without.backup(unpriced)
            Attached(None).renew(unpriced)
            for table in ("market_price", "insurance_price", "wallet_transaction"):
                unpriced.execute(f"DELETE FROM {table}")
            found = (whole, without, unpriced, empty, several)
            yield dict(zip(CASES, found, strict=True))


@BOARDS
@pytest.mark.parametrize("case", CASES)
def test_all_of_it_can_be_read_at_80_and_at_140_columns(
    board: Board, case: str, cases: dict[str, sqlite3.Connection]
) -> None:
    wanted = check_boards({}) if case == "no row" else TARGETS
    context = BoardContext(cases[case], C, NOW, wanted)
    for variant in ("", *board.by_variant):
        page = read_page(context, board.name, variant)
        assert bool(page.rows) == (case != "no row")
        assert page.result.has_reference == (case in ("all of it", "several corporations"))
        json.dumps(page.result.document())
        assert len(page.as_csv(page.rows).splitlines()) > len(page.rows)
        assert len(summary_line(page)[1][0]) > 3
        assert page.rows or "press" in "".join(text for text, _ in nothing_line(page, ""))
        for width in SIZES:
            columns = fit_columns(page, page.rows, None, width)
            table = BoardRows(page, range(len(page.rows)), list(columns))
            assert all(table.row(n) is not None for n in range(len(page.rows)))
            room = sum(c.width for c in columns.values()) + GAP * (len(columns) - 1) + MARGIN
            assert room < width
            for n in range(len(page.rows)):
                lines = detail_lines(page, n, columns)
                assert len(lines) <= 9


@BOARDS
def test_without_prices_there_are_as_many_rows(
    board: Board, cases: dict[str, sqlite3.Connection]
) -> None:
    for variant in ("", *board.by_variant):
        known, unknown = (
            len(_answer(cases[case], board, variant).rows)
            for case in ("no static data", "no prices")
        )
        assert known == unknown


@BOARDS
def test_what_a_row_stands_for_is_in_its_table(
    board: Board, cases: dict[str, sqlite3.Connection]
) -> None:
    db = cases["several corporations"]
    for variant in ("", *board.by_variant):
        page = read_page(BoardContext(db, C, NOW, TARGETS), board.name, variant)
        for table, key in filter(None, map(page.opens, page.rows)):
            where = " AND ".join(f"{column} = :{column}" for column in ("corporation_id", *key))
            found = db.execute(f"SELECT COUNT(*) FROM {table} WHERE {where}",
                {"corporation_id": C, **key}).fetchone()  # fmt: skip
            assert found == (1,), (table, key)
