"""What the Data screen remembers: the table, and of each table its columns and its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from corpsync_tui.queries.browse_types import BrowseTable, Key, View

HIDDEN_KINDS = frozenset({"json", "hash"})
"""Kinds of column that are shown only when they are chosen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one was in a table: what was shown of it, and the cell under the cursor."""

    table: str
    filter: str = ""
    key: Key | None = None
    column: int = 0
    line: int = 0
    """The line of the screen that the cursor was on."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A table as the director named it: what is shown of it, and in which order."""

    table: str
    filter: str = ""
    columns: tuple[str, ...] = ()
    order: tuple[str | None, bool] | None = None


@dataclass(slots=True)
class DataState:
    """The choices of the director; only those that differ from the usual ones are kept."""

    table: str = ""
    columns: dict[str, list[str]] = field(default_factory=dict)
    orders: dict[str, tuple[str | None, bool]] = field(default_factory=dict)
    widths: dict[str, dict[str, int]] = field(default_factory=dict)
    views: dict[str, SavedView] = field(default_factory=dict)
    """The saved views, by name."""

    @classmethod
    def restored(cls, kept: object) -> DataState:
        """What was remembered, as far as it makes sense."""
        state = cls()
        if not isinstance(kept, Mapping):
            return state
        state.table = kept["table"] if isinstance(kept.get("table"), str) else ""
        for name, columns in _items(kept.get("columns")):
            if isinstance(columns, list):
                state.columns[name] = [c for c in columns if isinstance(c, str)]
        for name, order in _items(kept.get("orders")):
            if (known := _order(order)) is not None:
                state.orders[name] = known
        for name, widths in _items(kept.get("widths")):
            state.widths[name] = {c: w for c, w in _items(widths) if isinstance(w, int)}
        for name, view in _items(kept.get("views")):
            if isinstance(view, Mapping) and isinstance(view.get("table"), str):
                columns = tuple(c for c in view.get("columns") or () if isinstance(c, str))
                filter_ = str(view.get("filter") or "")
                order = _order(view.get("order"))
                state.views[name] = SavedView(view["table"], filter_, columns, order)
        return state

    def kept(self) -> dict[str, Any]:
        """What is to be remembered, as JSON takes it."""
        orders = {name: list(order) for name, order in self.orders.items()}
        kept = {"table": self.table, "columns": self.columns, "orders": orders}
        if self.widths:
            kept["widths"] = self.widths
        if self.views:
            kept["views"] = {name: asdict(view) for name, view in self.views.items()}
        return kept

    def save_view(self, name: str, table: BrowseTable, filter_: str) -> None:
        """Keep what is shown of a table under a name."""
        columns = tuple(self.columns.get(table.name, ()))
        self.views[name] = SavedView(table.name, filter_, columns, self.order(table))

    def take_view(self, view: SavedView) -> None:
        """Show a table as a saved view has it."""
        self.columns.pop(view.table, None)
        if view.columns:
            self.columns[view.table] = list(view.columns)
        if view.order is not None:
            self.orders[view.table] = view.order

    def shown(self, table: BrowseTable, *, with_corporation: bool) -> list[str]:
        """The columns of a table that are shown."""
        chosen = known_columns(table, self.columns.get(table.name, ()))
        return chosen or usual_columns(table, with_corporation=with_corporation)

    def order(self, table: BrowseTable) -> tuple[str | None, bool]:
        """The column that a table is sorted by, and whether from its end."""
        newest = table.presentation.newest
        order = self.orders.get(table.name, (newest, newest is not None))
        return order if order[0] is None or known_columns(table, [order[0]]) else (None, False)

    def sort(self, table: BrowseTable, column: str) -> None:
        """Sort by a column; by the same once more turns the order round."""
        now, descending = self.order(table)
        self.orders[table.name] = (column, not descending if now == column else False)

    def view(
        self, table: BrowseTable, corporation_id: int | None, filter_: str, shown: list[str]
    ) -> View:
        """The rows that these choices ask for."""
        order, descending = self.order(table)
        return View(table.name, corporation_id, order, descending, filter_.strip(), tuple(shown))


def _order(value: object) -> tuple[str | None, bool] | None:
    match value:
        case [str() | None as column, bool() as descending]:
            return column, descending
    return None


def _items(value: object) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        return []
    return [(name, inner) for name, inner in value.items() if isinstance(name, str)]


def usual_columns(table: BrowseTable, *, with_corporation: bool) -> list[str]:
    """The columns of a table as long as the director has not chosen others."""
    shown = table.presentation
    names = [
        c.name for c in table.columns if c.kind not in HIDDEN_KINDS and c.name not in shown.hidden
    ]
    first = [name for name in shown.first if name in names]
    rest = [name for name in names if name not in first and name != "corporation_id"]
    return (["corporation_id"] if with_corporation else []) + first + rest


def known_columns(table: BrowseTable, names: Sequence[object]) -> list[str]:
    """Those of the remembered columns that the table has still."""
    known = {column.name for column in table.columns}
    return [name for name in names if isinstance(name, str) and name in known]
