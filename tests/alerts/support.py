"""A database in which things happen, for rules to look at."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpsync_tui.alerts.evaluate import RuleBook, evaluate_rules
from corpsync_tui.catalog import ALL
from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.settings.attention import defaults
from corpsync_tui.settings.boards import check_boards
from tests.support.database import CORPORATION, NOW, insert, insert_process, opened

HOUR, DAY = 3_600.0, 86_400.0


def esi(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def schedule_all(path: Path) -> None:
    """Every process is on, and due in ten days."""
    for process in ALL:
        insert_process(path, process.type, next_run_time=NOW + 10 * DAY)


class Home:
    """A database in which things happen, and the rules' eyes on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW
        self.boards = check_boards({})
        self.reference: list[str] = []
        """Statements that fill the static data."""

    def put(self, table: str, **values: Any) -> None:
        insert(self.path, table, corporation_id=CORPORATION, **values)

    def put_any(self, table: str, **values: Any) -> None:
        """A row of a table that belongs to no corporation."""
        insert(self.path, table, **values)

    def sql(self, statement: str, *parameters: Any) -> None:
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute(statement, parameters)

    def change(
        self, table: str, kind: str, key: dict[str, Any], after: Any = None, before: Any = None
    ) -> None:
        self.put(
            "change",
            run_id=1,
            time=self.now,
            table_name=table,
            kind=kind,
            row_key=json.dumps(key, separators=(",", ":")),
            before=None if before is None else json.dumps(before),
            after=None if after is None else json.dumps(after),
        )

    def look(self, rule: str, **settings: Any) -> tuple[OpenAlert, ...]:
        book = RuleBook(ALL, {**defaults(), **settings}, {3: 50}, self.boards)
        with opened(self.path) as db:
            for statement in self.reference:
                db.execute(statement)
            found = evaluate_rules(db, book, self.now)
        return tuple(alert for alert in found.alerts if alert.rule == rule)


Act = Callable[[Home], None]


@dataclass(frozen=True)
class Case:
    rule: str
    happens: Act
    """What makes the rule fire once."""
    says: str
    quiet: Act
    """What is much the same, and yet no reason to fire."""
    ends: Act
    """What takes the cause away."""


def later(seconds: float) -> Act:
    def wait(home: Home) -> None:
        home.now += seconds

    return wait
