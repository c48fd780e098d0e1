"""Screen 6: what needs attention now, the most urgent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import count, plural
from corpsync_tui.format.signs import LEVEL_SIGNS
from corpsync_tui.format.times import in_full
from corpsync_tui.queries.alerts import Level, MuteScope, OpenAlert
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.choices import Choice, ChoiceDialog
from corpsync_tui.tui.screens.attention.sinks import SinksDialog
from corpsync_tui.tui.screens.base import following
from corpsync_tui.tui.screens.changes.text import (
    LEVEL_TONES,
    alert_line,
    row_words,
    rule_line,
)
from corpsync_tui.tui.screens.filtered import MARK_SEEN, FilteredScreen
from corpsync_tui.tui.shell import Tick
from corpsync_tui.tui.sync_state import RunRecorded, SyncStatusChanged
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines

LEVELS: dict[Level, str] = {"high": "urgent", "medium": "to do", "low": "info"}
NARROWED: tuple[Level | None, ...] = (None, "high", "medium", "low")
"""What `f` goes through; None: all levels."""
FOLDED_FROM = 4
"""Alerts of one rule from which on they are one line, until it is opened."""
LONG = 20
"""Alerts above which two of one rule are one line already."""

MUTED: dict[MuteScope, str] = {
    "alert": "This alert",
    "rule": "Everything this rule finds",
    "row": "Everything about this row",
}
SPANS = {"for 24 hours": 86_400.0, "for 7 days": 604_800.0, "for ever": None}
UNMUTE = "unmute"

RuleKey = tuple[int, str]
"""Corporation and rule."""


class AttentionScreen(FilteredScreen):
    """The list, by rule; an alert leaves it by itself when its cause is gone."""

    AUTO_FOCUS = "LineList"
    CSS = """
    AttentionScreen LineList { height: 1fr; padding: 0 0 0 1; }
    AttentionScreen #attention-state, AttentionScreen #attention-item { padding: 0 1; }
    AttentionScreen #attention-state { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    AttentionScreen #attention-item { height: auto; max-height: 4; border-top: solid $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,s", "sync", "Sync it", id="sync_item", tooltip="Sync the item's process now"),
        Binding("x", "mute", "Mute", id="mute", tooltip="Show this, its rule or its row no more"),
        MARK_SEEN,
        Binding("slash", "filter", "Filter", id="find", tooltip="Lines that say this"),
        Binding("f", "next_level", "Level", id="next_level", tooltip="Only one level"),
        Binding("A", "sinks", "Where sent", id="sinks", tooltip="Where this is sent; tests, mutes"),
        Binding("y", "copy", "Copy", id="copy_items", tooltip="Copy the list"),
        Binding("escape", "back", "Back", show=False, tooltip="Show all, then the screen before"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[RuleKey, list[OpenAlert]] = {}
        self._opened: set[RuleKey] = set()
        self._level: Level | None = None

    def body(self) -> ComposeResult:
        """How much there is, the list, and the line under the cursor in full."""
        yield Lines(between="", id="attention-state")
        yield FilterBar("a name, a place, a thing")
        yield LineList(id="attention")
        yield Lines(id="attention-item")

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
        items = self._items()
        self._groups = _by_rule(items)
        rows = [row for group in self._groups.values() for row in self._rows(group, len(items))]
        nothing: Line = ("✓ Nothing needs attention", "current")
        if self.corpsync.shown_alerts():
            nothing = ("No matching alerts (esc: all)", "muted")
        self.lines.show(rows or [Row(None, [nothing])])
        self.query_one("#attention-state", Lines).show(self._state(items))
        self._show_item()

    @on(LineList.Highlighted)
    def _show_item(self) -> None:
        item = self._current()
        line = self.query_one("#attention-item", Lines)
        line.set_class(item is None, "-hidden")
        if item is not None:
            parts: list[Line] = [(printable(item.sentence), "strong")]
            if item.since is not None:
                parts.append((in_full(datetime.fromtimestamp(item.since, UTC)), "muted"))
            line.show(parts)

    def _rows(self, alerts: list[OpenAlert], total: int) -> Iterator[Row]:
        """The lines of one rule in one corporation: of many alerts one, until it is opened."""
        first, width = alerts[0], self.size.width - 2
        ticker, key = self._ticker(first), _rule_of(first)
        if len(alerts) >= (2 if total > LONG else FOLDED_FROM):
            is_open = key in self._opened
            yield Row(key, rule_line(alerts, self.now, width, ticker, is_open=is_open))
            if not is_open:
                return
        for alert in alerts:
            yield Row(alert.fact, alert_line(alert, self.now, width, ticker))

    def _items(self) -> list[OpenAlert]:
        wanted = self._filter.casefold()
        return [
            alert
            for alert in self.corpsync.shown_alerts()
            if self._level in (None, alert.level) and wanted in alert.sentence.casefold()
        ]

    def _current(self) -> OpenAlert | None:
        current = self.lines.current
        if isinstance(current, tuple):
            return next(iter(self._groups.get(current, ())), None)
        return next((i for i in self._items() if i.fact == current), None)

    def _ticker(self, alert: OpenAlert) -> str:
        if len(self.sync_state.corporations) < 2:
            return ""
        return printable(self.sync_state.corporation(alert.corporation_id).ticker)

    def _state(self, items: list[OpenAlert]) -> list[Line]:
        levels = Counter(item.level for item in items)
        parts: list[Line] = [(plural(len(items), "alert"), "strong")]
        if self._level or self._filter:
            parts.append((f" of {count(len(self.corpsync.shown_alerts()))}", "title"))
        for level, word in LEVELS.items():
            if number := levels[level]:
                sign = f"{LEVEL_SIGNS[level]} ".replace("· ", "")  # a dot stands before it already
                tone = LEVEL_TONES[level]
                parts += [(" · ", "muted"), (f"{sign}{count(number)} {word}", tone)]
        if self._filter:
            parts.append((f" · “{printable(self._filter)}”", "title"))
        if items:
            parts.append((" · enter opens", "muted"))
        return parts

    # Narrowing

    def narrow_rows(self) -> None:
        """Show the lines that say this."""
        self.repaint()

    def action_next_level(self) -> None:
        """Go through the levels, then all of them."""
        self._level = following(NARROWED, self._level)
        self.repaint()

    def action_back(self) -> None:
        """Show everything again, and after that where one came from."""
        if not self._filter and self._level is None:
            super().action_back()
            return
        self._level = None
        self.query_one(FilterBar).clear()  # its change repaints
        self._filter = ""
        self.repaint()

    # Actions

    @on(LineList.Opened)
    def _deal(self) -> None:
        alert, current = self._current(), self.lines.current
        if alert is None:
            self.tell("There is nothing to deal with")
        elif isinstance(current, tuple):
            self._opened ^= {_rule_of(alert)}
            self.repaint()
        elif alert.action == "login":
            self.call_later(self.app.run_action, "app.login")
        elif alert.table_name and alert.row_key:
            self._open_row(alert)
        elif alert.process_id is not None:
            self.corpsync.show_process(alert.process_id)

    def _open_row(self, alert: OpenAlert) -> None:
        """The row itself, or what became of it where the alert is about that."""
        table, row_key = alert.table_name or "", alert.row_key or {}
        if alert.opens == "changes":
            which = ChangeFilter((table,), corporation_id=alert.corporation_id, row_key=row_key)
            self.corpsync.show_changes(row_words(table), which)
        else:
            self.corpsync.show_row(table, alert.corporation_id, row_key)

    def action_sync(self) -> None:
        """Sync the process that the line is about."""
        item = self._current()
        process_id = None if item is None else item.process_id
        if process_id is None:
            self.tell("This line is about no process")
        else:
            self.ask(lambda service: service.sync_now(process_id))

    def action_mark(self) -> None:
        """Call every alert seen, also those that are not shown."""
        if all(alert.seen for alert in self.corpsync.alerts):
            self.tell("All of it is seen already")
        else:
            self.work(self._mark(), "actions")

    async def _mark(self) -> None:
        service = await self.corpsync.opened()
        try:
            await service.mark_seen()
        except CorpsyncError as error:
            self.tell(error.message)
        else:
            self.corpsync.tell("All alerts are marked as seen, also those that are not shown")

    def action_mute(self) -> None:
        """Choose what is shown no more, and for how long."""
        alert = self._current()
        if alert is None:
            self.tell("There is nothing to mute")
            return
        scopes: list[MuteScope] = ["rule"]
        if not isinstance(self.lines.current, tuple):
            scopes = [s for s in MUTED if s != "row" or alert.row_key is not None]
        choices = [Choice(f"{s}/{span}", f"{MUTED[s]}, {span}") for s in scopes for span in SPANS]
        choices.append(Choice(UNMUTE, "Show everything that is muted again"))

        def take(choice: str | None) -> None:
            if choice == UNMUTE:
                self.ask(lambda service: service.unmute_all())
            elif choice is not None:
                scope, _, span = choice.partition("/")
                which = next(s for s in scopes if s == scope)
                self.ask(lambda service: service.mute(alert, which, SPANS[span]))

        self.show_box(ChoiceDialog("Mute", choices), take)

    def action_sinks(self) -> None:
        """Show where alerts are sent, and what became of this one."""
        self.work(self._show_sinks(self._current()), "actions")

    async def _show_sinks(self, alert: OpenAlert | None) -> None:
        service = await self.corpsync.opened()
        try:
            sinks = await service.alert_sinks(alert)
        except CorpsyncError as error:
            self.tell(error.message)
            return
        self.show_box(SinksDialog(sinks, alert, self.action_mute))

    def action_copy(self) -> None:
        """Copy the list."""
        if not self._items():
            self.tell("There is nothing to copy")
        else:
            self.corpsync.copy("\n".join(printable(i.sentence) for i in self._items()))


def _rule_of(alert: OpenAlert) -> RuleKey:
    return alert.corporation_id, alert.rule


def _by_rule(alerts: list[OpenAlert]) -> dict[RuleKey, list[OpenAlert]]:
    """The alerts of each rule together, the rule of the most urgent first."""
    found: dict[RuleKey, list[OpenAlert]] = {}
    for alert in alerts:
        found.setdefault(_rule_of(alert), []).append(alert)
    return found
