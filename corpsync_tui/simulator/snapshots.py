"""ESI's cache: an answer stays what it was until it expires, then is made anew.

All pages of one data set belong to one snapshot, which gives them the same Last-Modified. What
changes in the world is seen only in the next snapshot.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from corpsync_tui.simulator.answers import Body
from corpsync_tui.simulator.clock import SimClock
from corpsync_tui.simulator.world.lazy import LazyRows, Rows, window

Key = tuple[object, ...]
"""What was asked: the route's path, its parameters, the query, the ids."""


@dataclass
class Page:
    """One page of a snapshot: its bytes and their ETag."""

    body: Body
    etag: str


@dataclass
class Snapshot:
    """What a data set was at one moment."""

    content: Any
    modified: float
    expires: float
    page_size: int | None
    """Rows on a page; None where the content is one document."""
    served: set[int] = field(default_factory=set)
    """The pages that a client already holds."""
    _pages: dict[int, Page] = field(default_factory=dict)
    _before: dict[str, Page] = field(default_factory=dict)
    """The pages of the snapshot before, by ETag: what did not change is not packed again."""

    @property
    def pages(self) -> int:
        """How many pages there are: at least one."""
        if self.page_size is None:
            return 1
        return max(1, -(-len(self.content) // self.page_size))

    def page(self, number: int) -> Page:
        """A page, made when it is first asked for."""
        if number not in self._pages:
            page = _make_page(self._rows(number))
            self._pages[number] = self._before.get(page.etag, page)
        return self._pages[number]

    def successor(self, content: Any, modified: float, expires: float) -> "Snapshot":
        """The snapshot that follows this one."""
        before = {page.etag: page for page in self._pages.values()}
        return Snapshot(content, modified, expires, self.page_size, _before=before)

    def _rows(self, number: int) -> Any:
        if self.page_size is None:
            return self.content
        start = (number - 1) * self.page_size
        return window(self.content, start, start + self.page_size)


def _make_page(content: Any) -> Page:
    try:
        raw = msgspec.json.encode(content)
    except (OverflowError, UnicodeEncodeError):
        # Integers beyond 64 bits and lone surrogates, which a test has put into a row.
        raw = json.dumps(content).encode()
    return Page(Body(raw), f'"{blake2b(raw, digest_size=20).hexdigest()}"')


class Snapshots:
    """The snapshots that have not expired, by what was asked."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self._held: dict[Key, Snapshot] = {}

    def get(
        self,
        key: Key,
        age: float,
        page_size: int | None,
        make: Callable[[], Any],
    ) -> Snapshot:
        """The snapshot in force, which is a new one if the last has expired."""
        now = self._clock.now()
        held = self._held.get(key)
        if held is not None and int(now) < int(held.expires):
            return held
        content = _frozen(make())
        if held is None:
            fresh = Snapshot(content, now, now + age, page_size)
        else:
            fresh = held.successor(content, now, now + age)
        if age:
            self._held[key] = fresh
        return fresh

    def forget(self, path: str) -> None:
        """Forget one route's, so that its next answer tells the world as it is now."""
        self._held = {key: held for key, held in self._held.items() if key[0] != path}

    def clear(self) -> None:
        """Forget all, so that the next answers tell the world as it is now."""
        self._held.clear()


def _frozen(content: Any) -> Any:
    rows: Rows | Any = content
    return rows.copy() if isinstance(rows, list | LazyRows) else rows
