"""From CCP's archive of JSON lines to `reference.db`: whole and checked, or not at all."""

from __future__ import annotations

import sqlite3
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec

from corpsync_tui.clock import Clock
from corpsync_tui.decoding import UNREADABLE
from corpsync_tui.errors import ValidationError
from corpsync_tui.reference.builds import Build, find_build
from corpsync_tui.reference.filling import MEMBERS, Member, Names
from corpsync_tui.store.connections import connect_copy
from corpsync_tui.store.failures import FAILURES, translate
from corpsync_tui.store.files import create_private, sync_folder, sync_to_disk
from corpsync_tui.store.reference import VERSION, create_tables

MOST_UNPACKED = 1_000_000_000
"""Bytes of a member; the largest has a tenth."""
LONGEST_LINE = 1_000_000
"""Bytes of a line; the longest has a hundredth."""
PIECE = 256 * 1024
"""Bytes unpacked at once: what bounds the memory."""
NEVER_EMPTY = ("type", "solar_system")
OWN_BUILD = "_sde.jsonl"
"""The member that says of which build the archive is."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises over an archive that is no whole, plain ZIP archive."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of an archive is."""

    step: str
    done: int
    total: int
    """Bytes; 0 where nobody knows."""


def silent(_: Progress) -> None:
    """Nobody listens."""


class StoppedError(Exception):
    """Whoever wanted the archive read wants it no more."""


@dataclass(slots=True)
class Watch:
    """Who looks on while an archive is read, in another thread, and may stop it."""

    tell: Callable[[Progress], None] = silent
    stop: threading.Event = field(default_factory=threading.Event)

    def progress(self, step: str, done: int, total: int) -> None:
        """Say how far it is.

        Raises:
            StoppedError: Nobody wants more.
        """
        if self.stop.is_set():
            raise StoppedError
        self.tell(Progress(step, done, total))


def load(
    archive: IO[bytes], path: Path, clock: Clock, build: Build | None, watch: Watch
) -> Build | None:
    """Read an archive into a new file, and give it the name `path` when it is complete.

    Blocks: call it in a thread. Killed at any moment it leaves the old file or the new one.
    Returns the build: what the archive says of itself where `build` is None.

    Raises:
        ValidationError: The archive is not what CCP's documents say; the sentence says where.
        DatabaseError: The file cannot be written.
        StoppedError: As `watch` wanted.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        create_private(draft)
        with closing(connect_copy(draft)) as db:
            build = _fill(db, archive, clock, build, watch)
        sync_to_disk(draft)
        draft.replace(path)
        sync_folder(path.parent)
    except FAILURES as error:
        raise translate(error, path) from error
    except DAMAGED as error:
        raise ValidationError(f"it is no whole ZIP archive: {error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return build


def _fill(
    db: sqlite3.Connection, archive: IO[bytes], clock: Clock, build: Build | None, watch: Watch
) -> Build | None:
    db.execute("PRAGMA journal_mode = OFF")  # nobody reads the file before it has its name
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    create_tables(db)
    with zipfile.ZipFile(archive) as packed:
        build = build or _own_build(packed)
        wanted = {member: _info(packed, member) for member in MEMBERS}
        total, done, names = sum(info.file_size for info in wanted.values() if info), 0, Names()
        for member, info in wanted.items():
            insert = _insert_statement(db, member.table)
            for size, entries in _entries(packed, member, info) if info else ():
                _insert(db, insert, member, entries, names)
                done += size
                watch.progress(f"Reading {member.name}", done, total)
    about = (build and build.number, build and build.released, clock.time())
    db.execute("INSERT INTO about VALUES (?, ?, ?)", about)
    for table in NEVER_EMPTY:
        if db.execute(f"SELECT 1 FROM {table}").fetchone() is None:
            raise ValidationError(f"it has nothing for the table {table}")
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")
    return build


def _own_build(packed: zipfile.ZipFile) -> Build | None:
    """The build that the archive says it is of."""
    if OWN_BUILD not in packed.namelist():
        return None
    with packed.open(OWN_BUILD) as stream:
        return find_build(stream.read(LONGEST_LINE))


def _info(packed: zipfile.ZipFile, member: Member) -> zipfile.ZipInfo | None:
    """Where a member is in the archive; None where it may be missing, and is."""
    try:
        info = packed.getinfo(f"{member.name}.jsonl")
    except KeyError:
        if member.optional:
            return None
        raise ValidationError(f"{member.name}.jsonl is missing") from None
    if info.file_size > MOST_UNPACKED:
        raise ValidationError(f"{info.filename} unpacks to more than 1 GB")
    return info


def _entries(
    packed: zipfile.ZipFile, member: Member, info: zipfile.ZipInfo
) -> Iterator[tuple[int, list[Any]]]:
    """A member's entries, piece by piece, with the bytes of each piece."""
    decoder, line = msgspec.json.Decoder(member.shape), 1
    with packed.open(info) as stream:
        for lines in _whole_lines(stream, info.filename):
            try:
                yield len(lines), decoder.decode_lines(lines)
            except UNREADABLE:
                number, error = _first_fault(decoder, lines)
                where = f"{info.filename}, line {line + number}"
                raise ValidationError(f"{where}: {error}") from None
            line += lines.count(b"\n")


def _whole_lines(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """What the stream holds, in pieces that end where a line ends."""
    rest = b""
    while piece := stream.read(PIECE):
        rest += piece
        first = rest.find(b"\n")
        if (first if first >= 0 else len(rest)) > LONGEST_LINE:
            raise ValidationError(f"{name} has a line of more than 1 MB")
        end = rest.rfind(b"\n") + 1
        yield rest[:end]
        rest = rest[end:]
    yield rest


def _first_fault(decoder: msgspec.json.Decoder[Any], lines: bytes) -> tuple[int, Exception]:
    """The first line that cannot be decoded, counted from 0, and why."""
    for number, line in enumerate(lines.split(b"\n")):
        try:
            if line.strip():
                decoder.decode(line)
        except UNREADABLE as error:
            return number, error
    raise ValidationError("the lines are no JSON")


def _insert_statement(db: sqlite3.Connection, table: str) -> str:
    columns = db.execute(f"SELECT * FROM {table}").description
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"


def _insert(
    db: sqlite3.Connection, insert: str, member: Member, entries: list[Any], names: Names
) -> None:
    try:
        db.executemany(insert, member.rows(entries, names))
    except sqlite3.IntegrityError as error:
        raise ValidationError(f"{member.name}.jsonl has an entry twice: {error}") from error
    except ValidationError as error:
        raise ValidationError(f"{member.name}.jsonl: {error.message}") from error
