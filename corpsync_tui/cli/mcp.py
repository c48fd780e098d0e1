"""`corpsync mcp`: lets an assistant ask the database, over stdio, and change nothing."""

from __future__ import annotations

import io
import math
import re
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, BinaryIO

from corpsync_tui.cli.output import complain
from corpsync_tui.cli.suggest import unknown
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.moments import parse_moment
from corpsync_tui.settings import Settings
from corpsync_tui.text import printable

INSTRUCTIONS = """What an EVE Online corporation's database holds: tables under ESI's own field
names, each with a view TABLE_named that has names beside ids. Amounts are ISK, times UTC. `change`
says what happened to rows: where a log such as wallet_journal gained one, `after` is NULL, and the
row stands in its table under `row_key`."""

_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
HALVES = re.compile(rb"%b%b|(%b|%b)|\\." % (_HIGH, _LOW, _HIGH, _LOW))
"""Escapes in JSON; in the group halves of a character, of which no text may consist."""


def run(_options: Namespace, settings: Settings) -> int:
    """Answer until stdin ends; 1 where the extra is missing."""
    try:
        from mcp.server.mcpserver import MCPServer
    except ModuleNotFoundError:
        complain("corpsync mcp needs its extra: install corpsync again, with '.[mcp]'")
        return 1
    server = MCPServer("corpsync", instructions=INSTRUCTIONS, log_level="WARNING")
    for tool in Tools(settings).all():
        server.tool()(_in_one_sentence(tool))
    if sys.stdin is not None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_Requests(sys.stdin.buffer)))
    server.run("stdio")
    return 0


def _in_one_sentence(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, whose errors reach the assistant as a sentence."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def called(*values: Any, **named: Any) -> Any:
        try:
            return _sendable(tool(*values, **named))
        except (CorpsyncError, ValueError) as error:
            raise ToolError(printable(str(error))) from error

    return called


def _sendable(value: Any) -> Any:
    """A value as JSON can hold it: no number without an end, no half of a character."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_sendable(key): _sendable(item) for key, item in value.items()}
    return [*map(_sendable, value)] if isinstance(value, list | tuple) else value


class _Requests(io.RawIOBase):
    """Lines of JSON, without halves of characters: what cannot be read is never answered."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._line = io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._line.readinto(buffer)
        if not count:
            self._line = io.BytesIO(HALVES.sub(_whole, self._stream.readline()))
            count = self._line.readinto(buffer)
        return count


def _whole(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]


class Tools:
    """What can be asked. Each question has a connection of its own that cannot write."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> tuple[Any, ...]:
        """The tools, in the order they are listed."""
        return (
            self.tables,
            self.describe,
            self.query,
            self.board,
            self.as_of,
            self.attention,
        )

    def tables(self) -> list[str]:
        """The tables and views that there are."""
        from corpsync_tui.upkeep.export import sources

        return list(sources())

    def describe(self, table: str) -> dict[str, Any]:
        """The columns of a table or view with their types, and how many rows it has."""
        source = self._source(table)
        with self._opened() as db:
            columns = db.execute(f'PRAGMA table_info("{source}")').fetchall()
            (rows,) = db.execute(f'SELECT COUNT(*) FROM "{source}"').fetchone()  # noqa: S608
        return {"columns": {row[1]: row[2] for row in columns}, "rows": rows}

    def query(self, sql: str) -> dict[str, Any]:
        """The rows of one SELECT; at most 1,000 of them, within five seconds."""
        from corpsync_tui.queries.guarded import run_query

        with self._opened() as db:
            found = run_query(db, sql)
        return {"columns": list(found.columns), "rows": found.rows, "more": found.more}

    def board(self, name: str = "", corporation_id: int = 0, variant: str = "") -> dict[str, Any]:
        """A board: structures, moons, wallet and more. Without a name the list of boards."""
        from corpsync_tui.boards import all_boards
        from corpsync_tui.boards.kit.board import BoardContext
        from corpsync_tui.boards.kit.read import corporations, read_board

        boards = {board.name: board for board in all_boards()}
        if not name:
            return {"boards": {board.name: board.question for board in boards.values()}}
        if name not in boards:
            raise ValueError(unknown("board", name, boards))
        found = boards[name]
        if variant and variant not in found.by_variant:
            known = ", ".join(found.by_variant) or "none"
            raise ValueError(f"no variant {variant!r} of {name}: there are {known}")
        with self._opened() as db:
            known_ids = corporations(db)
            if corporation_id and corporation_id not in known_ids:
                raise ValueError(f"no data of corporation {corporation_id}")
            one = corporation_id or next(iter(known_ids), 0)
            context = BoardContext(db, one, time.time(), self._settings.boards)
            return read_board(found, context, found.by_variant.get(variant)).document()

    def as_of(self, table: str, when: str, sql: str = "") -> dict[str, Any]:
        """A table as it stood (`7d`, `tue 20:00`, `2026-11-24`), or what a SELECT found there."""
        from corpsync_tui.queries.as_of import show_past
        from corpsync_tui.queries.guarded import run_query
        from corpsync_tui.upkeep.export import sources

        name = self._source(table)
        source = sources()[name]
        if source.table is None:
            raise ValueError(f"no past is kept of {table}")
        with self._opened() as db:
            show_past(db, [source.table], parse_moment(when)(time.time()))
            found = run_query(db, sql or f'SELECT * FROM "{name}"')  # noqa: S608
        return {"columns": list(found.columns), "rows": found.rows, "more": found.more}

    def attention(self) -> list[dict[str, Any]]:
        """What needs attention now, the most urgent first."""
        from corpsync_tui.cli.attention import read_alerts

        return [alert.item() for alert in read_alerts(self._settings, time.time())]

    def _source(self, table: str) -> str:
        from corpsync_tui.upkeep.export import sources

        if table not in sources():
            raise ValueError(f"no table {table!r}: there are {', '.join(sources())}")
        return table

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        from corpsync_tui.store.reference import Attached
        from corpsync_tui.upkeep.export import opened

        with opened(self._settings.database) as db:
            Attached(self._settings.reference).renew(db)
            db.row_factory = None
            yield db
