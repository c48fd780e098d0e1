"""What a corporation of some years costs: rules, Changes, boards, history and status.

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
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
from corpsync_tui.store.reference import Attached
from corpsync_tui.tui.screens.boards.text import WIDE, BoardRows, fit_columns
from tests.benchmarks.affairs import affairs
from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.terminal import CORPSYNC
from tests.benchmarks.trade import trade
from tests.benchmarks.years import DAY, MEMBERS, TYPES, Rows, Years
from tests.support.database import CORPORATION, insert_process, make_database

LINES = 40
"""Of the screen on which a board is shown."""
LOGGED = ("asset", "member", "market_order", "container_log", "wallet_journal", "killmail")


def fill(home: Path, scale: float = 1.0) -> Path:
    """A database of that size at a fraction `scale`, as of now; its path."""
    path = make_database(home)
    years = Years(random.Random(3), time(), scale)
    for process in ALL:
        insert_process(path, process.type, next_run_time=years.now + DAY)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        for tables in (trade(years), _records(years), affairs(years)):
            for table, rows in tables.items():
                _insert(db, table, rows)
        db.executemany(
            "INSERT INTO change_start VALUES (?, ?, ?)",
            [
                (CORPORATION, table, years.now - 90 * DAY)
                for table in (*LOGGED, "notification", "role_change")
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


def _records(years: Years) -> dict[str, Rows]:
    """What corpsync itself keeps: names, changes, history."""
    names = (*TYPES, *MEMBERS)
    return {
        "eve_name": (
            {"id": i, "name": f"Name {i}", "category": "x", "fetched_at": years.now} for i in names
        ),
        "change": _changes(years),
        "sync_history": (_run(years, n) for n in years.numbers(30_000)),
    }


def _run(years: Years, n: int) -> dict[str, Any]:
    type_ = ALL[n % len(ALL)].type
    return {
        "process_id": f"{CORPORATION}/{type_}",
        "process_type": type_,
        "corporation_id": CORPORATION,
        "trigger": "schedule",
        "start_time": years.now - (30_000 - n) * 260,
        "duration": 1.5,
        "result": "success",
        "items": 30,
        **dict.fromkeys(("rows_added", "rows_changed", "rows_removed"), 1),
        **dict.fromkeys(("requests_sent", "not_modified", "items_failed"), 1),
    }


CHANGED = ("asset", "asset", "market_order", "market_order", "member", "container_log")


def _changes(years: Years) -> Rows:
    dice = years.dice
    times = sorted(moment for _, moment in years.moments(300_000))
    for n, moment in enumerate(times):
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
    """Rules, the Changes screen's query, boards and commands at that size."""
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
