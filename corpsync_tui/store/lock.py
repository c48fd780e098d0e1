"""One holder per data folder: a lock of the operating system, freed when its process dies."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError, HeldError

if TYPE_CHECKING:
    from filelock import FileLock

LOCK_NAME = "corpsync.lock"
"""The file that is locked. It is never deleted: that would split those who wait for it."""

HOLDER_NAME = "corpsync.holder"
"""Says who holds the lock."""

ATTEMPTS_OVERLAP = 1.0
"""Seconds to go on trying: others look whether the lock is free by taking it for an instant."""

NOTE_DELAY = 0.5
"""Seconds within which a holder has written who it is."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the data folder open."""

    pid: int
    since: float
    """Unix seconds."""
    command: str
    """`corpsync`, `corpsync run` or `corpsync sync`."""

    def sentence(self) -> str:
        """What a second one hears."""
        since = datetime.fromtimestamp(self.since, UTC).strftime("%d %b %H:%M EVE time")
        return (
            f"corpsync is already open: `{self.command}`, pid {self.pid}, since {since}; "
            "use that one, or close it first."
        )


class OwnerLock:
    """The right to write this data folder, held by one process until it releases it or dies."""

    def __init__(self, data_dir: Path, command: str, clock: Clock) -> None:
        self._data_dir = data_dir
        self._note = data_dir / HOLDER_NAME
        self._command = command
        self._clock = clock
        self._lock = _lock(data_dir)

    def acquire(self, patience: float = ATTEMPTS_OVERLAP) -> None:
        """Take the lock; the folder must be there.

        Raises:
            HeldError: Another process holds it still after `patience` seconds.
            DatabaseError: The folder cannot be written to.
        """
        try:
            self._lock.acquire(timeout=max(patience, ATTEMPTS_OVERLAP), poll_interval=0.05)
            self._write_note()
        except TimeoutError:
            raise HeldError(_holder_sentence(self._data_dir)) from None
        except OSError as error:
            self.release()
            raise DatabaseError(
                f"corpsync cannot write to {self._data_dir}: {error.strerror}."
            ) from error

    def release(self) -> None:
        """Give the folder back."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock.is_locked

    def _write_note(self) -> None:
        holder = Holder(os.getpid(), self._clock.time(), self._command)
        draft = self._note.with_name(HOLDER_NAME + ".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(holder), stream)
        draft.replace(self._note)


def holder(data_dir: Path) -> Holder | None:
    """Who holds the folder now; None where nobody does."""
    if not (data_dir / LOCK_NAME).exists():
        return None
    probe = _lock(data_dir)
    try:
        probe.acquire(timeout=0)
    except TimeoutError:
        return _read_note(data_dir)
    except OSError:  # a folder that cannot be written to has no holder
        return None
    probe.release()
    return None


def _lock(data_dir: Path) -> FileLock:
    from filelock import FileLock  # late: it costs commands that only look a third of their start

    return FileLock(data_dir / LOCK_NAME, mode=0o600, thread_local=False)


def _holder_sentence(data_dir: Path) -> str:
    return _read_note(data_dir).sentence()


def _read_note(data_dir: Path) -> Holder:
    """The holder's own words; it may not have had the time to write them yet."""
    deadline = time.monotonic() + NOTE_DELAY
    while True:
        try:
            holder = Holder(**json.loads((data_dir / HOLDER_NAME).read_text("utf-8")))
            if _alive(holder.pid) or time.monotonic() > deadline:
                return holder
        except (OSError, ValueError, TypeError):
            if time.monotonic() > deadline:
                return Holder(0, 0.0, "corpsync")
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    if os.name == "nt":  # os.kill would end the process there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
