"""A long list, page by page: what is at hand at once, the rest as it comes into sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from corpsync_tui.errors import CorpsyncError

PAGE = 64
"""Rows read at once: a little more than a tall terminal shows."""
PAGES_HELD = 32
PAGES_WANTED = 3
"""Pages that may be waited for: who scrolls fast wants the last ones only."""

Thing = TypeVar("Thing")
Spawn = Callable[[Coroutine[Any, Any, None]], object]
Landed = Callable[[int, int], None]
"""Told the first place and the number of rows that came."""


class Pages(Generic[Thing]):
    """The things of a list whose length is known.

    `read` brings those from a place on, so many of them; `spawn` runs that beside the screen.
    """

    def __init__(
        self,
        length: int,
        read: Callable[[int, int], Awaitable[Sequence[Thing]]],
        spawn: Spawn,
        landed: Landed,
    ) -> None:
        self.failure: str | None = None
        self._length = length
        self._window = read
        self._spawn = spawn
        self._landed = landed
        self._pages: OrderedDict[int, list[Thing]] = OrderedDict()
        self._wanted: list[int] = []
        self._reading = False

    def __len__(self) -> int:
        """How many rows there are."""
        return self._length

    def get(self, place: int) -> Thing | None:
        """The row at a place; None while it is being read."""
        if not 0 <= place < len(self):
            return None
        number, offset = divmod(place, PAGE)
        page = self._pages.get(number)
        if page is None:
            self._want(number)
            return None
        self._pages.move_to_end(number)
        return page[offset] if offset < len(page) else None

    def put(self, rows: Sequence[Thing]) -> None:
        """The first rows, which are known already; a page that is not whole is read anew."""
        for start in range(0, len(rows), PAGE):
            page = list(rows[start : start + PAGE])
            if len(page) == PAGE or start + len(page) == len(self):
                self._pages[start // PAGE] = page

    def held(self, first: int, count: int) -> list[Thing]:
        """Those rows from a place on that are at hand."""
        rows = []
        for place in range(first, min(first + count, len(self))):
            page = self._pages.get(place // PAGE)
            if page is not None and place % PAGE < len(page):
                rows.append(page[place % PAGE])
        return rows

    def foresee_end(self) -> None:
        """Read the last rows too, behind all that is on screen: a key leads there at once."""
        last = (len(self) - 1) // PAGE
        for number in (last - 1, last):
            if number >= 0 and number not in self._pages and number not in self._wanted:
                self._wanted.insert(0, number)
        self._start()

    def _want(self, number: int) -> None:
        if self.failure is not None:
            return
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted.append(number)
        del self._wanted[:-PAGES_WANTED]
        self._start()

    def _start(self) -> None:
        if self._wanted and not self._reading:
            self._reading = True
            self._spawn(self._read())

    async def _read(self) -> None:
        try:
            while self._wanted:
                number = self._wanted[-1]
                rows = list(await self._window(number * PAGE, PAGE))
                self._pages[number] = rows
                if number in self._wanted:
                    self._wanted.remove(number)
                while len(self._pages) > PAGES_HELD:
                    self._pages.popitem(last=False)
                self._landed(number * PAGE, len(rows))
        except CorpsyncError as error:
            self.failure = error.message
            self._landed(0, 0)
        finally:
            self._reading = False
