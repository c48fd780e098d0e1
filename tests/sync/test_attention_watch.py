"""What needs attention is told once, over restarts too, and again only for a new cause."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.settings.attention import defaults
from corpsync_tui.store.database import Store
from corpsync_tui.sync.attention_watch import AttentionWatch
from corpsync_tui.sync.events import AttentionChanged, SyncEvent
from corpsync_tui.sync.state import SyncStateManager
from tests.support.clock import ManualClock
from tests.support.database import CORPORATION, NOW, insert, insert_process, make_database

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = make_database(tmp_path)
    for process in ALL:
        insert_process(path, process.type, next_run_time=NOW + 1e6)
    return path


class Watching:
    def __init__(self, clock: ManualClock, state: SyncStateManager, watch: AttentionWatch) -> None:
        self.clock, self.watch = clock, watch
        self.heard: list[AttentionChanged] = []
        state.subscribe(self._hear)

    def _hear(self, event: SyncEvent) -> None:
        if isinstance(event, AttentionChanged):
            self.heard.append(event)


@asynccontextmanager
async def watching(database: Path, **rules: Any) -> AsyncIterator[Watching]:
    clock = ManualClock(NOW)
    models = list(dict.fromkeys(m for process in ALL for m in process.models))
    store = Store.open(database, models, clock=clock, owner=True)
    state = SyncStateManager(store, clock)
    watch = AttentionWatch(
        store, state, clock, processes=ALL, rules={**defaults(), **rules}, floors={}
    )
    yield Watching(clock, state, watch)
    store.close()


def balance(database: Path, amount: float) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM wallet_balance")
    insert(database, "wallet_balance", corporation_id=CORPORATION, division=1, balance=amount)


async def test_a_fact_is_told_once_also_over_a_restart(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as first:
        assert len(await first.watch.look()) == 1
        assert await first.watch.look() == ()
        assert [len(e.new) for e in first.heard] == [1]
    async with watching(database) as second:
        assert await second.watch.look() == ()
        assert [(len(e.items), len(e.new)) for e in second.heard] == [(1, 0)]


async def test_a_cause_that_comes_again_is_told_again(database: Path) -> None:
    async with watching(database) as it:
        balance(database, 5.0)
        assert len(await it.watch.look()) == 1
        balance(database, 1e9)
        assert await it.watch.look() == ()
        assert it.watch.items == ()
        balance(database, 6.0)
        assert len(await it.watch.look()) == 1


async def test_a_rule_switched_off_and_on_tells_nothing_twice(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as it:
        await it.watch.look()
    async with watching(database, wallet_floor=False) as it:
        assert await it.watch.look() == ()
        assert it.watch.items == ()
    async with watching(database) as it:
        assert await it.watch.look() == ()
        assert len(it.watch.items) == 1


async def test_what_fell_due_while_closed_is_not_called_overdue_at_once(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE sync_schedule SET next_run_time = ?", (NOW - 9 * 3600,))
    async with watching(database) as it:
        assert await it.watch.look() == ()
        await it.clock.advance(3600)
        assert {item.rule for item in await it.watch.look()} == {"overdue"}


async def test_what_was_seen_stays_seen(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as it:
        await it.watch.look()
        assert [item.seen for item in it.watch.items] == [False]
        await it.watch.mark_seen()
        assert [item.seen for item in it.watch.items] == [True]
    async with watching(database) as it:
        await it.watch.look()
        assert [item.seen for item in it.watch.items] == [True]
