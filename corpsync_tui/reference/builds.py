"""CCP's builds of the static data: which is the newest, and which was last known to be."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.errors import EsiError, ValidationError
from corpsync_tui.esi.http import Http


class Build(Struct, frozen=True):
    """One build."""

    number: Int64
    released: str | None = None
    """ISO."""


class _Record(Struct):
    """A line of `latest.jsonl`, and of the archive's own `_sde.jsonl`."""

    key: str | Int64 = msgspec.field(name="_key")
    number: Int64 | None = msgspec.field(name="buildNumber", default=None)
    released: str | None = msgspec.field(name="releaseDate", default=None)


def find_build(lines: bytes) -> Build:
    """The build that a record with the key `sde` tells.

    Raises:
        ValidationError: There is none.
    """
    try:
        records = msgspec.json.Decoder(_Record).decode_lines(lines)
    except UNREADABLE as error:
        raise ValidationError(f"the record of the build cannot be read: {error}") from None
    for record in records:
        if record.key == "sde" and record.number is not None:
            return Build(record.number, record.released)
    raise ValidationError("no record tells the build")


class Known(Struct, frozen=True):
    """What CCP said last, and when it was asked."""

    asked: float = 0.0
    """Unix seconds."""
    etag: str | None = None
    build: Build | None = None


def load_known(file: Path) -> Known:
    """What was kept; nothing where it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Known)
    except (OSError, *UNREADABLE):
        return Known()


def save_known(file: Path, known: Known) -> None:
    """Keep it, for its owner alone.

    Raises:
        OSError: The file cannot be written.
    """
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.encode(known))
    beside.replace(file)


async def ask_newest(http: Http, base: str, known: Known, now: float) -> Known:
    """Ask for the newest build, with the validator of the last answer.

    Raises:
        NetworkError: Nobody answered.
        EsiError: The answer is no build.
        ValidationError: The same.
    """
    conditional = {"If-None-Match": known.etag} if known.etag and known.build else {}
    reply = await http.send("GET", f"{base}/tranquility/latest.jsonl", headers=conditional)
    if reply.status == 304 and conditional:
        return Known(now, known.etag, known.build)
    if reply.status != 200:
        raise EsiError(f"the server answers {reply.status}", status=reply.status)
    return Known(now, reply.headers.get("etag"), find_build(reply.body))
