"""Market prices: asked hourly, once for all; and the prices of days, which never change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.errors import CorpsyncError, NetworkError
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.reference.overview import read_overview
from corpsync_tui.reference.prices import DAYS, MarketPrices
from corpsync_tui.settings.boards import check_boards
from corpsync_tui.store.database import Store
from corpsync_tui.store.reference import VERSION, create_tables
from corpsync_tui.store.schema import Table
from tests.boards.support import empty_database, put, read
from tests.support.clock import ManualClock

pytestmark = pytest.mark.anyio

CORPORATION = 98000001
TRITANIUM, PYERITE, MEXALLON = 34, 35, 36
CINNABAR = 45506
MODIFIED = "Sat, 28 Nov 2026 16:00:00 GMT"


class Esi:
    """Answers with prices, a 304 or an error; counts what it is asked."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.prices: list[dict[str, Any]] = []
        self.insurance: list[dict[str, Any]] = []
        self.body: bytes | None = None
        self.error: CorpsyncError | None = None
        self.asked: list[Validator | None] = []

    async def get(
        self,
        route: Route,
        *,
        path: Any = None,
        known: Validator | None = None,
        traffic: RequestStats,
    ) -> Answer:
        self.asked.append(known)
        traffic.requests_sent += 1
        if self.error is not None:
            raise self.error
        found = self.prices if route.path == "/markets/prices" else self.insurance
        body = self.body if self.body is not None else json.dumps(found).encode()
        etag = f'"{hash(body)}"'
        validator = Validator(etag, MODIFIED, self.clock.time() + 3600)
        if known is not None and known.etag == etag:
            return Answer(route.path, 304, b"", validator)
        return Answer(route.path, 200, body, validator)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def esi(clock: ManualClock) -> Esi:
    served = Esi(clock)
    served.prices = [
        {"type_id": TRITANIUM, "adjusted_price": 3.5, "average_price": 4.25},
        {"type_id": PYERITE, "average_price": 12},
        {"type_id": MEXALLON, "adjusted_price": 70.0},
    ]
    return served


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Store]:
    models = [model for process in ALL for model in process.models]
    reference = tmp_path / "reference.db"
    opened = Store.open(
        tmp_path / "corpsync.db", models, clock=clock, owner=True, reference=reference
    )
    yield opened
    opened.close()


@pytest.fixture
def prices(store: Store, esi: Esi, clock: ManualClock) -> MarketPrices:
    return MarketPrices(store, esi, clock, {})


async def rows(store: Store, sql: str) -> list[Any]:
    return await store.read(lambda db: db.execute(sql).fetchall())


async def known(store: Store) -> list[Any]:
    return await rows(store, "SELECT * FROM market_price ORDER BY type_id")


async def insert(store: Store, table: str, **values: Any) -> None:
    """A row; columns that must not be NULL and are not given are empty."""
    model = next(m for t in ALL for m in t.models if Table.of(m).name == table)
    filled = {c.name: 0 for c in Table.of(model).columns if not c.null}
    filled |= {"corporation_id": CORPORATION, **values}
    names = ", ".join(f'"{name}"' for name in filled)
    marks = ", ".join("?" * len(filled))
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    await store.write(lambda db: db.execute(sql, tuple(filled.values())))


async def test_prices_are_asked_for_when_their_copy_has_expired(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock, tmp_path: Path
) -> None:
    traffic = RequestStats()
    await prices.refresh(traffic)
    await prices.refresh(traffic)
    assert len(esi.asked) == traffic.requests_sent == 1
    assert await known(store) == [
        (TRITANIUM, 3.5, 4.25),
        (PYERITE, None, 12.0),
        (MEXALLON, 70.0, None),
    ]

    await clock.advance(3601)
    esi.prices = [{"type_id": TRITANIUM, "average_price": 5.0}]
    await prices.refresh(traffic)
    assert await known(store) == [(TRITANIUM, None, 5.0)]

    await clock.advance(3601)
    await prices.refresh(traffic)
    assert esi.asked[-1] is not None
    assert await known(store) == [(TRITANIUM, None, 5.0)]
    overview = read_overview(tmp_path / "reference.db", tmp_path / "corpsync.db")
    assert overview.prices_time == 1_795_881_600


@pytest.mark.parametrize("body", [b"[]", b"{}", b'[{"type_id": "34"}]', b"<html>", b"\xff"])
async def test_an_odd_answer_leaves_the_prices_and_waits_an_hour(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock, body: bytes
) -> None:
    await prices.refresh(RequestStats())
    before = await known(store)
    await clock.advance(3601)
    esi.body = body
    await prices.refresh(RequestStats())
    await prices.refresh(RequestStats())
    assert len(esi.asked) == 2
    assert await known(store) == before


async def test_a_failure_is_remembered_with_the_validator(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock
) -> None:
    await prices.refresh(RequestStats())
    await clock.advance(3601)
    esi.error = NetworkError("the road is closed")
    await prices.refresh(RequestStats())
    await prices.refresh(RequestStats())
    assert len(esi.asked) == 2

    esi.error = None
    await clock.advance(3601)
    await prices.refresh(RequestStats())
    assert esi.asked[-1] is not None
    assert esi.asked[-1].etag is not None
    assert len(await known(store)) == 3


async def test_the_price_of_a_day_is_that_of_the_first_look(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock
) -> None:
    today = f"{clock.now():%Y-%m-%d}"
    await insert(store, "asset", item_id=1, type_id=TRITANIUM)
    await insert(store, "asset", item_id=2, type_id=MEXALLON)
    await insert(store, "mining_ledger", last_updated="2026-11-03", type_id=PYERITE)
    await prices.refresh(RequestStats(), ["asset", "mining_ledger", "wallet_journal"])
    expected = [("2026-11-03", PYERITE, 12.0), (today, TRITANIUM, 4.25)]
    days = "SELECT * FROM price_day ORDER BY day, type_id"
    assert sorted(await rows(store, days)) == sorted(expected)

    await clock.advance(3601)
    esi.prices = [{"type_id": id, "average_price": 99.0} for id in (TRITANIUM, PYERITE)]
    await prices.refresh(RequestStats(), ["asset", "mining_ledger"])
    assert sorted(await rows(store, days)) == sorted(expected)

    await insert(store, "mining_ledger", last_updated="2026-11-04", type_id=PYERITE)
    await prices.refresh(RequestStats(), ["mining_ledger"])
    expected.append(("2026-11-04", PYERITE, 99.0))
    assert sorted(await rows(store, days)) == sorted(expected)


async def test_a_tax_bill_stays_as_the_prices_of_the_day_mined_made_it(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock, tmp_path: Path
) -> None:
    """Ore is worth what it refines to, also to materials that the corporation never owned."""
    with closing(sqlite3.connect(tmp_path / "reference.db", isolation_level=None)) as made:
        create_tables(made)
        made.execute(f"PRAGMA user_version = {VERSION}")
        made.execute("INSERT INTO type_material VALUES (?, ?, 100)", (CINNABAR, PYERITE))
    moon = {"structure_id": 1, "chunk_arrival_time": "2026-11-27T10:00:00Z", "state": "fractured"}
    mined = {"observer_id": 1, "character_id": 7, "type_id": CINNABAR, "quantity": 1_000}
    await insert(store, "mining_extraction", **moon)
    await insert(store, "mining_ledger", last_updated="2026-11-28", **mined)

    bills = []
    for price in (12.0, 99.0):
        esi.prices = [{"type_id": id, "average_price": price} for id in (CINNABAR, PYERITE)]
        await prices.refresh(RequestStats(), ["mining_ledger"])
        now = f"{clock.now():%Y-%m-%dT%H:%M:%S}"
        board = await store.read(partial(read, board="moons", now=now, variant="invoices"))
        bills.append(board.summary["value"])
        await clock.advance(86_400)

    assert bills == [10_200.0, 10_200.0]  # 12 ISK × 1,000 units, of which 85 % come out


async def test_what_a_killmail_destroyed_has_the_price_of_its_day(
    store: Store, prices: MarketPrices, clock: ManualClock
) -> None:
    items = [{"item_type_id": PYERITE, "items": [{"item_type_id": MEXALLON}]}]
    victim = json.dumps({"ship_type_id": TRITANIUM, "items": items})
    today = f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    kills = [("2026-09-01T10:00:00Z", victim), (today, '{"ship_type_id": 34}'), (today, victim)]
    for number, (time, victim) in enumerate(kills):
        await insert(store, "killmail", killmail_id=number, killmail_time=time, victim=victim)
        await prices.refresh(RequestStats(), ["killmail"])
    assert sorted(await rows(store, "SELECT * FROM price_day")) == [
        ("2026-09-01", TRITANIUM, 4.25),
        ("2026-09-01", PYERITE, 12.0),
        (today[:10], TRITANIUM, 4.25),
        (today[:10], PYERITE, 12.0),
    ]


async def test_insurance_is_asked_once_a_day_and_only_where_there_are_killmails(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock
) -> None:
    levels = [("Basic", 5.0, 50.0), ("Platinum", 30.0, 100.0), ("Standard", 10.0, 60.0)]
    esi.insurance = [
        {"type_id": 587, "levels": [{"name": n, "cost": c, "payout": p} for n, c, p in levels]},
        {"type_id": 588, "levels": []},
    ]
    await prices.refresh(RequestStats(), ["asset"])
    assert len(esi.asked) == 1
    for _ in range(3):
        await prices.refresh(RequestStats(), ["killmail"])
        await clock.advance(3 * 3601)
    assert len(esi.asked) == 4  # market prices have come thrice
    assert await rows(store, "SELECT * FROM insurance_price") == [(587, 30.0, 100.0)]
    assert len(await known(store)) == 3


async def test_the_value_of_each_division_is_kept_for_its_day(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock
) -> None:
    """The last look of a day stays, and days before are left as they were."""
    hangar = {"location_id": 60_003_760, "location_type": "station", "is_singleton": 0}
    for item_id, flag, type_id in ((1, "CorpSAG2", TRITANIUM), (2, "CorpDeliveries", PYERITE)):
        place = {**hangar, "location_flag": flag}
        await insert(store, "asset", item_id=item_id, quantity=10, type_id=type_id, **place)
    await prices.refresh(RequestStats(), ["asset"])
    await store.write(lambda db: db.execute("UPDATE asset SET quantity = 20 WHERE item_id = 1"))
    await prices.refresh(RequestStats(), ["asset"])
    first = await rows(store, "SELECT day, division, value FROM value_day ORDER BY division")
    await clock.advance(86_400)
    await prices.refresh(RequestStats(), ["asset"])

    assert [row[1:] for row in first] == [(0, 120.0), (2, 85.0)]
    assert len(await rows(store, "SELECT * FROM value_day")) == 4


async def test_what_moves_to_another_division_within_a_day_counts_once(
    store: Store, prices: MarketPrices, clock: ManualClock
) -> None:
    hangar = {"location_id": 60_003_760, "location_type": "station", "is_singleton": 0}
    things = {**hangar, "quantity": 10, "type_id": TRITANIUM}
    await insert(store, "asset", item_id=1, location_flag="CorpSAG2", **things)
    await prices.refresh(RequestStats(), ["asset"])
    await store.write(lambda db: db.execute("UPDATE asset SET location_flag = 'CorpSAG3'"))
    await prices.refresh(RequestStats(), ["asset"])
    await clock.advance(8 * 86_400)

    now = f"{clock.now():%Y-%m-%dT%H:%M:%S}"
    stock = await store.read(partial(read, board="stock", now=now))
    assert stock.summary["change_7"] == 0.0


async def test_a_corporation_whose_last_asset_is_gone_is_worth_nothing_that_day_and_on(
    store: Store, prices: MarketPrices, clock: ManualClock
) -> None:
    hangar = {"location_id": 60_003_760, "location_type": "station", "location_flag": "CorpSAG2"}
    await insert(store, "asset", item_id=1, quantity=10, type_id=TRITANIUM, **hangar)
    await prices.refresh(RequestStats(), ["asset"])
    await store.write(lambda db: db.execute("DELETE FROM asset"))
    await prices.refresh(RequestStats(), ["asset"])
    values = "SELECT SUM(value) FROM value_day GROUP BY day"
    assert await rows(store, values) == [(0.0,)]
    assert await rows(store, "SELECT * FROM place_value_day") == []
    await clock.advance(86_400)
    await prices.refresh(RequestStats(), ["asset"])
    assert await rows(store, values) == [(0.0,), (0.0,)]


async def test_the_settings_prices_hold_for_the_days_that_are_kept_as_well(
    store: Store, esi: Esi, clock: ManualClock
) -> None:
    place = {"location_id": 60_003_760, "location_flag": "CorpSAG2", "location_type": "station"}
    await insert(store, "asset", item_id=1, type_id=TRITANIUM, quantity=10, **place)
    kept = MarketPrices(store, esi, clock, check_boards({"prices": {str(TRITANIUM): 1_000.0}}))
    await kept.refresh(RequestStats(), ["asset"])
    await clock.advance(8 * 86_400)

    now = f"{clock.now():%Y-%m-%dT%H:%M:%S}"
    stock = partial(read, board="stock", now=now, prices={str(TRITANIUM): 1_000.0})
    summary = (await store.read(stock)).summary
    assert (summary["value"], summary["change_7"]) == (10_000.0, 0.0)


async def test_the_value_of_each_place_is_kept_for_ninety_days(
    store: Store, prices: MarketPrices, esi: Esi, clock: ManualClock
) -> None:
    hangar = {"location_type": "station", "is_singleton": 0, "location_flag": "CorpSAG2"}
    for item_id in (1, 2):
        place = {**hangar, "location_id": 60_003_760 + item_id}
        await insert(store, "asset", item_id=item_id, quantity=10, type_id=TRITANIUM, **place)
    await prices.refresh(RequestStats(), ["asset"])
    await store.write(lambda db: db.execute("DELETE FROM asset WHERE item_id = 1"))
    await prices.refresh(RequestStats(), ["asset"])  # of this day only what is there at its end
    kept = "SELECT location_id, division, value FROM place_value_day"
    assert await rows(store, kept) == [(60_003_762, 2, 42.5)]
    await clock.advance(90 * 86_400)
    await prices.refresh(RequestStats(), ["asset"])
    assert len(await rows(store, kept)) == 2
    await clock.advance(86_400)
    await prices.refresh(RequestStats(), ["asset"])
    assert len(await rows(store, kept)) == 2


def test_what_ore_refines_to_is_looked_up_once_for_a_day_not_for_each_line() -> None:
    """The ledger has a line for each day, miner and ore; a look at it holds up every run's end."""
    with empty_database() as db:
        for material in range(8):
            db.execute("INSERT INTO ref.type_material VALUES (?, ?, 5)", (CINNABAR, material))
        mined = {"observer_id": 1, "type_id": CINNABAR, "last_updated": "2026-11-28"}
        put(db, "mining_ledger", *({**mined, "character_id": who} for who in range(2_000)))

        def steps(sql: str) -> int:
            taken: list[None] = []
            db.set_progress_handler(lambda: taken.append(None), 10)
            db.execute(sql).fetchall()
            db.set_progress_handler(None, 0)
            return len(taken)

        plain = steps("SELECT DISTINCT last_updated, type_id FROM mining_ledger")
        assert steps(DAYS["mining_ledger"]) < 2 * plain
