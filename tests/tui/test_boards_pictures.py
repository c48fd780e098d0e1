"""How every board looks, at two sizes each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from corpsync_tui.boards import all_boards
from tests.tui.boards_stage import BoardsApp, boards_home
from tests.tui.pictures import Compare, look_as_ever
from tests.tui.test_boards import TARGETS

VIEWS: list[tuple[str, str, Sequence[str]]] = [
    *((board.name, board.name, ["j"]) for board in all_boards()),
    ("miners", "moons", ["v", "j", "enter"]),
    ("jobs", "industry", ["v", "j", "enter"]),
    ("contributors", "projects", ["v", "j", "enter"]),
    ("losses", "kills", ["v", "j", "enter"]),
    ("srp", "kills", ["v", "j", "j", "enter"]),
    ("divisions", "stock", ["v", "j", "j", "enter"]),
    ("shopping-list", "stock", ["v", "j", "j", "j", "j", "enter"]),
    ("sorted", "market", ["right", "right", "o", "o"]),
    ("filtered", "structures", ["slash", *"drill"]),
    ("chart", "wallet", ["h", "h"]),
    ("report", "wallet", ["m"]),
    ("report-months", "wallet", ["m", "t"]),
    ("boards", "structures", ["t"]),
    ("views", "stock", ["v"]),
    ("row", "stock", ["enter"]),
    ("member", "members", ["j", "enter"]),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that no test changes."""
    return boards_home(tmp_path_factory.mktemp("boards"))


@pytest.mark.parametrize(("board", "keys"), [v[1:] for v in VIEWS], ids=[v[0] for v in VIEWS])
def test_board(filled: Path, board: str, keys: Sequence[str], snap_compare: Compare) -> None:
    async def act(pilot: Pilot[str]) -> None:
        app = pilot.app
        assert isinstance(app, BoardsApp)
        await app.settle(pilot)
        await app.rest(pilot)
        for key in keys:
            await pilot.press(key)
            await app.rest(pilot)

    app = BoardsApp(filled, board, stock=TARGETS)
    try:
        look_as_ever(app, snap_compare, act)
    finally:
        app.close()
