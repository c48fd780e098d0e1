"""No rule reads a big table from end to end: it would, with each look, for as long as we live."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from corpsync_tui.alerts.evaluate import RuleBook, evaluate_rules
from corpsync_tui.catalog import ALL
from corpsync_tui.settings.attention import defaults
from tests.alerts.support import Home, schedule_all
from tests.alerts.test_rules import CASES
from tests.support.database import make_database, opened

BIG = {
    *("asset", "wallet_journal", "wallet_transaction", "container_log", "killmail", "change"),
    *("contract", "contract_item", "notification", "sync_history", "eve_name"),
}
"""Tables of which there are tens or hundreds of thousands of rows after some years."""
READ_WHOLE = {("container", "container_log"), ("withdrawal", "wallet_journal")}
"""Looked at when a run has changed them: who was ever at a container stands on no one line, and
an index of journals by date costs each sync more than this look an hour."""
STEP = re.compile(r"(?P<how>SCAN|SEARCH) (?P<name>\w+)(?P<index> USING .*)?$")
OF_A_CORPORATION = re.compile(r"\(corporation_id=\?\)$")
"""An index of which only the corporation is used leads to every row."""


def homes(folder: Path) -> dict[Home, set[str]]:
    """Databases, as few as there can be, and the rules that fire in each."""
    home, made = Home(make_database(folder / "0", schedule_all)), dict[Home, set[str]]()
    for case in CASES:
        try:
            case.happens(home)
        except sqlite3.IntegrityError:  # what another case stores under the same id
            home = Home(make_database(folder / str(len(made) + 1), schedule_all))
            case.happens(home)
        made.setdefault(home, set()).add(case.rule)
    return made


def asked_by(db: sqlite3.Connection, home: Home, rule: str) -> set[str]:
    """Every statement that a rule asks, values put in."""
    asked: list[str] = []
    book = RuleBook(ALL, defaults(), {3: 50}, home.boards)
    db.set_trace_callback(asked.append)
    evaluate_rules(db, book, home.now, wanted=lambda each, _: each.name == rule)
    db.set_trace_callback(None)
    assert asked
    return set(asked)


def read_whole(db: sqlite3.Connection, sql: str) -> Iterator[str]:
    """The big tables that a statement reads from end to end; a partial index is no table."""
    for *_, detail in db.execute(f"EXPLAIN QUERY PLAN {sql}"):
        step = STEP.match(detail)
        if step is None or "asset_location_flag" in detail:
            continue
        alias = re.search(rf"(?:FROM|JOIN)\s+(\w+)\s+(?:AS\s+)?{step['name']}\b", sql)
        table = step["name"] if alias is None else alias[1]
        if table in BIG and (step["how"] == "SCAN" or OF_A_CORPORATION.search(detail)):
            yield table


def test_no_rule_reads_a_big_table_from_end_to_end(tmp_path: Path) -> None:
    found = set()
    for home, rules in homes(tmp_path).items():
        with opened(home.path) as db:
            for statement in home.reference:
                db.execute(statement)
            for rule in rules:
                for sql in asked_by(db, home, rule):
                    found |= {(rule, table) for table in read_whole(db, sql)}
    assert found == READ_WHOLE
