"""A box of text that scrolls by the keys of the lists."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from corpsync_tui.tui.supervised import Supervised


class ScrollBox(Supervised, VerticalScroll, can_focus=True, inherit_bindings=False):
    """Scrolls with j/k, page keys and g/G."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", "Down", show=False, tooltip="One line down"),
        Binding("k,up", "scroll_up", "Up", show=False, tooltip="One line up"),
        Binding("pagedown", "page_down", "Page down", show=False, tooltip="One page down"),
        Binding("pageup", "page_up", "Page up", show=False, tooltip="One page up"),
        Binding("g,home", "scroll_home", "Top", show=False, tooltip="To the first line"),
        Binding("G,end", "scroll_end", "Bottom", show=False, tooltip="To the last line"),
    ]
