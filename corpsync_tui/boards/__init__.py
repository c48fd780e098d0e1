"""The boards, one file each: a question of the director, its SQL, its columns, its summary.

A file beside this one that sets `BOARD` is a board; its name is the board's name.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpsync_tui.boards.kit.board import Board


@cache
def board_names() -> tuple[str, ...]:
    """The names of all boards, in the order of the alphabet; imports none of them."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if not m.ispkg))


@cache
def all_boards() -> tuple[Board, ...]:
    """Every board, in the order of the screen."""
    boards: list[Board] = [import_module(f"{__name__}.{name}").BOARD for name in board_names()]
    return tuple(sorted(boards, key=lambda board: board.order))


def find_board(name: str) -> Board:
    """The board of this name. Raises `KeyError` where there is none."""
    if name not in board_names():
        raise KeyError(name)
    board: Board = import_module(f"{__name__}.{name}").BOARD
    return board


@cache
def board_views() -> dict[str, str]:
    """The SELECT of each view `board_<name>`, of prices, and of `srp`."""
    from corpsync_tui.boards.kit import srp
    from corpsync_tui.boards.kit.views import NAMED_PRICES, PRICE_VIEW, price_view, view_select

    views = {view_name(b.name): view_select(b.view) for b in all_boards() if b.view is not None}
    prices = {PRICE_VIEW: price_view(), "market_price_named": NAMED_PRICES}
    return {**prices, srp.VIEW_NAME: srp.VIEW, **views}


def view_name(board: str) -> str:
    """What the SQL view of a board is called."""
    return f"board_{board}"
