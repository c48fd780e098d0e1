"""A corporation with something on every board, and the app over it, for the Boards screen."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from corpsync_tui.service.api import Snapshot
from corpsync_tui.service.boards import BoardReader
from corpsync_tui.service.reading import table_browser
from corpsync_tui.settings.boards import check_boards
from corpsync_tui.store.reference import VERSION, create_tables
from corpsync_tui.tui.screens.boards.screen import BoardsScreen
from tests.boards.support import copied, put
from tests.support.cast import PROCESSES
from tests.support.database import make_database
from tests.tui.stage import HEDU, StageApp, corporation

JITA, AMARR, TERMINAL = 60003760, 60008494, 1035400000001
DRAORARIS, JOITEN, SAARREK, RAORAREK, ALDENT = range(90000001, 90000006)
NAMES = {
    34: "Tritanium",
    587: "Rifter",
    593: "Tristan",
    4246: "Nitrogen Fuel Block",
    17366: "Station Container",
    28606: "Orca",
    35833: "Fortizar",
    35835: "Athanor",
    35836: "Tatara",
    35841: "Ansiblex Jump Gate",
    81826: "Metenox Moon Drill",
    2233: "Customs Office",
    16213: "Caldari Control Tower",
    45510: "Xenotime",
    45511: "Ytterbite",
    JITA: "Jita IV - Moon 4 - Caldari Navy Assembly Plant",
    AMARR: "Amarr VIII (Oris) - Emperor Family Academy",
    TERMINAL: "1DQ1-A - Freight Terminal",
    30004759: "1DQ1-A",
    30003632: "O-EIMK",
    30004712: "8QT-H4",
    40300001: "8QT-H4 VII",
    40300101: "8QT-H4 V - Moon 3",
    40300102: "1DQ1-A IX - Moon 2",
    40300103: "O-EIMK II - Moon 1",
    DRAORARIS: "Draoraris Hakoke",
    JOITEN: "Joiten Kador",
    SAARREK: "Saarrek Esedeko",
    RAORAREK: "Raorarek Moravaska",
    ALDENT: "Aldent Belaris",
    HEDU: "Hedion Freight Union",
}
PRICES = {34: 5.2, 587: 480_000.0, 593: 510_000.0, 4246: 18_000.0, 28606: 1.4e9, 17366: 9_000.0}
ORE = {45510: 10_000.0, 45511: 8_160.0}
DRILL, READY, PULLING, IDLE_DRILL, OLD_DRILL = range(1035400000010, 1035400000015)

STRUCTURES: list[dict[str, Any]] = [
    {"structure_id": DRILL, "name": "Moon Drill Delta", "type_id": 35835, "system_id": 30004759,
     "fuel_expires": "2026-03-15T20:00:00Z"},
    {"structure_id": 2, "name": "Goo Pump 3", "type_id": 81826, "system_id": 30004712,
     "fuel_expires": "2026-04-14T20:00:00Z"},
    {"structure_id": TERMINAL, "name": "Freight Terminal", "type_id": 35833, "system_id": 30004759,
     "fuel_expires": "2026-03-24T00:00:00Z", "state": "hull_reinforce",
     "state_timer_end": "2026-03-14T19:20:00Z"},
    {"structure_id": 4, "name": "Assembly Line", "type_id": 35836, "system_id": 30003632,
     "fuel_expires": "2026-04-20T16:00:00Z",
     "services": [{"name": "Market Hub", "state": "offline"},
                  {"name": "Manufacturing (Standard)", "state": "online"}]},
    {"structure_id": 5, "name": "1DQ1-A » 8QT-H4", "type_id": 35841, "system_id": 30004759,
     "fuel_expires": "2026-04-25T18:00:00Z"},
    {"structure_id": 6, "name": "Goo Mill", "type_id": 35836, "system_id": 30003632,
     "fuel_expires": "2026-04-21T23:00:00Z"},
    {"structure_id": IDLE_DRILL, "name": "Moon Drill Gamma", "type_id": 35835,
     "system_id": 30004759, "fuel_expires": "2026-05-02T00:00:00Z",
     "services": [{"name": "Moon Drilling", "state": "online"}]},
    {"structure_id": 8, "name": "Old Raitaru", "type_id": 35835, "system_id": 30004712},
]  # fmt: skip
BAYS = [(DRILL, 4246, 151), (2, 4246, 3_800), (2, 81143, 8_702), (TERMINAL, 4246, 1_589),
        (4, 4246, 48_000), (5, 4246, 30_400), (5, 16273, 1_200_000), (6, 4246, 38_512),
        (IDLE_DRILL, 4246, 5_830)]  # fmt: skip


def boards_home(home: Path) -> Path:
    """A folder with the database and the static data; the path of the database."""
    path = make_database(home, _fill)
    reference_of(path).write_bytes(_reference())
    return path


def _fill(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        put(db, "eve_name", *({"id": i, "name": n, "category": "x"} for i, n in NAMES.items()))
        prices = PRICES | ORE
        put(db, "market_price", *({"type_id": t, "average_price": p} for t, p in prices.items()))
        for fill in (_estate, _moons, _wallet, _industry, _members, _market, _stock, _kills):
            fill(db)
        _projects(db)
        _audit(db)


def reference_of(path: Path) -> Path:
    return path.with_name("reference.db")


@functools.cache
def _reference() -> bytes:
    with closing(sqlite3.connect(":memory:")) as db, db:
        create_tables(db)
        db.execute("INSERT INTO about VALUES (3081406, '2026-03-10T11:02:00Z', 1773140520)")
        columns = "type_id, name, group_id, group_name, volume, portion_size, published"
        types = [
            (34, "Mineral", 0.01), (587, "Frigate", 2_500.0), (593, "Frigate", 2_500.0),
            (4246, "Fuel Block", 5.0), (28606, "Industrial Command Ship", 50_000.0),
            (17366, "Secure Cargo Container", 10_000.0), (45510, "Exceptional Moon Asteroids", 10),
            (45511, "Rare Moon Asteroids", 10),
        ]  # fmt: skip
        db.executemany(
            f"INSERT INTO type ({columns}) VALUES (?, ?, 1, ?, ?, 1, 1)",
            [(id_, NAMES[id_], group, volume) for id_, group, volume in types],
        )
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.commit()
        return db.serialize()


def _estate(db: sqlite3.Connection) -> None:
    usual = {"state": "shield_vulnerable"}
    put(db, "structure", *(
        {**usual, **s, "services": json.dumps(s.get("services", []))} for s in STRUCTURES
    ))  # fmt: skip
    for number, (structure, type_id, quantity) in enumerate(BAYS):
        put(db, "asset", {"item_id": 500 + number, "type_id": type_id, "quantity": quantity,
            "location_id": structure, "location_flag": "StructureFuel"})  # fmt: skip
    put(db, "starbase", {"starbase_id": 11, "type_id": 16213, "system_id": 30004712,
        "moon_id": 40300101, "state": "online"})  # fmt: skip
    fuels = [{"type_id": 4246, "quantity": 14_720}, {"type_id": 16275, "quantity": 2_600}]
    put(db, "starbase_detail", {"starbase_id": 11, "fuels": json.dumps(fuels)})
    put(db, "customs_office", {"office_id": 12, "system_id": 30004712, "type_id": 2233,
        "reinforce_exit_start": 22, "reinforce_exit_end": 0})  # fmt: skip
    window = {"start": "2026-03-14T22:40:00Z", "end": "2026-03-14T23:40:00Z"}
    put(db, "skyhook", {"id": 13, "planet_id": 40300001})
    put(db, "skyhook_detail", {"id": 13, "planet_id": 40300001, "state": "online",
        "theft_vulnerability": json.dumps(window)})  # fmt: skip
    for table in ("structure", "starbase", "starbase_detail", "skyhook", "customs_office"):
        copied(db, "structures", table, "2026-03-14T13:40")
    copied(db, "assets", "asset", "2026-03-14T13:14")


def _moons(db: sqlite3.Connection) -> None:
    for structure, moon, begun, arrives, decays, state in (
        (READY, 40300101, "02-28T13:00", "03-14T13:00", "03-14T16:00", "active"),
        (DRILL, 40300102, "02-28T23:10", "03-14T23:10", "03-15T02:10", "active"),
        (PULLING, 40300103, "02-20T20:00", "03-20T20:00", "03-20T23:00", "active"),
        (OLD_DRILL, 40300103, "02-26T19:04", "03-12T19:04", "03-12T22:04", "fractured"),
        (OLD_DRILL, 40300103, "03-12T20:00", "03-25T20:00", "03-25T23:00", "cancelled"),
    ):
        put(db, "mining_extraction", {"structure_id": structure, "moon_id": moon, "state": state,
            "extraction_start_time": f"2026-{begun}:00Z",
            "chunk_arrival_time": f"2026-{arrives}:00Z",
            "natural_decay_time": f"2026-{decays}:00Z"})  # fmt: skip
    names = {READY: "Moon Drill Epsilon", PULLING: "Moon Drill Zeta", OLD_DRILL: "Moon Drill Beta"}
    put(db, "eve_name", *({"id": i, "name": n, "category": "structure"} for i, n in names.items()))
    for pilot, ore, quantity in ((DRAORARIS, 45510, 41_200), (DRAORARIS, 45511, 8_625),
                                 (JOITEN, 45510, 22_030), (SAARREK, 45510, 18_900)):  # fmt: skip
        put(db, "mining_ledger", {"observer_id": OLD_DRILL, "character_id": pilot,
            "recorded_corporation_id": HEDU, "type_id": ore, "last_updated": "2026-03-13",
            "quantity": quantity})  # fmt: skip
    for table in ("mining_extraction", "mining_ledger"):
        copied(db, "mining", table, "2026-03-14T13:30")


def _wallet(db: sqlite3.Connection) -> None:
    kinds = [("bounty_prizes", 2.9e9), ("market_transaction", 9.8e9), ("brokers_fee", -5.0e8),
             ("market_transaction", -7.7e9), ("office_rental_fee", -2.1e8),
             ("player_donation", 4.0e9), ("a_new_kind", 1.2e7),
             ("corporation_account_withdrawal", -3.1e9)]  # fmt: skip
    number, balance = 0, 1.0e10
    for month in ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"):
        for kind, amount in kinds:
            number += 1
            share = amount * (1 + number % 7 / 20)
            balance += share
            put(db, "wallet_journal", {"id": number, "division": 1, "ref_type": kind,
                "date": f"{month}-0{number % 8 + 1}T12:00:00Z", "amount": share,
                "balance": balance, "first_party_id": 1, "second_party_id": 2})  # fmt: skip
    put(db, "wallet_balance", {"division": 1, "balance": balance})
    copied(db, "wallet", "wallet_journal", "2026-03-14T13:05")


def _industry(db: sqlite3.Connection) -> None:
    jobs = [
        (ALDENT, 1, "ready", "03-14T13:00", 587),
        (ALDENT, 1, "active", "03-14T22:14", 28606),
        (ALDENT, 8, "active", "03-15T04:00", 587),
        (JOITEN, 9, "active", "03-14T23:40", 4246),
        (SAARREK, 1, "paused", "03-16T10:00", 593),
        (JOITEN, 1, "active", "03-17T08:00", 587),
    ]
    for number, (pilot, activity, status, ends, product) in enumerate(jobs):
        put(db, "industry_job", {"job_id": 700 + number, "installer_id": pilot, "runs": 10,
            "activity_id": activity, "status": status, "end_date": f"2026-{ends}:00Z",
            "product_type_id": product, "facility_id": 4})  # fmt: skip
    copied(db, "manufacturing", "industry_job", "2026-03-14T13:55")


def _members(db: sqlite3.Connection) -> None:
    rows: list[tuple[int, str | None, str | None, str, list[str]]] = [
        (RAORAREK, "2025-11-02", "2025-11-03", "2022-02-01", ["Director", "Hangar_Take_3"]),
        (DRAORARIS, "2026-03-14", "2026-03-13", "2024-05-06", ["Accountant"]),
        (JOITEN, "2026-03-13", "2026-03-14", "2025-09-09", []),
        (ALDENT, None, None, "2026-03-11", []),
    ]
    for pilot, on, off, since, roles in rows:
        put(db, "member", {"character_id": pilot, "ship_type_id": 28606, "location_id": JITA,
            "logon_date": on and f"{on}T11:00:00Z", "logoff_date": off and f"{off}T09:00:00Z",
            "start_date": f"{since}T10:00:00Z"})  # fmt: skip
        put(db, "member_role", {"character_id": pilot, "roles": json.dumps(roles)})
        put(db, "member_title", {"character_id": pilot, "titles": "[1]"})
    put(db, "title", {"title_id": 1, "name": "Founder"})
    put(db, "member_limit", {"value": 199})
    for day in ("2026-03-12", "2026-03-13"):
        for hour in range(24):
            online = 20 + 15 * (hour > 17) - hour % 5
            put(db, "presence", {"day": day, "hour": hour, "count": online})
    copied(db, "members", "member", "2026-03-14T13:50")


def _market(db: sqlite3.Connection) -> None:
    for number, (type_id, price, left, buys, issued) in enumerate(
        [(587, 520_000.0, 40, 0, "2025-12-15T01:00"), (34, 5.1, 12_000_000, 1, "2026-02-01T01:00"),
         (28606, 1.5e9, 2, 0, "2026-03-01T01:00"), (4246, 19_500.0, 8_000, 0, "2026-03-10T01:00")]
    ):  # fmt: skip
        put(db, "market_order", {"order_id": 6000 + number, "type_id": type_id, "price": price,
            "volume_remain": left, "volume_total": left * 2, "is_buy_order": buys, "state": "open",
            "issued": f"{issued}:00Z", "duration": 90, "location_id": JITA, "issued_by": JOITEN,
            "escrow": price * left if buys else None})  # fmt: skip
    for number, (kind, state, title, price, ends) in enumerate(
        [("courier", "in_progress", "Ore to Jita", 0.0, "2026-03-20T00:00"),
         ("item_exchange", "outstanding", "Doctrine [b]Rifters[/b]", 3.2e7, "2026-03-15T09:00"),
         ("auction", "finished", "Old Orca", 1.2e9, "2026-03-02T00:00")]
    ):  # fmt: skip
        put(db, "contract", {"contract_id": 8000 + number, "type": kind, "state": state,
            "status": state, "title": title, "price": price, "issuer_id": JOITEN,
            "issuer_corporation_id": HEDU, "for_corporation": 1, "reward": 2.5e7,
            "collateral": 9.0e8, "date_expired": f"{ends}:00Z", "days_to_complete": 3,
            "date_accepted": "2026-03-10T10:00:00Z", "assignee_id": SAARREK,
            "start_location_id": AMARR, "end_location_id": JITA})  # fmt: skip
        if kind != "courier":  # a blueprint copy, which is worth nothing
            put(db, "contract_item", {"contract_id": 8000 + number, "record_id": 1,
                "is_included": 1, "type_id": 681, "quantity": 1, "raw_quantity": -2})  # fmt: skip
    copied(db, "market", "market_order", "2026-03-14T13:45")
    copied(db, "contracts", "contract", "2026-03-14T13:35")


def _stock(db: sqlite3.Connection) -> None:
    place = {"location_id": JITA, "location_flag": "CorpSAG2"}
    for number, (type_id, quantity) in enumerate(
        [(34, 48_000_000), (587, 120), (593, 40), (28606, 3), (16213, 1)]
    ):
        item = {"item_id": 900 + number, "type_id": type_id, "quantity": quantity}
        put(db, "asset", {**item, **place})
    for number in range(40):
        day = f"2026-{2 + number // 28:02}-{number % 28 + 1:02}"
        put(db, "value_day", {"day": day, "division": 2, "value": 6.0e9 + number % 9 * 1.0e8})
    put(db, "asset", {"item_id": 950, "type_id": 17366, "quantity": 1, "name": "Minerals", **place})


def _kills(db: sqlite3.Connection) -> None:
    put(db, "insurance_price", {"type_id": 593, "cost": 9.0e4, "payout": 3.0e5})
    for number, (day, lost) in enumerate(
        [("03-13", True), ("03-12", False), ("03-04", True), ("03-03", True), ("02-24", False)]
    ):
        victim = {"ship_type_id": 593 if lost else 587, "damage_taken": 900, "items": [
            {"item_type_id": 4246, "quantity_dropped": 10, "flag": 5, "singleton": 0}]}  # fmt: skip
        own = {"corporation_id": HEDU, "character_id": JOITEN}
        put(db, "killmail", {"killmail_id": 3000 + number, "solar_system_id": 30004759,
            "killmail_time": f"2026-{day}T18:00:00Z",
            "victim": json.dumps(victim | (own if lost else {"corporation_id": 5})),
            "attackers": json.dumps([{"final_blow": True} | ({} if lost else own)])})  # fmt: skip
    copied(db, "killmails", "killmail_ref", "2026-03-14T13:58")


def _projects(db: sqlite3.Connection) -> None:
    for id_, name, current, left in (("a", "Fill the bays", 6_200, 1.1e9),
                                     ("b", "Hunt pirates", 140, 0.0)):  # fmt: skip
        put(db, "project", {"id": id_, "name": name, "state": "Active",
            "progress": json.dumps({"current": current, "desired": 10_000}),
            "reward": json.dumps({"initial": 3.0e9, "remaining": left})})  # fmt: skip
        expires = json.dumps({"expires": "2026-03-28T00:00:00Z"})
        put(db, "project_detail", {"id": id_, "details": expires, "creator": "{}"})
    put(db, "change", {"run_id": 1, "time": 1773000000.0, "table_name": "project",
        "kind": "changed", "row_key": '{"id": "a"}', "before": '{"progress": {"current": 200}}',
        "after": '{"progress": {"current": 6200}}'})  # fmt: skip
    copied(db, "projects", "project", "2026-03-14T13:20")


def _audit(db: sqlite3.Connection) -> None:
    for number, (day, pilot, action, quantity) in enumerate(
        [("03-12", JOITEN, "add", 4_000), ("03-13", JOITEN, "move", 3_000),
         ("03-13", SAARREK, "enter_password", None), ("03-14", JOITEN, "move", 4_000_000),
         ("03-14", SAARREK, "move", 9_000)]
    ):  # fmt: skip
        put(db, "container_log", {"row_hash": number, "ordinal": 0, "container_id": 950,
            "logged_at": f"2026-{day}T03:10:00Z", "character_id": pilot, "action": action,
            "type_id": 34, "quantity": quantity, "container_type_id": 17366,
            "location_id": JITA})  # fmt: skip
    copied(db, "container_logs", "container_log", "2026-03-14T13:25")


class BoardsApp(StageApp):
    """The app on its Boards screen over a real database file, and nothing else real."""

    def __init__(
        self,
        path: Path,
        board: str = "",
        snapshot: Snapshot | None = None,
        *,
        screen: str = "boards",
        **tables: Any,
    ) -> None:
        settings = {"screen": screen, "boards": {"board": board}}
        super().__init__(snapshot or corporation(), settings=settings)
        self.browser = self.stage.browser = table_browser(path, PROCESSES)
        self.reader = self.stage.board_reader = BoardReader(
            path, reference_of(path), check_boards(tables)
        )

    def close(self) -> None:
        self.browser.close()
        self.reader.close()

    @property
    def boards(self) -> BoardsScreen:
        """The Boards screen, whether or not a box is over it."""
        return next(s for s in self.screen_stack if isinstance(s, BoardsScreen))


@asynccontextmanager
async def boards_app(
    path: Path, board: str = "", *, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[tuple[BoardsApp, Pilot[str]]]:
    """The app with a board on screen."""
    app = BoardsApp(path, board, **options)
    try:
        async with app.run_test(size=size) as pilot:
            await app.settle(pilot)
            await app.rest(pilot)
            yield app, pilot
    finally:
        app.close()
