"""Lines of toned text that repaint only when they read differently."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.tones import Line, content


class Lines(Supervised, Static):
    """Text that comes as `(text, tone)` pairs."""

    def __init__(
        self, *, between: str = "\n", id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._between = between
        self._lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; nothing happens when they are the ones on screen."""
        wanted = list(lines)
        if wanted != self._lines:
            self._lines = wanted
            # What has its size from the style sheet does not move what is around it.
            self.update(content(wanted, between=self._between), layout=self.styles.auto_dimensions)

    @property
    def text(self) -> str:
        """What can be read here."""
        return self._between.join(text for text, _ in self._lines)
