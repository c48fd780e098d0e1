"""Asks for moments of the past, in the words of the command line."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Label

from corpsync_tui.format.moments import EXAMPLES, parse_moment
from corpsync_tui.tui.dialogs.entry import EntryDialog
from corpsync_tui.tui.widgets.text_field import TextField


class MomentDialog(EntryDialog[list[float]]):
    """Asks for one moment after another; its answer is in Unix seconds.

    The first must be given; one that is left empty means now.
    """

    def __init__(self, title: str, labels: Sequence[str]) -> None:
        hint = f"EVE time: {EXAMPLES} · enter shows it · esc cancels"
        super().__init__(title, hint, small=False)
        self._labels = labels

    def fields(self) -> ComposeResult:
        """A field for each moment."""
        for number, label in enumerate(self._labels):
            yield Label(label, markup=False)
            yield TextField(placeholder="7d" if number == 0 else "now", max_length=40)

    def take(self, texts: Sequence[str]) -> None:
        """Answer with the moments."""
        self.dismiss(_moments(texts, self.now.timestamp()))


def _moments(texts: Sequence[str], now: float) -> list[float]:
    """The moments meant; raises ValueError where they make no sense."""
    first, *others = texts
    moments = [parse_moment(first)(now), *(parse_moment(t)(now) if t else now for t in others)]
    if max(moments) > now:
        raise ValueError("that is still to come")
    if moments != sorted(moments):
        raise ValueError("the later moment lies before the first")
    return moments
