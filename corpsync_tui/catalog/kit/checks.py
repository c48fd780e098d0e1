"""Declarations that cannot work are refused when the catalog is put together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from corpsync_tui.errors import DeclarationError
from corpsync_tui.store.columns import NAMED_KINDS, NAMELESS_KINDS, Id
from corpsync_tui.store.models import MODELS
from corpsync_tui.store.schema import Table
from corpsync_tui.store.views import named_view

if TYPE_CHECKING:
    from corpsync_tui.catalog.kit.base import Process


def check_catalog(processes: Iterable[Process]) -> None:
    """Refuse what cannot work, of one process or of all together.

    Raises:
        DeclarationError: The sentence says which table or process, and what is wrong.
    """
    processes = tuple(processes)
    taken = {str(model._meta.table_name): "corpsync's own records" for model in MODELS}
    for process in processes:
        _check_process(process)
        for table in map(Table.of, process.models):
            _check_presentation(table)
            for name in (table.name, named_view(table)):
                if name in taken:
                    raise DeclarationError(
                        f"{process.type}: the table {name} belongs to {taken[name]} already"
                    )
                taken[name] = process.type
    _check_kinds([Table.of(model) for process in processes for model in process.models])


def _check_process(process: Process) -> None:
    what = {
        "what it opens": process.opens,
        **{f"describe: {m.__name__}": m for m in process.describe},
    }
    for place, model in what.items():
        if model not in process.models:
            raise DeclarationError(f"{process.type}: {place} is none of the tables that it fills")


def _check_presentation(table: Table) -> None:
    shown = table.model.presentation
    known = {column.name for column in table.columns}
    known |= {derived.name for derived in table.model.derived}
    newest = () if shown.newest is None else (shown.newest,)
    for name in (*shown.first, *shown.hidden, *shown.flows, *newest):
        if name not in known:
            raise DeclarationError(f"{table.name} has no column {name} that it could show")


def _check_kinds(tables: Iterable[Table]) -> None:
    """A kind of id that nothing has a name for would show as a bare number for ever."""
    tables = tuple(tables)
    own = {c.kind for table in tables for c in table.columns if c.name in table.identity}
    for table in tables:
        for column in table.columns:
            if isinstance(column, Id) and column.kind not in NAMED_KINDS | NAMELESS_KINDS | own:
                raise DeclarationError(
                    f"{table.name}.{column.name} is an id of a {column.kind}, which nothing names: "
                    "Id() takes an id without a kind"
                )
