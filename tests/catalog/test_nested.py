"""Nested values of JSON columns, and how they differ, in words."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.catalog.kit.nested import nested_difference, nested_words
from corpsync_tui.esi.routes import Route
from corpsync_tui.queries.changes import Change
from corpsync_tui.store.columns import CorporationTable, Id, Json
from corpsync_tui.store.naming import Naming


class Service(msgspec.Struct):
    name: str
    state: str


class Outpost(CorporationTable):
    services = Json(list[Service], null=True)
    outpost_id = Id("structure", identity=True)


@pytest.fixture
def db() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE eve_name (id INTEGER PRIMARY KEY, name TEXT)")
    db.execute("CREATE TABLE outpost (corporation_id, services, outpost_id)")
    db.execute("INSERT INTO outpost VALUES (98, NULL, 7)")
    db.execute("INSERT INTO eve_name VALUES (4051, 'Nitrogen Fuel Block'), (7, 'Perimeter')")
    return db


MARKET = {"name": "Market", "state": "online"}
CLONES = {"name": "Clone Bay", "state": "offline"}
FUEL = {"type_id": 4051, "quantity": 1200}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ([MARKET, CLONES], [MARKET | {"state": "offline"}, CLONES], "Market online → offline"),
        ([MARKET], [CLONES, MARKET], "Clone Bay new"),
        ([MARKET, CLONES], [CLONES], "Market gone"),
        ([MARKET, CLONES], [CLONES, MARKET], "in another order"),
        ([FUEL], [FUEL | {"quantity": 900}], "Nitrogen Fuel Block 1,200 → 900"),
        (["Director"], ["Director", "Trader"], "Trader new"),
        ([1, 1], [1], "1 gone"),
        ({"x": 1, "y": 2}, {"x": 1, "y": 3}, "y 2 → 3"),
        ({"x": 1}, {"x": {"y": True}}, "x 1 → (y yes)"),
        ([MARKET, MARKET], [MARKET], "Market online gone"),
        ([], {"x": 1}, "nothing → x 1"),
        ([{"id": n} for n in range(9)], [], "0 gone; 1 gone; 2 gone; 3 gone; 4 gone and 4 more"),
    ],
)
def test_a_difference(db: sqlite3.Connection, before: Any, after: Any, says: str) -> None:
    assert nested_difference(before, after, Naming(db).known) == says


def test_a_value(db: sqlite3.Connection) -> None:
    assert nested_words([MARKET, CLONES], Naming(db).known) == "Market online; Clone Bay offline"
    assert nested_words([FUEL], Naming(db).known) == "Nitrogen Fuel Block quantity 1,200"


def changed(before: Any, after: Any) -> Change:
    """A change as the log keeps it: JSON columns are values in it."""
    sides = [{"services": value} for value in (before, after)]
    return Change(1, 1, 0.0, 98, "outpost", "changed", {"outpost_id": 7}, *sides)


def outposts(**more: Any) -> Process:
    return Process(
        "outposts",
        title="Outposts",
        noun="outposts",
        order=1,
        interval_minutes=60,
        demo_minutes=1,
        datasets=[Dataset(Outpost, Route("/outposts", cache_seconds=60), "snapshot")],
        **more,
    )


def test_a_change_names_the_element_that_differs(db: sqlite3.Connection) -> None:
    process = outposts()
    describer = ChangeDescriber(db, [process])

    assert describer.describe(
        changed([MARKET, CLONES], [MARKET, CLONES | {"state": "online"}])
    ) == ("Outpost Perimeter (7): services Clone Bay offline → online")
    assert describer.describe(changed(None, [MARKET])) == (
        "Outpost Perimeter (7): services nothing → Market online"
    )


def test_a_sentence_that_fails_gives_way_to_the_general_one(
    db: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(context: ChangeContext) -> str:
        raise KeyError(context.kind)

    process = outposts(describe={Outpost: fail})
    describer = ChangeDescriber(db, [process])
    said = {describer.describe(changed([MARKET], [CLONES])) for _ in range(3)}

    assert said == {"Outpost Perimeter (7): services Market gone; Clone Bay new"}
    assert caplog.text.count("outpost cannot be described") == 1
