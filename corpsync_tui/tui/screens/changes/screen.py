"""Screen 5: what happened since you last looked, newest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import count, plural
from corpsync_tui.queries.change_list import RUNS, ChangeList, RunList
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.service.api import SyncService
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import following
from corpsync_tui.tui.screens.changes.detail import ChangeDialog
from corpsync_tui.tui.screens.changes.text import KIND_TONES, NEW
from corpsync_tui.tui.screens.changes.tree import ChangeTree, Kind, change_rows
from corpsync_tui.tui.screens.filtered import MARK_SEEN
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
Reading = Callable[[SyncService], Awaitable[Callable[[], None]]]
"""Reads more of a list; what it brings is called to be taken in."""
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
    turned: frozenset[Hashable] = frozenset()
    """What was opened or closed by hand."""


class ChangesScreen(LogScreen):
    """The change log, folded by run and kind."""

    AUTO_FOCUS = "LineList"
    CSS = """
    ChangesScreen LineList { height: 1fr; padding: 0 0 0 1; }
    ChangesScreen #changes-state { height: 1; padding: 0 1; text-wrap: nowrap; }
    ChangesScreen #changes-state { text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        MARK_SEEN,
        Binding("f", "next_process", "Process", id="next_process", tooltip="Of one process only"),
        Binding("e", "next_kind", "Kind", id="next_kind", tooltip="Only added, changed, removed"),
        Binding("t", "next_span", "Time", id="next_span", tooltip="How far back the list goes"),
        Binding("slash", "filter", "Text", id="find", tooltip="Lines that say this"),
        Binding("y", "copy", "Copy", id="copy_changes", tooltip="Copy the lines as they stand"),
        Binding("escape", "back", "Back", show=False, tooltip="Show all, then go back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._process: str | None = None
        self._kind: str | None = None
        self._span = next(iter(SPANS))
        self._only: tuple[str, ChangeFilter] | None = None
        self._found = RunList()
        self._tree = ChangeTree(self._ticker)
        self._hits: ChangeList | None = None
        """What the text was found in; None without one."""
        self._narrowing: object = None
        """What the runs that are held were narrowed to."""
        self._reading = False
        self._listed = 0
        """The generation of the list that is shown."""

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
        self._tree.turned.clear()
        self.reload()

    def place(self) -> Place:
        """What is shown, what is open, and the line under the cursor."""
        shown = None if not self.is_mounted else self.lines.current
        turned = frozenset(self._tree.turned)
        return Place(self._only, self._process, self._kind, self._span, self._filter, shown, turned)

    def restore(self, place: Place | None) -> None:
        """Go to where one was; to the beginning, where one was nowhere."""
        place = place or Place()
        self._only, self._process, self._kind = place.only, place.process, place.kind
        self._span, self._filter = place.span, place.text
        self._tree.turned = set(place.turned)
        self.query_one(FilterBar).show_text(place.text)
        self.lines.go_to(place.line)
        self.reload()

    # Reading

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
        which, text = self._which(), self._filter
        service = await self.corpsync.opened()
        try:
            held = max(RUNS, len(self._tree.runs))
            found = await service.changed_runs(which, self.mark, None, held)
            hits = await service.changes(which, text, None) if text else None
        except CorpsyncError as error:
            self.corpsync.tell(error.message, severity="error")
            return
        if generation == self._generation:
            narrowing = replace(which, since=None, after_id=None), self._span
            keep, self._narrowing = narrowing == self._narrowing, narrowing
            self._found, self._hits = found, hits
            self._tree.show(found.runs, keep=keep, all_open=self._only is not None)
            self._listed = generation
            self._paint()
            self._come_to_the_end()

    def _go_on(self, work: Reading) -> None:
        """Read more of what is shown; one thing at a time, and none for a list that is to go."""
        if not self._reading and self._listed == self._generation:
            self._reading = True
            self.work(self._read(work, self._generation), "history")

    async def _read(self, work: Reading, generation: int) -> None:
        try:
            service = await self.corpsync.opened()
            if generation == self._generation:
                take = await work(service)
                if generation == self._generation:
                    take()
        except CorpsyncError as error:
            self.corpsync.tell(error.message, severity="error")
            return
        finally:
            self._reading = False
        self._paint()
        if generation != self._generation:  # the new list has to wait for this
            self._come_to_the_end()

    async def _read_kind(self, service: SyncService, kind: Kind) -> Callable[[], None]:
        which = replace(self._which(), run_id=kind[0], kind=kind[1])
        found = await service.changes(which, "", self._tree.read_so_far(kind).older)
        return partial(self._tree.take, kind, found)

    async def _read_runs(self, service: SyncService) -> Callable[[], None]:
        last = self._tree.runs[-1].run_id
        found = await service.changed_runs(self._which(), self.mark, last, RUNS)

        def take() -> None:
            self._tree.runs += found.runs
            self._found = replace(self._found, more=found.more)

        return take

    async def _read_hits(self, service: SyncService) -> Callable[[], None]:
        known = self._hits or ChangeList()
        found = await service.changes(self._which(), self._filter, known.older)

        def take() -> None:
            self._hits = ChangeList((*known.lines, *found.lines), found.older)

        return take

    @on(LineList.Highlighted)
    def _come_to_the_end(self) -> None:
        """What comes into sight is read."""
        match self.lines.current:
            case ("more", int(run_id), str(kind), _):
                self._go_on(partial(self._read_kind, kind=(run_id, kind)))
            case ("older", _):
                self._go_on(self._read_hits if self._hits else self._read_runs)

    # Painting

    def _paint(self) -> None:
        self.lines.show(list(self._rows()) or [Row(None, [(self._empty(), "muted")])])
        self.query_one("#changes-state", Lines).show(self._state())
        if self._tree.missing is not None and self._hits is None:
            self._go_on(partial(self._read_kind, kind=self._tree.missing))

    def _rows(self) -> Iterator[Row]:
        if self._hits is not None:
            yield from change_rows(self._hits.lines, self.mark)
            if self._hits.older is not None:
                yield Row(
                    ("older", len(self._hits.lines)), [("… the search goes on here", "muted")]
                )
            return
        yield from self._tree.rows(self.now, self.mark)
        if self._found.more:
            yield Row(("older", len(self._tree.runs)), [("… older runs", "muted")])

    def _ticker(self, corporation_id: int) -> str:
        if len(self.sync_state.corporations) < 2:
            return ""
        return printable(self.sync_state.corporation(corporation_id).ticker)

    def _empty(self) -> str:
        if self._only:
            one = self._only[1].row_key is not None
            return "This row has not changed" if one else "Nothing of this is in the log"
        if self._filter or self._process or self._kind:
            return "No matching changes (esc: all)"
        if not self._found.newest:
            return "Nothing has changed since the first sync"
        return "Nothing here: t goes further back"

    def _state(self) -> list[Line]:
        new, shown = self._found.new, plural(self._found.total, "change")
        if self._hits is not None:
            more = "" if self._hits.older is None else "+"
            shown = f"{count(len(self._hits.lines))}{more} of {shown}"
        parts: list[Line] = [
            (f"{NEW} {count(new)} new" if new else "nothing new", "title" if new else "muted"),
            (" since you looked · ", "muted"),
            (shown, "strong"),
            (": ", "muted"),
        ]
        if self._only is not None:
            return [*parts, (self._only[0], "title"), (" (esc goes back)", "muted")]
        process = process_title(self._process) if self._process else "all processes"
        kind = self._kind or "all kinds"
        parts += [
            (process, "title" if self._process else ""),
            (" · ", "muted"),
            (kind, KIND_TONES.get(kind, "")),
            (" · ", "muted"),
            (self._span, "title" if self._narrowed_in_time else ""),
        ]
        if self._filter:
            parts.append((f" · “{printable(self._filter)}”", "title"))
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

    def action_back(self) -> None:
        """Show all changes again, and after that where one came from."""
        narrowed = self._process or self._kind or self._filter
        if self._only is not None or (not narrowed and not self._narrowed_in_time):
            super().action_back()
            return
        self.query_one(FilterBar).clear()
        self._process = self._kind = None
        self._filter, self._span = "", next(iter(SPANS))
        self.reload()

    # Changes

    def action_mark(self) -> None:
        """Call everything seen: the mark moves to the newest change."""
        if self._found.newest <= self.mark:
            self.tell("There is nothing new to mark")
            return
        self._found = replace(self._found, new=0)
        self.corpsync.kept = {**self.corpsync.kept, CHANGES_MARK: self._found.newest}
        self.corpsync.save(CHANGES_MARK, self._found.newest)
        self.corpsync.tell("All that happened so far is marked as seen")
        self._paint()
        self.corpsync.count_changes()
        self.reload()

    @on(LineList.Opened)
    def _open(self) -> None:
        match current := self.lines.current:
            case ("run" | "kind", *_):
                self._tree.turn(current)
                self._paint()
            case ("more" | "older", *_):
                self._come_to_the_end()
            case ("change", int(change_id)):
                self.work(self._detail(change_id), "history")

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
            self.show_box(ChangeDialog(detail))

    def action_copy(self) -> None:
        """Copy the lines as they stand."""
        if text := self.lines.text:
            self.corpsync.copy(text)
        else:
            self.tell("There is no change to copy")
