"""Half a million assets cost little."""

import time
from dataclasses import replace

import httpx
import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.world.lazy import LazyRows
from tests.simulator.conftest import ASSETS, Guest
from tests.support.simulator import Simulator

MANY = 500_000


@pytest.fixture(scope="module")
def huge() -> Simulator:
    return Simulator(SimulatorConfig(scale=replace(SCALES["demo"], assets=MANY)))


def test_rows_are_made_when_looked_at(huge: Simulator) -> None:
    rows = huge.state.world.corporations[98000001].rows("asset")
    assert isinstance(rows, LazyRows)
    assert len(rows) == MANY
    assert len(rows.held()) < 25_000
    last = rows[MANY - 1]
    assert last == rows[MANY - 1]
    assert last["item_id"] > rows[0]["item_id"]


def test_copies_stay_what_they_were_when_rows_change_come_and_go(huge: Simulator) -> None:
    rows = huge.state.world.corporations[98000001].rows("asset")
    assert isinstance(rows, LazyRows)
    copy = rows.copy()
    first, second = rows[0], rows[1]
    rows[0] = {**first, "quantity": 77}
    del rows[1]
    rows.append({"item_id": 1})
    assert (rows[0]["quantity"], rows[len(rows) - 1]) == (77, {"item_id": 1})
    assert (copy[0], copy[1], len(copy)) == (first, second, MANY)
    rows[0] = first
    rows.insert(1, second)
    del rows[len(rows) - 1]
    assert rows.window(0, 3) == copy.window(0, 3)


def test_any_page_comes_at_once() -> None:
    config = SimulatorConfig(scale=replace(SCALES["demo"], assets=MANY))
    with Simulator(config) as simulator, httpx.Client(base_url=simulator.url) as http:
        guest = Guest(http, simulator)
        guest.log_in(simulator.character_id)
        began = time.monotonic()
        answer = guest.get(ASSETS, page=500)
        assert time.monotonic() - began < 2
        assert answer.headers["X-Pages"] == "500"
        assert len(answer.json()) == 1000
