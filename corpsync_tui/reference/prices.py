"""What things are worth: ESI's `/markets/prices`, hourly, and the prices of days that matter.

`average_price` is what the client shows as an estimate. `adjusted_price` is CCP's, for the costs
of industry jobs. A type may lack either, or be missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.stock import read_divisions
from corpsync_tui.catalog.kit.decoder import Int64
from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError, ValidationError
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.reference.overview import PRICES
from corpsync_tui.store.database import Store

ROUTE = Route("/markets/prices", cache_seconds=3600)
HOUR = 3600.0
"""Seconds after which a failed look-up is tried again."""

log = logging.getLogger(__name__)

DAYS = {
    "asset": "SELECT :today AS day, type_id FROM (SELECT DISTINCT type_id FROM asset)",
    "mining_ledger": "SELECT last_updated AS day, type_id FROM mining_ledger",
    "killmail": """
WITH news AS (
    SELECT substr(killmail_time, 1, 10) AS day, victim FROM killmail
    WHERE day >= :lately OR day NOT IN (SELECT day FROM price_day)
)
SELECT day, json_extract(victim, '$.ship_type_id') AS type_id FROM news
UNION SELECT day, found.value FROM news, json_tree(news.victim, '$.items') AS found
WHERE found.key = 'item_type_id'""",
}
"""By table: on which day which types were owned, mined or killed.

Killmails of days that have prices are not searched again, but for the last ones: they are many.
"""
LATELY = 8 * 24 * HOUR
"""Seconds in which a killmail may still come to a day that has prices."""


class Price(msgspec.Struct):
    """One entry of the answer."""

    type_id: Int64
    adjusted_price: float | None = None
    average_price: float | None = None


class Client(Protocol):
    """What is needed of `EsiClient`."""

    async def get(
        self,
        route: Route,
        *,
        path: Mapping[str, int | str] = ...,
        known: Validator | None = None,
        traffic: RequestStats,
    ) -> Answer:
        """Get a resource."""


class MarketPrices:
    """Keeps the tables `market_price` and `price_day`, for all corporations together."""

    def __init__(self, store: Store, client: Client, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._lock = asyncio.Lock()

    async def refresh(self, traffic: RequestStats, tables: Collection[str] = ()) -> None:
        """Ask for the prices if their copy has expired, and keep those of days that are new.

        What fails is logged, and tried again in an hour. `tables`: whose rows may have changed.
        """
        async with self._lock:  # who comes second finds the answer to the first
            await self._renew(traffic)
            for table in DAYS.keys() & set(tables):
                await self._keep_days(DAYS[table])
            if "asset" in tables:
                await self._keep_values()

    async def _renew(self, traffic: RequestStats) -> None:
        known = await self._store.read(_load_validator)
        now = self._clock.time()
        if known is not None and now < known.expires:
            return
        prices: list[Price] = []
        try:
            answer = await self._client.get(ROUTE, known=known, traffic=traffic)
            validator = answer.validator
            prices = [] if answer.unchanged else _decoded(answer.body)
        except CorpsyncError as error:
            log.info("market prices could not be read: %s", error.message)
            etag, modified = (known.etag, known.last_modified) if known else (None, None)
            validator = Validator(etag, modified, now + HOUR)
        await self._store.write(lambda db: _keep(db, prices, validator))

    async def _keep_days(self, seen: str) -> None:
        """Give each day's types the price of the first look at them: it never changes later."""
        now = self._clock.time()
        days = {"today": _day(now), "lately": _day(now - LATELY)}
        found = await self._store.read(
            lambda db: db.execute(
                f"SELECT s.day, s.type_id, p.average_price FROM ({seen}) AS s"
                " JOIN market_price AS p ON p.type_id = s.type_id"
                " WHERE p.average_price IS NOT NULL"
                " AND (s.day, s.type_id) NOT IN (SELECT day, type_id FROM price_day)",
                days,
            ).fetchall()
        )
        if found:
            insert = "INSERT OR IGNORE INTO price_day VALUES (?, ?, ?)"
            await self._store.write(lambda db: db.executemany(insert, found))

    async def _keep_values(self) -> None:
        """Write down what lies in each division today; the last look of a day is what stays."""
        now = self._clock.time()
        found = await self._store.read(lambda db: _values(db, now))
        if found:
            insert = "INSERT OR REPLACE INTO value_day VALUES (?, ?, ?, ?)"
            await self._store.write(lambda db: db.executemany(insert, found))


def _values(db: Any, now: float) -> list[tuple[int, str, int, float]]:
    """Each corporation's division, 0 for what is in none, and its ISK; nothing without prices."""
    if db.execute("SELECT 1 FROM market_price LIMIT 1").fetchone() is None:
        return []
    owners = db.execute("SELECT DISTINCT corporation_id FROM asset").fetchall()
    sums: defaultdict[tuple[int, int], float] = defaultdict(float)
    for (owner,) in owners:
        for row in read_divisions(BoardContext(db, owner, now)).rows:
            sums[owner, row["division"] or 0] += row["value"]
    return [(owner, _day(now), division, value) for (owner, division), value in sums.items()]


def _day(moment: float) -> str:
    """The day of a moment in EVE time."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _decoded(body: bytes) -> list[Price]:
    try:
        prices = msgspec.json.decode(body, type=list[Price])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValidationError(f"ESI's prices cannot be read: {error}") from None
    if not prices:
        raise ValidationError("ESI knows no price at all")
    return prices


def _load_validator(db: Any) -> Validator | None:
    row = db.execute(
        "SELECT etag, last_modified, expires FROM validator WHERE process_id = ?", (PRICES,)
    ).fetchone()
    return row and Validator(*row)


def _keep(db: Any, prices: list[Price], validator: Validator) -> None:
    """Bring the table to these prices, where there are any; a row that is as it was stays."""
    rows = [(p.type_id, p.adjusted_price, p.average_price) for p in prices]
    if rows:
        db.executemany(
            "INSERT INTO market_price (type_id, adjusted_price, average_price) VALUES (?, ?, ?)"
            " ON CONFLICT (type_id) DO UPDATE SET adjusted_price = excluded.adjusted_price,"
            " average_price = excluded.average_price WHERE (adjusted_price, average_price)"
            " IS NOT (excluded.adjusted_price, excluded.average_price)",
            rows,
        )
        gone = {id for (id,) in db.execute("SELECT type_id FROM market_price")}
        gone.difference_update(p.type_id for p in prices)
        db.executemany("DELETE FROM market_price WHERE type_id = ?", [(id,) for id in gone])
    db.execute(
        "INSERT OR REPLACE INTO validator"
        " (process_id, dataset, url, etag, last_modified, expires, pages, rows, keys)"
        " SELECT ?, 'market_price', ?, ?, ?, ?, 1, COUNT(*), x'' FROM market_price",
        (PRICES, ROUTE.path, validator.etag, validator.last_modified, validator.expires),
    )
