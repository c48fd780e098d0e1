"""The copies in hand: per URL, until when it is current, and which rows came with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection

from corpsync_tui.esi.routes import Validator

_KEY = "process_id = ? AND dataset = ? AND url = ?"
"""The whole key: without the data set, each page would be sought among all others."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy in hand of one URL, as the database keeps it."""

    validator: Validator
    rows: int = 0
    """Rows of its last reading."""
    keys: bytes = b""
    """The page keys of its rows, see `Dataset.packed`."""
    dataset: str = ""
    """The table it feeds."""


def load_copies(db: Connection, process_id: str) -> dict[str, Copy]:
    """What a process has in hand, by URL."""
    found = db.execute(
        "SELECT url, etag, last_modified, expires, pages, rows, keys, dataset FROM validator "
        "WHERE process_id = ?",
        (process_id,),
    )
    return {
        url: Copy(Validator(etag, modified, expires, pages), rows, keys or b"", dataset)
        for url, etag, modified, expires, pages, rows, keys, dataset in found
    }


def save_copies(
    db: Connection, process_id: str, copies: Mapping[str, Copy], known: Mapping[str, Copy]
) -> None:
    """Store what a run has read or confirmed; a confirmed copy's keys are left as they are."""
    renewed = [
        (
            c.validator.etag,
            c.validator.last_modified,
            c.validator.expires,
            c.validator.pages,
            process_id,
            c.dataset,
            url,
        )
        for url, c in copies.items()
        if url in known and _same_rows(known[url], c) and known[url].validator != c.validator
    ]
    db.executemany(
        f"UPDATE validator SET etag = ?, last_modified = ?, expires = ?, pages = ? WHERE {_KEY}",
        renewed,
    )
    read = [
        (
            process_id,
            url,
            c.dataset,
            c.validator.etag,
            c.validator.last_modified,
            c.validator.expires,
            c.validator.pages,
            c.rows,
            c.keys,
        )
        for url, c in copies.items()
        if url not in known or not _same_rows(known[url], c)
    ]
    db.executemany(
        "INSERT OR REPLACE INTO validator "
        "(process_id, url, dataset, etag, last_modified, expires, pages, rows, keys) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        read,
    )


def _same_rows(one: Copy, other: Copy) -> bool:
    return one.rows == other.rows and one.keys == other.keys


def drop_copies(db: Connection, process_id: str, copies: Mapping[str, Copy]) -> None:
    """Forget copies in hand: of pages that are no more, or whose rows were lost."""
    db.executemany(
        f"DELETE FROM validator WHERE {_KEY}",
        [(process_id, c.dataset, url) for url, c in copies.items()],
    )
