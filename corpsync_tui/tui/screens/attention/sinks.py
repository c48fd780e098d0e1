"""Where alerts are sent besides the screens: what became of one, a test, and the way to mute it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from corpsync_tui.alerts.sink_report import SinkReport
    from corpsync_tui.queries.alerts import OpenAlert


class SinksDialog(Dialog[None]):
    """One line a sink."""

    CSS = """
    SinksDialog LineList { height: auto; background: $surface; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "test", "Test", id="test_sink", tooltip="Send a test there"),
        Binding("x", "mute", "Mute", id="mute_sent", tooltip="Mute the alert, its rule or its row"),
    ]

    def __init__(
        self, sinks: Sequence[SinkReport], alert: OpenAlert | None, mute: Callable[[], None]
    ) -> None:
        super().__init__()
        self._sinks = sinks
        self._alert = alert
        self._mute = mute

    def compose(self) -> ComposeResult:
        """The alert, and what became of it at each sink."""
        with Vertical(classes="box") as box:
            box.border_title = Content("Where alerts are sent")
            yield Lines(id="sinks-alert")
            yield LineList(id="sinks")
            yield Lines(id="sinks-hint")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show it."""
        about = printable(self._alert.sentence) if self._alert else "Nothing needs attention"
        self.query_one("#sinks-alert", Lines).show([(about, "strong")])
        sinks = self.query_one(LineList)
        sinks.show([Row(sink.name, _line(sink)) for sink in self._sinks])
        sinks.focus()
        hint = "Levels and quiet hours: [alerts] of settings.toml. Addresses: corpsync alert add"
        self.query_one("#sinks-hint", Lines).show([(hint, "muted")])

    @on(LineList.Opened)
    def action_test(self) -> None:
        """Send a test to the sink under the cursor."""
        name = str(self.query_one(LineList).current)
        self.ask(lambda service: service.test_alerts(name))

    def action_mute(self) -> None:
        """Choose what is shown and sent no more."""
        if self._alert is None:
            self.tell("There is nothing to mute")
        else:
            self.leave_for(self._mute)


def _line(sink: SinkReport) -> list[Line]:
    level = "off" if sink.level == "off" else f"from {sink.level}"
    line: list[Line] = [
        (f" {fit(sink.name, 10)}", "strong"),
        (fit(level, 12), "muted" if sink.level == "off" else ""),
        (fit(printable(sink.place), 17), ""),
    ]
    if sink.fault:
        line.append((f" ✗ {printable(sink.fault)}", "error"))
    elif sink.fate:
        line.append((f" {sink.fate}", "current" if sink.fate.startswith("sent") else "muted"))
    return line
