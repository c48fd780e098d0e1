"""Screen 6: what needs attention now, the most urgent first."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from corpsync_tui.catalog.kit.rules import Level
from corpsync_tui.format.amounts import count, plural
from corpsync_tui.format.signs import LEVEL_SIGNS
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.sync.attention import Item
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import MainScreen, Tick
from corpsync_tui.tui.screens.changes.text import (
    LEVEL_TONES,
    attention_line,
    row_words,
)
from corpsync_tui.tui.screens.history.run_text import Line
from corpsync_tui.tui.sync_state import RunRecorded, SyncStatusChanged
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.header import HeaderLine
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines

LEVELS: dict[Level, str] = {"high": "urgent", "medium": "soon", "low": "good to know"}


class AttentionScreen(MainScreen):
    """The list; an item leaves it by itself when its cause is gone."""

    AUTO_FOCUS = "LineList"
    CSS = """
    AttentionScreen LineList { height: 1fr; padding: 0 0 0 1; }
    AttentionScreen #attention-state, AttentionScreen #attention-item { padding: 0 1; }
    AttentionScreen #attention-state { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    AttentionScreen #attention-item { height: auto; max-height: 4; border-top: solid $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,s", "sync", "Sync it", id="sync_item", tooltip="Sync the item's process now"),
        Binding("m", "mark", "Mark seen", id="mark", tooltip="Call all that is here seen"),
        Binding("y", "copy", "Copy", id="copy_items", tooltip="Copy the list"),
        Binding("escape", "back", "Back", show=False, tooltip="To the Sync screen"),
    ]

    def compose(self) -> ComposeResult:
        """Header, how much there is, the list, and the line under the cursor in full."""
        yield HeaderLine()
        yield Lines(between="", id="attention-state")
        yield LineList(id="attention")
        yield Lines(id="attention-item")
        yield KeyFooter()
        yield Lines(id="too-small")

    def on_mount(self) -> None:
        """Paint what is known already."""
        self.repaint()

    @property
    def lines(self) -> LineList:
        """The lines."""
        return self.query_one("#attention", LineList)

    def on_screen_resume(self) -> None:
        """What came meanwhile shows now."""
        self.repaint()

    def on_resize(self) -> None:
        """Lines are as wide as the screen."""
        self.repaint()

    @on(SyncStatusChanged)
    @on(RunRecorded)
    @on(Tick)
    def repaint(self) -> None:
        """Bring every part up to date; each touches only what reads differently."""
        self.query_one(HeaderLine).show(self.sync_state, self.corpsync.corporation_id, self.now)
        items = self._items()
        width = self.size.width - 2
        rows = [Row(i.fact, attention_line(i, self.now, width, self._ticker(i))) for i in items]
        nothing: list[Line] = [("✓ Nothing needs attention", "current")]
        self.lines.show(rows or [Row(None, nothing)])
        self.query_one("#attention-state", Lines).show(self._state(items))
        self._show_item()

    @on(LineList.Highlighted)
    def _show_item(self) -> None:
        item = self._current()
        line = self.query_one("#attention-item", Lines)
        line.display = item is not None
        if item is not None:
            line.show([(printable(item.alert.sentence), "strong")])

    def _items(self) -> list[Item]:
        return self.corpsync.attention_items()

    def _current(self) -> Item | None:
        return next((i for i in self._items() if i.fact == self.lines.current), None)

    def _ticker(self, item: Item) -> str:
        if len(self.sync_state.corporations) < 2:
            return ""
        return printable(self.sync_state.corporation(item.corporation_id).ticker)

    def _state(self, items: list[Item]) -> list[Line]:
        levels = Counter(item.alert.level for item in items)
        parts: list[Line] = [(plural(len(items), "thing"), "strong"), (" to look at", "muted")]
        for level, word in LEVELS.items():
            if number := levels[level]:
                sign = LEVEL_SIGNS[level]
                tone = LEVEL_TONES[level]
                parts += [(" · ", "muted"), (f"{sign} {count(number)} {word}", tone)]
        return parts

    # Actions

    @on(LineList.Opened)
    def _deal(self) -> None:
        item = self._current()
        if item is None:
            self.tell("There is nothing to deal with")
            return
        alert = item.alert
        if alert.action == "retry":
            self.action_sync()
        elif alert.action == "login":
            self.corpsync.action_login()
        elif item.opens == "changes" and alert.table_name and alert.row_key:
            which = ChangeFilter((alert.table_name,), row_key=alert.row_key)
            self.corpsync.show_changes(row_words(alert.table_name), which)
        elif alert.process_type is not None:
            self.corpsync.open_table(alert.process_type)

    def action_sync(self) -> None:
        """Sync the process that the line is about."""
        item = self._current()
        process_id = None if item is None else item.process_id
        if process_id is None:
            self.tell("This line is about no process")
        else:
            self.ask(lambda service: service.sync_now(process_id))

    def action_mark(self) -> None:
        """Call all of it seen."""
        if all(item.seen for item in self._items()):
            self.tell("All of it is seen already")
        else:
            self.run_worker(self._mark(), group="actions", exit_on_error=False)

    async def _mark(self) -> None:
        service = await self.corpsync.opened()
        await service.mark_seen()

    def action_copy(self) -> None:
        """Copy the list."""
        if not self._items():
            self.tell("There is nothing to copy")
        else:
            self.corpsync.copy("\n".join(printable(i.alert.sentence) for i in self._items()))

    def action_back(self) -> None:
        """To the Sync screen."""
        self.corpsync.action_show("sync")
