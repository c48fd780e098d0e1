"""What holds for every board, whichever there are."""

import json

import pytest

from corpsync_tui.boards import all_boards, board_names
from corpsync_tui.boards.kit.board import Board
from corpsync_tui.catalog import ALL
from tests.boards.support import empty_database, read

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
