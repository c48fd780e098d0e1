"""Screen 5: what happened since you last looked, newest first."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import count, plural
from corpsync_tui.queries.change_list import ChangeLine, ChangeList
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import following
from corpsync_tui.tui.screens.changes.detail import ChangeDialog
from corpsync_tui.tui.screens.changes.text import (
    KIND_TONES,
    NEW,
    by_run,
    change_line,
    run_heading,
)
from corpsync_tui.tui.screens.log_screen import LogScreen
from corpsync_tui.tui.shell import CHANGES_MARK
from corpsync_tui.tui.sync_state import RunRecorded
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines

TABLES = {process.type: tuple(table.name for table in process.logged) for process in ALL}
"""What `f` goes through: the tables of each process."""
SPANS: dict[str, timedelta | None] = {
    "7 days": timedelta(days=7),
    "new only": None,
    "24 hours": timedelta(hours=24),
    "30 days": timedelta(days=30),
    "all days": None,
}
KINDS: tuple[str | None, ...] = (None, "added", "changed", "removed", "bulk")


@dataclass(frozen=True, slots=True)
class Place:
    """What was shown of the change log, and where the cursor stood."""

    only: tuple[str, ChangeFilter] | None = None
    process: str | None = None
    kind: str | None = None
    span: str = next(iter(SPANS))
    text: str = ""
    line: Hashable = None


class ChangesScreen(LogScreen):
    """The change log, grouped by run."""

    AUTO_FOCUS = "LineList"
    CSS = """
    ChangesScreen LineList { height: 1fr; padding: 0 0 0 1; }
    ChangesScreen #changes-state { height: 1; padding: 0 1; text-wrap: nowrap; }
    ChangesScreen #changes-state { text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mark", "Mark seen", id="mark", tooltip="Call all that is here seen"),
        Binding("f", "next_process", "Process", id="next_process", tooltip="Of one process only"),
        Binding("e", "next_kind", "Kind", id="next_kind", tooltip="Only added, changed, removed"),
        Binding("t", "next_span", "Time", id="next_span", tooltip="How far back the list goes"),
        Binding("slash", "filter", "Text", id="find", tooltip="Lines that say this"),
        Binding("y", "copy", "Copy", id="copy_changes", tooltip="Copy all lines"),
        Binding("escape", "back", "Back", show=False, tooltip="Show all, then the Sync screen"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._process: str | None = None
        self._kind: str | None = None
        self._span = next(iter(SPANS))
        self._text = ""
        self._only: tuple[str, ChangeFilter] | None = None
        self._found = ChangeList()

    def body(self) -> ComposeResult:
        """What is shown, the changes."""
        yield Lines(between="", id="changes-state")
        yield FilterBar("a name, a type, a place")
        yield LineList(id="changes")

    @property
    def lines(self) -> LineList:
        """The lines."""
        return self.query_one("#changes", LineList)

    @property
    def mark(self) -> int:
        """The id of the last change that was seen."""
        mark = self.corpsync.kept.get(CHANGES_MARK)
        return mark if isinstance(mark, int) else 0

    def show_only(self, words: str, which: ChangeFilter) -> None:
        """Show the changes of one run or one row alone."""
        self._only = (words, which)
        self.reload()

    def place(self) -> Place:
        """What is shown, and the line under the cursor."""
        shown = None if not self.is_mounted else self.lines.current
        return Place(self._only, self._process, self._kind, self._span, self._text, shown)

    def restore(self, place: Place | None) -> None:
        """Go to where one was; to the beginning, where one was nowhere."""
        place = place or Place()
        self._only, self._process, self._kind = place.only, place.process, place.kind
        self._span, self._text = place.span, place.text
        self.query_one(FilterBar).show_text(place.text)
        self.lines.go_to(place.line)
        self.reload()

    # Painting

    @on(RunRecorded)
    def _run_ended(self) -> None:
        self.reload()

    def _which(self) -> ChangeFilter:
        if self._only is not None:
            return self._only[1]
        span = SPANS[self._span]
        return ChangeFilter(
            tables=TABLES[self._process] if self._process else (),
            kind=self._kind,
            corporation_id=self.corpsync.corporation_id,
            since=None if span is None else (self.now - span).timestamp(),
            after_id=self.mark if self._span == "new only" else None,
        )

    async def _load(self, generation: int, *, keep: bool) -> None:
        del keep  # the list keeps its cursor by itself
        which, text = self._which(), self._text
        service = await self.corpsync.opened()
        try:
            found = await service.changes(which, text, self.mark)
        except CorpsyncError as error:
            self.corpsync.tell(error.message, severity="error")
            return
        if generation == self._generation:
            self._found = found
            self._paint()

    def _paint(self) -> None:
        rows: list[Row] = []
        for run_id, changes in by_run(self._found.lines):
            heading = run_heading(changes, self.now, self._ticker(changes[0]))
            rows.append(Row(("run", run_id), heading))
            rows += [Row(("change", c.id), change_line(c, self.mark)) for c in changes]
        if self._found.more:
            rows.append(Row(None, [("… older ones: narrow with f, e, t or /", "muted")]))
        self.lines.show(rows or [Row(None, [(self._empty(), "muted")])])
        self.query_one("#changes-state", Lines).show(self._state())

    def _ticker(self, change: ChangeLine) -> str:
        if len(self.sync_state.corporations) < 2:
            return ""
        return printable(self.sync_state.corporation(change.corporation_id).ticker)

    def _empty(self) -> str:
        if self._only or self._text or self._process or self._kind:
            return "No change is like that: esc shows all"
        if not self._found.newest:
            return "Nothing has changed since the first sync"
        return "Nothing here: t goes further back"

    def _state(self) -> list[Line]:
        new = self._found.new
        parts: list[Line] = [
            (f"{NEW} {count(new)} new" if new else "nothing new", "title" if new else "muted"),
            (" since you looked · ", "muted"),
            (plural(len(self._found.lines), "change"), "strong"),
            (": ", "muted"),
        ]
        if self._only is not None:
            return [*parts, (self._only[0], "title"), (" (esc shows all)", "muted")]
        process = process_title(self._process) if self._process else "all processes"
        kind = self._kind or "all kinds"
        parts += [
            (process, "title" if self._process else ""),
            (" · ", "muted"),
            (kind, KIND_TONES.get(kind, "")),
            (" · ", "muted"),
            (self._span, "title" if self._narrowed_in_time else ""),
        ]
        if self._text:
            parts.append((f" · “{printable(self._text)}”", "title"))
        return parts

    @property
    def _narrowed_in_time(self) -> bool:
        return self._span != next(iter(SPANS))

    # Narrowing

    def action_next_process(self) -> None:
        """Go through the processes, then all of them."""
        self._process, self._only = following((None, *TABLES), self._process), None
        self.reload()

    def action_next_kind(self) -> None:
        """Go through the kinds, then all of them."""
        self._kind, self._only = following(KINDS, self._kind), None
        self.reload()

    def action_next_span(self) -> None:
        """Go through the spans of time."""
        self._span, self._only = following(tuple(SPANS), self._span), None
        self.reload()

    @on(FilterBar.Changed)
    def _take_text(self, event: FilterBar.Changed) -> None:
        self._text = event.text
        self.reload()

    @on(FilterBar.Left)
    def _leave_text(self) -> None:
        self.lines.focus()

    def action_filter(self) -> None:
        """Type a part of what the line says."""
        self.query_one(FilterBar).open()

    def action_back(self) -> None:
        """Show all changes again, and after that where one came from."""
        narrowed = self._process or self._kind or self._text
        if self._only is not None or (not narrowed and not self._narrowed_in_time):
            super().action_back()
            return
        self.query_one(FilterBar).clear()
        self._process = self._kind = None
        self._text, self._span = "", next(iter(SPANS))
        self.reload()

    # Changes

    def action_mark(self) -> None:
        """Call everything seen: the mark moves to the newest change."""
        if self._found.newest <= self.mark:
            self.tell("There is nothing new to mark")
            return
        self.corpsync.kept = {**self.corpsync.kept, CHANGES_MARK: self._found.newest}
        self.corpsync.save(CHANGES_MARK, self._found.newest)
        self.corpsync.tell("All that happened so far is marked as seen")
        self.corpsync.count_changes()
        self.reload()

    @on(LineList.Opened)
    def _open(self) -> None:
        match self.lines.current:
            case ("run", int(run_id)):
                self.corpsync.show_changes(f"run {run_id}", ChangeFilter(run_id=run_id))
            case ("change", int(change_id)):
                self.run_worker(self._detail(change_id), group="history", exit_on_error=False)

    async def _detail(self, change_id: int) -> None:
        service = await self.corpsync.opened()
        try:
            detail = await service.change(change_id)
        except CorpsyncError as error:
            self.corpsync.tell(error.message, severity="error")
            return
        if detail is None:
            self.tell("This change is no longer in the log")
        else:
            self.app.push_screen(ChangeDialog(detail, self.now))

    def action_copy(self) -> None:
        """Copy all lines that are listed."""
        lines = self._found.lines
        if not lines:
            self.tell("There is no change to copy")
            return
        self.corpsync.copy(
            "\n".join(f"{c.when:%Y-%m-%d %H:%M} {printable(c.sentence)}" for c in lines)
        )
