"""`corpsync export`: a table or view as CSV, JSON or lines of JSON."""

from __future__ import annotations

import io
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, cast

from corpsync_tui.cli import output
from corpsync_tui.cli.arguments import FORMATS
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.context import check_corporation
from corpsync_tui.cli.tables import check_table
from corpsync_tui.settings import Settings
from corpsync_tui.store.columns import CORPORATION_KEY
from corpsync_tui.text import printable


def run(options: Namespace, settings: Settings) -> int:
    """Write the rows."""
    from corpsync_tui.clock import Clock
    from corpsync_tui.queries.browse_types import Sql, joined
    from corpsync_tui.upkeep.export import Export, export_to, opened, sources
    from corpsync_tui.upkeep.export_view import filter_rows

    check_table(options.table, sources())
    source = sources()[options.table]
    now = Clock().time()
    at = None if options.at is None else options.at(now)
    if at is not None and source.table is None:
        raise UsageError(f"no past is kept of {source.name}")
    where = Sql("true")
    if options.corporation is not None:
        if not source.by_corporation:
            raise UsageError(f"rows of {source.name} are of no corporation")
        with opened(settings.database) as db:
            check_corporation(db, options)
        where = Sql(f"{CORPORATION_KEY} = ?", (options.corporation,))
    if options.where is not None:
        if source.table is None:
            raise UsageError(f"--where filters tables of the data sets, not {source.name}")
        filtered = filter_rows(source.table, options.where, at, now if at is None else at)
        where = joined([where, filtered], " AND ")
    format_ = options.format or guess_format(options.output)
    export = Export(
        settings.database, source, format_, at=at, corporation_id=options.corporation, where=where
    )
    if options.output is not None:
        rows = export_to(export, options.output)
        output.tell(f"{rows:,} rows written to {options.output}")
        return 0
    with raw_stdout() as stream:
        export.write(stream)
    return 0


def guess_format(file: Path | None) -> str:
    """The format that a file's name speaks of, else csv."""
    ending = file.suffix.lower().lstrip(".") if file is not None else ""
    return {"jsonl": "ndjson"}.get(ending, ending if ending in FORMATS else "csv")


@contextmanager
def raw_stdout() -> Iterator[TextIO]:
    """Stdout, with line ends left as they are; nowhere, if it is closed."""
    if output.is_terminal(sys.stdout):
        yield cast("TextIO", _Terminal())
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")
        yield cast("TextIO", _Stdout())
    else:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            yield nowhere


class _Stdout(io.TextIOBase):
    """Stdout, whose faults are told from those of whatever is read for it."""

    def write(self, text: str) -> int:
        with output.writing():
            return sys.stdout.write(text)


class _Terminal(io.TextIOBase):
    """A terminal, which no cell may steer."""

    def write(self, text: str) -> int:
        sys.stdout.write("\n".join(printable(line.rstrip("\r")) for line in text.split("\n")))
        return len(text)
