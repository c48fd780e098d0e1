"""`corpsync board`: a director's questions, answered from the database."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.context import opened_context
from corpsync_tui.cli.suggest import unknown
from corpsync_tui.format.times import eve_time
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.boards.kit.board import Board, BoardContext, Variant
    from corpsync_tui.boards.kit.read import BoardResult
    from corpsync_tui.upkeep.export import Stream

FLAGS = ("miners", "losses", "missing")
"""Options that name another set of a board's rows; `--by` takes its name."""


def run(options: Namespace, settings: Settings) -> int:
    """List the boards, or print one."""
    from corpsync_tui.boards import all_boards
    from corpsync_tui.boards.kit.read import read_board

    if options.name is None:
        output.lines(
            output.table(("Board", "Question"), [(b.name, b.question) for b in all_boards()])
        )
        return 0
    board = _board(options.name)
    variant = _variant(board, options)
    with opened_context(options, settings, board.tables) as context:
        result = read_board(board, context, variant)
        if options.json and options.output is None:
            output.document(result.document())
        elif options.format or options.output:
            _write(result, options, settings)
        elif variant is not None and variant.lines is not None:
            output.lines(variant.lines(result.rows))
        else:
            _print(board, context, result)
    return 0


def _board(name: str) -> Board:
    from corpsync_tui.boards import board_names, find_board

    try:
        return find_board(name)
    except KeyError:
        raise UsageError(unknown("board", name, board_names())) from None


def _variant(board: Board, options: Namespace) -> Variant | None:
    asked = [flag for flag in FLAGS if getattr(options, flag)]
    asked += [options.by] if options.by else []
    if not asked:
        return None
    if len(asked) > 1 or asked[0] not in board.by_variant:
        known = ", ".join(
            f"{f'--{v.option} {v.name}' if v.option else f'--{v.name}'} ({v.help})"
            for v in board.variants
        )
        raise UsageError(f"board {board.name} knows {known or 'no such option'}")
    return board.by_variant[asked[0]]


@dataclass(frozen=True, slots=True)
class _File:
    """A board's rows on their way to a file or to stdout."""

    database: Path
    format: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    document: str
    """The whole as one JSON document, where that is the format."""

    def write(self, stream: Stream) -> int:
        if self.format == "json":
            stream.write(f"{self.document}\n")
            return len(self.rows)
        from corpsync_tui.upkeep.export import WRITERS

        return WRITERS[self.format](stream, self.columns, iter([self.rows] if self.rows else []))


def _write(result: BoardResult, options: Namespace, settings: Settings) -> None:
    from corpsync_tui.cli.export import guess_format, raw_stdout
    from corpsync_tui.upkeep.export import export_to

    form = "json" if options.json else options.format or guess_format(options.output)
    names = [column.name for column in result.columns]
    rows = [[_plain(row.get(name), form) for name in names] for row in result.rows]
    document = json.dumps(result.document(), ensure_ascii=False) if form == "json" else ""
    file = _File(settings.database, form, names, rows, document)
    if options.output is not None:
        count = export_to(file, options.output)
        output.tell(f"{count:,} rows written to {options.output}")
        return
    with raw_stdout() as stream:
        file.write(stream)


def _plain(value: Any, form: str) -> Any:
    """A value as a file of this form holds it: a list is one cell of CSV."""
    return ", ".join(map(str, value)) if form == "csv" and isinstance(value, list) else value


def _print(board: Board, context: BoardContext, result: BoardResult) -> None:
    """The board as a table for a reader, its summary above it."""
    from corpsync_tui.boards.kit.cells import RIGHT, format_rows, format_sums, heading
    from corpsync_tui.store.naming import Naming

    columns, rows = result.columns, result.rows
    if result.columns is board.columns:
        output.line(f"{board.title}  {board.describe(result.summary)}")
        if board.lay_out is not None:
            columns, rows = board.lay_out(context, rows)
    shown = [c for c in columns if not c.hidden and not c.wide]
    right = {i for i, c in enumerate(shown) if c.kind in RIGHT}
    names = Naming(context.db)
    cells = format_rows(shown, rows, names)
    if rows and any(sums := format_sums(shown, rows, names)):
        cells.append(["Σ", *sums[1:]])
    output.lines(output.table([heading(c) for c in shown], cells, right))
    if result.as_of is not None:
        output.tell(f"As of {eve_time(result.as_of)} EVE{' (stale)' if result.stale else ''}.")
