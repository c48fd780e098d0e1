"""Bringing `reference.db` up to CCP's newest build, or up to an archive from a file."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from corpsync_tui.clock import Clock
from corpsync_tui.errors import (
    DatabaseError,
    EsiError,
    HeldError,
    NetworkError,
    ValidationError,
)
from corpsync_tui.esi.http import Bounds, Http
from corpsync_tui.reference.archive import Progress, Watch, load, silent
from corpsync_tui.reference.builds import Build, ask_newest, load_known, save_known
from corpsync_tui.reference.ranges import Source
from corpsync_tui.settings import Settings
from corpsync_tui.settings.folders import private_folder
from corpsync_tui.store.failures import translate
from corpsync_tui.store.reference import is_present, present_build
from corpsync_tui.waiting import outlasting

DAY = 86_400.0
BOUNDS = Bounds(whole=3600.0)
"""A slow line may take its time for the whole archive, as long as something comes."""

Tell = Callable[[Progress], None]


class ReferenceUpdate:
    """Keeps one installation's `reference.db`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._path = settings.reference
        self._base = settings.static_url
        self._contact = settings.contact
        self._clock = clock
        self.progress: Progress | None = None
        """How far the reading is that is under way."""

    @property
    def due(self) -> bool:
        """Whether there is static data whose build was not asked for within a day."""
        asked = load_known(self._known_file).asked
        return is_present(self._path) and not 0 <= self._clock.time() - asked < DAY

    async def newest(self, tell: Tell = silent) -> bool:
        """Ask for the newest build, and read it unless it is there; whether it was read.

        `tell` is called from other threads, too. Cancelled or failed, the old data stay.

        Raises:
            HeldError: Another corpsync is reading it.
            NetworkError: CCP's server could not be reached.
            EsiError: It has no such archive.
            ValidationError: The archive was refused.
            DatabaseError: The file cannot be written.
        """
        http = Http(self._clock, self._contact, BOUNDS)
        try:
            with self._alone(), _explained("CCP's static data"):
                build = await self._ask(http)
                if build.number == present_build(self._path):
                    return False
                await self._fetch(http, build, self._watch(tell))
        finally:
            await http.aclose()
        return True

    async def from_file(self, file: Path, tell: Tell = silent) -> None:
        """Read an archive that is on this computer; errors as for `newest`."""
        number = re.fullmatch(r"eve-online-static-data-(\d{1,12})-jsonl\.zip", file.name)
        with self._alone(), _explained(file.name):
            try:
                archive = file.open("rb")
            except OSError as error:
                raise ValidationError(f"it cannot be read: {error.strerror}") from None
            with archive:
                build = Build(int(number[1])) if number else None
                await self._load(archive, build, self._watch(tell))

    def _watch(self, tell: Tell) -> Watch:
        def listen(progress: Progress) -> None:
            self.progress = progress
            tell(progress)

        return Watch(listen)

    async def _ask(self, http: Http) -> Build:
        known = await ask_newest(http, self._base, load_known(self._known_file), self._clock.time())
        try:
            save_known(self._known_file, known)
        except OSError as error:
            raise translate(error, self._known_file) from error
        assert known.build is not None  # noqa: S101 - the newest always is one
        return known.build

    async def _fetch(self, http: Http, build: Build, watch: Watch) -> None:
        url = f"{self._base}/tranquility/eve-online-static-data-{build.number}-jsonl.zip"
        source = Source(http, self._clock, url, watch)
        with tempfile.TemporaryFile(dir=self._path.parent) as whole:
            archive = await source.open(whole)
            await self._load(archive, build, watch, source.abort)

    async def _load(
        self,
        archive: IO[bytes],
        build: Build | None,
        watch: Watch,
        abort: Callable[[], None] = lambda: None,
    ) -> None:
        """Read the archive in a thread, which ends before this does."""
        work = asyncio.ensure_future(
            asyncio.to_thread(load, archive, self._path, self._clock, build, watch)
        )
        try:
            await outlasting(work)
        except asyncio.CancelledError:
            watch.stop.set()
            abort()
            await asyncio.gather(work, return_exceptions=True)
            raise

    @property
    def _known_file(self) -> Path:
        return self._path.with_suffix(".json")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        private_folder(self._path.parent)
        lock = FileLock(self._path.with_suffix(".lock"), mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise HeldError("Another corpsync is already reading CCP's static data.") from None
        try:
            yield
        finally:
            self.progress = None
            lock.release()


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Say of what an error is, and that nothing was lost."""
    try:
        yield
    except DatabaseError:
        raise
    except ValidationError as error:
        raise ValidationError(
            f"{what} was refused: {error.message}. What was there before stays."
        ) from error
    except NetworkError as error:
        raise NetworkError(f"{what} could not be read: {error.message}.") from error
    except EsiError as error:
        raise EsiError(f"{what} could not be read: {error.message}.") from error
