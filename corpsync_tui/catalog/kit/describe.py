"""From a change to one readable line. Each process file describes its own tables' changes."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpsync_tui.catalog.kit.nested import nested_difference, nested_words
from corpsync_tui.queries.changes import Change, Rows
from corpsync_tui.store.columns import Column
from corpsync_tui.store.naming import Naming
from corpsync_tui.store.schema import Table

if TYPE_CHECKING:
    from corpsync_tui.catalog.kit.base import Process

LONGEST = 60
"""Characters of one value in a sentence."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """A change, with all that is needed to describe it."""

    change: Change
    row: Mapping[str, Any]
    """What is known of the row: NULL columns may be missing."""
    names: Naming

    @property
    def kind(self) -> str:
        """`added`, `changed` or `removed`."""
        return self.change.kind

    def get(self, column: str) -> Any:
        """A value of the row, None where it has none."""
        return self.row.get(column)

    def old(self, column: str) -> Any:
        """A value before the change."""
        return (self.change.before or {}).get(column)

    def new(self, column: str) -> Any:
        """A value after the change."""
        return (self.change.after or {}).get(column)

    def differs(self, *columns: str) -> bool:
        """Whether the change is one of these columns."""
        return self.kind == "changed" and any(c in (self.change.after or {}) for c in columns)

    def place(self, location: str = "location_id", flag: str = "location_flag") -> str:
        """Where the row's thing is."""
        corporation_id = self.change.corporation_id
        return self.names.place(corporation_id, self.get(location), self.get(flag) or "")

    def wallet(self) -> str:
        """The row's wallet division."""
        number = self.get("division") or self.get("wallet_division") or 0
        return self.names.division(self.change.corporation_id, "wallet", number)


Describe = Callable[[ChangeContext], str | None]
"""The line for a change; None leaves it to the general one."""


class ChangeDescriber:
    """Describes changes of every table; for one read of the database."""

    def __init__(self, db: sqlite3.Connection, processes: Iterable[Process]) -> None:
        processes = tuple(processes)
        self.names = Naming(db)
        self._rows = Rows(db)
        self._own = {
            Table.of(model).name: describe
            for process in processes
            for model, describe in process.describe.items()
        }
        self._tables = {table.name: table for p in processes for table in map(Table.of, p.models)}
        self._types = {d.table: p.type for p in processes for d in p.datasets}
        self._failed: set[str] = set()

    def process_type(self, table_name: str) -> str:
        """The process that fills a table."""
        return self._types.get(table_name, table_name)

    def describe(self, change: Change) -> str:
        """One line. It bears text from outside: it must pass the border to a terminal."""
        if change.kind == "bulk":
            return _bulk(change)
        context = ChangeContext(change, self._rows.of(change), self.names)
        return self._sentence(context) or self._field_by_field(context)

    def key(self, change: Change) -> str:
        """What tells the change's row apart: `Item 1041700000574`."""
        parts = (change.row_key or {}).items()
        return ", ".join(f"{label(n)} {self.value(change, n, v)}" for n, v in parts)

    def value(self, change: Change, column: str, value: Any) -> str:
        """One value of a change as a reader wants it, with its name behind an id."""
        return _shown(value, self._column(change, column), self.names)

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
        fields = (self._difference(context, name) for name in change.after or {})
        return f"{what}: {', '.join(fields)}"

    def _difference(self, context: ChangeContext, name: str) -> str:
        change, before, after = context.change, context.old(name), context.new(name)
        column = self._column(change, name)
        if column is not None and column.kind == "json" and None not in (before, after):
            text = nested_difference(_decoded(before), _decoded(after), self.names.known)
            return f"{label(name).lower()} {text}"
        return (
            f"{label(name).lower()} {self.value(change, name, before)} → "
            f"{self.value(change, name, after)}"
        )


def label(name: str) -> str:
    """A table or column in words: `industry_job` as `Industry job`."""
    return name.removesuffix("_id").replace("_", " ").capitalize()


def _bulk(change: Change) -> str:
    counts = change.after or {}
    parts = [f"{counts.get(k, 0):,} {k}" for k in ("added", "changed", "removed") if counts.get(k)]
    return f"{label(change.table_name)}: {', '.join(parts)}; too many to keep one by one"


def _shown(value: Any, column: Column | None, names: Naming) -> str:
    if value is None:
        return "nothing"
    if column is not None and column.kind == "json":
        return _cut(nested_words(_decoded(value), names.known))
    if column is not None and column.kind == "flag":
        return "yes" if value else "no"
    if column is not None and column.name.endswith("_id") and isinstance(value, int):
        name = names.known(value)
        return f"{name} ({value})" if name else str(value)
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, int) and column is not None and column.kind == "count":
        return f"{value:,}"
    return _cut(str(value))


def _decoded(value: Any) -> Any:
    """What a JSON column holds: the change log keeps it as the table does, as text."""
    return json.loads(value) if isinstance(value, str) else value


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
