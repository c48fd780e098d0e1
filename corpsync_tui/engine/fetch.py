"""The three ways in which a run reads: page by page, back by `from_id`, and one by one."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from corpsync_tui.catalog.kit.decoder import Row
from corpsync_tui.engine.copies import Copy
from corpsync_tui.engine.staging import Collected
from corpsync_tui.errors import CorpsyncError, DatabaseError, EsiError, ValidationError
from corpsync_tui.esi import paging
from corpsync_tui.esi.routes import Answer

if TYPE_CHECKING:
    from corpsync_tui.engine.run import Place, Run

_PAGE = re.compile(r"[?&]page=(\d+)$")


async def read_pages(
    run: Run,
    share: Collected,
    path: Place,
    query: Place,
    context: Mapping[str, Any],
    held: dict[str, Answer],
) -> None:
    """Every page of a route: those that changed are staged, the others stay.

    `held` keeps what one attempt has read of the next snapshot for the attempt at that one.
    Raises `SnapshotRenewedError` when the pages turn out to be of two snapshots.
    """
    dataset = share.dataset
    known = _known_pages(run, run.url(dataset.route, path, query))
    unread: list[Answer] = []
    last_page = came = 0
    answers = paging.pages(
        run.client,
        dataset.route,
        path=run.path(path),
        query=query,
        character_id=run.character_id,
        known={url: copy.validator for url, copy in known.items()},
        traffic=run.traffic,
        concurrency=run.concurrency,
        reserve=run.manual,
        consistent=dataset.merge != "log" or dataset.whole,
        held=held,
    )
    async with _Handover() as handover, aclosing(answers):
        async for _, count, answer in answers:
            last_page, came = max(last_page, count), came + 1
            copy = known.get(answer.url)
            if copy is not None and answer.unchanged:
                share.kept.append(copy.keys)
                share.keep(answer.url, run.unit_number, replace(copy, validator=answer.validator))
            elif dataset.whole:
                unread.append(answer)
            else:
                await handover.add(_stage(run, share, answer, copy, context))
            run.page(min(came, count), count)
    if unread:
        alike = share.alike()
        for answer in unread:
            await _stage(run, share, answer, known.get(answer.url), {**context, "alike": alike})
    _forget_vanished(share, known, last_page)


class _Handover:
    """Pages on their way to the writer: one at work and one that waits, so it never idles."""

    def __init__(self) -> None:
        self._under_way: deque[asyncio.Task[None]] = deque()

    async def add(self, work: Coroutine[Any, Any, None]) -> None:
        """Hand a page over, and wait for the one before it; raises what that one raised."""
        self._under_way.append(asyncio.create_task(work))
        if len(self._under_way) > 1:
            await self._under_way.popleft()

    async def __aenter__(self) -> Self:
        """Nothing is under way."""
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Wait for the last page, or stop what is under way when something else failed.

        What is wrong with a page that came goes before what ended the reading after it.
        """
        if error is not None and not isinstance(error, EsiError):
            for task in self._under_way:
                task.cancel()
        ends = await asyncio.gather(*self._under_way, return_exceptions=True)
        for end in ends:
            if end is not None and (error is None or isinstance(end, ValidationError)):
                raise end


def _known_pages(run: Run, base: str) -> dict[str, Copy]:
    """The copies in hand of a set of pages."""
    return {url: copy for url, copy in run.copies.items() if _PAGE.sub("", url) == base}


async def _stage(
    run: Run, share: Collected, answer: Answer, copy: Copy | None, context: Mapping[str, Any]
) -> None:
    dataset = share.dataset
    read = Copy(answer.validator, dataset=dataset.table)

    def decode() -> Sequence[Row]:
        nonlocal read
        rows = dataset.rows(answer.body, context)
        read = replace(read, rows=len(rows), keys=dataset.packed(rows))
        return rows

    await share.stage.put(decode, run.unit_number)
    share.changed = True
    if copy is not None:
        share.gone.append(copy.keys)
    share.keep(answer.url, run.unit_number, read)


def _forget_vanished(share: Collected, known: Mapping[str, Copy], last_page: int) -> None:
    """Pages that are no more: what they held is on another page now, or gone."""
    for url, copy in known.items():
        page = _PAGE.search(url)
        if page is not None and int(page[1]) > last_page:
            share.gone.append(copy.keys)
            share.changed = True


async def walk_back(
    run: Run, share: Collected, id_column: str, path: Place, context: Mapping[str, Any]
) -> None:
    """A log that is asked for by `from_id`: each answer begins with the row asked from."""
    dataset = share.dataset
    index = [c.name for c in dataset.columns].index(id_column)
    url = run.url(dataset.route, path, {})
    known = run.copies.get(url)
    rows: list[Row] = []
    first: Answer | None = None
    read: set[int] = set()

    def oldest(body: bytes) -> int | None:
        nonlocal rows
        rows = [row for row in dataset.rows(body, context) if row[index] not in read]
        read.update(row[index] for row in rows)
        return min(read, default=None)

    answers = paging.walk_back(
        run.client,
        dataset.route,
        path=run.path(path),
        character_id=run.character_id,
        known={url: known.validator} if known else {},
        traffic=run.traffic,
        oldest=oldest,
        reserve=run.manual,
    )
    async with aclosing(answers):
        async for answer in answers:
            first = first or answer
            if answer.unchanged:
                break
            await share.stage.put(rows.copy, run.unit_number)
            share.changed = True
            if read and await _is_stored(run, share, id_column, min(read), context):
                break
    if first is None:
        return
    if first.unchanged and known is not None:
        copy = replace(known, validator=first.validator)
    else:
        copy = Copy(first.validator, len(read), dataset=dataset.table)
    share.keep(url, run.unit_number, copy)


async def _is_stored(
    run: Run, share: Collected, id_column: str, oldest: int, context: Mapping[str, Any]
) -> bool:
    """Whether an earlier run has committed a row that stands on the answer just read."""
    where = {"corporation_id": run.corporation_id, **context}
    tests = "".join(f"{column} = ? AND " for column in where)
    table = share.dataset.table
    sql = f"SELECT 1 FROM {table} WHERE {tests}{id_column} >= ? LIMIT 1"
    return bool(await run.query(sql, (*where.values(), oldest)))


async def read_each(run: Run, share: Collected, wanted: Sequence[tuple[str, Place]]) -> None:
    """Things that have a URL each: read side by side, decoded and staged together."""
    bodies: list[tuple[str, Place, bytes]] = []
    waiting = list(reversed(wanted))

    async def reader() -> None:
        while waiting:
            label, place = waiting.pop()
            if run.failures.skips(label):
                continue
            try:
                answer = await run.client.get(
                    share.dataset.route, path=place, traffic=run.traffic, reserve=run.manual
                )
            except DatabaseError:
                raise
            except CorpsyncError as error:
                run.failures.add(label, error)
            else:
                run.failures.came()
                bodies.append((label, place, answer.body))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(run.concurrency, len(wanted))):
                group.create_task(reader())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    refused: list[tuple[str, ValidationError]] = []

    def decode() -> list[Row]:
        rows: list[Row] = []
        for label, place, body in bodies:
            try:
                rows.extend(share.dataset.rows(body, place))
            except ValidationError as error:
                refused.append((label, error))
        return rows

    await share.stage.put(decode)
    share.changed = True
    for label, error in refused:
        run.failures.add(label, error)
