"""One process at a time at a character's login, and when it was refreshed last."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from corpsync_tui.clock import Clock
from corpsync_tui.errors import KeyringError

LOCK_WAIT = 120.0
"""Seconds to wait for another process at the same login."""
_LOOK = 0.05
"""Seconds between two looks at the lock."""


class LoginLock:
    """Two files in the data folder: one held while a login changes, one as old as its refresh.

    The time of the first says nothing: some versions of filelock set it at each look, or remove it.
    """

    def __init__(self, folder: Path, character_id: int, clock: Clock) -> None:
        self._file = folder / f"login-{character_id}.lock"
        self._refreshed = self._file.with_suffix(".refreshed")
        self._clock = clock
        self._here = asyncio.Lock()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the login against this process and all others.

        Raises:
            KeyringError: another process does not let go of it, or the folder cannot be used.
        """
        async with self._here:
            lock = FileLock(self._file, mode=0o600, thread_local=False)
            await self._acquire(lock)
            try:
                yield
            finally:
                lock.release()

    async def _acquire(self, lock: FileLock) -> None:
        end = self._clock.monotonic() + LOCK_WAIT
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            while True:
                with suppress(Timeout):
                    lock.acquire(blocking=False)
                    return
                if self._clock.monotonic() > end:
                    raise KeyringError("another corpsync does not let go of the login")
                await self._clock.sleep(_LOOK)
        except OSError as error:
            raise KeyringError(f"the login cannot be locked: {error.strerror}") from None

    def refreshed(self) -> float:
        """When the login was refreshed last, in Unix seconds; 0 where nobody knows."""
        try:
            return self._refreshed.stat().st_mtime
        except OSError:
            return 0.0

    def mark(self) -> None:
        """The login was refreshed now."""
        now = self._clock.time()
        with suppress(OSError):
            self._refreshed.touch(mode=0o600)
            os.utime(self._refreshed, (now, now))
