"""Changes packed together: those of a large run, and those that have become old.

A row `bulk` of the change log stands for them, with their numbers; `change_pack` holds them.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import starmap
from typing import Any, NamedTuple

import msgspec

KEPT_ROWS = 200_000
"""Changes that are kept one by one: older ones are packed."""

PACKED_AT_ONCE = 2_000
"""Changes packed in one transaction: some fifty milliseconds, so that no sync waits."""

BULK = "bulk"
DAY = 86_400.0

INSERT_PACK = "INSERT INTO main.change_pack (change_id, rows) VALUES (?, ?)"


class Recorded(NamedTuple):
    """A change as the log keeps it: key, before and after are JSON."""

    kind: str
    key: str
    before: str | None
    after: str | None


class _Line(msgspec.Struct, array_like=True):
    kind: str
    key: msgspec.Raw
    before: msgspec.Raw
    after: msgspec.Raw
    time: float | None = None


class Unpacked(NamedTuple):
    """A change as `Recorded`, and when it was."""

    kind: str
    key: str
    before: str | None
    after: str | None
    time: float | None
    """Unix seconds; None where all of the pack are of one run."""


def pack(rows: Iterable[Recorded]) -> bytes:
    """The changes of a run, one JSON array a line, compressed."""
    return _packed(starmap(_line, rows))


def unpack(packed: bytes, keys: Collection[str] | None = None) -> Iterator[Unpacked]:
    """The changes in a pack, in order; only those of these keys, which are of numbers alone."""
    decode = msgspec.json.Decoder(_Line).decode
    wanted = None if keys is None else {key.encode() for key in keys}
    for text in zlib.decompress(packed).splitlines():
        if wanted is not None and text[text.find(b"{") : text.find(b"}") + 1] not in wanted:
            continue
        line = decode(text)
        yield Unpacked(
            line.kind, bytes(line.key).decode(), _side(line.before), _side(line.after), line.time
        )


def _side(raw: msgspec.Raw) -> str | None:
    text = bytes(raw).decode()
    return None if text == "null" else text


def find_packed(packed: bytes, words: bytes) -> Iterator[str]:
    """The keys of the changes that bear these words, a regular expression, anywhere."""
    decode = msgspec.json.Decoder(_Line).decode
    found = re.compile(words).search
    for text in zlib.decompress(packed).splitlines():
        if found(text):
            yield bytes(decode(text).key).decode()


def pack_oldest(db: sqlite3.Connection, kept: int, at_once: int = PACKED_AT_ONCE) -> bool:
    """Pack some of the oldest changes if well over `kept` are one by one; whether any were.

    Those of one table and day go together. The newest of them becomes the row that stands for
    all; its `after` says how many there are, and `since` when, in Unix seconds.
    """
    first, last = db.execute(
        "SELECT (SELECT id FROM change WHERE kind != ? ORDER BY id LIMIT 1), "
        "(SELECT MAX(id) FROM change)",
        (BULK,),
    ).fetchone()
    if first is None or last - first < kept + at_once:
        return False
    rows = db.execute(
        "SELECT corporation_id, table_name, time, id, kind, row_key, before, after FROM change "
        "WHERE id >= ? AND id < ? ORDER BY id",
        (first, first + at_once),
    )
    groups: list[list[tuple[Any, ...]]] = []
    growing: dict[tuple[int, str], list[tuple[Any, ...]]] = {}
    for corporation_id, table, time, id_, kind, *row in rows:
        place = corporation_id, table
        if kind == BULK:
            growing.pop(place, None)  # what is newer than it must stay behind it
            continue
        if place not in growing or growing[place][-1][0] // DAY != time // DAY:
            growing[place] = []
            groups.append(growing[place])
        growing[place].append((time, id_, kind, *row))
    for group in groups:
        _replace(db, group)
    return True


def _replace(db: sqlite3.Connection, group: list[tuple[Any, ...]]) -> None:
    """Let one row stand for all of these: time, id, kind, key, before and after of each."""
    *others, (_, newest, *_) = group
    latest = max(time for time, *_ in group)
    shown = {**Counter(kind for _, _, kind, *_ in group), "since": group[0][0]}
    db.executemany("DELETE FROM change WHERE id = ?", ((id_,) for _, id_, *_ in others))
    db.execute(
        "UPDATE change SET kind = ?, time = ?, row_key = NULL, before = NULL, after = ? "
        "WHERE id = ?",
        (BULK, latest, msgspec.json.encode(shown).decode(), newest),
    )
    lines = (f"{_line(*row)[:-2]},{time!r}]\n" for time, _, *row in group)
    db.execute(INSERT_PACK, (newest, _packed(lines)))


def _line(kind: str, key: str, before: str | None, after: str | None) -> str:
    return f'["{kind}",{key},{before or "null"},{after or "null"}]\n'


def _packed(lines: Iterable[str]) -> bytes:
    packer = zlib.compressobj()
    return b"".join(packer.compress(line.encode()) for line in lines) + packer.flush()
