"""The doctor's checks of this computer: settings, folders, disk, database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from corpsync_tui.clock import to_datetime
from corpsync_tui.errors import CorpsyncError, DatabaseError
from corpsync_tui.reference.overview import read_overview
from corpsync_tui.settings import Settings
from corpsync_tui.store.connections import WAL_LIMIT, is_there
from corpsync_tui.store.files import bytes_in, companions
from corpsync_tui.store.filesystem import refuse_unsafe_folder
from corpsync_tui.store.integrity import DamagedError, inspect
from corpsync_tui.store.opening import check_readable
from corpsync_tui.store.reference import is_present
from corpsync_tui.upkeep.check import Check, size

NO_REFERENCE = "none yet, what things are worth stays unknown: corpsync reference update"
LEAST_ROOM = 100_000_000
"""Bytes that must be free beside one more copy of the database."""
LARGE_WAL = 4 * WAL_LIMIT
"""Bytes of a WAL that somebody must be holding back."""


def settings_file(settings: Settings) -> Check:
    """Settings were read, or doctor had not come so far; without a client id nobody can log in."""
    file = settings.config_file
    if not settings.client_id:
        return Check(
            "settings",
            ok=False,
            detail="no client id: register an application at https://developers.eveonline.com/"
            f" and set CORPSYNC_CLIENT_ID, or client_id in {file}",
        )
    return Check("settings", ok=True, detail=str(file) if file.exists() else "no file, defaults")


def folders(settings: Settings) -> Iterator[Check]:
    """Each folder is there, or can be made; it is writable and closed to others."""
    named = {
        "data folder": settings.data_dir,
        "config folder": settings.config_file.parent,
        "log folder": settings.log_dir,
        "cache folder": settings.cache_dir,
    }
    for name, folder in named.items():
        yield _folder(name, folder)


def _folder(name: str, folder: Path) -> Check:
    there = _existing(folder)
    if not there.is_dir():
        return Check(name, ok=False, detail=f"{there} is no folder: move it away")
    if not os.access(there, os.W_OK | os.X_OK):
        return Check(name, ok=False, detail=f"{there} cannot be written to: chmod u+rwx {there}")
    if there != folder:
        return Check(name, ok=True, detail=f"{folder} will be made when it is needed")
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        return Check(name, ok=False, detail=f"others can enter {folder}: chmod 700 {folder}")
    return Check(name, ok=True, detail=str(folder))


def _existing(path: Path) -> Path:
    """The path, or the nearest above it that exists."""
    while not os.path.exists(path) and path != path.parent:  # noqa: PTH110 - no error where barred
        path = path.parent
    return path


def disk(settings: Settings) -> Check:
    """There is room for another copy of the database."""
    file = settings.database
    wanted = LEAST_ROOM + bytes_in(file)
    free = shutil.disk_usage(_existing(settings.data_dir)).free
    if free < wanted:
        detail = f"{size(free)} free at {settings.data_dir}, {size(wanted)} wanted: make room"
        return Check("disk", ok=False, detail=detail)
    return Check("disk", ok=True, detail=f"{size(free)} free")


def database(settings: Settings) -> Iterator[Check]:
    """The file is whole, of this version's schema, and on a disk of this computer."""
    file = settings.database
    try:
        if not is_there(file):
            yield Check("database", ok=True, detail="none yet: the first login makes it")
            return
    except DatabaseError as error:
        yield Check("database", ok=False, detail=error.message)
        return
    yield _health(file)
    yield _wal(file)


def _health(file: Path) -> Check:
    try:
        refuse_unsafe_folder(file.parent)
        check_readable(file)
        version = inspect(file, thorough=True)
    except DamagedError as damage:
        detail = f"{file.name} is damaged ({damage.message}): start corpsync to see the way back"
        return Check("database", ok=False, detail=detail)
    except CorpsyncError as error:
        return Check("database", ok=False, detail=error.message)
    if os.name == "posix" and file.stat().st_mode & 0o077:
        return Check("database", ok=False, detail=f"others can read {file}: chmod 600 {file}")
    detail = f"whole, schema {version}, {size(file.stat().st_size)}"
    return Check("database", ok=True, detail=detail)


def _wal(file: Path) -> Check:
    used = bytes_in(companions(file)[0])
    if used > LARGE_WAL:
        detail = f"WAL {size(used)}, held by a reader: close other programs that read {file.name}"
        return Check("write-ahead log", ok=False, detail=detail)
    return Check("write-ahead log", ok=True, detail=size(used))


def reference(settings: Settings) -> Check:
    """CCP's static data are there, or were never asked for; how old the market prices are."""
    found = read_overview(settings.reference, settings.database)
    if found.updated is None:
        broken = is_present(settings.reference)
        again = f"{settings.reference} cannot be used: corpsync reference update makes it again"
        return Check("reference data", ok=not broken, detail=again if broken else NO_REFERENCE)
    build = "an unknown build" if found.build is None else f"build {found.build}"
    prices = found.prices_time
    dated = "none yet" if prices is None else f"of {to_datetime(prices):%Y-%m-%d %H:%M} EVE"
    return Check("reference data", ok=True, detail=f"{build}, market prices {dated}")
