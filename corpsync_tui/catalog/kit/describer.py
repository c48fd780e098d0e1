"""Describes changes of every table: by its own sentence, or else field by field."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.nested import nested_difference, nested_words
from corpsync_tui.format.times import span
from corpsync_tui.queries.changes import Change, Rows
from corpsync_tui.store.columns import Column
from corpsync_tui.store.naming import Naming
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.store.schema import Table
from corpsync_tui.store.views import ACTIVITIES

LONGEST = 60
"""Characters of one value in a sentence."""
WORDS = {"flag": ("no", "yes"), "side": ("sell", "buy")}
"""What 0 and 1 mean, by kind of column."""

log = logging.getLogger(__name__)


class ChangeDescriber:
    """Describes changes of every table; for one read of the database."""

    def __init__(self, db: sqlite3.Connection, processes: Iterable[Process]) -> None:
        processes = tuple(processes)
        self.names = Naming(db)
        self._own = {
            Table.of(model).name: describe
            for process in processes
            for model, describe in process.describe.items()
        }
        self._tables = {table.name: table for p in processes for table in map(Table.of, p.models)}
        self.rows = Rows(db, self._tables)
        self._types = {d.table: p.type for p in processes for d in p.datasets}
        self._failed: set[str] = set()

    def process_type(self, table_name: str) -> str:
        """The process that fills a table."""
        return self._types.get(table_name, table_name)

    def describe(self, change: Change) -> str:
        """One line. It bears text from outside: it must pass the border to a terminal."""
        if change.kind == "bulk":
            return _bulk(change)
        context = ChangeContext(
            change, self.rows.of(change), self.names, lambda: self._fields(context)
        )
        return self._sentence(context) or self._field_by_field(context)

    def key(self, change: Change) -> str:
        """What tells the change's row apart: `Item 1041700000574`."""
        parts = (change.row_key or {}).items()
        return ", ".join(f"{title_of_column(n)} {self.value(change, n, v)}" for n, v in parts)

    def value(self, change: Change, column: str, value: Any) -> str:
        """One value of a change as a reader wants it, with its name behind an id."""
        return _cut(self.whole_value(change, column, value))

    def whole_value(self, change: Change, column: str, value: Any) -> str:
        """The same uncut; the elements of a list are apart by `; `."""
        return _shown(value, self._column(change, column), self.names)

    def difference(self, change: Change, column: str, before: Any, after: Any) -> str | None:
        """What differs in a JSON column, element by element; None for all others."""
        known = self._column(change, column)
        if known is None or known.kind != "json" or None in (before, after):
            return None
        return nested_difference(before, after, self.names.known)

    def place(self, change: Change, column: str) -> int:
        """Where a reader of the table meets a column."""
        table = self._tables.get(change.table_name)
        return table.model.presentation.place(column) if table else 0

    def _sentence(self, context: ChangeContext) -> str | None:
        """The table's own sentence; where it fails, the general one does, and the log says why."""
        table = context.change.table_name
        describe = self._own.get(table)
        if describe is None:
            return None
        try:
            return describe(context)
        except Exception:
            if table not in self._failed:
                self._failed.add(table)
                log.exception("change %d of %s cannot be described", context.change.id, table)
            return None

    def _column(self, change: Change, name: str) -> Column | None:
        table = self._tables.get(change.table_name)
        return next((c for c in table.columns if c.name == name), None) if table else None

    def _field_by_field(self, context: ChangeContext) -> str:
        change = context.change
        key = ", ".join(self.value(change, n, v) for n, v in (change.row_key or {}).items())
        what = f"{label(change.table_name)} {key}".strip()
        if context.kind == "added":
            return f"{what} is new"
        if context.kind == "removed":
            return f"{what} is gone"
        return f"{what}: {context.fields()}"

    def _fields(self, context: ChangeContext) -> str:
        return ", ".join(self._difference(context, name) for name in context.change.after or {})

    def _difference(self, context: ChangeContext, name: str) -> str:
        change, before, after = context.change, context.old(name), context.new(name)
        text = self.difference(change, name, before, after)
        title = title_of_column(name).lower()
        if text is not None:
            return f"{title} {text}"
        return f"{title} {self.value(change, name, before)} → {self.value(change, name, after)}"


def label(name: str) -> str:
    """A table in words: `industry_job` as `Industry job`."""
    return name.replace("_", " ").capitalize()


def _bulk(change: Change) -> str:
    counts = change.after or {}
    parts = [f"{counts.get(k, 0):,} {k}" for k in ("added", "changed", "removed") if counts.get(k)]
    why = "old changes are kept together" if "since" in counts else "too many to keep one by one"
    return f"{label(change.table_name)}: {', '.join(parts)}; {why}"


def _shown(value: Any, column: Column | None, names: Naming) -> str:
    if value is None:
        return "nothing"
    if column is not None and column.kind == "json":
        return nested_words(value, names.known)
    kind = column.kind if column is not None else ""
    if kind in WORDS:
        return WORDS[kind][bool(value)]
    if kind == "activity":
        return ACTIVITIES.get(value, str(value))
    if kind == "seconds":
        return span(value)
    if column is not None and column.name.endswith("_id") and isinstance(value, int):
        name = names.known(value)
        return f"{name} ({value})" if name else str(value)
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, int) and kind == "count":
        return f"{value:,}"
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
