"""`corpsync report month`: what a month brought, beside the month before."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from corpsync_tui.cli import output
from corpsync_tui.cli.context import opened_context
from corpsync_tui.settings import Settings


def run(options: Namespace, settings: Settings) -> int:
    """Print the report."""
    from corpsync_tui.upkeep.report import as_text, make_report, month_before

    with opened_context(options, settings) as context:
        month = options.month or f"{datetime.fromtimestamp(context.now, UTC):%Y-%m}"
        report = make_report(context, month)
        before = make_report(context, month_before(month))
    if options.format == "json":
        output.document({**report.document(), "previous": before.document()})
    else:
        output.lines(as_text(report, before, markdown=options.format == "markdown"))
    return 0
