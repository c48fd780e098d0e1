"""Asks for the file of an export, and stays until it is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import plural
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.widgets.lines import Lines

ROWS = ("csv", "json", "ndjson")
"""The formats of rows, as a file's name ends."""


class FileDialog(Dialog[None]):
    """A path to write to; where that fails, the box says why and keeps what was typed."""

    def __init__(
        self,
        what: str,
        path: str,
        write: Callable[[Path], Awaitable[int]],
        formats: Sequence[str] = ROWS,
    ) -> None:
        """`write` writes the file and answers how many rows it has."""
        super().__init__()
        self._what = what
        self._path = path
        self._write = write
        first, last = ", .".join(formats[:-1]), formats[-1]
        self._formats = f".{first} or .{last} · enter writes · esc cancels"
        self._writing = False

    def compose(self) -> ComposeResult:
        """The field, and what it takes."""
        with Vertical(classes="box") as box:
            box.border_title = Content(printable(f"Export {self._what}"))
            yield Input(self._path, id="file", select_on_focus=False)
            yield Lines(id="file-hint")

    def on_mount(self) -> None:
        """Say what can be typed."""
        self._hint("")

    @on(Input.Changed)
    def _typed(self) -> None:
        self._hint("")

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        path = event.value.strip()
        if path and not self._writing:
            self._writing = True
            self._hint("writing…", "muted")
            work = self._export(Path(path).expanduser())
            self.run_worker(work, group="export", exit_on_error=False)

    async def _export(self, file: Path) -> None:
        try:
            rows = await self._write(file)
        except CorpsyncError as error:
            self._hint(error.message)
        else:
            self.corpsync.tell(f"{plural(rows, 'row')} written to {file}")
            self.dismiss(None)
        finally:
            self._writing = False

    def _hint(self, wrong: str, tone: str = "error") -> None:
        lines = [(self._formats, "muted"), (printable(wrong), tone)]
        self.query_one("#file-hint", Lines).show(lines)
