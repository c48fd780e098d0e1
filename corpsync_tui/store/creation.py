"""Making the schema: of a new file, and what an older file of the same version lacks."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import peewee

from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.binding import database
from corpsync_tui.store.columns import CORPORATION_KEY, Column, CorporationTable, PartialIndex
from corpsync_tui.store.connections import connect_copy
from corpsync_tui.store.files import create_private, place, remove_with_companions
from corpsync_tui.store.integrity import APPLICATION_ID
from corpsync_tui.store.migrations import latest
from corpsync_tui.store.models import MODELS
from corpsync_tui.store.schema import Table, columns_of, listed, quoted, sql_type
from corpsync_tui.store.views import refresh_views, view_statements

Models = Sequence[type[CorporationTable]]
Views = Mapping[str, str]
"""The SELECT of each further view, by its name."""

NO_VIEWS: Views = {}


def create_file(path: Path, models: Models, views: Views = NO_VIEWS) -> None:
    """Make a new database under a temporary name and give it its own when it is complete.

    Where another process was faster, its file stays.
    """
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    remove_with_companions(draft)
    try:
        create_private(draft)
        _fill(draft, models, views)
        place(draft, path)
    except FileExistsError:
        return
    finally:
        remove_with_companions(draft)


def _fill(draft: Path, models: Models, views: Views) -> None:
    db = connect_copy(draft)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        create_schema(db, models, views)
    finally:
        db.close()


def create_schema(db: sqlite3.Connection, models: Models, views: Views = NO_VIEWS) -> None:
    """Fill an empty database with today's tables and views."""
    db.execute("BEGIN IMMEDIATE")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {latest()}")
    _add_tables(db, models, views)
    db.execute("COMMIT")


def complete_schema(db: sqlite3.Connection, models: Models, views: Views = NO_VIEWS) -> None:
    """Add the tables, optional columns and views that are new since the file was last open."""
    if not _lacks(db, models, views):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        _add_tables(db, models, views)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _add_tables(db: sqlite3.Connection, models: Models, views: Views) -> None:
    database.bind([*models])
    database.adopt(db)
    database.enter_transaction()
    try:
        database.create_tables(MODELS, safe=True)
        for table in map(Table.of, models):
            db.execute(create_data_table(table))
            for statement in index_statements(table).values():
                db.execute(statement)
        for model in (*MODELS, *models):
            _add_columns(db, model)
        refresh_views(db, _statements(models, views))
    finally:
        database.leave_transaction()
        database.release()


def _statements(models: Iterable[type[CorporationTable]], views: Views) -> dict[str, str]:
    """The statement that makes each view, by its name, as SQLite keeps it."""
    further = {n: f"CREATE VIEW {quoted(n)} AS {body.strip()}" for n, body in views.items()}
    return {**dict(view_statements([Table.of(model) for model in models])), **further}


def create_data_table(table: Table) -> str:
    """The statement that makes a data table.

    A column of the key is never the last: SQLite before 3.41, when it checks the integrity of
    such a table WITHOUT ROWID, calls its values NULL although they are there.
    """
    key = (CORPORATION_KEY, *table.identity)
    order = [column.name for column in table.columns]
    if order[-1] in key:
        order.sort(key=lambda name: name not in key)
    declared = {column.name: column for column in table.columns}
    columns = ", ".join(_declaration(declared[name]) for name in order)
    return (
        f"CREATE TABLE IF NOT EXISTS {quoted(table.name)} "
        f"({columns}, PRIMARY KEY ({listed(key)})) WITHOUT ROWID"
    )


def index_statements(table: Table) -> dict[str, str]:
    """The statements that make a data table's indexes, by the indexes' names."""
    found = {}
    for index in table.model.indexes:
        columns, where = index if isinstance(index, PartialIndex) else (index, "")
        name = f"{table.name}_{'_'.join(columns)}"
        found[name] = (
            f"CREATE INDEX IF NOT EXISTS {quoted(name)} "
            f"ON {quoted(table.name)} ({listed((CORPORATION_KEY, *columns))})"
            f"{where and f' WHERE {where}'}"
        )
    return found


def _declaration(column: Column) -> str:
    kind = column.ddl_datatype(database.get_sql_context()).sql
    text = f"{quoted(column.name)} {kind}"
    return text if column.null else f"{text} NOT NULL"


def _add_columns(db: sqlite3.Connection, model: type[peewee.Model]) -> None:
    """Add the columns that the declaration has and the table has not."""
    name = model._meta.table_name
    present = columns_of(db, name)
    for field in model._meta.sorted_fields:
        if field.column_name in present:
            continue
        if not field.null:
            raise DatabaseError(
                f"The table {name} lacks {field.column_name}: a migration is missing."
            )
        column = f"{quoted(field.column_name)} {sql_type(field)}"
        db.execute(f"ALTER TABLE {quoted(name)} ADD COLUMN {column}")


def _lacks(db: sqlite3.Connection, models: Models, views: Views) -> bool:
    """Whether a table, a column, an index or a view is missing or outgrown."""
    tables = [Table.of(model) for model in models]
    made = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    if any(made.get(name) != sql for name, sql in _statements(models, views).items()):
        return True
    present = {
        name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
    }
    if any(name not in present for table in tables for name in index_statements(table)):
        return True
    return any(
        {f.column_name for f in m._meta.sorted_fields}.difference(
            columns_of(db, m._meta.table_name)
        )
        for m in (*MODELS, *models)
    )
