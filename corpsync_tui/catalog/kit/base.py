"""What a process and a data set are. One file beside this one describes each process."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from corpsync_tui.catalog.kit.decoder import Row, Wire
from corpsync_tui.errors import ValidationError
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import Column, CorporationTable

if TYPE_CHECKING:
    from corpsync_tui.catalog.kit.describe import Describe
    from corpsync_tui.catalog.kit.rules import Rule
    from corpsync_tui.engine.run import Run

Merge = Literal["snapshot", "ledger", "log"]
"""`snapshot`: the table equals what ESI said last. `ledger`: inserted or updated, never deleted.
`log`: inserted once, never touched again."""


class Dataset:
    """One table, fed by one route.

    `page_key` names the integer column by which the rows of each page are remembered, so that
    a page that did not change need not be read again; a snapshot with one integer as identity
    has it by itself. `whole` says that a row's identity depends on the rows beside it.
    `required` names columns of the table that may be NULL and yet stand in every record of this
    route. `never_empty` says that an empty answer cannot be true. `counted` is False for a table
    that only serves another one: its rows are no news in the history.
    """

    def __init__(
        self,
        model: type[CorporationTable],
        route: Route,
        merge: Merge,
        *,
        page_key: str | None = None,
        whole: bool = False,
        required: Sequence[str] = (),
        never_empty: bool = False,
        counted: bool = True,
    ) -> None:
        self.model = model
        self.route = route
        self.merge = merge
        self.whole = whole
        self.required = required
        self.never_empty = never_empty
        self.counted = counted
        if page_key is None and merge == "snapshot" and len(model.identity) == 1:
            page_key = model.identity[0]
        self.page_key = page_key

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return str(self.model._meta.table_name)

    @cached_property
    def columns(self) -> list[Column]:
        """The table's columns that a row bears the values of, in this order.

        All but `corporation_id` and those that are filled in later.
        """
        return [c for c in self.model._meta.sorted_fields[1:] if not c.kept]

    @cached_property
    def wire(self) -> Wire:
        """The decoder derived from the table."""
        return Wire(self.model, self.required)

    @cached_property
    def _added(self) -> tuple[list[str], list[str]]:
        """The columns that ESI's record does not bear: those before its own, those behind."""
        own = [i for i, c in enumerate(self.columns) if not c.added]
        before, behind = self.columns[: own[0]], self.columns[own[-1] + 1 :]
        return [c.name for c in before], [c.name for c in behind]

    def rows(self, body: bytes, context: Mapping[str, Any]) -> list[Row]:
        """A page's bytes as rows.

        `context` gives the added columns that are the same for the whole page (division,
        observer_id). Raises `ValidationError`.
        """
        records = self.wire.page(body)
        if self.never_empty and not records:
            raise ValidationError("ESI's data is not as documented: $: an empty list cannot be")
        return self.transform_all(records, context)

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
        before, behind = (tuple(context.get(n) for n in names) for names in self._added)
        return before + self.wire.row_of(record) + behind

    def packed(self, rows: Sequence[Row]) -> bytes:
        """The page keys of these rows, as 64-bit integers in one blob; empty without `page_key`."""
        if self.page_key is None:
            return b""
        index = [c.name for c in self.columns].index(self.page_key)
        return array("q", [row[index] for row in rows]).tobytes()


class Process:
    """One sync that the director sees."""

    def __init__(
        self,
        type: str,
        *,
        title: str,
        noun: str,
        order: int,
        interval_minutes: int,
        demo_minutes: int,
        datasets: Sequence[Dataset],
        opens: type[CorporationTable] | None = None,
        also: Sequence[Route] = (),
        describe: Mapping[type[CorporationTable], Describe] | None = None,
        rules: Sequence[Rule] = (),
    ) -> None:
        self.type = type
        self.title = title
        self.noun = noun
        """What the steps call the rows: `Fetching assets from ESI…`."""
        self.order = order
        """Its place on the Sync screen, among the others' numbers."""
        self.interval_minutes = interval_minutes
        self.demo_minutes = demo_minutes
        """The interval in the demo, where something is always about to happen."""
        self.datasets = tuple(datasets)
        self.opens = opens or next(d.model for d in self.datasets if d.counted)
        """The table that its row on the Sync screen opens."""
        self.routes = tuple(dict.fromkeys([*(d.route for d in datasets), *also]))
        self.describe = dict(describe or {})
        """How a change of each table reads; the others are described field by field."""
        self.rules = tuple(rules)
        """What in this process's tables needs attention."""

    @property
    def models(self) -> tuple[type[CorporationTable], ...]:
        """The tables that this process fills, each once."""
        return tuple(dict.fromkeys(d.model for d in self.datasets))

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that a character serving this process must have granted."""
        return tuple(dict.fromkeys(r.scope for r in self.routes if r.scope))

    async def fetch(self, run: Run) -> None:
        """From ESI to the stage: by default every data set in permit, all its pages."""
        for number, dataset in enumerate(self.datasets):
            run.part(number, len(self.datasets))
            await run.collect(dataset)
