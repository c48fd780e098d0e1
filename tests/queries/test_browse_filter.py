"""What a filter finds: words, words of a column, comparisons, and what must not be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpsync_tui.queries.browse_filter import named_column, parse_filter
from corpsync_tui.queries.browse_types import View
from corpsync_tui.service.reading import table_browser
from tests.support.cast import PROCESSES
from tests.support.database import make_database
from tests.tui.data_stage import fill

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC).timestamp()
"""Three hours before the only job ends; from it `7d` is reckoned."""
SEARCHED = ("type_id", "quantity", "place", "name", "is_singleton")


def found(path: Path, filter_: str, table: str = "asset") -> int:
    """How many rows a filter shows."""

    async def ask() -> int:
        browser = table_browser(path, PROCESSES)
        try:
            searched = SEARCHED if table == "asset" else ("status", "end_date", "cost")
            view = View(table, filter=filter_, searched=searched, now=NOON)
            return (await browser.listing(view)).rows
        finally:
            browser.close()

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make_database(tmp_path_factory.mktemp("filter"))
    fill(path)
    return path


@pytest.mark.parametrize(
    ("filter_", "rows"),
    [
        ("trit", 15),
        ("-trit", 18),
        ("type:trit", 15),
        ("TYPE:TRIT quantity>10000", 10),
        ("name:trit", 0),
        ("type=Tritanium", 15),
        ("type=trit", 0),
        ("type:34", 15),
        ("quantity>1000", 29),
        ("quantity>=1k", 30),
        ("quantity<=2,000", 5),
        ("quantity=3000", 1),
        ("-quantity>1000", 4),
        ("quantity>", 33),
        ("quantity>abc", 0),
        ('"station container"', 32),
        ('type:"station container"', 1),
        ('name=""', 32),
        ('-name=""', 1),
        ("item:1000000000003", 1),
        ("12:30", 0),
        ("place:industry -pyerite", 17),
        ("blueprintcopy:yes", 0),
        ("isblueprintcopy=yes", 1),
        ('"', 33),
        ("-", 33),
        ("%", 0),
    ],
)
def test_rows_of_a_filter(database: Path, filter_: str, rows: int) -> None:
    assert found(database, filter_) == rows


@pytest.mark.parametrize(
    ("filter_", "rows"),
    [
        ("end:2026-03-14", 1),
        ("end_date>=2026-03-14", 1),
        ("end_date>2026-03-14", 0),
        ("end_date<=2026-03-14", 1),
        ('end_date>"2026-03-14 14:59"', 1),
        ("end_date<2026-03-14T15:00", 0),
        ("end_date>=2026-3-1", 1),
        ("end_date<2026-4-1", 1),
        ("end_date>2026-3", 0),
        ("end_date=2026-3", 1),
        ("end_date>=2026-1", 1),
        ('end_date>"2026-3-14 9:05"', 1),
        ("end_date<2026-3-14T9:05", 0),
        ("end>7d", 1),
        ("end<2d", 0),
        ("-end<2d", 1),
        ("end<+4h", 1),
        ("end<+2h", 0),
        ("start<20h", 1),
        ("start>20h", 0),
        ('start>="tue 20:00"', 1),
        ('start>="sat 11:00"', 0),
        ("end>7", 0),
        ("end>soon", 0),
        ("cost>12k", 1),
        ("cost>1m", 0),
        ("status=active", 1),
        ("runs<3", 0),
    ],
)
def test_times_and_amounts_compare(database: Path, filter_: str, rows: int) -> None:
    assert found(database, filter_, "industry_job") == rows


def test_columns_are_found_by_name_title_or_beginning(database: Path) -> None:
    browser = table_browser(database, PROCESSES)
    table = browser.tables["industry_job"]
    for word in ("product_type_id", "product_type", "ProductType", "prod"):
        column = named_column(table, word)
        assert column is not None
        assert column.name == "product_type_id"
    assert named_column(table, "nothing") is None
    assert [t.text for t in parse_filter("nothing:here", table)] == ["nothing:here"]
