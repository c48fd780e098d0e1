"""Files as files: private, whole, and the one that was opened; the end of a log."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpsync_tui.store.failures import replaced

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file that is open, or was when its process died."""


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file on which disk a path meant when it was opened."""

    path: Path
    device: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> FileIdentity:
        """The identity of the file that is there now."""
        stat = path.stat()
        return cls(path, stat.st_dev, stat.st_ino)

    def check(self) -> None:
        """Make sure that the path still means this file.

        Raises:
            DatabaseError: It was deleted or replaced; what is written now would be lost.
        """
        try:
            now = FileIdentity.of(self.path)
        except FileNotFoundError:
            raise replaced(self.path) from None
        if now != self:
            raise replaced(self.path)


def create_private(path: Path) -> None:
    """Create an empty file for its owner alone; one that is there already is an error."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    path.chmod(0o600)


def make_private(path: Path) -> None:
    """Take group's and others' rights from a file that came from elsewhere."""
    for file in (path, *companions(path)):
        with contextlib.suppress(FileNotFoundError):  # the last program to close it removes them
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def place(finished: Path, path: Path) -> None:
    """Give a finished file its name, on disk for good, never over another file.

    Raises:
        FileExistsError: There is a file of that name.
    """
    sync_to_disk(finished)
    try:
        os.link(finished, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from None
        finished.rename(path)
    else:
        finished.unlink()
    sync_folder(path.parent)


def sync_to_disk(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the folder's names are on the disk, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def companions(path: Path) -> list[Path]:
    """The files that belong to a database file, whether they are there or not."""
    return [path.with_name(path.name + ending) for ending in COMPANIONS]


def remove_with_companions(path: Path) -> None:
    """Delete a file that was only a means, with what SQLite left beside it."""
    for file in (path, *companions(path)):
        file.unlink(missing_ok=True)


def move_aside(path: Path, stamp: str, why: str) -> Path:
    """Rename a file and its companions to `corpsync.db.<why>-<stamp>`; nothing is overwritten."""
    target = path.with_name(f"{path.name}.{why}-{stamp}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.{why}-{stamp}-{number}")
    for old, new in zip((path, *companions(path)), (target, *companions(target)), strict=True):
        if old.name.endswith("-shm") or (old != path and not bytes_in(old)):
            old.unlink(missing_ok=True)  # SQLite makes it anew
        else:
            with contextlib.suppress(FileNotFoundError):
                old.rename(new)
    return target


def bytes_in(path: Path) -> int:
    """A file's size; 0 where there is none, none any more, or none that may be looked at."""
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return 0


def leftover_wal(path: Path) -> Path | None:
    """A WAL beside a file that was never in WAL mode, such as a backup put in a crash's place.

    SQLite would apply it all the same, and the restored file would be damaged.
    """
    with path.open("rb") as stream:
        header = stream.read(20)
    wal = path.with_name(path.name + "-wal")
    return wal if header[18:20] == b"\x01\x01" and bytes_in(wal) else None


def file_stamp(seconds: float) -> str:
    """A UTC time as file names bear it: `20261124T140500Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def last_lines(file: Path, number: int) -> list[str]:
    """The end of a text file; nothing where it cannot be read."""
    try:
        with file.open("r", encoding="utf-8", errors="replace") as lines:
            return [line.rstrip("\n") for line in deque(lines, number)]
    except OSError:
        return []
