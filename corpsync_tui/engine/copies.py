"""The cached responses: per data set and URL, until when each is current, and what it held."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

from corpsync_tui.esi.routes import Validator

CopyKey = tuple[str, str]
"""Table and URL."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What the database keeps of one URL, for one of the tables that it feeds."""

    validator: Validator
    rows: int = 0
    """Rows of its last reading."""
    keys: bytes = b""
    """The identities of its rows, see `Dataset.packed`."""
    after: str | None = None
    """Of a cursor: from where on changes are asked for."""
    refused: int | None = None
    """The status with which ESI refused it; it is asked again when this copy expires."""


_COLUMNS = "etag, last_modified, expires, pages, rows, keys, cursor_after, refused"


class Copies:
    """What a process has in hand."""

    def __init__(self, copies: Mapping[CopyKey, Copy]) -> None:
        self.by_key = copies
        self._by_resource: dict[str, dict[str, dict[str, Copy]]] = {}
        for (table, url), copy in copies.items():
            resources = self._by_resource.setdefault(table, {})
            resources.setdefault(without_page(url), {})[url] = copy

    def pages(self, table: str, resource: str) -> Mapping[str, Copy]:
        """The copies of all pages of a resource for one table, by URL."""
        return self._by_resource.get(table, {}).get(resource, {})

    def resources(self, table: str) -> Collection[str]:
        """The URLs, without pages, of which there are copies for a table."""
        return self._by_resource.get(table, {}).keys()


def without_page(url: str) -> str:
    """A URL without its page, wherever in the query that stands."""
    path, _, query = url.partition("?")
    if "page=" not in query:
        return url
    others = [part for part in query.split("&") if not part.startswith("page=")]
    return f"{path}?{'&'.join(others)}" if others else path


def load_copies(db: Connection, process_id: str) -> Copies:
    """What a process has in hand."""
    found = db.execute(
        f"SELECT dataset, url, {_COLUMNS} FROM validator WHERE process_id = ?", (process_id,)
    )
    return Copies(
        {
            (table, url): Copy(
                Validator(etag, modified, expires, pages), rows, keys or b"", after, refused
            )
            for table, url, etag, modified, expires, pages, rows, keys, after, refused in found
        }
    )


@dataclass(slots=True)
class CopyChanges:
    """What a run makes of the copies in hand."""

    saved: dict[CopyKey, Copy] = field(default_factory=dict)
    dropped: list[CopyKey] = field(default_factory=list)
    """Those of pages and details that are no more."""


def save_copies(
    db: Connection, process_id: str, changes: CopyChanges, known: Mapping[CopyKey, Copy]
) -> None:
    """Store what was read or confirmed; a confirmed copy's keys are left as they are."""
    renewed, read = [], []
    for (table, url), copy in changes.saved.items():
        v, before = copy.validator, known.get((table, url))
        key = (process_id, table, url)
        renewal = (v.etag, v.last_modified, v.expires, v.pages)
        if before is None or not _same_rows(before, copy):
            read.append((*key, *renewal, copy.rows, copy.keys, copy.after, copy.refused))
        elif before.validator != v:
            renewed.append((*renewal, *key))
    db.executemany(
        "UPDATE validator SET etag = ?, last_modified = ?, expires = ?, pages = ? "
        "WHERE process_id = ? AND dataset = ? AND url = ?",
        renewed,
    )
    db.executemany(
        f"INSERT OR REPLACE INTO validator (process_id, dataset, url, {_COLUMNS}) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        read,
    )
    db.executemany(
        "DELETE FROM validator WHERE process_id = ? AND dataset = ? AND url = ?",
        [(process_id, table, url) for table, url in changes.dropped],
    )


def expire_copies(db: Connection, process_id: str) -> None:
    """Have everything read again: rows were lost, so no unchanged answer proves anything.

    Which rows each answer held is still known.
    """
    db.execute(
        "UPDATE validator SET etag = NULL, last_modified = NULL, expires = 0 "
        "WHERE process_id = ? AND refused IS NULL",
        (process_id,),
    )


def _same_rows(one: Copy, other: Copy) -> bool:
    return (one.rows, one.keys, one.after, one.refused) == (
        other.rows,
        other.keys,
        other.after,
        other.refused,
    )
