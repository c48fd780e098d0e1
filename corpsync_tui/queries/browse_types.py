"""What browsing speaks of: tables as a screen shows them, views of them, and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corpsync_tui.store.presentation import Presentation

if TYPE_CHECKING:
    from corpsync_tui.store.schema import Table

Key = tuple[Any, ...]
"""What tells a row apart: the corporation, then the row's own identity."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


def joined(parts: Sequence[Sql], between: str) -> Sql:
    """Conditions as one."""
    text = between.join(part.text for part in parts)
    return Sql(f"({text})", tuple(p for part in parts for p in part.parameters))


@dataclass(frozen=True, slots=True)
class BrowseColumn:
    """A column of a table, or one that its named view derives."""

    name: str
    kind: str
    value: str
    """The expression for the value, over the row `t`."""
    text: str | None = None
    """The expression for the name of what the value is an id of; None where it has none."""
    of: tuple[str, ...] = ()
    """The columns that a derived value follows from, see `Derived.of`."""
    derived: bool = False
    moving: bool = False
    """Whether it moves at every sync, so that no past of it is kept."""


@dataclass(frozen=True, slots=True)
class BrowseTable:
    """A table as it can be browsed."""

    name: str
    process_type: str
    key: tuple[str, ...]
    columns: tuple[BrowseColumn, ...]
    title: str
    stored: Table
    presentation: Presentation = field(default_factory=Presentation)
    opens: bool = False
    """Whether this is the table that its process opens."""

    def column(self, name: str) -> BrowseColumn:
        """The column of this name. Raises LookupError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise LookupError(f"{self.name} has no column {name}")

    def summed(self, name: str) -> bool:
        """Whether the sum of a column says something: of amounts and numbers of things."""
        column = self.column(name)
        return column.kind in ("isk", "count") and name not in self.presentation.unsummed


def derived_name(table: BrowseTable, column: BrowseColumn) -> str:
    """The temporary table that a derived column is worked out in."""
    return f"derived_{table.name}_{column.name}"


@dataclass(frozen=True, slots=True)
class View:
    """Which rows of a table are wanted, and in which order."""

    table: str
    corporation_id: int | None = None
    """None means those of all corporations."""
    order: str | None = None
    """The column to sort by; None means the order of the key."""
    descending: bool = False
    filter: str = ""
    """Conditions that a row must meet, see `parse_filter`."""
    searched: tuple[str, ...] = ()
    """The columns that words without a column are looked for in."""
    keys: tuple[Key, ...] = ()
    """These rows, whatever the filter says; empty means those of the filter."""
    at: float | None = None
    """The moment as of which the table is wanted, in Unix seconds; None means now."""
    now: float = 0.0
    """The moment from which the filter reckons `7d`, in Unix seconds."""

    @property
    def schema(self) -> str:
        """Where these rows stand: those of the past in a temporary table."""
        return "main" if self.at is None else "temp"


@dataclass(frozen=True, slots=True)
class BrowseRow:
    """One row: its values and the names of its ids, in the order of the columns asked for."""

    key: Key
    values: tuple[Any, ...]
    names: tuple[str | None, ...]
    gone: bool = False
    """The row was removed since its place in the order was found."""

    @classmethod
    def read(cls, row: Sequence[Any], keys: int, columns: int) -> BrowseRow:
        """A row as statements have it: the key, whether it is gone, the values, then the names."""
        cells = tuple(row[keys + 1 :])
        return cls(tuple(row[:keys]), cells[:columns], cells[columns:], gone=bool(row[keys]))


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are alike in one column."""

    value: Any
    name: str | None
    rows: int
    sums: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class DetailField:
    """One field of a row in full."""

    name: str
    kind: str
    value: Any
    text: str | None = None
    """The name of what the value is an id of, or where it lies."""


@dataclass(frozen=True, slots=True)
class Detail:
    """All that is known of one row."""

    table: str
    title: str
    """What the table is called, and this row of it."""
    identity: tuple[str, ...]
    """The columns that tell it apart within a corporation: those of its key but the first."""
    key: Key
    fields: Sequence[DetailField]
    nested: Mapping[str, Any] = field(default_factory=dict)
    """The values of JSON columns."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Names of the ids inside of them."""
