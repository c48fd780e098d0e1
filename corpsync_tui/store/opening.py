"""What is looked at and set right before a database file is used."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError, DatabaseError, OtherVersionError
from corpsync_tui.settings.folders import private_folder
from corpsync_tui.store.backup import backup_database, backup_path, newest_backup
from corpsync_tui.store.columns import CorporationTable
from corpsync_tui.store.connections import connect_writer, is_there
from corpsync_tui.store.creation import NO_VIEWS, Views, complete_schema, create_file
from corpsync_tui.store.failures import FAILURES, translate
from corpsync_tui.store.files import (
    companions,
    file_stamp,
    leftover_wal,
    make_private,
    move_aside,
)
from corpsync_tui.store.filesystem import refuse_unsafe_folder
from corpsync_tui.store.integrity import DamagedError, inspect
from corpsync_tui.store.lock import holder
from corpsync_tui.store.migrations import MIGRATIONS, Migration, latest, upgrade


def prepare(
    path: Path,
    models: Sequence[type[CorporationTable]],
    clock: Clock,
    *,
    owner: bool,
    migrations: Sequence[Migration] = MIGRATIONS,
    views: Views = NO_VIEWS,
) -> None:
    """Leave a file at `path` that is whole, private and of today's schema.

    Raises:
        DatabaseError: That cannot be done; the message says what to do instead.
    """
    private_folder(path.parent)
    refuse_unsafe_folder(path.parent)
    try:
        _prepare(path, models, clock, owner=owner, migrations=migrations, views=views)
    except CorpsyncError:
        raise
    except FAILURES as error:
        raise translate(error, path) from error


def check_readable(path: Path) -> None:
    """Make sure that a reader can use the file as it is.

    Raises:
        DatabaseError: It is damaged, or of another version's schema.
    """
    try:
        if leftover_wal(path) is not None:
            raise DatabaseError(
                f"{path.name} was restored beside a {path.name}-wal that is not its own: start "
                "corpsync, which sets that aside."
            )
        version = inspect(path, thorough=False)
    except DamagedError as damage:
        raise DatabaseError(
            f"{path.name} is damaged ({damage.message}): start corpsync, which moves it aside "
            "and names the newest backup."
        ) from damage
    except FAILURES as error:
        raise translate(error, path) from error
    _refuse_other(path, version)


def check_version(db: sqlite3.Connection, path: Path) -> None:
    """Make sure that an open file is of this version still: its holder may have been upgraded.

    Raises:
        OtherVersionError: It is not.
    """
    _refuse_other(path, db.execute("PRAGMA user_version").fetchone()[0])


def _refuse_other(path: Path, version: int) -> None:
    _refuse_newer(path, version, latest())
    if version < latest():
        raise _older(path)


def _prepare(
    path: Path,
    models: Sequence[type[CorporationTable]],
    clock: Clock,
    *,
    owner: bool,
    migrations: Sequence[Migration],
    views: Views,
) -> None:
    if not is_there(path):
        if any(file.exists() for file in companions(path)):
            move_aside(path, file_stamp(clock.time()), "orphan")
        create_file(path, models, views)
    alone = owner or holder(path.parent) is None
    if alone and leftover_wal(path) is not None:
        _set_wal_aside(path, clock)
    try:
        version = inspect(path, thorough=alone)
    except DamagedError as damage:
        raise _damaged(path, clock, damage, move=alone) from damage
    _refuse_newer(path, version, latest(migrations))
    make_private(path)
    if not alone:
        if version < latest(migrations):
            raise _older(path)
        return
    db = connect_writer(path)
    try:
        if version < latest(migrations):
            backup_database(
                path, backup_path(path, clock.time(), f"before-upgrade-of-schema-{version}")
            )
            upgrade(db, migrations)
        complete_schema(db, models, views)
    finally:
        db.close()


def _set_wal_aside(path: Path, clock: Clock) -> None:
    wal, shm, _ = companions(path)
    wal.rename(wal.with_name(f"{wal.name}.orphan-{file_stamp(clock.time())}"))
    shm.unlink(missing_ok=True)


def _refuse_newer(path: Path, version: int, known: int) -> None:
    if version > known:
        raise OtherVersionError(
            f"{path.name} was written by a newer corpsync (schema {version}, this one knows "
            f"{known}): upgrade corpsync. The file was left as it is."
        )


def _older(path: Path) -> OtherVersionError:
    return OtherVersionError(
        f"{path.name} was written by an older corpsync: start corpsync once, which backs it up "
        "and upgrades it."
    )


def _damaged(path: Path, clock: Clock, damage: DamagedError, *, move: bool) -> DatabaseError:
    if not move:
        return DatabaseError(f"{path.name} is damaged ({damage.message}): restart corpsync.")
    aside = move_aside(path, file_stamp(clock.time()), "damaged")
    backup = newest_backup(path)
    way_back = f"copy the newest backup, {backup}, to {path}" if backup else "there is no backup"
    return DatabaseError(
        f"{path.name} is damaged ({damage.message}) and was moved aside to {aside}. "
        f"To go back, {way_back}; to begin with an empty one, start corpsync again."
    )
