"""`corpsync report month`: what a month brought, beside the month before."""

from __future__ import annotations

from argparse import Namespace

from corpsync_tui.cli import output
from corpsync_tui.cli.context import opened_context
from corpsync_tui.settings import Settings


def run(options: Namespace, settings: Settings) -> int:
    """Print the report."""
    from corpsync_tui.format.months import month_of
    from corpsync_tui.upkeep.month_report import read_month

    with opened_context(options, settings) as context:
        report = read_month(context, options.month or month_of(context.now))
    if options.format == "json":
        output.document(report.document())
    else:
        output.lines(report.as_markdown() if options.format == "markdown" else report.as_text())
    return 0
