"""Evaluates rules when their tables changed or time demands it, and tells what is new, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from itertools import islice
from typing import Any

from corpsync_tui.alerts import kept
from corpsync_tui.alerts.evaluate import RuleBook, Wanted, evaluate_rules
from corpsync_tui.alerts.outbox import Outbox
from corpsync_tui.catalog.kit.rules import Rule
from corpsync_tui.catalog_index import process_title
from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError, DatabaseError
from corpsync_tui.queries.alerts import (
    AlertKey,
    MuteScope,
    OpenAlert,
    listed_alerts,
    read_open,
)
from corpsync_tui.store.database import Store
from corpsync_tui.sync.events import AttentionChanged, RunRecorded, ScheduleChanged, SyncEvent
from corpsync_tui.sync.state import SyncStateManager

EVERY = 60.0
"""Seconds between two evaluations of what comes about by time alone: it makes a job ready."""
EVERY_RULE = 3600.0
"""Seconds after which every rule is evaluated: what happened is news for some hours only."""
GATHER = 1.0
"""Seconds in which further events join the same evaluation."""

UNWRITTEN = "unwritten"
"""The rule of failures that could not be written: it holds as long as the database takes nothing,
and can be neither switched off nor muted."""
LINES = 20
"""Alerts that the log has a line each for; of more it has the number alone."""
NOTHING = kept.Difference()

log = logging.getLogger(__name__)


class AlertWatch:
    """Holds the alerts that are shown, and tells the state's subscribers when they differ.

    `named` waits until the names of what the last runs brought are looked up, so that no
    sentence has a number where a name belongs.
    """

    def __init__(
        self,
        store: Store,
        state: SyncStateManager,
        clock: Clock,
        *,
        book: RuleBook,
        outbox: Outbox,
        named: Callable[[], Awaitable[None]],
    ) -> None:
        self.alerts: tuple[OpenAlert, ...] = ()
        self._store = store
        self._state = state
        self._clock = clock
        self._book = book
        self._outbox = outbox
        self._named = named
        self._since = clock.time()
        self._happened = asyncio.Event()
        self._lock = asyncio.Lock()
        self._known: set[AlertKey] | None = None
        """What was open at the last look, shown or not."""
        self._changed: set[str] = set()
        self._enabled: dict[str, bool] = {}
        """By process id, as of the last evaluation of every rule, or as heard since."""
        self._all_due = float("-inf")
        self._timed_due = float("-inf")
        state.subscribe(self._hear)

    async def follow(self) -> None:
        """Show what is kept; evaluate now, after each event and every minute, until cancelled."""
        await self._safely(self.show_kept)
        while True:
            await self._named()
            await self._safely(self.evaluate)
            await self._clock.wait(self._happened, EVERY)
            await self._clock.sleep(GATHER)

    async def evaluate(self) -> tuple[OpenAlert, ...]:
        """Evaluate the rules that are due; returns what is new. One evaluation at a time."""
        async with self._lock:
            self._happened.clear()
            now = self._clock.time()
            wanted = self._take_wanted(now)
            new: tuple[OpenAlert, ...] = ()
            unsaved = NOTHING
            try:
                unsaved = await self._store.read(
                    lambda db: kept.compare(
                        db,
                        evaluate_rules(db, self._book, now, awake_since=self._since, wanted=wanted),
                    )
                )
                if await self._outbox.look() or unsaved:
                    found = unsaved
                    new = await self._store.write(lambda db: self._save(db, found, now))
                    unsaved = NOTHING
                    self._outbox.wake()
            except DatabaseError as error:
                log.warning("alerts could not be kept: %s", error.message)
                self._all_due = now
            try:
                listed, fresh = await self._look(now, unsaved)
            except DatabaseError:
                listed, fresh = tuple(a for a in self.alerts if a.rule != UNWRITTEN), set()
            fresh.update(alert.key for alert in (*new, *unsaved.new))
            shown = self._show(listed, fresh, now)
        if shown:
            _log(shown)
        return shown

    def _save(self, db: Any, found: kept.Difference, now: float) -> tuple[OpenAlert, ...]:
        """Write alerts and their messages; a crash can part them no more."""
        before = read_open(db)
        new = kept.save(db, found, now)
        self._outbox.fill(db, (*found.new, *found.changed), before, now)
        return new

    async def show_kept(self) -> None:
        """Show what the database holds: another process evaluates the rules, or muted some."""
        async with self._lock:
            now = self._clock.time()
            self._show(*await self._look(now), now)

    async def mark_seen(self) -> None:
        """Remember that the director was shown all that the list holds."""
        unseen = [alert for alert in self.alerts if not alert.seen]
        if unseen:
            await self._change(lambda db: kept.mark_seen(db, unseen))

    async def mute(self, alert: OpenAlert, scope: MuteScope, seconds: float | None) -> None:
        """Show this alert, its rule's or its row's no more for so long; None: for ever."""
        until = None if seconds is None else self._clock.time() + seconds
        await self._change(lambda db: kept.mute(db, alert, scope, until))

    async def unmute_all(self) -> int:
        """Lift every mute; how many there were."""
        lifted: int = await self._change(kept.unmute_all)
        return lifted

    async def _change(self, work: Callable[[Any], Any]) -> Any:
        async with self._lock:
            now = self._clock.time()
            result = await self._store.write(work)
            self._show(*await self._look(now), now)
        return result

    async def _look(
        self, now: float, unsaved: kept.Difference = NOTHING
    ) -> tuple[tuple[OpenAlert, ...], set[AlertKey]]:
        """What is to be shown, and what is open now and was not at the last look.

        Both are of one reading: what another process writes a moment later is of the next one.
        `unsaved` is what the database does not know yet, because it takes nothing.
        """

        def read(db: Any) -> tuple[tuple[OpenAlert, ...], set[AlertKey]]:
            found = list(kept.apply(read_open(db), unsaved))
            return listed_alerts(db, found, self._book.off, now), {alert.key for alert in found}

        listed, known = await self._store.read(read)
        fresh = set() if self._known is None else known - self._known
        self._known = known
        return listed, fresh

    def _show(
        self, listed: tuple[OpenAlert, ...], fresh: set[AlertKey], now: float
    ) -> tuple[OpenAlert, ...]:
        """Tell subscribers what is shown now, and what of it is new."""
        unwritten = self._unwritten(now)
        alerts = (*unwritten, *listed)
        before = {alert.key for alert in self.alerts}
        new = {*fresh, *(alert.key for alert in unwritten)} - before
        shown = tuple(alert for alert in alerts if alert.key in new)
        if shown or alerts != self.alerts:
            self.alerts = alerts
            rings = self._book.settings.get("bell") is True
            self._state.announce(AttentionChanged(alerts, shown, rings=rings))
        return shown

    async def _safely(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except CorpsyncError as error:
            log.warning("rules could not be evaluated: %s", error.message)
        except Exception:
            log.exception("rules could not be evaluated")

    def _hear(self, event: SyncEvent) -> None:
        if isinstance(event, RunRecorded):
            run = event.run
            if run.result == "running":
                return
            if run.rows_added or run.rows_changed or run.rows_removed:
                self._changed.add(run.process_id)
        elif isinstance(event, ScheduleChanged):
            config = event.config
            if self._enabled.get(config.process_id) is not config.enabled:
                self._enabled[config.process_id] = config.enabled
                self._changed.add(config.process_id)
        else:
            return
        self._happened.set()

    def _take_wanted(self, now: float) -> Wanted:
        """Which rules are due: those of syncing always, since they cost nothing."""
        changed, self._changed = self._changed, set()
        every, timed = now >= self._all_due, now >= self._timed_due
        if every:
            self._all_due = now + EVERY_RULE
            self._enabled = {c.process_id: c.enabled for c in self._state.get_configs()}
        if timed:
            self._timed_due = now + EVERY - GATHER

        def wanted(rule: Rule, process_ids: Collection[str]) -> bool:
            if every or not process_ids or (timed and rule.timed):
                return True
            return not changed.isdisjoint(process_ids)

        return wanted

    def _unwritten(self, now: float) -> tuple[OpenAlert, ...]:
        """Failures that the database does not know of, because it takes nothing."""
        return tuple(
            OpenAlert(
                run.corporation_id,
                UNWRITTEN,
                run.process_type,
                "high",
                f"{process_title(run.process_type)} could not be stored: {run.error_message}",
                "retry",
                now if run.start_time is None else run.start_time.timestamp(),
                run.process_type,
                first_seen=now,
            )
            for run in self._state.unwritten_runs
        )


def _log(alerts: Collection[OpenAlert]) -> None:
    """`corpsync run` shows these lines."""
    for alert in islice(alerts, LINES):
        log.info("needs attention: %s", alert.sentence)
    if len(alerts) > LINES:
        log.info("needs attention: %d more, see `corpsync attention`", len(alerts) - LINES)
