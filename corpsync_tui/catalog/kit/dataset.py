"""What a data set is: one table (and its child tables), fed by one route."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from sqlite3 import Connection
from typing import Any

import msgspec

from corpsync_tui.catalog.kit.decoder import CursorTokens, Row, Wire
from corpsync_tui.catalog.kit.plans import Batch, Cursor, ForEach, Pages, Plan, Walk
from corpsync_tui.catalog.kit.shapes import Grouped, List, One, Scalar, Shape, Values, Wrapped
from corpsync_tui.errors import DeclarationError, ValidationError
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import Column, CorporationTable
from corpsync_tui.store.keys import Key, pack_keys
from corpsync_tui.store.merge import Counts, Merge
from corpsync_tui.store.schema import Table

_FILLED = frozenset({"corporation_id", "character_id"})
"""Placeholders that every run fills: the corporation, and the character that asks."""


@dataclass(frozen=True, slots=True)
class Child:
    """A list inside each record that fills a table of its own.

    Its columns that are `added` get the values of the record's columns of the same name.
    """

    model: type[CorporationTable]
    field: str
    """The list's name in ESI's record."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What `Dataset.after` works with: inside the transaction, after all merges of the run."""

    db: Connection
    corporation_id: int
    now: float
    """Unix seconds."""
    listed: Collection[Key]
    """The identities of all rows that ESI lists now, read or unchanged."""


After = Callable[[Merged], Counts]
"""Works on a table once all that ESI lists is known; tells what it added, changed and removed."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One answer: the rows of the data set's tables, and the tokens of its cursor."""

    rows: Sequence[Sequence[Row]]
    """The rows of the table, then those of each child table."""
    cursor: CursorTokens | None = None


class Dataset:
    """One table, fed by one route.

    Args:
        model: The table.
        route: What is asked, with the scope and roles that it takes.
        merge: What becomes of rows that are known, and of rows that ESI lists no more.
        shape: What an answer looks like around its records.
        plan: How the answers are asked for.
        children: Tables that are filled from lists inside the records.
        tracked: Whether it is remembered which rows each answer held, as a snapshot needs; so that
            `after` and the details of another data set know what ESI lists now.
        page_key: The integer column by which rows are remembered, where not by their identity.
        whole: A row's identity depends on the rows beside it: pages are staged together.
        final: A condition on a stored row `t`: where it holds, the row is left as it is.
        required: Columns that may be NULL and yet stand in every record of this route.
        never_empty: An empty answer cannot be true.
        most: Rows of one unit at which ESI's list ends: a first load that reaches it says so.
        counted: False for a table that only serves another: its rows are no news in the history.
        after: Work on the table inside the run's transaction.

    Raises:
        DeclarationError: It cannot work like this.
    """

    def __init__(
        self,
        model: type[CorporationTable],
        route: Route,
        merge: Merge,
        *,
        shape: Shape = List(),  # noqa: B008  # frozen, as the next
        plan: Plan = Pages(),  # noqa: B008
        children: Sequence[Child] = (),
        tracked: bool = False,
        page_key: str | None = None,
        whole: bool = False,
        final: str = "",
        required: Sequence[str] = (),
        never_empty: bool = False,
        most: int | None = None,
        counted: bool = True,
        after: After | None = None,
    ) -> None:
        self.model = model
        self.route = route
        self.merge = merge
        self.shape = shape
        self.plan = plan
        self.children = tuple(children)
        self.page_key = page_key
        self.tracked = tracked or page_key is not None or merge == "snapshot"
        self.whole = whole
        self.final = final
        self.required = required
        self.never_empty = never_empty
        self.most = most
        self.counted = counted
        self.after = after
        _check(self)

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return str(self.model._meta.table_name)

    @property
    def parent(self) -> type[CorporationTable] | None:
        """The table whose rows it needs before anything can be asked for."""
        if isinstance(self.plan, ForEach):
            return self.plan.of if isinstance(self.plan.of, type) else None
        return self.model if isinstance(self.plan, Batch) else None

    @property
    def is_personal(self) -> bool:
        """Whether each character asks for what is its own."""
        return isinstance(self.plan, ForEach) and self.plan.of == "characters"

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The table, then the child tables."""
        return tuple(map(Table.of, (self.model, *(child.model for child in self.children))))

    @cached_property
    def columns(self) -> list[Column]:
        """The table's columns that a row bears the values of, in this order.

        All but `corporation_id` and those that are filled in later.
        """
        return staged_columns(self.model)

    @cached_property
    def wire(self) -> Wire:
        """The decoder derived from the table."""
        return Wire(self.model, self.shape, self.required, self.children)

    @cached_property
    def _added(self) -> tuple[list[str], list[str]]:
        return added_columns(self.model)

    def parse(self, body: bytes, context: Mapping[str, Any]) -> Parsed:
        """An answer's bytes as rows of each table.

        `context` gives the added columns that are the same for the whole answer (division,
        observer_id). Raises `ValidationError`.
        """
        page = self.wire.page(body)
        if self.never_empty and not page.records:
            raise ValidationError("ESI's data is not as documented: $: an empty list cannot be")
        rows = self.transform_all(page.records, context)
        if isinstance(self.shape, Grouped):
            rows = [(group, *row[1:]) for group, row in zip(page.groups, rows, strict=True)]
        if not self.children:
            return Parsed([rows], page.cursor)
        names = [column.name for column in self.columns]
        outer = [{**context, **dict(zip(names, row, strict=True))} for row in rows]
        children = [
            [
                _between(added_columns(child.model), values, wire.row_of(inner))
                for record, values in zip(page.records, outer, strict=True)
                for inner in getattr(record, child.field) or ()
            ]
            for child, wire in zip(self.children, self.wire.children, strict=True)
        ]
        return Parsed([rows, *children], page.cursor)

    def rows(self, body: bytes, context: Mapping[str, Any]) -> Sequence[Row]:
        """An answer's bytes as rows of the table alone. Raises `ValidationError`."""
        return self.parse(body, context).rows[0]

    def transform_all(
        self, records: Sequence[msgspec.Struct], context: Mapping[str, Any]
    ) -> list[Row]:
        """Every record of a page as a row; the added columns are worked out once a page."""
        if type(self).transform is not Dataset.transform:
            return [self.transform(record, context) for record in records]
        row_of = self.wire.row_of
        before, behind = (tuple(context.get(n) for n in names) for names in self._added)
        if not before and not behind:
            return list(map(row_of, records))
        return [before + row_of(record) + behind for record in records]

    def transform(self, record: Any, context: Mapping[str, Any]) -> Row:
        """One record as a row: adds only what the record and the context say."""
        return _between(self._added, context, self.wire.row_of(record))

    def packed(self, rows: Sequence[Row], table: Table | None = None) -> bytes:
        """The keys of these rows of a table in one blob; empty where they are not tracked."""
        table = table or self.tables[0]
        if not self.tracked or not rows:
            return b""
        names = table.staged_columns
        if self.page_key is not None or table.is_numbered:
            index = names.index(self.page_key or table.identity[0])
            return pack_keys([row[index] for row in rows], whole_numbers=True)
        indexes = [names.index(name) for name in table.identity]
        return pack_keys([tuple(row[i] for i in indexes) for row in rows], whole_numbers=False)


def staged_columns(model: type[CorporationTable]) -> list[Column]:
    """The columns of a row on its way in."""
    return [c for c in model._meta.sorted_fields[1:] if not c.kept]


def added_columns(model: type[CorporationTable]) -> tuple[list[str], list[str]]:
    """The columns that ESI's record does not bear: those before its own, those behind."""
    columns = staged_columns(model)
    own = [i for i, c in enumerate(columns) if not c.added]
    before, behind = columns[: own[0]], columns[own[-1] + 1 :]
    return [c.name for c in before], [c.name for c in behind]


def _between(added: tuple[list[str], list[str]], values: Mapping[str, Any], row: Row) -> Row:
    before, behind = (tuple(values.get(n) for n in names) for names in added)
    return before + row + behind


def placeholders(route: Route) -> list[str]:
    """What a route's path asks for beside the corporation and the character."""
    return [name for name in re.findall(r"{(\w+)}", route.path) if name not in _FILLED]


def _check(dataset: Dataset) -> None:
    """Refuse what cannot work. Raises `DeclarationError`."""
    for model in (dataset.model, *(child.model for child in dataset.children)):
        _check_table(model)
    name, shape, plan = dataset.table, dataset.shape, dataset.plan
    single = isinstance(shape, One | Scalar) and not isinstance(plan, ForEach)
    if not dataset.model.identity and not single:
        raise DeclarationError(f"{name} has no identity, yet its route answers with many rows")
    for child in dataset.children:
        if not child.model.identity:
            raise DeclarationError(f"{child.model._meta.table_name} has no identity")
    each = plan.each if isinstance(plan, ForEach) else plan
    if isinstance(each, Cursor) and not isinstance(shape, Wrapped):
        raise DeclarationError(f"{name}: a cursor stands beside a list that is Wrapped")
    if isinstance(each, Cursor) and dataset.merge == "snapshot":
        raise DeclarationError(f"{name}: a cursor tells what changed, never all: no snapshot")
    if isinstance(each, Walk) and dataset.merge != "log":
        raise DeclarationError(f"{name}: a walk by from_id ends where a log is known: no other")
    if isinstance(plan, ForEach) and plan.once and dataset.merge == "snapshot":
        raise DeclarationError(f"{name}: details that are read once cannot be a snapshot")
    if isinstance(plan, Batch) and not dataset.model._meta.fields[plan.column].kept:
        raise DeclarationError(f"{name}.{plan.column} is filled later: declare it kept")
    if dataset.after is not None and not dataset.tracked:
        raise DeclarationError(f"{name}: what works on all that is listed needs tracked=True")
    if not isinstance(plan, ForEach) and (open_ := placeholders(dataset.route)):
        raise DeclarationError(f"{name}: nothing fills {{{open_[0]}}} of {dataset.route.path}")
    if isinstance(shape, Values | Scalar) and len(dataset.wire.names) != 1:
        raise DeclarationError(f"{name}: an answer of bare values fills one column, not several")


def _check_table(model: type[CorporationTable]) -> None:
    name = model._meta.table_name
    columns = staged_columns(model)
    own = [i for i, c in enumerate(columns) if not c.added]
    if not own:
        raise DeclarationError(f"{name} has no column that ESI's record bears")
    for index in range(own[0], own[-1]):
        if columns[index].added:
            raise DeclarationError(
                f"{name}.{columns[index].name} is added between columns of ESI's: "
                "declare it before or after them"
            )
    for column in model.identity:
        if model._meta.fields[column].null:
            raise DeclarationError(f"{name}.{column} is part of the identity and may not be NULL")
