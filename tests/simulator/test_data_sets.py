"""A further data set is one file: a route of the document that has a table from then on."""

from collections.abc import Iterator

import pytest

from corpsync_tui.simulator.world import tables
from corpsync_tui.simulator.world.table import TABLES, DataSet, Table
from tests.support.simulator import Simulator

ROUTE = "/corporations/{corporation_id}/medals"
MINE = DataSet(
    tables=(Table("honour", ROUTE, "snapshot", key=("medal_id",), count=lambda _scale: 3),)
)


@pytest.fixture
def honoured() -> Iterator[Simulator]:
    """A simulator with one data set more."""
    tables.add(MINE)
    yield Simulator()
    tables.remove(MINE)


def test_it_is_filled_told_changed_and_listed(honoured: Simulator) -> None:
    rows = honoured.truth("honour")
    assert len(rows) == 3
    assert set(rows[0]) == {"created_at", "creator_id", "description", "medal_id", "title"}
    assert honoured.mutate("honour", change=2, add=1, remove=2) == {
        "added": 1,
        "changed": 2,
        "removed": 2,
    }
    assert honoured.tables()["honour"] == {
        "kind": "snapshot",
        "key": ("medal_id",),
        "unit": None,
        "parent": None,
        "add": True,
        "change": True,
        "remove": True,
    }


def test_it_is_gone_afterwards() -> None:
    assert "honour" not in TABLES
