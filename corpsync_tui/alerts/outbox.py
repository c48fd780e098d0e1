"""Sends what waits in the outbox: one sender for each sink, each message until it is accepted."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from corpsync_tui.alerts import queue
from corpsync_tui.alerts.delivery import Delivery
from corpsync_tui.alerts.evaluate import RuleBook
from corpsync_tui.alerts.monthly import MonthlyReports
from corpsync_tui.alerts.queue import SinkState, Waiting
from corpsync_tui.alerts.quiet import digest_day, is_quiet
from corpsync_tui.alerts.sinks.discord import EMBEDS, count_fitting
from corpsync_tui.alerts.sinks.message import Answer, from_rows
from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import plural
from corpsync_tui.queries.alerts import AlertKey, OpenAlert, listed_alerts, read_open
from corpsync_tui.settings.alerts import SINKS
from corpsync_tui.settings.attention import OF_SYNCING
from corpsync_tui.store.database import Store
from corpsync_tui.text import one_line

PACE = 2.5
"""Seconds between two messages to one sink."""
FLOOD = 20
"""Waiting messages above which one digest is sent in their place."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
"""Seconds until a failed message is tried again, doubled each time up to the second."""
BELIEVED = 3_600.0
"""Seconds above which a moment to try again is no wait, but a clock that was set back."""
STALE, STALE_REPORT = 86_400.0, 28 * 86_400.0
"""Seconds after which an alert, a month's report is of no use any more."""
LOOK_EVERY = 60.0
"""Seconds between two looks at addresses, quiet hours and the daily digest."""
FAILURES_OF_ALERTS = frozenset(key.name for key in OF_SYNCING)
"""Rules about what would make alerts fail: the daily digest with them comes in quiet hours too."""

log = logging.getLogger(__name__)


class Outbox:
    """Queues alerts for the sinks that are set up, and sends them."""

    def __init__(self, store: Store, delivery: Delivery, clock: Clock, book: RuleBook) -> None:
        self.delivery = delivery
        self._store = store
        self._settings = delivery.settings
        self._clock = clock
        self._book = book
        self._monthly = MonthlyReports(store, clock, book.boards)
        self._registered: set[str] = set()
        self._look_due = -math.inf
        self._resting: dict[str, float] = {}
        """Until when a sink is left alone, by the monotonic clock."""
        self._accepted: dict[str, Sequence[Waiting]] = {}
        """By sink, the message that it took, until that is written: nothing is sent before."""
        self._suspects: set[int] = set()
        """Rows of messages that were refused as a whole: each goes alone, to find the culprit."""
        self._wakes = {sink: asyncio.Event() for sink in SINKS}

    # Queueing

    async def look(self) -> bool:
        """Learn which sinks there are; whether one of them is new and is to be registered.

        One that is registered no more was added again or removed: its address may be another.
        """
        before, self._registered = self._registered, set(await self._store.read(queue.read_sinks))
        if self._clock.monotonic() >= self._look_due or not self._registered.issuperset(before):
            self._look_due = self._clock.monotonic() + LOOK_EVERY
            sinks = self.delivery.sinks()
            await self.delivery.read_addresses()
            if self.delivery.sinks() != sinks:
                self.wake()  # what waited for a corpsync to start goes now
        return not self._registered.issuperset(self.delivery.sinks())

    def fill(
        self,
        db: Any,
        alerts: Iterable[OpenAlert],
        before: Mapping[AlertKey, OpenAlert],
        now: float,
    ) -> None:
        """Queue alerts that are new, in the transaction that writes them.

        `before` are the alerts that were open; a sink that is new starts with nothing. One that was
        forgotten since the last look waits for the next one.
        """
        known = queue.read_sinks(db)
        wanted = {}
        for sink in SINKS:
            if sink in known:
                if self.delivery.may_be_set_up(sink) and not known[sink].off:
                    wanted[sink] = self._settings.level_of(sink)
            elif self.delivery.is_set_up(sink) and sink not in self._registered:
                queue.write_sink(db, sink, SinkState(now, self._digest_day(now)))
                self._registered.add(sink)
        listed = listed_alerts(db, alerts, self._book.off, now)
        mute = self._settings.mute
        unmuted = [a for a in listed if not {a.rule, f"{a.rule}:{a.dedupe_key}"}.intersection(mute)]
        queue.add_alerts(db, wanted, unmuted, before, now)

    def wake(self) -> None:
        """Something was queued, or a sink registered."""
        for event in self._wakes.values():
            event.set()

    # Sending

    async def follow(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for sink in SINKS:
                if self._settings.uses(sink):
                    tasks.create_task(self._serve(sink))

    async def _serve(self, sink: str) -> None:
        self._rest(sink, PACE)  # the corpsync before this one may have sent just now
        while True:
            self._wakes[sink].clear()
            try:
                wait = await self.send_next(sink)
            except CorpsyncError as error:
                wait = LOOK_EVERY
                log.warning("alerts to %s wait: %s", sink, error.message)
            except Exception:
                wait = LOOK_EVERY
                log.exception("alerts to %s wait", sink)
            await self._clock.wait(self._wakes[sink], wait)

    def _rest(self, sink: str, seconds: float) -> None:
        self._resting[sink] = self._clock.monotonic() + seconds

    async def send_next(self, sink: str) -> float:
        """Send the next message that is due, if any; the seconds until the next look."""
        if not self.delivery.is_set_up(sink):
            return LOOK_EVERY
        rest = self._resting.get(sink, 0.0) - self._clock.monotonic()
        if rest > 0:
            return rest
        if sink in self._accepted:
            await self._write_sent(sink)
        now = self._clock.time()
        quiet = is_quiet(self._settings.quiet, self._settings.quiet_zone, now)
        state, rows = await self._store.read(
            lambda db: (queue.read_sinks(db).get(sink), queue.read_waiting(db, sink))
        )
        if state is None or state.off:
            return LOOK_EVERY
        if self._has_digest(sink) and self._digest_day(now) > state.digest_day:
            await self._store.write(lambda db: self._add_digest(db, sink, state, now))
            return 0.0
        if sink == self._settings.report and await self._monthly.queue_due(sink, state.since):
            return 0.0
        if await self._sort_out(rows, quiet, now):
            return 0.0
        batch, digest = choose(sink, rows, quiet)
        if not batch:
            return LOOK_EVERY
        if batch[0].id in self._suspects:
            batch, digest = batch[:1], ""
        until = batch[0].next_try - now
        if 0 < until <= BELIEVED:
            return min(until, LOOK_EVERY)
        message = from_rows([row.payload for row in batch], digest)
        answer = await self.delivery.send(sink, message)
        self._rest(sink, max(PACE, answer.wait or 0.0))
        await self._record(sink, state, batch, answer)
        return PACE

    async def _sort_out(self, rows: Sequence[Waiting], quiet: bool, now: float) -> bool:  # noqa: FBT001
        """Give up what is stale and hold back what is to be quiet; whether there was any."""
        stale = [r for r in rows if now - r.made > (STALE_REPORT if r.is_report else STALE)]
        soft = [r for r in rows if r.level != "high" and not r.is_report]
        held = [row for row in soft if quiet and row.state == "waiting"]
        if not stale and not held:
            return False

        def write(db: Any) -> None:
            queue.set_state(db, held, "held")
            queue.set_state(db, stale, "stale")
            queue.trim(db, now)

        await self._store.write(write)
        if stale:
            log.warning("%d messages could not be sent in time and are given up", len(stale))
        return True

    async def _record(
        self, sink: str, state: SinkState, batch: Sequence[Waiting], answer: Answer
    ) -> None:
        """Write what came of a message."""
        if answer.accepted:
            self._accepted[sink] = batch
            await self._write_sent(sink)
            return
        now = self._clock.time()

        def write(db: Any) -> None:
            if answer.gone:
                if queue.read_sinks(db).get(sink) == state:  # else it was added anew meanwhile
                    queue.write_sink(db, sink, replace(state, off=answer.sentence))
            elif answer.refused:
                if len(batch) == 1:
                    queue.set_state(db, batch, "refused")
            elif answer.wait is not None:
                queue.put_off(db, batch, now + answer.wait, failed=False)
            else:
                wait = min(FIRST_WAIT * 2.0 ** min(batch[0].tries, 20), LONGEST_WAIT)
                queue.put_off(db, batch, now + wait, failed=True)

        await self._store.write(write)
        if answer.gone:
            log.error("%s takes no alerts any more (%s): add it again", sink, answer.sentence)
        elif answer.refused and len(batch) == 1:
            fact = one_line(batch[0].fact)
            log.error(
                "%s refuses an alert (%s), which is given up: %s", sink, answer.sentence, fact
            )
        elif answer.refused:
            self._suspects |= {row.id for row in batch}
            log.warning("%s refuses alerts (%s): each is sent alone", sink, answer.sentence)
        else:
            log.warning("alerts to %s are tried again: %s", sink, answer.sentence)

    async def _write_sent(self, sink: str) -> None:
        """Write that a sink took a message; where that fails, it is kept for the next look."""
        batch, now = self._accepted[sink], self._clock.time()

        def write(db: Any) -> None:
            queue.set_state(db, batch, "sent")
            queue.trim(db, now)

        await self._store.write(write)
        del self._accepted[sink]

    # The daily digest

    def _has_digest(self, sink: str) -> bool:
        return self._settings.level_of(sink) != "off"

    def _digest_day(self, now: float) -> str:
        return digest_day(self._settings.digest, now) if self._settings.digest else ""

    def _add_digest(self, db: Any, sink: str, state: SinkState, now: float) -> None:
        """Queue the digest of the day, if anything is open and the sink still as it was read."""
        if queue.read_sinks(db).get(sink) != state:
            return
        day = self._digest_day(now)
        queue.write_sink(db, sink, replace(state, digest_day=day))
        alerts = listed_alerts(db, read_open(db).values(), self._book.off, now)
        if alerts:
            urgent = any(alert.rule in FAILURES_OF_ALERTS for alert in alerts)
            title = f"corpsync: {len(alerts):,} open on {day}"
            queue.add_digest(db, sink, alerts, title, "high" if urgent else "medium", now)


def choose(sink: str, rows: Sequence[Waiting], quiet: bool) -> tuple[Sequence[Waiting], str]:  # noqa: FBT001
    """The rows of the next message, and its title where it is a digest."""
    held = [row for row in rows if row.state == "held"]
    if held and not quiet:
        return held, f"corpsync: {plural(len(held), 'alert')} of the quiet hours"
    waiting = [row for row in rows if row.state == "waiting" and not row.is_report]
    if not waiting and not quiet:
        return [row for row in rows if row.is_report][:1], ""
    if len(waiting) > FLOOD:
        return waiting, f"corpsync: {len(waiting):,} alerts"
    if waiting and _is_digest(waiting[0]):
        return waiting[:1], ""
    alerts = [row for row in waiting if not _is_digest(row)][:EMBEDS]
    if sink == "discord":
        alerts = alerts[: count_fitting(from_rows([row.payload for row in alerts]).items)]
    return alerts, ""


def _is_digest(row: Waiting) -> bool:
    return row.payload.startswith('{"digest"')
