"""`corpsync board`: a director's questions, answered from the database."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.context import opened_context
from corpsync_tui.cli.suggest import unknown
from corpsync_tui.format.times import eve_time
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.boards.kit.board import Board, BoardContext, Variant
    from corpsync_tui.boards.kit.read import BoardResult

FLAGS = ("miners", "jobs", "invoices", "losses", "srp", "news", "missing")
"""Options that name another set of a board's rows; `--by` takes its name."""


def run(options: Namespace, settings: Settings) -> int:
    """List the boards, or print one."""
    from corpsync_tui.boards import all_boards
    from corpsync_tui.boards.kit.read import read_board

    if options.name is None:
        return _list(options, all_boards())
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
            _print(board, variant, context, result)
    return 0


def _list(options: Namespace, boards: Iterable[Board]) -> int:
    """Raises UsageError for options of one board."""
    asked = (options.format, options.output, options.at, options.corporation)
    if any(asked) or options.by is not None or any(getattr(options, flag) for flag in FLAGS):
        raise UsageError("NAME is missing: `corpsync board` lists the boards")
    if options.json:
        output.document({"boards": {board.name: board.question for board in boards}})
    else:
        rows = [(board.name, board.question) for board in boards]
        output.lines(output.table(("Board", "Question"), rows))
    return 0


def _board(name: str) -> Board:
    from corpsync_tui.boards import board_names, find_board

    try:
        return find_board(name)
    except KeyError:
        raise UsageError(unknown("board", name, board_names())) from None


def _variant(board: Board, options: Namespace) -> Variant | None:
    asked = [flag for flag in FLAGS if getattr(options, flag)]
    asked += [] if options.by is None else [options.by]
    if not asked:
        return None
    if len(asked) > 1 or asked[0] not in board.by_variant:
        known = ", ".join(
            f"{f'--{v.option} {v.name}' if v.option else f'--{v.name}'} ({v.help})"
            for v in board.variants
        )
        raise UsageError(f"board {board.name} knows {known or 'no such option'}")
    return board.by_variant[asked[0]]


def _write(result: BoardResult, options: Namespace, settings: Settings) -> None:
    from corpsync_tui.cli.export import guess_format, raw_stdout
    from corpsync_tui.upkeep.export import export_to
    from corpsync_tui.upkeep.export_board import BoardExport

    form = "json" if options.json else options.format or guess_format(options.output)
    export = BoardExport(settings.database, result, form)
    if options.output is not None:
        count = export_to(export, options.output)
        output.tell(f"{count:,} rows written to {options.output}")
        return
    with raw_stdout() as stream:
        export.write(stream)


def _print(
    board: Board, variant: Variant | None, context: BoardContext, result: BoardResult
) -> None:
    """The board as a table for a reader, its summary above it."""
    from corpsync_tui.boards.kit.board import BoardAnswer
    from corpsync_tui.boards.kit.cells import (
        RIGHT,
        format_rows,
        format_sums,
        heading,
        known_names,
    )
    from corpsync_tui.boards.kit.read import HINT

    columns, rows = result.columns, result.rows
    if variant is None:
        output.line(f"{board.title}  {board.describe(result.summary)}")
    if (lay_out := (variant or board).lay_out) is not None:
        columns, rows = lay_out(context, BoardAnswer(result.rows, result.summary))
    shown = [c for c in columns if not c.hidden and not c.wide]
    right = {i for i, c in enumerate(shown) if c.kind in RIGHT}
    cells = format_rows(shown, rows, known_names(context), stale=result.stale)
    if rows and any(sums := format_sums(shown, rows)):
        cells.append(["Σ", *sums[1:]])
    output.lines(output.table([heading(c) for c in shown], cells, right))
    if not result.has_reference:
        output.tell(f"{HINT}.")
    if result.as_of is not None:
        output.tell(f"As of {eve_time(result.as_of)} EVE{' (stale)' if result.stale else ''}.")
