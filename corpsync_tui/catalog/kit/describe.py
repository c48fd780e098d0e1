"""From a change to one readable line. Each process file says its own tables' sentences."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpsync_tui.store.changes import Change, Rows
from corpsync_tui.store.columns import Column
from corpsync_tui.store.naming import Naming
from corpsync_tui.store.schema import Table

if TYPE_CHECKING:
    from corpsync_tui.catalog.kit.base import Process

LONGEST = 60
"""Characters of one value in a sentence."""


@dataclass(frozen=True, slots=True)
class News:
    """A change, with all that is needed to tell it."""

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


Sentence = Callable[[News], str | None]
"""The line for a change; None leaves it to the general one."""


class Teller:
    """Tells changes of every table; for one read of the database."""

    def __init__(self, db: sqlite3.Connection, processes: Iterable[Process]) -> None:
        processes = tuple(processes)
        self.names = Naming(db)
        self._rows = Rows(db)
        self._sentences = {
            Table.of(model).name: sentence
            for process in processes
            for model, sentence in process.sentences.items()
        }
        self._tables = {table.name: table for p in processes for table in map(Table.of, p.models)}

    def tell(self, change: Change) -> str:
        """One line. It bears text from outside: it must pass the border to a terminal."""
        if change.kind == "bulk":
            return _bulk(change)
        news = News(change, self._rows.of(change), self.names)
        sentence = self._sentences.get(change.table_name)
        told = sentence(news) if sentence is not None else None
        return told or self._generally(news)

    def value(self, change: Change, column: str, value: Any) -> str:
        """One value of a change as a reader wants it, with its name behind an id."""
        table = self._tables.get(change.table_name)
        found = next((c for c in table.columns if c.name == column), None) if table else None
        return _shown(value, found, self.names)

    def _generally(self, news: News) -> str:
        change = news.change
        key = ", ".join(self.value(change, n, v) for n, v in (change.row_key or {}).items())
        what = f"{label(change.table_name)} {key}"
        if news.kind == "added":
            return f"{what} is new"
        if news.kind == "removed":
            return f"{what} is gone"
        fields = (
            f"{label(name).lower()} {self.value(change, name, news.old(name))} → "
            f"{self.value(change, name, value)}"
            for name, value in (change.after or {}).items()
        )
        return f"{what}: {', '.join(fields)}"


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
    if isinstance(value, dict | list):
        return _cut(json.dumps(value, ensure_ascii=False))
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


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
