"""A window onto the whole history: pages of runs are fetched as they come into sight."""

from __future__ import annotations

from collections.abc import Callable

from corpsync_tui.queries.records import RunRecord

PAGE = 100
"""Runs that are fetched at once."""
PAGES_HELD = 20
"""Pages that are kept; the one longest unused goes first."""


class PagedRuns:
    """A `RunSource` over more runs than are at hand.

    `fetch` is called with the number of a page that is missing, once until `put` brings it.
    """

    def __init__(self, total: int, fetch: Callable[[int], None]) -> None:
        self._total = total
        self._fetch = fetch
        self._pages: dict[int, list[RunRecord]] = {}
        self._under_way: set[int] = set()

    def __len__(self) -> int:
        return self._total

    def get(self, place: int) -> RunRecord | None:
        """The run at this place; None until its page is here."""
        if not 0 <= place < self._total:
            return None
        number, within = divmod(place, PAGE)
        page = self._pages.pop(number, None)
        if page is None:
            if number not in self._under_way:
                self._under_way.add(number)
                self._fetch(number)
            return None
        self._pages[number] = page
        return page[within] if within < len(page) else None

    def put(self, number: int, runs: list[RunRecord]) -> None:
        """Take a page."""
        self._under_way.discard(number)
        self._pages[number] = runs
        while len(self._pages) > PAGES_HELD:
            del self._pages[next(iter(self._pages))]
