"""What things are worth: ESI's `/markets/prices`, hourly, and the prices of days that matter.

`average_price` is what the client shows as an estimate. `adjusted_price` is CCP's, for the costs
of industry jobs. A type may lack either, or be missing. What a ship's insurance pays
(`/insurance/prices`) is asked once a day at most, and only where there are killmails.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Protocol, TypeVar

import msgspec

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.stock import read_values
from corpsync_tui.clock import Clock
from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.errors import CorpsyncError, ValidationError
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.reference.overview import PRICES
from corpsync_tui.store.database import Store

HOUR = 3600.0
"""Seconds after which a failed look-up is tried again."""

T = TypeVar("T")

log = logging.getLogger(__name__)

DAYS = {
    "asset": "SELECT :today AS day, type_id FROM (SELECT DISTINCT type_id FROM asset)",
    "mining_ledger": """
WITH mined AS (SELECT DISTINCT last_updated AS day, type_id FROM mining_ledger)
SELECT day, type_id FROM mined
UNION SELECT day, material_type_id FROM mined JOIN ref.type_material USING (type_id)""",
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

Of ore also what it refines to, by whose prices a bill is reckoned. Killmails of days that have
prices are not searched again, but for the last ones: they are many.
"""
LATELY = 8 * 24 * HOUR
"""Seconds in which a killmail may still come to a day that has prices."""
KEPT = 90 * 24 * HOUR
"""Seconds for which is kept what lay in each place."""


class Price(msgspec.Struct):
    """One entry of the answer."""

    type_id: Int64
    adjusted_price: float | None = None
    average_price: float | None = None


class Level(msgspec.Struct):
    """One of the insurances of a ship."""

    name: str
    cost: float
    payout: float


class Insurance(msgspec.Struct):
    """One entry of the answer."""

    type_id: Int64
    levels: list[Level]


@dataclass(frozen=True, slots=True)
class PriceList:
    """A list that ESI has for everybody, and the table that keeps it."""

    process_id: str
    """What its copy is kept under, as a process keeps its own."""
    table: str
    columns: tuple[str, ...]
    route: Route
    decode: Callable[[bytes], list[tuple[Any, ...]]]
    """The table's rows; raises `CorpsyncError`."""
    at_least: float = 0.0
    """Seconds that a copy is kept though ESI has a newer one."""


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
    """Keeps `market_price`, `insurance_price` and `price_day`, for all corporations together."""

    def __init__(
        self, store: Store, client: Client, clock: Clock, boards: Mapping[str, Any]
    ) -> None:
        """`boards`: the tables of settings.toml that boards read; of them the prices count."""
        self._store = store
        self._client = client
        self._clock = clock
        self._boards = boards
        self._lock = asyncio.Lock()

    async def refresh(self, traffic: RequestStats, tables: Collection[str] = ()) -> None:
        """Ask for the prices if their copy has expired, and keep those of days that are new.

        What fails is logged, and tried again in an hour. `tables`: whose rows may have changed.
        """
        async with self._lock:  # who comes second finds the answer to the first
            await self._renew(MARKET, traffic)
            if "killmail" in tables:
                await self._renew(INSURANCE, traffic)
            for table in DAYS.keys() & set(tables):
                await self._keep_days(DAYS[table])
            if "asset" in tables:
                await self._keep_values()

    async def _renew(self, source: PriceList, traffic: RequestStats) -> None:
        known = await self._store.read(lambda db: _load_validator(db, source))
        now = self._clock.time()
        if known is not None and now < known.expires:
            return
        rows: list[tuple[Any, ...]] = []
        try:
            answer = await self._client.get(source.route, known=known, traffic=traffic)
            validator = answer.validator
            rows = [] if answer.unchanged else source.decode(answer.body)
            expires = max(validator.expires, now + source.at_least)
            validator = Validator(validator.etag, validator.last_modified, expires)
        except CorpsyncError as error:
            log.info("%s could not be read: %s", source.route.path, error.message)
            etag, modified = (known.etag, known.last_modified) if known else (None, None)
            validator = Validator(etag, modified, now + HOUR)
        await self._store.write(lambda db: _keep(db, source, rows, validator))

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
        found = await self._store.read(lambda db: _values(db, now, self._boards))
        if found:
            await self._store.write(lambda db: _keep_day(db, _day(now), _day(now - KEPT), found))


Values = Mapping[int, Mapping[tuple[int, int | None], float]]
"""By corporation, ISK by place and division, None for what is in none."""


def _values(db: Any, now: float, boards: Mapping[str, Any]) -> Values:
    """What lies where; nothing without prices."""
    if db.execute("SELECT 1 FROM market_price LIMIT 1").fetchone() is None:
        return {}
    owners = db.execute(  # also who had something before, and has nothing now
        "SELECT corporation_id FROM asset UNION SELECT corporation_id FROM value_day"
    ).fetchall()
    return {owner: read_values(BoardContext(db, owner, now, boards)) for (owner,) in owners}


def _keep_day(db: Any, today: str, first: str, found: Values) -> None:
    """Keep the day's values, by division for ever, by place from the day `first` on."""
    db.execute("DELETE FROM place_value_day WHERE day < ?", (first,))
    for owner, values in found.items():
        for table in ("value_day", "place_value_day"):  # what is empty by now has no row any more
            db.execute(f"DELETE FROM {table} WHERE corporation_id = ? AND day = ?", (owner, today))
        sums = defaultdict(float, {} if values else {0: 0.0})
        for (_, division), value in values.items():
            sums[division or 0] += value
        db.executemany(
            "INSERT INTO value_day VALUES (?, ?, ?, ?)",
            ((owner, today, *of_division) for of_division in sums.items()),
        )
        db.executemany(
            "INSERT INTO place_value_day VALUES (?, ?, ?, ?, ?)",
            (
                (owner, today, place, division or 0, value)
                for (place, division), value in values.items()
            ),
        )


def _day(moment: float) -> str:
    """The day of a moment in EVE time."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _market(body: bytes) -> list[tuple[Any, ...]]:
    prices = _decoded(body, list[Price])
    return [(p.type_id, p.adjusted_price, p.average_price) for p in prices]


def _platinum(body: bytes) -> list[tuple[Any, ...]]:
    """Of each ship the insurance that pays most."""
    ships = [ship for ship in _decoded(body, list[Insurance]) if ship.levels]
    best = [(ship.type_id, max(ship.levels, key=attrgetter("payout"))) for ship in ships]
    return [(type_id, level.cost, level.payout) for type_id, level in best]


def _decoded(body: bytes, form: type[list[T]]) -> list[T]:
    try:
        found = msgspec.json.decode(body, type=form)
    except UNREADABLE as error:
        raise ValidationError(f"ESI's prices cannot be read: {error}") from None
    if not found:
        raise ValidationError("ESI knows no price at all")
    return found


MARKET = PriceList(
    PRICES,
    "market_price",
    ("type_id", "adjusted_price", "average_price"),
    Route("/markets/prices", cache_seconds=3600),
    _market,
)
INSURANCE = PriceList(
    "insurance",
    "insurance_price",
    ("type_id", "cost", "payout"),
    Route("/insurance/prices", cache_seconds=3600, group="insurance", tokens=150),
    _platinum,
    24 * HOUR,
)


def _load_validator(db: Any, source: PriceList) -> Validator | None:
    row = db.execute(
        "SELECT etag, last_modified, expires FROM validator WHERE process_id = ?",
        (source.process_id,),
    ).fetchone()
    return row and Validator(*row)


def _keep(db: Any, source: PriceList, rows: list[tuple[Any, ...]], validator: Validator) -> None:
    """Bring the table to these rows, where there are any; a row that is as it was stays."""
    table, (key, *values) = source.table, source.columns
    if rows:
        db.executemany(
            f"INSERT INTO {table} ({', '.join(source.columns)}) VALUES (?, ?, ?)"
            f" ON CONFLICT ({key}) DO UPDATE SET"
            f" {', '.join(f'{name} = excluded.{name}' for name in values)}"
            f" WHERE ({', '.join(values)}) IS NOT"
            f" ({', '.join(f'excluded.{name}' for name in values)})",
            rows,
        )
        gone = {id for (id,) in db.execute(f"SELECT {key} FROM {table}")}
        gone.difference_update(row[0] for row in rows)
        db.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(id,) for id in gone])
    db.execute(
        "INSERT OR REPLACE INTO validator"
        " (process_id, dataset, url, etag, last_modified, expires, pages, rows, keys)"
        f" SELECT ?, ?, ?, ?, ?, ?, 1, COUNT(*), x'' FROM {table}",
        (source.process_id, table, source.route.path, validator.etag, validator.last_modified,
         validator.expires),
    )  # fmt: skip
