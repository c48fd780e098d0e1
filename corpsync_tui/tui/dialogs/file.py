"""Asks for the file of an export, and stays until it is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from textual.app import ComposeResult

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import plural
from corpsync_tui.settings.keys import expanded
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.entry import EntryDialog
from corpsync_tui.tui.widgets.text_field import TextField

ROWS = ("csv", "json", "ndjson")
"""The formats of rows, as a file's name ends."""


class FileDialog(EntryDialog[None]):
    """A path to write to; where that fails, the box says why and keeps what was typed."""

    def __init__(
        self,
        what: str,
        path: str,
        write: Callable[[Path], Awaitable[int]],
        formats: Sequence[str] = ROWS,
    ) -> None:
        """`write` writes the file and answers how many rows it has."""
        first, last = ", .".join(formats[:-1]), formats[-1]
        hint = f".{first} or .{last} · enter writes · esc cancels"
        super().__init__(printable(f"Export {what}"), hint, small=False)
        self._path = path
        self._write = write
        self._writing = False

    def fields(self) -> ComposeResult:
        """The path."""
        yield TextField(self._path, id="file", select_on_focus=False)

    def take(self, texts: Sequence[str]) -> None:
        """Write there."""
        if texts[0] and not self._writing:
            self._writing = True
            self.complain("writing…", "muted")
            work = self._export(Path(expanded(texts[0])))
            self.run_worker(work, group="export", exit_on_error=False)

    async def _export(self, file: Path) -> None:
        try:
            rows = await self._write(file)
        except CorpsyncError as error:
            self.complain(error.message)
        else:
            self.corpsync.tell(f"{plural(rows, 'row')} written to {file}")
            self.dismiss(None)
        finally:
            self._writing = False
