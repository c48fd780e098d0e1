"""`corpsync diff`: what a table gained, changed and lost between two moments."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.context import check_corporation
from corpsync_tui.cli.tables import check_table
from corpsync_tui.format.signs import KIND_SIGNS
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.queries.difference import Difference
    from corpsync_tui.store.schema import Table
    from corpsync_tui.upkeep.export import Source


def run(options: Namespace, settings: Settings) -> int:
    """Print the difference."""
    from corpsync_tui.clock import Clock
    from corpsync_tui.queries.difference import compare
    from corpsync_tui.upkeep.export import opened, sources

    known = {n: s for n, s in sources().items() if s.table is not None and s.table.name == n}
    check_table(options.table, sources())
    source = known.get(options.table)
    if source is None or source.table is None:
        raise UsageError(f"no past is kept of {options.table}: there is one of {', '.join(known)}")
    now = Clock().time()
    start = min(now, options.start(now))
    end = None if options.end is None else min(now, options.end(now))
    if end is not None and end < start:
        raise UsageError("--to lies before --from")
    with opened(settings.database) as db:
        check_corporation(db, options)
        found = compare(db, source.table, start, end, corporation_id=options.corporation)
        if options.json:
            output.document(_document(source, found, start, now if end is None else end))
        else:
            output.lines(_lines(db, source.table, found))
    return 0


def _document(source: Source, found: Difference, start: float, end: float) -> dict[str, Any]:
    def unfolded(row: dict[str, Any]) -> dict[str, Any]:
        return {
            name: json.loads(value) if name in source.nested and value is not None else value
            for name, value in row.items()
        }

    return {
        "from": start,
        "to": end,
        "added": [unfolded(row) for row in found.added],
        "changed": [
            {"before": unfolded(before), "after": unfolded(after)}
            for before, after in found.changed
        ],
        "removed": [unfolded(row) for row in found.removed],
    }


def _lines(db: Any, table: Table, found: Difference) -> Iterator[str]:
    """One line a row, then the sums and the counts."""
    from corpsync_tui.catalog import ALL
    from corpsync_tui.catalog.kit.describer import ChangeDescriber
    from corpsync_tui.queries.difference import in_words, sums

    for line in in_words(table, found, ChangeDescriber(db, ALL)):
        yield f"{KIND_SIGNS[line.kind]} {line.sentence}"
    for column in sums(table, found):
        yield column.text
    yield f"+{len(found.added):,} ~{len(found.changed):,} −{len(found.removed):,}"
