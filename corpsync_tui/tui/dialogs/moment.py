"""Asks for moments of the past, in the words of the command line."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from corpsync_tui.format.moments import EXAMPLES, parse_moment
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.widgets.lines import Lines


class MomentDialog(Dialog[list[float]]):
    """Asks for one moment after another; its answer is in Unix seconds.

    The first must be given; one that is left empty means now.
    """

    def __init__(self, title: str, labels: Sequence[str]) -> None:
        super().__init__()
        self._box_title = title
        self._labels = labels

    def compose(self) -> ComposeResult:
        """A field for each moment, and room for what is wrong with the answer."""
        with Vertical(classes="box") as box:
            box.border_title = Content(self._box_title)
            for number, label in enumerate(self._labels):
                yield Label(label, markup=False)
                yield Input(placeholder="7d" if number == 0 else "now", max_length=40)
            yield Lines(id="moment-hint")

    def on_mount(self) -> None:
        """Say what can be typed."""
        self._hint("")

    @on(Input.Changed)
    def _typed(self) -> None:
        self._hint("")

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        fields = list(self.query(Input))
        if event.input is not fields[-1]:
            self.focus_next()
            return
        try:
            moments = _moments([f.value.strip() for f in fields], self.now.timestamp())
        except ValueError as error:
            self._hint(str(error))
        else:
            self.dismiss(moments)

    def _hint(self, wrong: str) -> None:
        hint = f"EVE time: {EXAMPLES} · enter shows it · esc cancels"
        self.query_one("#moment-hint", Lines).show([(hint, "muted"), (wrong, "error")])


def _moments(texts: Sequence[str], now: float) -> list[float]:
    """The moments meant; raises ValueError where they make no sense."""
    first, *others = texts
    moments = [parse_moment(first)(now), *(parse_moment(t)(now) if t else now for t in others)]
    if max(moments) > now:
        raise ValueError("that is still to come")
    if moments != sorted(moments):
        raise ValueError("the later moment lies before the first")
    return moments
