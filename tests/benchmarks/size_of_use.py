"""What a corporation of some years costs: rules, Changes, history, status, start, and an hour.

The database holds 500,000 assets, 200,000 journal rows, 100,000 transactions and lines of
container log, 50,000 killmails and 300,000 changes, a hundredth of them of the last two days; and
what `affairs` adds: 60 structures, 300 skyhooks, 200,000 contracts, 50,000 notifications.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time, time
from typing import Any

from corpsync_tui.alerts.evaluate import RuleBook, evaluate_rules
from corpsync_tui.boards import all_boards
from corpsync_tui.boards.kit.board import Board, BoardContext, Variant
from corpsync_tui.boards.kit.read import read_board
from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.queries.changes import ChangeFilter, count_changes, every_change
from corpsync_tui.service.boards import read_page
from corpsync_tui.settings.attention import defaults
from corpsync_tui.settings.boards import check_boards
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.store.reference import Attached
from corpsync_tui.tui.screens.boards.text import WIDE, BoardRows, fit_columns
from tests.benchmarks.affairs import affairs
from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.terminal import CORPSYNC
from tests.support.database import CORPORATION, insert_process, make_database
from tests.support.footprint import Footprint
from tests.support.virtual import virtual_house

DAY = 86_400.0
LINES = 40
"""Of the screen on which a board is shown."""
TYPES = range(30, 3_030)
MEMBERS = range(90_000_000, 90_000_180)
BOXES = range(1_000_000_000, 1_000_000_400)


def fill(home: Path, scale: float = 1.0) -> Path:
    """A database of that size at a fraction `scale`, as of now; its path."""
    path = make_database(home)
    now, dice = time(), random.Random(3)
    for process in ALL:
        insert_process(path, process.type, next_run_time=now + DAY)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        own = affairs(dice, now, scale, MEMBERS)
        for table, rows in (*_tables(dice, now, scale).items(), *own.items()):
            _insert(db, table, rows)
        began = ("asset", "member", "market_order", "container_log", "wallet_journal", "killmail")
        db.executemany(
            "INSERT INTO change_start VALUES (?, ?, ?)",
            [
                (CORPORATION, table, now - 90 * DAY)
                for table in (*began, "notification", "role_change")
            ],
        )
    return path


def _insert(db: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names = ", ".join(f'"{name}"' for name in first)
    marks = ", ".join("?" * len(first))
    statement = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"
    db.execute(statement, tuple(first.values()))
    db.executemany(statement, (tuple(row.values()) for row in rows))


def _tables(dice: random.Random, now: float, scale: float) -> dict[str, Iterator[dict[str, Any]]]:
    def numbers(full: int) -> range:
        return range(max(2, int(full * scale)))

    def esi(seconds: float) -> str:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def moment(share: float) -> float:
        """Evenly over two years, and every hundredth of the last two days."""
        return now - (dice.random() * 2 if share > 0.99 else 2 + 728 * (1 - share)) * DAY

    def moments(full: int) -> Iterator[tuple[int, str]]:
        count = len(numbers(full))
        return ((n, esi(moment(n / count))) for n in range(count))

    own = {"corporation_id": CORPORATION}
    killer = {"character_id": 7, "damage_done": 9, "final_blow": True, "security_status": 0.1}

    def victim(n: int) -> str:
        items = [
            {"flag": 5, "item_type_id": dice.choice(TYPES), "quantity_destroyed": 1, "singleton": 0}
            for _ in range(60)
        ]
        return json.dumps(
            {
                "character_id": dice.choice(MEMBERS),
                "corporation_id": CORPORATION if n % 5 == 0 else 98_000_099,
                "damage_taken": 900,
                "items": items,
                "ship_type_id": dice.choice(TYPES),
            }
        )

    return {
        "eve_name": (
            {"id": i, "name": f"Name {i}", "category": "x", "fetched_at": now}
            for i in (*TYPES, *MEMBERS)
        ),
        "member": (
            {**own, "character_id": i, "logon_date": esi(now - i % 140 * DAY)} for i in MEMBERS
        ),
        "asset": (
            {
                **own,
                "is_singleton": 0,
                "item_id": 1_000_000_000 + n,
                "location_flag": "CorpSAG1",
                "location_id": 60_003_760,
                "location_type": "item",
                "quantity": n,
                "type_id": dice.choice(TYPES),
            }
            for n in numbers(500_000)
        ),
        "wallet_journal": (
            {
                **own,
                "division": 1 + n % 7,
                "amount": dice.gauss(0, 2e8),
                "date": when,
                "description": "A payment of somebody to somebody else for something",
                "first_party_id": CORPORATION,
                "id": n,
                "ref_type": "player_donation",
                "second_party_id": dice.choice(MEMBERS),
            }
            for n, when in moments(200_000)
        ),
        "wallet_transaction": (
            {
                **own,
                "division": 1,
                "client_id": 7,
                "date": when,
                "is_buy": n % 2,
                "journal_ref_id": n,
                "location_id": 60_003_760,
                "quantity": 5,
                "transaction_id": n,
                "type_id": dice.choice(TYPES),
                "unit_price": dice.random() * 1e7,
            }
            for n, when in moments(100_000)
        ),
        "market_order": (
            {
                **own,
                "duration": 90,
                "is_buy_order": 0,
                "issued": when,
                "location_id": 60_003_760,
                "order_id": n,
                "price": 5.0,
                "range": "region",
                "region_id": 10_000_002,
                "state": "open" if n > 19_700 * scale else "expired",
                "type_id": dice.choice(TYPES),
                "volume_remain": 5,
                "volume_total": 9,
                "wallet_division": 1,
            }
            for n, when in moments(20_000)
        ),
        "container_log": (
            {
                **own,
                "action": "add",
                "character_id": dice.choice(MEMBERS),
                "container_id": dice.choice(BOXES),
                "container_type_id": 17_366,
                "location_flag": "CorpSAG1",
                "location_id": 60_003_760,
                "logged_at": when,
                "quantity": 5,
                "type_id": dice.choice(TYPES),
                "row_hash": dice.getrandbits(62),
                "ordinal": 0,
            }
            for n, when in moments(100_000)
        ),
        "killmail": (
            {
                **own,
                "attackers": json.dumps([killer] * 8),
                "killmail_id": n,
                "killmail_time": when,
                "solar_system_id": 30_000_142,
                "victim": victim(n),
                "killmail_hash": "x" * 40,
            }
            for n, when in moments(50_000)
        ),
        "change": _changes(dice, [moment(n / 3e5 / scale) for n in numbers(300_000)]),
        "sync_history": (
            {
                "process_id": f"{CORPORATION}/{ALL[n % len(ALL)].type}",
                "process_type": ALL[n % len(ALL)].type,
                "corporation_id": CORPORATION,
                "trigger": "schedule",
                "start_time": now - (30_000 - n) * 260,
                "duration": 1.5,
                "result": "success",
                "items": 30,
                **dict.fromkeys(
                    (
                        "rows_added",
                        "rows_changed",
                        "rows_removed",
                        "requests_sent",
                        "not_modified",
                        "items_failed",
                    ),
                    1,
                ),
            }
            for n in numbers(30_000)
        ),
    }


CHANGED = ("asset", "asset", "market_order", "market_order", "member", "container_log")


def _changes(dice: random.Random, times: Sequence[float]) -> Iterator[dict[str, Any]]:
    for n, moment in enumerate(sorted(times)):
        table = CHANGED[n % len(CHANGED)]
        key = {
            "asset": {"item_id": 1_000_000_000 + dice.randrange(500_000)},
            "market_order": {"order_id": dice.randrange(20_000)},
            "member": {"character_id": dice.choice(MEMBERS)},
            "container_log": {"row_hash": n, "ordinal": 0},
        }[table]
        before = {"asset": {"quantity": n}, "market_order": {"price": 5.0}}.get(table)
        after = {"asset": {"quantity": n + 1}, "market_order": {"price": 6.0}}.get(table)
        kind = "changed" if before else "added"
        if table == "member":
            after, kind = {"base_id": 60_003_760}, "changed"
        yield {
            "run_id": n // 50,
            "time": moment,
            "corporation_id": CORPORATION,
            "table_name": table,
            "kind": kind,
            "row_key": json.dumps(key, separators=(",", ":")),
            "before": None if before is None else json.dumps(before),
            "after": None if after is None else json.dumps(after),
        }


async def measure(plan: Plan, table: Table) -> None:
    """Rules, the Changes screen's query and the commands at that size; then hours of a life."""
    home = plan.room("size-of-use")
    path = fill(home, 0.01 if plan.quick else 1.0)
    book = RuleBook(ALL, defaults())
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        Attached(None).renew(db)
        for what, limit, work in (
            ("one evaluation of all rules", 250.0, lambda: evaluate_rules(db, book, time())),
            ("1,000 Changes of one table, of 300,000", 300.0, lambda: _describe_changes(db)),
        ):
            found = [_cost(work) for _ in range(plan.rounds)]
            table.add(Row(f"{what}: processor time", found, found, limit=limit))
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        _measure_boards(plan, table, db)
    await _measure_commands(plan, table, home)
    await _measure_hours(plan, table)


def _measure_boards(plan: Plan, table: Table, db: sqlite3.Connection) -> None:
    """Each board, and each other set of its rows, as a screen first shows it; and its rows alone.

    A page is those rows with the names of all ids, panes and charts, its columns fitted to the
    screen, and the rows that it has room for.
    """
    Attached(None).renew(db)
    context = BoardContext(db, CORPORATION, time(), check_boards({}))
    for board in all_boards():
        for variant in (None, *board.variants):
            name = f"{board.name} {variant.name}" if variant else board.name

            def rows(board: Board = board, variant: Variant | None = variant) -> object:
                return read_board(board, context, variant)

            def page(board: Board = board, variant: Variant | None = variant) -> object:
                return _show_first(context, board.name, variant.name if variant else "")

            alone = [_cost(rows) for _ in range(plan.rounds)]
            shown = [_cost(page) for _ in range(plan.rounds)]
            table.add(Row(f"board {name}: its page to its rows", alone, shown, limit=500.0))


def _show_first(context: BoardContext, board: str, variant: str) -> object:
    page = read_page(context, board, variant)
    places = page.arrange("", None, descending=False)
    columns = fit_columns(page, page.rows, None, WIDE)
    shown = BoardRows(page, places, list(columns))
    return [shown.row(n) for n in range(LINES)], page.sums(page.rows)


async def _measure_commands(plan: Plan, table: Table, home: Path) -> None:
    environment = {"CORPSYNC_HOME": str(home)}
    for command in ("status", "history"):

        async def bare() -> float:
            return _elapsed((sys.executable, "-c", "import sqlite3, argparse"), {})

        async def ours(command: str = command) -> float:
            return _elapsed((*CORPSYNC, command), environment)

        found = await interleave({"floor": bare, "ours": ours}, plan.rounds)
        what = f"corpsync {command}, with 500,000 assets and 300,000 changes"
        table.add(Row(what, found["floor"], found["ours"], goal=6.0))


async def _measure_hours(plan: Plan, table: Table) -> None:
    """Hours of virtual time with a life: each renews everything once, so hours are alike.

    Told, not judged: the simulator and what it remembers live in the same process.
    """
    hours, minutes = (2, 2) if plan.quick else (3, 60)
    costs: list[float] = []
    memory: list[float] = []
    config = SimulatorConfig(scale=SCALES["full"])
    async with virtual_house(plan.room("hours"), config) as house:
        await house.workspace.start()
        await house.live(7_200 if not plan.quick else 120)  # caches fill meanwhile
        for _ in range(hours):
            before = _spent()
            for _ in range(minutes * 6):
                house.simulator.tick(1)
                await house.live(10)
            costs.append((_spent() - before) / minutes * 1e3)
            memory.append(Footprint.now().memory / 2**20)
    what = "open for hours: processor time a minute, the last against the first"
    table.add(Row(what, costs[:1], costs[-1:]))
    what = "open for hours: memory after the last and the first"
    table.add(Row(what, memory[:1], memory[-1:], unit="MiB", difference=True))


def _spent() -> float:
    """Seconds of processor time of all threads but the simulator's."""
    threads = (t for t in threading.enumerate() if t.name != "simulator")
    return sum(
        int(Path(f"/proc/self/task/{thread.native_id}/schedstat").read_text().split()[0]) / 1e9
        for thread in threads
    )


def _describe_changes(db: sqlite3.Connection) -> None:
    describer = ChangeDescriber(db, ALL)
    for change in islice(every_change(db, ChangeFilter(("asset",))), 1_000):
        describer.describe(change)
    count_changes(db, ChangeFilter(after_id=1, corporation_id=CORPORATION))


def _cost(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return (process_time() - start) * 1e3


def _elapsed(command: Sequence[str], environment: Mapping[str, str]) -> float:
    start = perf_counter()
    subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=True
    )
    return (perf_counter() - start) * 1e3
