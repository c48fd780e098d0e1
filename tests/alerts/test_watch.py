"""What needs attention is told once, over restarts too, and again only for a new cause."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.alerts.delivery import Delivery
from corpsync_tui.alerts.evaluate import RuleBook
from corpsync_tui.alerts.outbox import Outbox
from corpsync_tui.alerts.watch import AlertWatch
from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.rules import Rule, RuleContext
from corpsync_tui.errors import DatabaseError
from corpsync_tui.settings import load_settings
from corpsync_tui.settings.attention import defaults
from corpsync_tui.store import writable
from corpsync_tui.store.database import Store
from corpsync_tui.store.reference import VERSION, create_tables
from corpsync_tui.store.writable import find_write_fault
from corpsync_tui.sync.events import AttentionChanged, SyncEvent
from corpsync_tui.sync.outcome import Outcome
from corpsync_tui.sync.state import SyncStateManager
from tests.alerts import estate_cases as estate
from tests.alerts.support import Home
from tests.support.clock import ManualClock
from tests.support.database import CORPORATION, NOW, insert, insert_process, make_database

pytestmark = pytest.mark.anyio

DAY = 86_400.0


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, all_scheduled)


def all_scheduled(path: Path) -> None:
    for process in ALL:
        insert_process(path, process.type, next_run_time=NOW + 100 * DAY)


class Watching:
    def __init__(self, clock: ManualClock, state: SyncStateManager, watch: AlertWatch) -> None:
        self.clock, self.state, self.watch = clock, state, watch
        self.heard: list[AttentionChanged] = []
        self.changed = asyncio.Event()
        state.subscribe(self._hear)

    def _hear(self, event: SyncEvent) -> None:
        if isinstance(event, AttentionChanged):
            self.heard.append(event)
            self.changed.set()

    async def next_change(self) -> AttentionChanged:
        """What is announced next."""
        await self.changed.wait()
        self.changed.clear()
        return self.heard[-1]

    @property
    def rules(self) -> list[str]:
        return [alert.rule for alert in self.watch.alerts]

    async def an_hour_later(self) -> list[str]:
        """What is new when every rule is due."""
        await self.clock.advance(3_600)
        return [alert.rule for alert in await self.watch.evaluate()]


async def named() -> None:
    """No name is missing."""


@asynccontextmanager
async def watching(
    database: Path,
    processes: Iterable[Process] = ALL,
    named: Callable[[], Awaitable[None]] = named,
    reference: Path | None = None,
    **rules: Any,
) -> AsyncIterator[Watching]:
    clock = ManualClock(NOW)
    models = list(dict.fromkeys(m for process in ALL for m in process.models))
    store = Store.open(database, models, clock=clock, owner=True, reference=reference)
    state = SyncStateManager(store, clock)
    await state.load()
    book = RuleBook(tuple(processes), {**defaults(), **rules})
    settings = load_settings({"CORPSYNC_HOME": str(database.parent.parent)})
    outbox = Outbox(store, Delivery(replace(settings, keyring="file"), clock), clock, book)
    watch = AlertWatch(store, state, clock, book=book, outbox=outbox, named=named)
    yield Watching(clock, state, watch)
    store.close()


def balance(database: Path, amount: float) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM wallet_balance")
    insert(database, "wallet_balance", corporation_id=CORPORATION, division=1, balance=amount)


def insert_member(database: Path, character_id: int, logged_in: str) -> int:
    """A member who logged in last then."""
    insert(
        database,
        "member",
        corporation_id=CORPORATION,
        character_id=character_id,
        logon_date=logged_in,
    )
    return character_id


def name(database: Path, id: int, name: str) -> None:
    insert(database, "eve_name", id=id, name=name, category="character", fetched_at=NOW)


async def test_a_fact_is_told_once_also_over_a_restart(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as first:
        assert len(await first.watch.evaluate()) == 1
        assert await first.an_hour_later() == []
        assert [len(e.new) for e in first.heard] == [1]
    async with watching(database) as second:
        assert await second.watch.evaluate() == ()
        assert [(len(e.items), len(e.new)) for e in second.heard] == [(1, 0)]


async def test_what_is_new_waits_for_its_names_and_what_is_kept_does_not(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as first:
        await first.watch.evaluate()
    names_are_there = asyncio.Event()

    async def named() -> None:
        await names_are_there.wait()

    quiet = insert_member(database, 90000005, "2026-01-01T00:00:00Z")
    async with watching(database, named=named) as it:
        following = asyncio.create_task(it.watch.follow())
        assert [alert.rule for alert in (await it.next_change()).items] == ["wallet_floor"]
        name(database, quiet, "Aldra Vex")
        names_are_there.set()
        (new,) = (await it.next_change()).new
        following.cancel()
        assert new.sentence.startswith("Aldra Vex has not logged in for ")


async def test_two_evaluations_side_by_side_tell_a_fact_once(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as it:
        found = await asyncio.gather(*(it.watch.evaluate() for _ in range(4)))
        other = await asyncio.gather(*(it.an_hour_later() for _ in range(2)))

    assert sum(len(new) for new in found) == 1
    assert sum(len(new) for new in other) == 0


async def test_a_cause_that_comes_again_is_told_again(database: Path) -> None:
    async with watching(database) as it:
        balance(database, 5.0)
        assert len(await it.watch.evaluate()) == 1
        balance(database, 1e9)
        assert await it.an_hour_later() == []
        assert it.watch.alerts == ()
        balance(database, 6.0)
        assert await it.an_hour_later() == ["wallet_floor"]


async def test_a_run_that_changed_rows_has_its_rules_evaluated(database: Path) -> None:
    async with watching(database) as it:
        await it.watch.evaluate()
        balance(database, 5.0)
        assert await it.watch.evaluate() == ()
        process_id = f"{CORPORATION}/wallet"
        await it.state.start_sync(process_id)
        await it.state.complete_sync(process_id, 1)
        assert await it.watch.evaluate() == ()  # it changed nothing
        await changed(it, "wallet")
        assert [alert.rule for alert in await it.watch.evaluate()] == ["wallet_floor"]


async def changed(it: Watching, process_type: str) -> None:
    """A run of this process changed rows."""
    process_id = f"{CORPORATION}/{process_type}"
    await it.state.start_sync(process_id)
    await it.state.complete_sync(process_id, 1, outcome=Outcome(rows_changed=1))


async def test_a_board_has_its_rules_evaluated_behind_each_process_that_it_reads(
    tmp_path: Path, database: Path
) -> None:
    home = Home(database)
    estate.metenox(home, 1, known=True)
    reference = tmp_path / "reference.db"
    with closing(sqlite3.connect(reference)) as db, db:
        create_tables(db)
        db.execute(f"PRAGMA user_version = {VERSION}")
        for statement in home.reference:
            db.execute(statement.replace("ref.", ""))
    async with watching(database, reference=reference) as it:
        await it.watch.evaluate()
        home.sql("UPDATE asset SET quantity = 8600000")
        await changed(it, "members")
        assert "bay_full" not in [alert.rule for alert in await it.watch.evaluate()]
        await changed(it, "assets")
        assert "bay_full" in [alert.rule for alert in await it.watch.evaluate()]


async def test_a_process_that_is_switched_on_has_its_rules_evaluated(database: Path) -> None:
    balance(database, 5.0)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE sync_schedule SET enabled = 0 WHERE process_type = 'wallet'")
    async with watching(database) as it:
        assert await it.watch.evaluate() == ()
        config = it.state.get_config(f"{CORPORATION}/wallet")
        assert config is not None
        await it.state.set_configs([replace(config, enabled=True)])
        assert [alert.rule for alert in await it.watch.evaluate()] == ["wallet_floor"]


async def test_a_rule_switched_off_and_on_tells_nothing_twice(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as it:
        await it.watch.evaluate()
    async with watching(database, wallet_floor=False) as it:
        assert await it.watch.evaluate() == ()
        assert it.watch.alerts == ()
    async with watching(database) as it:
        assert await it.watch.evaluate() == ()
        assert len(it.watch.alerts) == 1


async def test_a_rule_that_raises_leaves_its_alerts_and_all_others_alone(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    balance(database, 5.0)
    async with watching(database) as it:
        await it.watch.evaluate()

    def fail(_: RuleContext) -> Any:
        raise ValueError("a mistake")

    wallet = next(process for process in ALL if process.type == "wallet")
    broken = Rule("wallet_floor", fail, says="It fails.")
    async with watching(database, [_with_rule(wallet, broken)]) as it:
        await it.watch.evaluate()
        assert it.rules == ["wallet_floor"]
    assert "the rule wallet_floor failed" in caplog.text


def _with_rule(process: Process, rule: Rule) -> Process:
    return Process(
        process.type,
        title=process.title,
        noun=process.noun,
        order=process.order,
        interval_minutes=process.interval_minutes,
        demo_minutes=process.demo_minutes,
        datasets=process.datasets,
        rules=[rule],
    )


async def test_what_fell_due_while_closed_is_not_called_overdue_at_once(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE sync_schedule SET next_run_time = ?", (NOW - 9 * 3600,))
    async with watching(database) as it:
        assert await it.watch.evaluate() == ()
        assert set(await it.an_hour_later()) == {"overdue"}


async def test_what_was_seen_stays_seen(database: Path) -> None:
    balance(database, 5.0)
    async with watching(database) as it:
        await it.watch.evaluate()
        assert [alert.seen for alert in it.watch.alerts] == [False]
        await it.watch.mark_seen()
        assert [alert.seen for alert in it.watch.alerts] == [True]
    async with watching(database) as it:
        await it.watch.evaluate()
        assert [alert.seen for alert in it.watch.alerts] == [True]


@pytest.mark.parametrize("scope", ["alert", "rule", "row"])
async def test_what_is_muted_is_neither_shown_nor_told_until_then(
    database: Path, scope: Any
) -> None:
    balance(database, 5.0)
    async with watching(database) as it:
        await it.watch.evaluate()
        await it.watch.mute(it.watch.alerts[0], scope, DAY)
        assert it.watch.alerts == ()
    async with watching(database) as it:
        assert await it.watch.evaluate() == ()
        await it.clock.advance(DAY + 1)
        await it.watch.evaluate()
        assert it.rules == ["wallet_floor"]
        await it.watch.mute(it.watch.alerts[0], scope, None)
        await it.clock.advance(1_000 * DAY)
        await it.watch.evaluate()
        assert "wallet_floor" not in it.rules
        assert await it.watch.unmute_all() == 1
        assert "wallet_floor" in it.rules


async def test_a_failure_that_cannot_be_written_is_an_alert_until_it_can(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_id = f"{CORPORATION}/wallet"
    monkeypatch.setattr(writable, "PATIENCE", 0.02)
    async with watching(database) as it:
        monkeypatch.setattr(it.state._store._writer, "_patience", 0.02)
        await it.watch.evaluate()
        await it.state.start_sync(process_id)
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            error = DatabaseError("Another program has locked corpsync.db.")
            await it.state.fail_sync(process_id, error)
            new = await it.watch.evaluate()
            assert [alert.sentence for alert in new] == [
                "Wallet could not be stored: Another program has locked corpsync.db."
            ]
            assert find_write_fault(database) is not None
            other.execute("ROLLBACK")
        await it.state.start_sync(process_id)
        await it.state.complete_sync(process_id, 1)
        await it.watch.evaluate()
        assert it.rules == []
    assert find_write_fault(database) is None


def another_finds(database: Path, id: int) -> None:
    """The process that evaluates the rules writes an alert."""
    insert(
        database,
        "alert",
        **{"corporation_id": CORPORATION, "rule": "member_joined", "dedupe_key": str(id)},
        **{"level": "low", "sentence": f"{id} joined.", "action": "data", "since": NOW},
        **{"opens": "data", "first_seen": NOW, "last_seen": NOW, "seen": False},
    )


async def test_what_another_process_finds_while_it_is_looked_at_is_news_at_the_next_look(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(database) as it:
        await it.watch.show_kept()
        another_finds(database, 1)
        read, coming = Store.read, [2, 3]

        async def read_slowly(store: Store, work: Callable[[Any], Any]) -> Any:
            found = await read(store, work)
            while coming:
                another_finds(database, coming.pop())
            return found

        monkeypatch.setattr(Store, "read", read_slowly)
        for _ in range(2):
            await it.watch.show_kept()
        assert [{a.dedupe_key for a in event.new} for event in it.heard] == [{"1"}, {"2", "3"}]


async def test_what_another_process_found_is_news_though_something_is_muted_meanwhile(
    database: Path,
) -> None:
    async with watching(database) as it:
        another_finds(database, 1)
        await it.watch.show_kept()
        another_finds(database, 2)
        await it.watch.mute(it.watch.alerts[0], "alert", None)
        await it.watch.show_kept()
        assert [{a.dedupe_key for a in event.new} for event in it.heard] == [set(), {"2"}]
