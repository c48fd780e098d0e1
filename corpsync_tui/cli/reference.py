"""`corpsync reference`: CCP's static data, what is there of it and how it gets there."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.format.times import eve_time
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.reference.archive import Progress
    from corpsync_tui.reference.overview import Overview


def run(options: Namespace, settings: Settings) -> int:
    """Update where that was asked for, then say what is there."""
    from corpsync_tui.reference.overview import count_rows, read_overview

    if options.action == "update":
        _update(options, settings)
    elif options.file is not None:
        raise UsageError("--file belongs to `corpsync reference update`")
    found = read_overview(settings.reference, settings.database)
    tables = count_rows(settings.reference)
    if options.json:
        output.document({**asdict(found), "tables": tables})
    else:
        output.lines(_lines(found, tables))
    return 0


def _update(options: Namespace, settings: Settings) -> None:
    from corpsync_tui.clock import Clock
    from corpsync_tui.reference.update import ReferenceUpdate

    update = ReferenceUpdate(settings, Clock())
    with _Bar() as bar:
        if options.file is not None:
            asyncio.run(update.from_file(options.file, bar.show))
        elif not asyncio.run(update.newest(bar.show)):
            output.tell("Nothing to do: this is the newest build.")


def _lines(found: Overview, tables: Mapping[str, int]) -> list[str]:
    if found.updated is None:
        lines = ["No static data yet: corpsync reference update"]
    else:
        build = "An unknown build" if found.build is None else f"Build {found.build}"
        released = "" if found.released is None else f" of {eve_time(found.released)[:10]}"
        lines = [f"{build}{released}, read {eve_time(found.updated)}"]
        lines += [f"{rows:>10,}  {name}" for name, rows in tables.items()]
    prices = "none yet" if found.prices_time is None else f"of {eve_time(found.prices_time)}"
    return [*lines, f"Market prices {prices}"]


class _Bar:
    """How far the reading is, on stderr: a bar on a terminal, a line for each step elsewhere."""

    def __init__(self) -> None:
        self._step = ""
        self._bars: Any = None

    def __enter__(self) -> Self:
        if not output.is_quiet() and output.is_terminal(sys.stderr):
            from rich.console import Console
            from rich.progress import Progress as Bars

            self._bars = Bars(console=Console(stderr=True), transient=True)
            self._task = self._bars.add_task("Asking", total=None)
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def show(self, progress: Progress) -> None:
        """Say where the reading is."""
        if self._bars is not None:
            self._bars.update(
                self._task,
                description=progress.step,
                completed=progress.done,
                total=progress.total or None,
            )
        elif progress.step != self._step:
            self._step = progress.step
            output.tell(progress.step)
