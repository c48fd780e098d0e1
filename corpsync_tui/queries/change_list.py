"""The change log as lines to read: newest first, searched by their words, and one in full."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from corpsync_tui.queries.changes import (
    Change,
    ChangeFilter,
    count_changes,
    every_change,
    newest_id,
    read_changes,
)

LINES = 1_000
"""Changes that a list shows; narrowing it shows older ones."""
SEARCHED = 20_000
"""Changes that are described in search of a text."""


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
    new: int = 0
    """Those of all of them that came after the mark."""
    newest: int = 0
    """The id of the last change of all."""
    more: bool = False
    """Whether there are older ones that were not read."""


class Describer(Protocol):
    """Says changes and values in words, as `catalog.kit.describer.ChangeDescriber` does."""

    def process_type(self, table_name: str) -> str:
        """The process that fills a table."""

    def describe(self, change: Change) -> str:
        """One line."""

    def key(self, change: Change) -> str:
        """What tells the change's row apart."""

    def value(self, change: Change, column: str, value: Any) -> str:
        """One value."""


def list_changes(
    db: sqlite3.Connection, describer: Describer, which: ChangeFilter, text: str, mark: int
) -> ChangeList:
    """Changes that pass the filter and whose sentence has the text, in any case.

    `mark` is the id of the last change that was seen.
    """
    wanted = text.casefold()
    lines: list[ChangeLine] = []
    more = False
    for searched, change in enumerate(every_change(db, which)):
        if len(lines) == LINES or searched == SEARCHED:
            more = True
            break
        line = _line(change, describer)
        if wanted in line.sentence.casefold():
            lines.append(line)
    new = count_changes(db, ChangeFilter(after_id=mark, corporation_id=which.corporation_id))
    return ChangeList(tuple(lines), new, newest_id(db), more)


def read_change(
    db: sqlite3.Connection, describer: Describer, change_id: int
) -> ChangeDetail | None:
    """One change field by field; None where it was trimmed."""
    found = read_changes(db, ChangeFilter(), before_id=change_id + 1, limit=1)
    if not found or found[0].id != change_id:
        return None
    change = found[0]
    before, after = change.before or {}, change.after or {}

    def shown(side: Mapping[str, Any], column: str) -> str | None:
        return describer.value(change, column, side[column]) if column in side else None

    fields = [
        ChangeField(column, shown(before, column), shown(after, column))
        for column in dict.fromkeys([*before, *after])
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
