"""A route that is asked once for each row of another table: divisions, observers, details."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpsync_tui.catalog.kit.dataset import Dataset, placeholders
from corpsync_tui.catalog.kit.plans import DAY, Budget, ForEach, Pages
from corpsync_tui.engine.context import Progress, Reading
from corpsync_tui.engine.copies import Copy
from corpsync_tui.engine.failures import refusal_status
from corpsync_tui.engine.fetch import Target, read_answer, read_target, stage_answers
from corpsync_tui.engine.staging import Partition, StagedDataset
from corpsync_tui.errors import AuthError, CorpsyncError, DatabaseError
from corpsync_tui.esi.routes import Answer, Validator
from corpsync_tui.esi.urls import resource
from corpsync_tui.store.keys import Key
from corpsync_tui.store.schema import listed as columns_listed
from corpsync_tui.store.schema import quoted
from corpsync_tui.text import printable

NAME = "name"
"""ESI's column for what projects and jobs are called; messages name a unit by it."""
LONGEST_NAME = 40
"""Characters: a message names five units, and must have room for what befell them."""
Commit = Callable[[StagedDataset], Awaitable[None]]
"""Stores what is staged of a data set, in a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Parents:
    """What a plan's units are taken from: the stages of a table, and which of its rows count."""

    staged: Sequence[StagedDataset]
    listed: set[Key] | None
    """The identities that ESI lists now; None where the table itself is the list."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One request (or one set of pages) of a plan."""

    label: str
    url: str
    target: Target
    character_id: int
    due: bool


class EachReader:
    """Carries out a `ForEach`."""

    def __init__(
        self,
        reading: Reading,
        staged: StagedDataset,
        plan: ForEach,
        *,
        progress: Progress,
        spent: dict[Budget, int],
        commit: Commit,
    ) -> None:
        self._reading = reading
        self._staged = staged
        self._plan = plan
        self._progress = progress
        self._spent = spent
        self._commit = commit
        self._route = staged.dataset.route
        self._paced: deque[float] = deque()
        """When the latest requests were sent, as many as the pace allows; monotonic seconds."""
        self._alone = asyncio.Lock()
        self._answered = False
        """Whether any unit was: until then, and while units fail, one is asked at a time."""
        self._answers: list[tuple[Partition, Answer, Unit]] = []
        """What is read once and not paged: staged together, a batch at a time."""
        self._refusals: list[AuthError] = []
        self._asked = 0
        self.more_to_come = False
        self.left_expires = math.inf
        """When the first copy expires of those whose turn it is not yet, in Unix seconds."""

    async def read(self, parents: Parents, characters: Sequence[int]) -> None:
        """Ask for what is due, oldest copy first, as far as the budget goes.

        Raises `AuthError` where a role or scope is missing for all that was asked.
        """
        units = await self._units(parents, characters)
        plan = self._plan
        if not plan.once and plan.of != "characters":  # a login that was lost costs no row
            self._staged.gone = self._staged.resources.difference(unit.url for unit in units)
        due = [unit for unit in units if self._is_due(unit)]
        now = self._reading.requests.esi_time()
        current = [unit for unit in due if self._expires(unit) > now]
        wanted = sorted((u for u in due if self._expires(u) <= now), key=self._expires)
        if plan.budget is not None:
            left = max(plan.budget.requests - self._spent.get(plan.budget, 0), 0)
            self.more_to_come = len(wanted) > left
            wanted = wanted[:left]
            self._spent[plan.budget] = self._spent.get(plan.budget, 0) + len(wanted)
        if plan.of == "characters":
            await self._read_in_turn(wanted, len(units))
            wanted = []
        wanted += current
        size = plan.batch if plan.once else max(len(wanted), 1)
        for start in range(0, len(wanted), size):
            await self._read_batch(wanted[start : start + size], start, len(wanted))
            if plan.once:
                await self._stage_answers()
                await self._commit(self._staged)
        if len(self._refusals) == self._asked and not (plan.budget and self._staged.resources):
            for refusal in self._refusals:
                raise refusal
        self._staged.came = True

    async def _read_in_turn(self, units: list[Unit], count: int) -> None:
        """Ask as many of the `count` characters as have each asked once in ESI's cache time.

        With an interval shorter than that they ask one after the other, not all at once: so what
        all of them are told is here the sooner. Who never asked does so now, and who fails uses up
        nobody else's turn.
        """
        share = min(self._reading.interval / self._route.cache_seconds, 1.0)
        new = sum(not self._expires(unit) for unit in units)
        turns, done = max(new, math.ceil(count * share)), 0
        while turns and done < len(units):
            asked, failed = units[done : done + turns], len(self._reading.failures)
            await self._read_batch(asked, done, done + len(asked))
            done += len(asked)
            turns = len(self._reading.failures) - failed
        self.left_expires = min(map(self._expires, units[done:]), default=math.inf)

    async def _units(self, parents: Parents, characters: Sequence[int]) -> list[Unit]:
        plan = self._plan
        if plan.of == "characters":
            return [
                self._unit({"character_id": c}, number, c) for number, c in enumerate(characters, 1)
            ]
        if isinstance(plan.of, type):
            rows = await self._parent_rows(parents)
        else:
            rows = [dict(row) for row in plan.of]
        return [
            self._unit(row, number, self._reading.character_id)
            for number, row in enumerate(rows, start=1)
        ]

    def _unit(self, row: Mapping[str, Any], number: int, character_id: int) -> Unit:
        plan = self._plan
        place = {n: row[plan.path.get(n, n)] for n in placeholders(self._route)}
        query = {name: row[column] for name, column in plan.query.items()}
        path = self._reading.path(place, character_id)
        asked = {**plan.each.parameters, **query}
        target = Target(path, asked, {**row, **query, **place}, number)
        name = printable(row.get(NAME) or "")
        name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        which = f"“{name}”" if name else next(iter({**place, **row}.values()))
        due = bool(row.get("_due", True))
        url = resource(self._route.path, path, asked)
        return Unit(f"{plan.unit} {which}", url, target, character_id, due)

    async def _parent_rows(self, parents: Parents) -> list[dict[str, Any]]:
        """The rows of the parent's table, staged or stored, that have details."""
        sql, columns = parents_query(self._staged.dataset, self._plan, parents)
        reading = self._reading
        values = {"corporation": reading.corporation_id, "now": reading.clock.time()}

        def work(db: Any) -> list[dict[str, Any]]:
            for staged in parents.staged:
                staged.stages[0].ensure(db)
            return [dict(zip(columns, row, strict=True)) for row in db.execute(sql, values)]

        rows = await reading.store.write(work, transaction=False)
        if parents.listed is None:
            return rows
        table = parents.staged[0].dataset.tables[0]
        if table.is_numbered:
            return [row for row in rows if row[table.identity[0]] in parents.listed]
        return [r for r in rows if tuple(r[n] for n in table.identity) in parents.listed]

    def _is_due(self, unit: Unit) -> bool:
        """Whether a unit is to be asked now; one whose copy is current costs nothing."""
        copies = self._reading.copies.pages(self._staged.dataset.table, unit.url).values()
        refused = [copy for copy in copies if copy.refused is not None]
        if refused:
            return any(
                copy.validator.expires <= self._reading.requests.esi_time() for copy in refused
            )
        return not copies or (unit.due and not self._plan.once)

    def _expires(self, unit: Unit) -> float:
        copies = self._reading.copies.pages(self._staged.dataset.table, unit.url).values()
        return min((copy.validator.expires for copy in copies), default=0.0)

    async def _read_batch(self, units: Sequence[Unit], done: int, count: int) -> None:
        waiting = deque(enumerate(units, start=done + 1))

        async def worker() -> None:
            while waiting:
                number, unit = waiting.popleft()
                self._progress.unit(self._plan.unit, number, count)
                while not self._may_crowd:
                    async with self._alone:
                        if not self._may_crowd:
                            await self._read_unit(unit)
                            break
                else:
                    await self._read_unit(unit)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._reading.concurrency, len(units))):
                    group.create_task(worker())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    @property
    def _may_crowd(self) -> bool:
        """Whether ESI answers, so that several may be asked for side by side."""
        return self._answered and not self._reading.failures.are_in_a_row

    async def _read_unit(self, unit: Unit) -> None:
        staged, failures = self._staged, self._reading.failures
        if failures.skips(unit.label):
            staged.partition(unit.url, unit.target.number).failed = True
            return
        await self._keep_pace()
        self._asked += 1
        reading = replace(self._reading, character_id=unit.character_id)
        try:
            if self._plan.once and not self._route.paged and isinstance(self._plan.each, Pages):
                partition, answer = await read_answer(reading, staged, unit.target)
                self._answers.append((partition, answer, unit))
            else:
                await read_target(reading, staged, self._plan.each, unit.target)
        except DatabaseError:
            raise
        except CorpsyncError as error:
            await staged.drop(staged.partitions[unit.url])
            status = refusal_status(error)
            if status == 403 and isinstance(error, AuthError):
                self._refusals.append(error)
            if status is not None and self._plan.budget is not None:
                again = Validator(None, None, reading.requests.esi_time() + DAY)
                staged.refused[unit.url] = Copy(again, refused=status)
            failures.add(unit.label, error, alone=self._plan.of == "characters")
        else:
            self._answered = True
            failures.came()

    async def _stage_answers(self) -> None:
        labels = {id(partition): unit.label for partition, _, unit in self._answers}
        answers = [(p, answer, unit.target.context) for p, answer, unit in self._answers]
        self._answers.clear()
        for partition, error in await stage_answers(self._reading, self._staged, answers):
            self._reading.failures.add(labels[id(partition)], error)

    async def _keep_pace(self) -> None:
        """Wait until the plan's pace allows one more request."""
        clock, pace = self._reading.clock, self._plan.pace
        if pace is None:
            return
        now = due = clock.monotonic()
        if len(self._paced) == pace.requests:
            due = max(now, self._paced.popleft() + pace.seconds)
        self._paced.append(due)
        if due > now:
            await clock.sleep(due - now)


def parents_query(dataset: Dataset, plan: ForEach, parents: Parents) -> tuple[str, list[str]]:
    """The statement that finds the rows to ask for, and its columns; `:corporation`, `:now`."""
    table = parents.staged[0].dataset.tables[0]
    keys = columns_listed(table.identity)
    columns = columns_listed(table.staged_columns)
    staged = [f"SELECT {columns} FROM temp.{quoted(s.stages[0].name)}" for s in parents.staged]
    known = " ".join(
        f"AND ({keys}) NOT IN (SELECT {keys} FROM temp.{quoted(s.stages[0].name)})"
        for s in parents.staged
    )
    rows = " UNION ALL ".join(
        [
            *staged,
            f"SELECT {columns} FROM main.{quoted(table.name)} WHERE corporation_id = "
            f":corporation {known}",
        ]
    )
    tests = [f"({plan.where})"] if plan.where else []
    if plan.once:
        tests.append(_lacks_details(dataset, plan))
    wanted = list(
        dict.fromkeys(
            [*table.identity]
            + [plan.path.get(n, n) for n in placeholders(dataset.route)]
            + [*plan.query.values()]
            + [name for name in table.staged_columns if name == NAME]
        )
    )
    due = f"({plan.due})" if plan.due else "1"
    sql = (
        f"SELECT {columns_listed(wanted, 't.')}, {due} FROM "
        f"(SELECT :corporation AS corporation_id, * FROM ({rows})) AS t "
        f"WHERE {' AND '.join(tests) or 'true'} ORDER BY {columns_listed(table.identity, 't.')}"
    )
    return sql, [*wanted, "_due"]


def _lacks_details(dataset: Dataset, plan: ForEach) -> str:
    """A condition on the parent's row `t`: no row of its details is stored."""
    table = dataset.tables[0]
    same = "".join(
        f" AND d.{quoted(name)} = t.{quoted(plan.path.get(name, name))}"
        for name in placeholders(dataset.route)
        if name in table.identity
    )
    return (
        f"NOT EXISTS (SELECT 1 FROM main.{quoted(table.name)} AS d "
        f"WHERE d.corporation_id = t.corporation_id{same})"
    )
