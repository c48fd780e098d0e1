"""Renewals of a table that is there: nothing, one page, or a hundredth of all rows changed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from corpsync_tui.queries.records import RunRecord
from tests.benchmarks import floor, records
from tests.benchmarks.harness import Plan, Row, Table, Work, interleave
from tests.benchmarks.ours import Opened, Place, opened, prepared
from tests.benchmarks.server import renewed


async def measure(plan: Plan, table: Table) -> None:
    """The three kinds of renewal, over one table of 100,000 assets."""
    folder = plan.room("renewal")
    rows = plan.rows(100_000)
    pages = records.pages(rows)
    changed_rows = len(range(7, rows, records.CHANGED_EVERY))
    async with (
        prepared(folder, rows) as place,
        opened(place, folder / "ours") as corpsync,
    ):
        await corpsync.sync()
        floors = _Floors(folder, place, pages)

        def unchanged(record: RunRecord) -> bool:
            return record.not_modified == pages and not record.rows_changed

        def one_page(record: RunRecord) -> bool:
            return record.not_modified == pages - 1 and record.rows_changed > 0

        def hundredth(record: RunRecord) -> bool:
            return record.rows_changed == changed_rows and not record.rows_added

        found = await interleave(
            {
                "bare 304s": floors.unchanged,
                "unchanged": _renewal(corpsync, "none", unchanged),
                "bare 304s and a page": floors.one_page,
                "one page": _renewal(corpsync, "one", one_page),
                "floor of a load": floors.load,
                "a hundredth": _renewal(corpsync, "all", hundredth),
            },
            plan.rounds,
        )
    of = f"renewal of {rows:,} assets"
    table.add(
        Row(
            f"{of}, 1 of {pages} pages changed",
            found["bare 304s and a page"],
            found["one page"],
            goal=1.3,
        )
    )
    table.add(
        Row(
            f"{of}, every page, 1 % of the rows",
            found["floor of a load"],
            found["a hundredth"],
            goal=1.0,
        )
    )
    table.add(Row(f"{of}, nothing changed", found["bare 304s"], found["unchanged"], goal=1.15))


def _renewal(corpsync: Opened, changed: str, expected: Callable[[RunRecord], bool]) -> Work:
    async def once() -> float:
        await renewed(corpsync.place.esi_url, changed)
        corpsync.advance()
        taken, record = await corpsync.timed()
        assert expected(record), record
        return taken

    return once


class _Floors:
    """What bare requests cost."""

    def __init__(self, folder: Path, place: Place, pages: int) -> None:
        self._folder, self._place, self._pages = folder, place, pages
        self._numbers = count()

    async def _requests(self) -> list[tuple[str, str | None]]:
        base = self._place.esi_url
        etags = await floor.etags(base, self._pages)
        return [(floor.asset_url(base, n), etag) for n, etag in etags.items()]

    async def unchanged(self) -> float:
        """A 304 for every page."""
        return await floor.ask(self._place.esi_url, await self._requests())

    async def one_page(self) -> float:
        """A 304 for every page but one, which is read."""
        requests = await self._requests()
        middle = self._pages // 2
        requests[middle] = (requests[middle][0], None)
        return await floor.ask(self._place.esi_url, requests)

    async def load(self) -> float:
        """Everything anew."""
        file = self._folder / f"floor-{next(self._numbers)}.db"
        taken = await floor.load(self._place.esi_url, self._pages, file)
        file.unlink()
        return taken
