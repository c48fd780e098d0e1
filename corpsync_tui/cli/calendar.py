"""`corpsync calendar`: what is to come, for any calendar program."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from corpsync_tui.cli import output
from corpsync_tui.cli.context import opened_context
from corpsync_tui.cli.export import raw_stdout
from corpsync_tui.settings import Settings
from corpsync_tui.upkeep.export import Stream, export_to


@dataclass(frozen=True, slots=True)
class _File:
    """The calendar on its way to a file."""

    database: Path
    text: str

    def write(self, stream: Stream) -> int:
        stream.write(self.text)
        return self.text.count("BEGIN:VEVENT")


def run(options: Namespace, settings: Settings) -> int:
    """Write the calendar."""
    from corpsync_tui.upkeep.calendar import as_icalendar

    with opened_context(options, settings) as context:
        file = _File(settings.database, as_icalendar(context).decode())
    if options.output is not None:
        output.tell(f"{export_to(file, options.output):,} events written to {options.output}")
    else:
        with raw_stdout() as stream:
            file.write(stream)
    return 0
