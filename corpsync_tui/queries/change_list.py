"""The change log as lines to read: newest first, searched by their words, and one in full."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from corpsync_tui.queries.changes import (
    Change,
    ChangedRun,
    ChangeFilter,
    Rows,
    changed_runs,
    count_changes,
    every_change,
    newest_id,
    read_changes,
)

LINES = 200
"""Changes that are read at once."""
SEARCHED = 20_000
"""Changes that are described at once in search of a text."""
RUNS = 100
"""Runs that are read at once."""
FEW = 3
"""Changes of a run up to which they are read together with it."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change as a sentence."""

    id: int
    run_id: int
    when: datetime
    corporation_id: int
    process_type: str
    table_name: str
    kind: str
    sentence: str
    """Bears text from outside."""


@dataclass(frozen=True, slots=True)
class ChangeField:
    """A value before and after; None where the row was not there."""

    column: str
    before: str | None
    after: str | None
    difference: str | None = None
    """What of a nested value differs, its elements apart by `; `."""


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change, field by field."""

    line: ChangeLine
    key: str
    fields: Sequence[ChangeField]
    row_key: Mapping[str, Any] | None = None
    """What tells the row apart within its corporation; None where rows were only counted."""


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Changes, newest first."""

    lines: Sequence[ChangeLine] = ()
    older: int | None = None
    """The id before which there may be more; None where there are none."""


@dataclass(frozen=True, slots=True)
class RunChanges:
    """What a run changed, of what a filter lets pass."""

    run_id: int
    when: datetime
    """Of the newest change."""
    corporation_id: int
    process_type: str
    counts: Mapping[str, int]
    """By kind."""
    newest: int
    """The id of the newest change."""
    lines: Sequence[ChangeLine] = ()
    """All of them, where they are few."""

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class RunList:
    """Runs and what they changed, newest first."""

    runs: Sequence[RunChanges] = ()
    total: int = 0
    """How many changes pass the filter."""
    new: int = 0
    """Those of all changes that came after the mark."""
    newest: int = 0
    """The id of the last change of all."""
    more: bool = False
    """Whether there are older runs."""


class Describer(Protocol):
    """Says changes and values in words, as `catalog.kit.describer.ChangeDescriber` does."""

    rows: Rows

    def process_type(self, table_name: str) -> str:
        """The process that fills a table."""

    def describe(self, change: Change) -> str:
        """One line."""

    def key(self, change: Change) -> str:
        """What tells the change's row apart."""

    def place(self, change: Change, column: str) -> int:
        """Where a reader of the table meets a column."""

    def whole_value(self, change: Change, column: str, value: Any) -> str:
        """One value, uncut; the elements of a list are apart by `; `."""

    def difference(self, change: Change, column: str, before: Any, after: Any) -> str | None:
        """What differs in a nested value, element by element; None for a plain one."""


def list_runs(
    db: sqlite3.Connection,
    describer: Describer,
    which: ChangeFilter,
    mark: int,
    before_run: int | None = None,
    limit: int = RUNS,
) -> RunList:
    """The runs that did the changes which pass the filter.

    `mark` is the id of the last change that was seen; `before_run` goes on behind the last run.
    """
    found = changed_runs(db, which, before_run, limit + 1)
    more, found = len(found) > limit, found[:limit]

    def lines_of(run: ChangedRun) -> Sequence[ChangeLine]:
        if sum(run.counts.values()) > FEW:
            return ()
        changes = read_changes(db, replace(which, run_id=run.run_id))
        return [_line(change, describer) for change in changes]

    runs = [
        RunChanges(
            run.run_id,
            datetime.fromtimestamp(run.time, UTC),
            run.corporation_id,
            describer.process_type(run.table_name),
            run.counts,
            run.newest,
            lines_of(run),
        )
        for run in found
    ]
    new = count_changes(db, ChangeFilter(after_id=mark, corporation_id=which.corporation_id))
    return RunList(runs, count_changes(db, which), new, newest_id(db), more)


def list_changes(
    db: sqlite3.Connection,
    describer: Describer,
    which: ChangeFilter,
    text: str = "",
    before_id: int | None = None,
) -> ChangeList:
    """Changes that pass the filter and whose sentence has the text, in any case."""
    wanted = text.casefold()
    lines: list[ChangeLine] = []
    last = before_id
    for searched, change in enumerate(every_change(db, which, before_id)):
        if len(lines) == LINES or searched == SEARCHED:
            return ChangeList(tuple(lines), last)
        last = change.id
        line = _line(change, describer)
        if wanted in line.sentence.casefold():
            lines.append(line)
    return ChangeList(tuple(lines))


def read_change(
    db: sqlite3.Connection, describer: Describer, change_id: int
) -> ChangeDetail | None:
    """One change field by field; None where it was trimmed."""
    found = read_changes(db, ChangeFilter(), before_id=change_id + 1, limit=1)
    if not found or found[0].id != change_id:
        return None
    change = describer.rows.whole(found[0])
    before, after = change.before or {}, change.after or {}

    def shown(side: Mapping[str, Any], column: str) -> str | None:
        return describer.whole_value(change, column, side[column]) if column in side else None

    fields = [
        ChangeField(
            column,
            shown(before, column),
            shown(after, column),
            describer.difference(change, column, before.get(column), after.get(column)),
        )
        for column in sorted({**before, **after}, key=lambda c: describer.place(change, c))
    ]
    return ChangeDetail(_line(change, describer), describer.key(change), fields, change.row_key)


def _line(change: Change, describer: Describer) -> ChangeLine:
    return ChangeLine(
        change.id,
        change.run_id,
        datetime.fromtimestamp(change.time, UTC),
        change.corporation_id,
        describer.process_type(change.table_name),
        change.table_name,
        change.kind,
        describer.describe(change),
    )
