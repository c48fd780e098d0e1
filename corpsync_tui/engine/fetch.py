"""Reads one resource of ESI as its plan says, and stages what changed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any, Self

from corpsync_tui.catalog.kit.decoder import CursorTokens, Row
from corpsync_tui.catalog.kit.plans import Cursor, Pages, Place, Walk
from corpsync_tui.engine.context import Reading
from corpsync_tui.engine.copies import Copy
from corpsync_tui.engine.staging import Partition, StagedDataset, packed_copies
from corpsync_tui.errors import EsiError, GoneError, SnapshotRenewedError, ValidationError
from corpsync_tui.esi import paging
from corpsync_tui.esi.routes import Answer, Validator
from corpsync_tui.esi.urls import resource

RESTARTS = 2
"""How often a snapshot that is renewed while its pages are read is begun anew."""

MOST_ANSWERS = 10_000
"""Answers of one cursor, after which its end is not believed in any more."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for, and what its rows bear beside ESI's record."""

    path: Place
    query: Place
    context: Mapping[str, Any]
    number: int = 0
    """Of the partition."""
    on_page: Callable[[int, int], None] = lambda _number, _count: None


async def read_target(
    reading: Reading, staged: StagedDataset, plan: Pages | Walk | Cursor, target: Target
) -> Partition:
    """Read one resource; what it raises is raised here, and the partition has then failed."""
    url = resource(staged.dataset.route.path, target.path, target.query)
    partition = staged.partition(url, target.number)
    try:
        if isinstance(plan, Walk):
            await _walk_back(reading, staged, partition, plan.from_id, target)
        elif isinstance(plan, Cursor):
            await _follow_cursor(reading, staged, partition, target)
        else:
            await _read_snapshot(reading, staged, partition, target)
    except BaseException:
        partition.failed = True
        raise
    staged.answered = True
    return partition


async def read_answer(
    reading: Reading, staged: StagedDataset, target: Target
) -> tuple[Partition, Answer]:
    """Ask for one answer that was never had; `stage_answers` stages it, beside others."""
    path = staged.dataset.route.path
    partition = staged.partition(resource(path, target.path, target.query), target.number)
    try:
        answer = await reading.requests.get(
            staged.dataset.route,
            path=target.path,
            query=target.query,
            character_id=reading.character_id,
            known=None,
            traffic=reading.traffic,
        )
    except BaseException:
        partition.failed = True
        raise
    staged.answered = True
    return partition, answer


async def stage_answers(
    reading: Reading,
    staged: StagedDataset,
    answers: Sequence[tuple[Partition, Answer, Mapping[str, Any]]],
) -> list[tuple[Partition, ValidationError]]:
    """Stage answers with what their rows bear beside ESI's record; those that do not fit."""
    dataset = staged.dataset
    refused: list[tuple[Partition, ValidationError]] = []

    def work(db: Connection) -> None:
        together: list[list[Row]] = [[] for _ in staged.stages]
        for partition, answer, context in answers:
            try:
                rows = dataset.parse(answer.body, context).rows
            except ValidationError as error:
                partition.failed = True
                refused.append((partition, error))
                continue
            for part, found in zip(together, rows, strict=True):
                part.extend(found)
            partition.now[answer.url] = packed_copies(dataset, rows, Copy(answer.validator))
            partition.read.add(answer.url)
        for stage, part in zip(staged.stages, together, strict=True):
            stage.add(db, part, unit=1)

    await reading.store.write(work, transaction=False)
    return refused


async def _read_snapshot(
    reading: Reading, staged: StagedDataset, partition: Partition, target: Target
) -> None:
    held: dict[str, Answer] = {}
    for attempt in range(RESTARTS + 1):
        try:
            await _read_pages(reading, staged, partition, target, held)
        except SnapshotRenewedError:
            if attempt == RESTARTS:
                raise
            partition.restart()
            await staged.drop(partition)
        else:
            return


async def _read_pages(
    reading: Reading,
    staged: StagedDataset,
    partition: Partition,
    target: Target,
    held: dict[str, Answer],
) -> None:
    """Every page of a resource: those that changed are staged, the others stay.

    `held` keeps what one attempt has read of the next snapshot for the attempt at that one.
    Raises `SnapshotRenewedError` when the pages turn out to be of two snapshots.
    """
    dataset = staged.dataset
    unread: list[Answer] = []
    answers = paging.pages(
        reading.requests,
        dataset.route,
        path=target.path,
        query=target.query,
        character_id=reading.character_id,
        known=_validators(staged, partition),
        traffic=reading.traffic,
        concurrency=reading.concurrency,
        consistent=dataset.merge != "log" or dataset.whole,
        shifting=dataset.whole,
        held=held,
    )
    came = 0
    async with _Handover() as handover, aclosing(answers):
        async for _, count, answer in answers:
            came += 1
            if answer.unchanged and answer.url in partition.known:
                _confirm(partition, answer)
            elif dataset.whole:
                unread.append(answer)
            else:
                await handover.add(_stage(reading, staged, partition, answer, target.context))
            target.on_page(min(came, count), count)
    if unread:
        context = {**target.context, "alike": staged.seen_counts()}
        for answer in unread:
            await _stage(reading, staged, partition, answer, context)
    if dataset.merge == "snapshot" and partition.read and len(partition.now) > 1:
        numbers = dataset.tables[0].is_numbered
        await reading.store.write(
            lambda _: partition.check_repeated(whole_numbers=numbers), transaction=False
        )


def _validators(staged: StagedDataset, partition: Partition) -> dict[str, Validator]:
    """What may be asked with: not where it is unknown which rows an unchanged answer means."""
    known: dict[str, Validator] = {}
    for url, copies in partition.known.items():
        validator = copies[0].validator
        if staged.dataset.tracked and any(copy.rows and not copy.keys for copy in copies):
            validator = replace(validator, etag=None)
        known[url] = validator
    return known


def _confirm(partition: Partition, answer: Answer) -> None:
    partition.now[answer.url] = tuple(
        replace(copy, validator=answer.validator) for copy in partition.known[answer.url]
    )
    partition.read.discard(answer.url)


async def _stage(
    reading: Reading,
    staged: StagedDataset,
    partition: Partition,
    answer: Answer,
    context: Mapping[str, Any],
) -> None:
    dataset = staged.dataset

    def work(db: Connection) -> tuple[Copy, ...]:
        rows = dataset.parse(answer.body, context).rows
        _add(db, staged, partition, rows)
        return packed_copies(dataset, rows, Copy(answer.validator))

    partition.now[answer.url] = await reading.store.write(work, transaction=False)
    partition.read.add(answer.url)


def _add(
    db: Connection, staged: StagedDataset, partition: Partition, rows: Sequence[Sequence[Row]]
) -> None:
    for stage, part in zip(staged.stages, rows, strict=True):
        stage.add(db, part, partition.number)


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


async def _walk_back(
    reading: Reading,
    staged: StagedDataset,
    partition: Partition,
    id_column: str,
    target: Target,
) -> None:
    """A log that is asked for by `from_id`: each answer begins with the row asked from."""
    dataset = staged.dataset
    index = [c.name for c in dataset.columns].index(id_column)
    known = partition.known.get(partition.resource)
    rows: list[Row] = []
    first: Answer | None = None
    read: set[int] = set()

    def oldest(body: bytes) -> int | None:
        nonlocal rows
        rows = [row for row in dataset.rows(body, target.context) if row[index] not in read]
        read.update(row[index] for row in rows)
        return min(read, default=None)

    answers = paging.walk_back(
        reading.requests,
        dataset.route,
        path=target.path,
        character_id=reading.character_id,
        known={partition.resource: known[0].validator} if known else {},
        traffic=reading.traffic,
        oldest=oldest,
    )
    async with aclosing(answers):
        async for answer in answers:
            first = first or answer
            if answer.unchanged:
                break
            await staged.stages[0].put(rows.copy, partition.number)
            partition.read.add(partition.resource)
            if read and await _is_stored(reading, staged, id_column, min(read), target):
                break
    if first is None:
        return
    copy = Copy(first.validator, len(read))
    if first.unchanged and known is not None:
        copy = replace(known[0], validator=first.validator)
    partition.now[partition.resource] = (copy,)


async def _is_stored(
    reading: Reading, staged: StagedDataset, id_column: str, oldest: int, target: Target
) -> bool:
    """Whether an earlier run has committed a row that stands on the answer just read."""
    added = {c.name for c in staged.dataset.columns if c.added}
    where = {"corporation_id": reading.corporation_id}
    where |= {name: value for name, value in target.context.items() if name in added}
    tests = "".join(f"{column} = ? AND " for column in where)
    sql = f"SELECT 1 FROM {staged.dataset.table} WHERE {tests}{id_column} >= ? LIMIT 1"
    parameters = (*where.values(), oldest)
    return bool(await reading.store.read(lambda db: db.execute(sql, parameters).fetchone()))


async def _follow_cursor(
    reading: Reading,
    staged: StagedDataset,
    partition: Partition,
    target: Target,
) -> None:
    """What changed since the token in hand; all there is without one, or where ESI forgot it."""
    known = partition.known.get(partition.resource)
    if known is not None and known[0].after is not None:
        try:
            await _read_cursor(reading, staged, partition, target, known[0])
        except GoneError:
            partition.restart()
            await staged.drop(partition)
        else:
            return
    await _read_cursor(reading, staged, partition, target, None)


async def _read_cursor(
    reading: Reading,
    staged: StagedDataset,
    partition: Partition,
    target: Target,
    known: Copy | None,
) -> None:
    token = known.after if known is not None else None
    onwards: dict[str, int | str] = {} if token is None else {"after": token}
    validator = known.validator if known is not None else None
    met: set[Row] = set()
    for _ in range(MOST_ANSWERS):
        answer = await reading.requests.get(
            staged.dataset.route,
            path=target.path,
            query={**target.query, **onwards},
            character_id=reading.character_id,
            known=validator,
            traffic=reading.traffic,
        )
        validator, asked = None, onwards
        if answer.unchanged:
            break
        first_wins = met if known is None else None
        tokens, count = await _stage_changes(reading, staged, partition, answer, target, first_wins)
        if known is not None or not asked:
            token = tokens.after or token
        way, step = ("before", tokens.before) if known is None else ("after", token)
        onwards = {way: step} if step else {}
        if not count or not onwards or onwards == asked:
            break
    else:
        raise EsiError(f"ESI's list {partition.resource} does not end")
    rows = (known.rows if known else 0) + await _count_new(reading, staged, partition)
    at_the_end = answer.validator
    if asked != {"after": token}:  # an ETag holds for the very URL that it came with
        at_the_end = replace(at_the_end, etag=None)
    partition.now[partition.resource] = (Copy(at_the_end, rows, b"", token),)


async def _stage_changes(
    reading: Reading,
    staged: StagedDataset,
    partition: Partition,
    answer: Answer,
    target: Target,
    met: set[Row] | None,
) -> tuple[CursorTokens, int]:
    """Stage an answer of a cursor: its tokens, and how many rows it held.

    Of a row that comes several times by `after` the last state counts; by `before` the first
    one: `met` holds the keys of those that came.
    """
    dataset = staged.dataset
    table = dataset.tables[0]
    key = [table.staged_columns.index(name) for name in table.identity]

    def work(db: Connection) -> tuple[CursorTokens, int]:
        parsed = dataset.parse(answer.body, target.context)
        rows = list(parsed.rows[0])
        if met is not None:
            rows = [row for row in rows if tuple(row[i] for i in key) not in met]
            met.update(tuple(row[i] for i in key) for row in rows)
        _add(db, staged, partition, [rows])
        return parsed.cursor or CursorTokens(), len(parsed.rows[0])

    result = await reading.store.write(work, transaction=False)
    partition.read.add(partition.resource)
    return result


async def _count_new(reading: Reading, staged: StagedDataset, partition: Partition) -> int:
    """How many rows of this partition the table does not have yet."""
    stage = staged.stages[0]

    def work(db: Connection) -> int:
        stage.ensure(db)
        return stage.count_new(db, reading.corporation_id, partition.number)

    return await reading.store.write(work, transaction=False)
