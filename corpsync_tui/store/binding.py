"""The one peewee database that all models are bound to: each thread's own connection.

Connections belong to threads (the writer's, a reader's). A thread adopts its connection once;
from then on models used on that thread talk through it, and models used on a thread without a
connection, such as the event loop's, raise instead of opening one.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from peewee import SqliteDatabase


class ThreadDatabase(SqliteDatabase):
    """Peewee's face of whichever connection the calling thread adopted."""

    _state: Any  # peewee's thread-local state, which its stubs leave out

    def adopt(self, connection: sqlite3.Connection) -> None:
        """Make `connection` the calling thread's own."""
        self._state.reset()
        self._state.set_connection(connection)

    def release(self) -> None:
        """Forget the calling thread's connection; closing it is its owner's affair."""
        self._state.reset()

    def enter_transaction(self) -> None:
        """Let `atomic()` inside a transaction that was begun by hand make a savepoint."""
        self.push_transaction(self.transaction())

    def leave_transaction(self) -> None:
        """Undo `enter_transaction`, after commit or rollback."""
        self._state.transactions.pop()


database = ThreadDatabase("corpsync", autoconnect=False)
"""What models name in their Meta. It never opens a file by itself."""
