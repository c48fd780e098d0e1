"""What a holder of the data folder does once an hour, beside syncing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError, DatabaseError
from corpsync_tui.store.backup import daily_backup
from corpsync_tui.store.changelog import trim
from corpsync_tui.store.changepack import pack_oldest
from corpsync_tui.store.database import Store
from corpsync_tui.store.memory import give_back

DAY = 86_400.0
UPKEEP_EVERY = 3600.0
"""Seconds between two rounds."""

log = logging.getLogger(__name__)

Duty = Callable[[], Awaitable[None]]


class Upkeep:
    """A daily backup, a change log that does not grow for ever, and `further` duties.

    `notice` tells the director.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        kept_days: int,
        kept_rows: int,
        further: Sequence[Duty],
        notice: Callable[[str], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._kept_days = kept_days
        self._kept_rows = kept_rows
        self._duties = (
            self._back_up,
            *further,
            self._trim_changes,
            self._pack_changes,
            self._give_back,
        )
        self._notice = notice

    async def follow(self) -> None:
        """Do every duty now, then once an hour."""
        while True:
            for duty in self._duties:
                await self._attempt(duty)
            await self._clock.sleep(UPKEEP_EVERY)

    async def _attempt(self, duty: Duty) -> None:
        """Do one duty; what goes wrong waits for the next time, and harms no other duty."""
        try:
            await duty()
        except CorpsyncError as error:
            log.info("upkeep: %s", error.message)
        except Exception as error:
            log.exception("upkeep failed")
            name = type(error).__name__
            self._notice(f"corpsync made a mistake in its upkeep ({name}), and goes on.")

    async def _back_up(self) -> None:
        try:
            await asyncio.to_thread(daily_backup, self._store.path, self._clock.time())
        except DatabaseError as error:
            self._notice(f"Today's backup could not be made: {error.message}")

    async def _trim_changes(self) -> None:
        """Forget old changes in small steps, between which a sync may write."""
        before = self._clock.time() - self._kept_days * DAY
        while await self._store.write(lambda db: trim(db, before)):
            pass

    async def _pack_changes(self) -> None:
        """Pack changes that have become old in small steps, too."""
        while await self._store.write(lambda db: pack_oldest(db, self._kept_rows)):
            pass

    async def _give_back(self) -> None:
        """Give back the memory that screens, exports and boards took, too."""
        await self._store.write(give_back, transaction=False)
