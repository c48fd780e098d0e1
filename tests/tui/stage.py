"""What a screen needs to be seen without a workspace: frozen records, and stub verbs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.strip import Strip

from corpsync_tui.alerts.sink_report import SinkReport
from corpsync_tui.boards import all_boards
from corpsync_tui.boards.kit.board import Board, Row
from corpsync_tui.boards.kit.marks import Mark
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.catalog_index import entries
from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.login import PATIENCE
from corpsync_tui.esi.sso import REGISTER_AT
from corpsync_tui.queries.alerts import MuteScope, OpenAlert
from corpsync_tui.queries.browse_types import BrowseTable, View
from corpsync_tui.queries.change_list import ChangeDetail, ChangeList, RunList
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.queries.daily import DailyFigures
from corpsync_tui.queries.difference import DifferenceList, list_difference
from corpsync_tui.queries.records import RunFilter, RunRecord, SyncConfig, SyncStatus
from corpsync_tui.queries.story import Story
from corpsync_tui.service.api import Corporation, LoginFacts, Snapshot
from corpsync_tui.service.boards import BoardPage, BoardReader
from corpsync_tui.service.esi_status import EsiStatus, ScopeUse
from corpsync_tui.service.member_page import MemberPage
from corpsync_tui.service.month_page import MonthPage
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.sync.events import ScheduleChanged, ScheduleStatus, SyncEvent
from corpsync_tui.tui.app import CorpsyncApp, Spawn
from corpsync_tui.upkeep.export import opened
from corpsync_tui.upkeep.export_view import export_view
from tests.support.cast import CAST, PROCESSES

NOW = datetime(2026, 3, 14, 14, 5, tzinfo=UTC)
HEDU = 98000001
OTHER = 98000002
CORPORATIONS = (
    Corporation(HEDU, "Hedion Freight Union", "HEDU"),
    Corporation(OTHER, "Sinq Laison Survey", "SLSV"),
)
ITEMS = {"assets": 4300, "members": 212, "wallet": 17510, "killmails": 88}


SINKS = (
    SinkReport("discord", "medium", "discord.com", "", "sent, found 13:30"),
    SinkReport("webhook", "off", "no address"),
    SinkReport("terminal", "high", "osc9", "", "not sent: medium is below high"),
    SinkReport("command", "off", "none"),
)
BUSY_GROUPS = {"history", "login", "actions", "reload", "settings", "daily"}
BUSY_GROUPS |= {"arrange", "export", "figures", "member"}
"""Workers that end by themselves."""


class FrozenClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        super().__init__()
        self.moment = now

    def time(self) -> float:
        return self.moment.timestamp()

    def monotonic(self) -> float:
        return self.moment.timestamp()


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def status(process_type: str, corporation_id: int = HEDU, **changes: object) -> SyncStatus:
    """A process that succeeded twelve minutes ago, changed as a test likes."""
    fresh = SyncStatus(
        f"{corporation_id}/{process_type}",
        process_type,
        corporation_id,
        status="success",
        progress=100.0,
        current_step="Completed",
        last_run_time=ago(12),
        last_success_time=ago(11.8),
        current_until=ago(-47),
        items_processed=ITEMS.get(process_type, 40),
    )
    return replace(fresh, **changes)  # type: ignore[arg-type]


def config(process_type: str, corporation_id: int = HEDU, **changes: object) -> SyncConfig:
    interval = entries()[process_type].interval_minutes
    asked = SyncConfig(
        f"{corporation_id}/{process_type}",
        process_type,
        corporation_id,
        interval_minutes=interval,
        next_run_time=ago(-max(48, interval)),
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def run(number: int, process_type: str, corporation_id: int = HEDU, **changes: object) -> RunRecord:
    """The run of a process that began `number` hours and twelve minutes ago."""
    done = RunRecord(
        number,
        f"{corporation_id}/{process_type}",
        process_type,
        corporation_id,
        trigger="schedule",
        start_time=ago(12 + 60 * number),
        duration=11.2 + number * 0.4,
        result="success",
        items=ITEMS.get(process_type, 40) - 3 * number,
        rows_added=12 * number,
        rows_changed=40,
        rows_removed=9 - number,
        requests_sent=5,
        not_modified=3,
        current_until=ago(-47),
    )
    return replace(done, **changes)  # type: ignore[arg-type]


def corporation(corporation_id: int = HEDU, **changes: SyncStatus) -> Snapshot:
    """One corporation, all current; `changes` replaces the status of single processes."""
    return Snapshot(
        statuses=[changes.get(t) or status(t, corporation_id) for t in CAST],
        configs=[config(t, corporation_id) for t in CAST],
        runs=[run(n, t, corporation_id) for t in CAST for n in range(5)],
        corporations=[c for c in CORPORATIONS if c.corporation_id == corporation_id],
        process_types=CAST,
    )


def both() -> Snapshot:
    """Two corporations."""
    one, two = corporation(HEDU), corporation(OTHER)
    return Snapshot(
        statuses=[*one.statuses, *two.statuses],
        configs=[*one.configs, *two.configs],
        runs=[*one.runs, *two.runs],
        corporations=CORPORATIONS,
        process_types=CAST,
    )


class QuietChanges:
    """A change log in which nothing happened."""

    async def changes(self, which: ChangeFilter, text: str, before_id: int | None) -> ChangeList:
        return ChangeList()

    async def changed_runs(
        self, which: ChangeFilter, mark: int, before_run: int | None, limit: int
    ) -> RunList:
        return RunList()

    async def change(self, change_id: int) -> ChangeDetail | None:
        return None

    async def mark_seen(self) -> None:
        return None


class NoTables:
    """A browser before anything is to be browsed."""

    tables: Mapping[str, BrowseTable] = {}


class StageService:
    """A service that writes down what was asked of it, and answers with a sentence."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.settings: dict[str, object] = {}
        self.listeners: list[Callable[[SyncEvent], None]] = []
        self.failure: CorpsyncError | None = None
        self.callback = asyncio.Event()
        self.browser: Any = NoTables()
        self.figures: dict[str, Sequence[DailyFigures]] = {}
        self.board_reader: BoardReader | None = None
        self.change_log: Any = QuietChanges()
        self.esi = EsiStatus()
        self.log: Sequence[str] = ()
        self._esi_moves = asyncio.Event()
        self._snapshot = snapshot

    def _told(self, *asked: object, sentence: str = "Done") -> ActionResult:
        self.asked.append(asked)
        if self.failure is not None:
            raise self.failure
        return ActionResult(sentence)

    async def snapshot(self) -> Snapshot:
        return self._snapshot

    def subscribe(self, listener: Callable[[SyncEvent], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def say(self, event: SyncEvent) -> None:
        for listener in self.listeners:
            listener(event)

    def welcome(self, snapshot: Snapshot) -> None:
        """A character logs in, in another program."""
        self._snapshot = snapshot
        for changed in snapshot.configs:
            self.say(ScheduleChanged(changed))

    async def start(self) -> None:
        self.asked.append(("start",))

    async def sync_now(self, process_id: str) -> ActionResult:
        return self._told("sync_now", process_id, sentence="Assets is current until 14:52")

    async def sync_all(self, corporation_id: int | None) -> ActionResult:
        return self._told("sync_all", corporation_id)

    async def retry(self, corporation_id: int | None) -> ActionResult:
        return self._told("retry", corporation_id)

    async def take_over(self) -> ActionResult:
        return ActionResult("taken over")

    async def toggle(self, process_id: str, *, enabled: bool | None = None) -> ActionResult:
        return self._told("toggle", process_id)

    async def set_interval(self, process_id: str, minutes: int) -> ActionResult:
        return self._told("set_interval", process_id, minutes)

    async def cancel(self, process_id: str) -> ActionResult:
        return self._told("cancel", process_id)

    async def pause(self) -> ActionResult:
        self.say(ScheduleStatus(paused=True))
        return self._told("pause", sentence="The schedule is paused")

    async def resume(self) -> ActionResult:
        self.say(ScheduleStatus())
        return self._told("resume")

    async def boards(self) -> Sequence[Board]:
        return all_boards()

    async def read_board(
        self, name: str, corporation_id: int, variant: str, at: float | None = None
    ) -> BoardPage:
        self.asked.append(("read_board", name, corporation_id, variant))
        assert self.board_reader is not None
        return await self.board_reader.read(name, corporation_id, variant, NOW.timestamp(), at)

    async def read_member(self, character_id: int, corporation_id: int) -> MemberPage:
        assert self.board_reader is not None
        now = NOW.timestamp()
        return await self.board_reader.read_member(character_id, corporation_id, now)

    async def read_movements(
        self, table: str, corporation_id: int, row_key: Mapping[str, Any]
    ) -> Story:
        assert self.board_reader is not None
        return await self.board_reader.read_movements(
            table, corporation_id, row_key, NOW.timestamp()
        )

    async def read_month(self, month: str, corporation_id: int) -> MonthPage:
        self.asked.append(("read_month", month, corporation_id))
        assert self.board_reader is not None
        return await self.board_reader.read_month(month, corporation_id, NOW.timestamp())

    async def export_month(self, page: MonthPage, file: Path) -> int:
        return page.export(self.browser._path, file)

    async def export_board(self, page: BoardPage, rows: Sequence[Row], file: Path) -> int:
        return page.export(self.browser._path, rows, file)

    async def count_runs(self, which: RunFilter) -> int:
        return len(self._passing(which))

    async def runs(self, which: RunFilter, offset: int, limit: int) -> Sequence[RunRecord]:
        return self._passing(which)[offset : offset + limit]

    def _passing(self, which: RunFilter) -> list[RunRecord]:
        newest = sorted(self._snapshot.runs, key=lambda r: r.start_time, reverse=True)
        return [r for r in newest if _passes(which, r)]

    async def export(self, view: View, columns: Sequence[str], file: Path) -> int:
        return export_view(self.browser._path, self.browser.tables[view.table], view, columns, file)

    async def difference(
        self, table: str, start: float, end: float | None, corporation_id: int | None
    ) -> DifferenceList:
        stored = self.browser.tables[table].stored
        with opened(self.browser._path) as db:
            describer = ChangeDescriber(db, PROCESSES)
            return list_difference(db, describer, stored, start, end, corporation_id)

    async def daily(self, process_id: str) -> Sequence[DailyFigures]:
        return self.figures.get(process_id, ())

    async def count_changes(self, which: ChangeFilter) -> int:
        found: RunList = await self.change_log.changed_runs(which, which.after_id or 0, None, 1)
        return found.new

    async def changes(self, which: ChangeFilter, text: str, before_id: int | None) -> ChangeList:
        found: ChangeList = await self.change_log.changes(which, text, before_id)
        return found

    async def changed_runs(
        self, which: ChangeFilter, mark: int, before_run: int | None, limit: int
    ) -> RunList:
        found: RunList = await self.change_log.changed_runs(which, mark, before_run, limit)
        return found

    async def change(self, change_id: int) -> ChangeDetail | None:
        found: ChangeDetail | None = await self.change_log.change(change_id)
        return found

    async def mark_seen(self) -> None:
        await self.change_log.mark_seen()

    async def watch_esi(self) -> AsyncIterator[EsiStatus]:
        while True:
            self._esi_moves.clear()
            yield self.esi
            await self._esi_moves.wait()

    def move_esi(self, esi: EsiStatus) -> None:
        """ESI or the characters are as this from now on."""
        self.esi = esi
        self._esi_moves.set()

    async def check_access(self, corporation_id: int | None) -> ActionResult:
        return self._told("check_access", corporation_id)

    async def update_reference(self) -> ActionResult:
        return self._told("update_reference", sentence="CCP's newest static data were read.")

    async def log_out(self, character_id: int) -> ActionResult:
        return self._told(
            "log_out", character_id, sentence="Aldra Vex is logged out; all data stays."
        )

    async def choose_character(self, process_id: str, character_id: int | None) -> ActionResult:
        return self._told("choose_character", process_id, character_id)

    async def mute(self, alert: OpenAlert, scope: MuteScope, seconds: float | None) -> ActionResult:
        return self._told("mute", scope, alert.fact, seconds)

    async def mark_losses(self, corporation_id: int, marks: Sequence[Mark]) -> ActionResult:
        return self._told("mark_losses", corporation_id, *marks)

    async def unmute_all(self) -> ActionResult:
        return self._told("unmute_all")

    async def alert_sinks(self, alert: OpenAlert | None) -> Sequence[SinkReport]:
        return SINKS

    async def test_alerts(self, sink: str) -> ActionResult:
        return self._told("test_alerts", sink, sentence=f"✓ {sink}: 204")

    async def log_lines(self) -> Sequence[str]:
        return self.log

    async def save_setting(self, key: str, value: object) -> None:
        self.settings[key] = value

    async def login_facts(self) -> LoginFacts:
        uses = {
            "members": [ScopeUse("esi-a.read.v1", "members, member limit")],
            "wallet": [
                ScopeUse("esi-b.read.v1", "wallet balances, wallet journal, wallet transactions"),
                ScopeUse("esi-c.read.v1", "shareholders"),
            ],
        }
        always = [ScopeUse("esi-roles.read.v1", "which roles a character has")]
        return LoginFacts("", "http://localhost:8635/callback", REGISTER_AT, PATIENCE, uses, always)

    async def begin_login(
        self, client_id: str, process_types: Collection[str] | None = None
    ) -> str:
        self._told("begin_login", client_id, *sorted(process_types or ()))
        return "https://login.eveonline.com/v2/oauth/authorize?client_id=abc"

    async def open_browser(self, url: str) -> ActionResult:
        return self._told("open_browser", url, sentence="The browser was opened")

    async def finish_login(self) -> ActionResult:
        await self.callback.wait()
        return self._told("finish_login", sentence="Aldra Vex of Hedion Freight Union is logged in")

    async def paste(self, address: str) -> ActionResult:
        return self._told("paste", address, sentence="Aldra Vex is logged in")

    async def cancel_login(self) -> None:
        self.asked.append(("cancel_login",))


def _passes(which: RunFilter, candidate: RunRecord) -> bool:
    text = f"{candidate.error_message or ''} {candidate.note or ''}".casefold()
    return (
        which.process_type in (None, candidate.process_type)
        and which.corporation_id in (None, candidate.corporation_id)
        and which.result in (None, candidate.result)
        and (which.since is None or candidate.start_time >= which.since)
        and which.text.casefold() in text
    )


class StageApp(CorpsyncApp):
    """The app on a stage: a clock that stands, and verbs that can be looked at."""

    def __init__(self, snapshot: Snapshot, *, settings: Mapping[str, object] | None = None) -> None:
        self.clock = FrozenClock()
        if settings is not None:
            snapshot = replace(snapshot, settings=settings)
        self.stage = StageService(snapshot)
        super().__init__(self._open, clock=self.clock)

    @asynccontextmanager
    async def _open(self, spawn: Spawn) -> AsyncIterator[StageService]:
        yield self.stage

    @asynccontextmanager
    async def shown(
        self, *keys: str, size: tuple[int, int] = (100, 30), notifications: bool = False
    ) -> AsyncIterator[Pilot[Any]]:
        """The app in a terminal, at rest after these keys."""
        async with self.run_test(size=size, notifications=notifications) as pilot:
            await self.settle(pilot)
            await self.press(pilot, *keys)
            yield pilot

    async def press(self, pilot: Pilot[Any], *keys: str) -> None:
        """Press keys, each once nothing is under way that the one before began."""
        for key in keys:
            await pilot.press(key)
            await self.rest(pilot)
        await pilot.pause()

    async def settle(self, pilot: Pilot[Any]) -> None:
        """Wait until the snapshot is on the screen."""
        async with asyncio.timeout(10):
            await self.opened()
        await pilot.pause()

    async def rest(self, pilot: Pilot[Any]) -> None:
        """Wait until nothing that a key began is under way any more."""
        await self.rest_of(pilot, BUSY_GROUPS)

    async def rest_of(self, pilot: Pilot[Any], groups: Collection[str]) -> None:
        """Wait until no worker of these groups is at work and all is on the screen."""
        await pilot.pause()
        while busy := [w for w in self.workers if w.group in groups and not w.is_finished]:
            await asyncio.gather(*(worker.wait() for worker in busy), return_exceptions=True)
            await pilot.pause()

    def text(self) -> list[str]:
        """The lines that can be read on the screen."""
        return ["".join(segment.text for segment in strip) for strip in self._lines()]

    def _lines(self) -> list[Strip]:
        update = self.screen._compositor.render_strips()
        return list(update)
